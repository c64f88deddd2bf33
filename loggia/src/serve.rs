//! `loggia serve`: opens the stores, furnishes the house, listens, and shuts down in order.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use blobs::FileBlobs;
use bytes::Bytes;
use edge::{Edge, IamMode, Page};
use fleet::{Fleet, FleetConfig};
use gateway::Gateway;
use kernel::clock::{SystemClock, SystemEntropy};
use kernel::ctx::Rooms;
use kernel::error::chain;
use kernel::service::Endpoint;
use kernel::store::Store;
use kernel::{Endpoints, Host, Task};
use sandbox::Mode;
use store_embedded::{EmbeddedStore, Options};
use store_memory::MemoryStore;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::ServeFlags;
use crate::config::{Config, SandboxMode};
use crate::tls;

/// Serves until it is told to stop.
pub(crate) fn run(flags: &ServeFlags) -> Result<ExitCode> {
    let config = Config::load(flags)?;
    init_log(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.threads)
        .enable_all()
        .thread_name("loggia")
        .build()
        .context("starting threads")?;
    let folder = Folder::open(config.data_dir.as_deref())?;
    let served = runtime.block_on(serve(config, &folder));
    // What still runs in the background ends before its folder goes.
    runtime.shutdown_timeout(Duration::from_secs(2));
    served?;
    Ok(ExitCode::SUCCESS)
}

fn init_log(filter: &str) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter).with_context(|| format!("log: {filter}"))?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true).init();
    Ok(())
}

async fn serve(config: Config, folder: &Folder) -> Result<()> {
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("listening on {}", config.listen))?;
    let address = listener.local_addr().context("asking for the listener's address")?;
    let host = open_host(&config, folder)?;
    let _ = host.port.set(address.port());
    let house = furnish(&config, folder, &host)?;
    if config.iam == IamMode::Enforce
        && let Some((access_key, secret)) =
            iam::ensure_root(&host).await.context("making root credentials")?
    {
        println!(
            "Root credentials, shown only this once:\n  AWS_ACCESS_KEY_ID={access_key}\n  AWS_SECRET_ACCESS_KEY={secret}"
        );
    }
    let fleet = Arc::clone(&house.fleet);
    let mode = config.sandbox;
    tokio::task::spawn_blocking(move || warn_of_missing_isolation(&fleet, mode));
    for task in house.tasks {
        kernel::task::start(Arc::clone(&host), task);
    }
    let tls = tls::server_config(&folder.path.join("tls"))?;
    let edge =
        Arc::new(Edge::new(Arc::clone(&host), Arc::clone(&host.rooms().data_plane), config.iam, house.pages));
    let mut terminate = signal(SignalKind::terminate()).context("waiting for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("waiting for signals")?;
    println!("Loggia answers at http://{address} (and https). Use AWS_ENDPOINT_URL=http://{address}");
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    };
    edge::serve(edge, listener, Some(tls), stop).await;
    drop(house.fleet);
    if let Err(fault) = host.rooms().data_plane.flush_usage().await {
        tracing::error!(error = chain(&fault), "the last usage of API keys could not be written");
    }
    if let Err(error) = house.logs.flush().await {
        tracing::error!(%error, "the last log events could not be written");
    }
    if let Err(fault) = house.metrics.flush().await {
        tracing::error!(error = chain(&fault), "the last measurements could not be written");
    }
    Ok(())
}

/// Says what this machine cannot isolate, before the first function runs.
fn warn_of_missing_isolation(fleet: &Fleet, mode: SandboxMode) {
    let report = fleet.sandbox_report();
    if report.is_isolated() && mode != SandboxMode::Off {
        return;
    }
    let missing = report.missing_essentials();
    match mode {
        SandboxMode::Required => tracing::error!(
            missing,
            "functions are refused: this machine cannot isolate them; see `loggia doctor`"
        ),
        SandboxMode::Auto => {
            tracing::warn!(missing, "functions run without full isolation; see `loggia doctor`")
        }
        SandboxMode::Off => tracing::warn!("functions run as plain processes: --sandbox off"),
    }
}

/// The data folder.
struct Folder {
    path: PathBuf,
    is_ephemeral: bool,
    _temporary: Option<tempfile::TempDir>,
}

impl Folder {
    fn open(path: Option<&Path>) -> Result<Folder> {
        let Some(path) = path else {
            let temporary =
                tempfile::Builder::new().prefix("loggia-").tempdir().context("making a temporary folder")?;
            return Ok(Folder {
                path: temporary.path().to_owned(),
                is_ephemeral: true,
                _temporary: Some(temporary),
            });
        };
        std::fs::create_dir_all(path).with_context(|| format!("making {}", path.display()))?;
        // Signing secrets and certificates' keys lie in it.
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
            .with_context(|| format!("making {} the owner's alone", path.display()))?;
        let path = path.canonicalize().with_context(|| format!("opening {}", path.display()))?;
        Ok(Folder { path, is_ephemeral: false, _temporary: None })
    }

    /// Control data, and logs beside it; opened side by side, because opening waits for the disk. Ephemeral ones stay in memory.
    fn databases(&self) -> Result<(Arc<dyn Store>, Arc<dyn Store>)> {
        if self.is_ephemeral {
            return Ok((Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new())));
        }
        let open = |name: &str| EmbeddedStore::open(&self.path, Options::new(name));
        let (control, telemetry) = std::thread::scope(|scope| {
            let telemetry = scope.spawn(|| open("telemetry"));
            (open("control"), telemetry.join())
        });
        let telemetry = telemetry.map_err(|_| anyhow::anyhow!("opening the database of logs panicked"))?;
        Ok((Arc::new(control?), Arc::new(telemetry?)))
    }
}

fn open_host(config: &Config, folder: &Folder) -> Result<Arc<Host>> {
    let (control, telemetry) = folder.databases()?;
    let blobs =
        FileBlobs::open(&folder.path.join("blobs"), folder.is_ephemeral).context("opening the blob store")?;
    let time = (SystemClock::new() as _, Arc::new(SystemEntropy) as _);
    Ok(Arc::new(Host::new(time, (control, telemetry, Arc::new(blobs)), &config.account)))
}

/// What the furnished house needs beside its host.
struct House {
    fleet: Arc<Fleet>,
    logs: Arc<logs::Sink>,
    metrics: Arc<cloudwatch::Hub>,
    tasks: Vec<Arc<dyn Task>>,
    pages: Vec<(&'static str, Page)>,
}

fn furnish(config: &Config, folder: &Folder, host: &Arc<Host>) -> Result<House> {
    let mode = match config.sandbox {
        SandboxMode::Auto => Mode::Auto,
        SandboxMode::Required => Mode::Required,
        SandboxMode::Off => Mode::Off,
    };
    let fleet_config = FleetConfig {
        account_concurrency: config.concurrency,
        cpu: config.cpu,
        stop_after: Duration::from_secs(config.idle_seconds),
        ..FleetConfig::new(folder.path.join("compute"), &instance_name(&folder.path), mode)
    };
    let fleet = Arc::new(Fleet::open(Arc::clone(host), fleet_config).context("preparing the fleet")?);
    let lambda = lambda::service(host);
    let (logs, sink, logs_tasks) = logs::service(host);
    let (cloudwatch, metrics, metrics_tasks) = cloudwatch::service(host);
    let (iam, identities, iam_tasks) = iam::service(host);
    let services: Vec<Arc<dyn Endpoint>> = vec![
        Arc::new(apigateway::service()),
        Arc::new(lambda.service),
        Arc::new(logs),
        Arc::new(cloudwatch),
        Arc::new(iam),
        Arc::new(sts::service()),
    ];
    let gateway = Arc::new(Gateway::with(host, config.apis.clone()));
    let gateway_tasks = gateway.tasks();
    host.furnish(Rooms {
        endpoints: Endpoints::new(services),
        functions: lambda.functions,
        compute: Arc::clone(&fleet) as _,
        logs: Arc::clone(&sink) as _,
        metrics: Arc::clone(&metrics) as _,
        identities,
        data_plane: Arc::clone(&gateway) as _,
    });
    let (code_host, state) = (Arc::clone(host), lambda.state);
    let code: Page = Box::new(move |token| {
        let (host, state) = (Arc::clone(&code_host), Arc::clone(&state));
        Box::pin(async move { code_page(&host, &state, &token).await })
    });
    Ok(House {
        fleet,
        logs: sink,
        metrics,
        tasks: lambda
            .tasks
            .into_iter()
            .chain(logs_tasks)
            .chain(metrics_tasks)
            .chain(iam_tasks)
            .chain(gateway_tasks)
            .collect(),
        pages: vec![(lambda::DOWNLOAD_PATH.trim_start_matches("/_loggia"), code)],
    })
}

async fn code_page(host: &Host, state: &lambda::Lambda, token: &str) -> Option<(&'static str, Bytes)> {
    match lambda::code_download(host, state, token).await {
        Ok(found) => found.map(|zip| ("application/zip", zip)),
        Err(fault) => {
            tracing::error!(error = chain(&fault), "a deployment package could not be read");
            None
        }
    }
}

/// A name for this data folder's cgroups, the same after a restart.
fn instance_name(folder: &Path) -> String {
    let digest = sigv4::sha256(folder.as_os_str().as_encoded_bytes());
    format!("data-{}", sigv4::hex(&digest[..6]))
}
