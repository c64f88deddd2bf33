//! `cargo xtask bench`: Loggia against bare servers and bare interpreters, in one run on one machine, alternating.
//!
//! Client and servers share the machine, so only the ratios mean something. Everything stays on loopback, is bounded in count and
//! time, and is ended with the run. How what is measured: docs/performance.md.

pub mod bare;
mod cold;
mod deploy;
mod http;
mod load;
mod nginx;
mod server;
mod table;
mod usage;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use crate::bench::deploy::{Behind, STAGE};
use crate::bench::http::{Aws, get};
use crate::bench::load::{Leg, Pressure, Target};
use crate::bench::nginx::Nginx;
use crate::bench::server::Server;
use crate::bench::table::Memory;
use crate::test::cargo;

/// The whole run is given up after this long.
const RUN_MAX: Duration = Duration::from_secs(30 * 60);
/// Memory of the functions under load, in MB: what is worth one core on AWS.
const WARM_MEMORY_MB: u32 = 1769;
/// Memory of the functions that are started cold, in MB: one core's worth, and the default.
const COLD_MEMORY_MB: [u32; 2] = [WARM_MEMORY_MB, 128];
/// How long the server is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(2);

/// Loggia against bare servers and bare interpreters
#[derive(Parser)]
#[command(name = "cargo xtask bench", disable_help_subcommand = true)]
struct Flags {
    /// One round of one second, and 5 cold starts: a look, not a measurement
    #[arg(long)]
    quick: bool,
    /// Cargo profile of what is measured
    #[arg(long, default_value = "release")]
    profile: String,
    /// Binary to measure, instead of building it
    #[arg(long, value_name = "FILE")]
    loggia: Option<PathBuf>,
    /// Only subjects with this in their name, under load; nothing is started cold
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Numbers of connections
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    connections: Vec<usize>,
    /// Alternating rounds, of which the median counts [default: 3]
    #[arg(long)]
    rounds: Option<usize>,
    /// Seconds that are measured in each leg [default: 3]
    #[arg(long)]
    seconds: Option<u64>,
    /// New functions to be started cold, of each kind [default: 30]
    #[arg(long)]
    cold: Option<usize>,
}

/// Builds what is measured, and measures with an optimized build of this very program.
pub fn run(root: &Path, args: &[String]) -> Result<()> {
    let name = "cargo xtask bench".to_owned();
    let mut flags =
        Flags::try_parse_from(std::iter::once(&name).chain(args)).unwrap_or_else(|error| error.exit());
    if cfg!(debug_assertions) {
        // One after the other: together they would share features, and be built anew where `clients` has built already.
        let packages = if flags.loggia.is_none() { &["loggia", "xtask"][..] } else { &["xtask"] };
        for package in packages {
            cargo(root, &["build", "--locked", "--profile", &flags.profile, "--package", package])?;
        }
        let program = folder(root, &flags.profile).join("xtask");
        let status = Command::new(&program).arg("bench").args(args).status();
        ensure!(
            status.with_context(|| format!("starting {}", program.display()))?.success(),
            "the run failed"
        );
        return Ok(());
    }
    let binary = flags.loggia.take().unwrap_or_else(|| folder(root, &flags.profile).join("loggia"));
    let binary = binary.canonicalize().with_context(|| format!("finding {}", binary.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting")?;
    runtime.block_on(async {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            ended = tokio::time::timeout(RUN_MAX, measure(root, &binary, &flags)) => ended.context("the run takes too long")?,
            _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
            _ = terminate.recv() => anyhow::bail!("terminated"),
        }
    })
}

/// Where cargo puts what it builds with a profile.
fn folder(root: &Path, profile: &str) -> PathBuf {
    crate::clients::target(root).join(if profile == "dev" { "debug" } else { profile })
}

/// What is put under load.
pub struct Subject {
    pub name: &'static str,
    /// The bare server that it is compared with; none for those servers themselves.
    pub yardstick: Option<usize>,
    /// Least share of the bare server's requests per second, from this many connections on.
    pub share_min: Option<(f64, usize)>,
    /// Most times the bare server's median latency at one connection.
    pub latency_max: Option<f64>,
    ask: Ask,
}

enum Ask {
    /// `GET /` of a bare server.
    Bare,
    /// `GET /` of nginx, which answers itself.
    NginxFixed,
    /// `GET /` of nginx, which passes it on.
    NginxProxy,
    /// `GET` of the deployed API's resource.
    Api(&'static str),
    /// A signed `Invoke` of a function.
    Invoke(&'static str),
}

/// Bare servers stand before what is compared with them.
const SUBJECTS: [Subject; 12] = [
    Subject { name: "bare Node.js", yardstick: None, share_min: None, latency_max: None, ask: Ask::Bare },
    Subject {
        name: "AWS_PROXY, Node.js",
        yardstick: Some(0),
        share_min: Some((0.40, 16)),
        latency_max: Some(4.0),
        ask: Ask::Api("node"),
    },
    Subject {
        name: "Invoke, Node.js",
        yardstick: Some(0),
        share_min: None,
        latency_max: None,
        ask: Ask::Invoke("plain-node"),
    },
    Subject { name: "bare Python", yardstick: None, share_min: None, latency_max: None, ask: Ask::Bare },
    Subject {
        name: "AWS_PROXY, Python",
        yardstick: Some(3),
        share_min: Some((0.35, 16)),
        latency_max: Some(4.0),
        ask: Ask::Api("python"),
    },
    Subject {
        name: "Invoke, Python",
        yardstick: Some(3),
        share_min: None,
        latency_max: None,
        ask: Ask::Invoke("plain-python"),
    },
    Subject { name: "bare hyper", yardstick: None, share_min: None, latency_max: None, ask: Ask::Bare },
    Subject {
        name: "MOCK",
        yardstick: Some(6),
        share_min: Some((0.30, 1)),
        latency_max: None,
        ask: Ask::Api("mock"),
    },
    Subject {
        name: "nginx, fixed answer",
        yardstick: None,
        share_min: None,
        latency_max: None,
        ask: Ask::NginxFixed,
    },
    Subject {
        name: "MOCK, beside nginx",
        yardstick: Some(8),
        share_min: Some((0.50, 16)),
        latency_max: None,
        ask: Ask::Api("mock"),
    },
    Subject {
        name: "nginx, proxy",
        yardstick: None,
        share_min: None,
        latency_max: None,
        ask: Ask::NginxProxy,
    },
    Subject {
        name: "HTTP_PROXY",
        yardstick: Some(10),
        share_min: Some((0.80, 16)),
        latency_max: None,
        ask: Ask::Api("http"),
    },
];

/// The first subject that needs nginx.
const NGINX: usize = 8;

/// What Python's `json.dumps` and the others answer.
const BODIES: &[&[u8]] = &[br#"{"hello":"you"}"#, br#"{"hello": "you"}"#];

/// The legs of one subject at one number of connections; `Err` tells what went wrong.
pub type Legs = Vec<Result<Leg, String>>;

/// Everything that was started.
struct House {
    loggia: Server,
    aws: Aws,
    api: String,
    /// At the index of their subject.
    bare: [Option<Server>; SUBJECTS.len()],
    nginx: Option<Nginx>,
}

async fn measure(root: &Path, binary: &Path, flags: &Flags) -> Result<()> {
    let node = server::interpreter("node", &["-p", "process.execPath + ' ' + process.versions.node"])?;
    let question = "import sys, platform; print(sys.executable, platform.python_version())";
    let python = server::interpreter("python3", &["-c", question])?;
    println!("{}", table::machine(root, binary, &node, &python));

    let loggia = server::loggia(binary, None).await?;
    tokio::time::sleep(IDLE).await;
    let mut memory = Memory { idle: usage::memory(loggia.pid(), binary)?, used: None };
    let aws = Aws::new(loggia.address);
    let languages = [deploy::node(&node.1), deploy::python(&python.1)];
    let mut functions = Vec::new();
    for language in &languages {
        let plain = format!("plain-{}", language.name);
        deploy::function(&aws, &plain, language, language.plain, WARM_MEMORY_MB).await?;
        functions
            .push(deploy::function(&aws, language.name, language, language.proxy, WARM_MEMORY_MB).await?);
    }
    let names = languages.iter().map(|language| language.name);
    let mut methods: Vec<(&str, Behind<'_>)> =
        names.zip(functions.iter().map(|arn| Behind::Function(arn))).collect();
    methods.push(("mock", Behind::Mock));
    let nginx = Nginx::start().await?;
    let upstream = nginx.as_ref().map(|nginx| format!("http://{}/", nginx.fixed)).unwrap_or_default();
    match nginx {
        Some(_) => methods.push(("http", Behind::Http(&upstream))),
        None => println!("There is no nginx on this machine: what is measured against it is left out.\n"),
    }
    let api = deploy::api(&aws, &methods).await?;
    // The same programs that the functions run, where this machine has several of a version.
    let mut programs = Vec::new();
    for language in &languages {
        let path = format!("/2015-03-31/functions/plain-{}/invocations", language.name);
        aws.call("lambda", "POST", &path, &serde_json::json!({})).await?;
        let mut found = usage::tree(loggia.pid())?.into_iter().filter_map(usage::program);
        let is_it = |program: &PathBuf| {
            program.is_file()
                && program.file_name().is_some_and(|name| name.to_string_lossy().starts_with(language.name))
        };
        programs.push(found.find(is_it).with_context(|| format!("no {} is running", language.name))?);
    }
    let [node_program, python_program] = [&programs[0], &programs[1]];
    println!("Functions and bare servers run {} and {}.\n", node_program.display(), python_program.display());
    let bare = bare_servers(node_program, python_program).await?;
    let house = House { loggia, aws, api, bare, nginx };

    let legs = rounds(&house, flags).await;
    memory.used = Some(usage::memory(house.loggia.pid(), binary)?);
    println!("{}", table::load(&SUBJECTS, &legs));
    if flags.only.is_some() {
        return Ok(());
    }
    let count = flags.cold.unwrap_or(if flags.quick { 5 } else { 30 });
    let mut cold = Vec::new();
    for memory_mb in COLD_MEMORY_MB {
        let [node_language, python_language] = &languages;
        let interpreter = (node_program.as_path(), ["-e", "0"]);
        cold.push(cold::functions(&house.aws, node_language, memory_mb, count, interpreter).await?);
        let interpreter = (python_program.as_path(), ["-c", "pass"]);
        cold.push(cold::functions(&house.aws, python_language, memory_mb, count, interpreter).await?);
    }
    drop(house);
    let starts = cold::servers(binary, if flags.quick { 3 } else { 10 }).await?;
    println!("{}", table::cold(&cold, &starts, &memory));
    Ok(())
}

async fn bare_servers(node: &Path, python: &Path) -> Result<[Option<Server>; SUBJECTS.len()]> {
    let folder = tempfile::tempdir().context("making a temporary folder")?;
    let script = |name: &str, code: &str| -> Result<String> {
        let path = folder.path().join(name);
        std::fs::write(&path, code).context("writing a script")?;
        Ok(path.display().to_string())
    };
    let mut servers = [const { None }; SUBJECTS.len()];
    servers[0] = Some(server::bare(node, &[&script("bare.mjs", include_str!("bench/bare.mjs"))?]).await?);
    servers[3] = Some(server::bare(python, &[&script("bare.py", include_str!("bench/bare.py"))?]).await?);
    let own = std::env::current_exe().context("finding this program")?;
    servers[6] = Some(server::bare(&own, &["bench-bare"]).await?);
    Ok(servers)
}

/// All legs: by subject, then by number of connections.
async fn rounds(house: &House, flags: &Flags) -> Vec<(usize, usize, Legs)> {
    let seconds = flags.seconds.unwrap_or(if flags.quick { 1 } else { 3 });
    let has_nginx = house.nginx.is_some();
    let is_wanted = |at: usize| {
        let text = flags.only.as_deref().unwrap_or_default();
        SUBJECTS[at].name.contains(text) && (has_nginx || at < NGINX)
    };
    let mut all: Vec<(usize, usize, Legs)> = Vec::new();
    for at in (0..SUBJECTS.len()).filter(|at| is_wanted(*at)) {
        all.extend(flags.connections.iter().map(|connections| (at, *connections, Legs::new())));
    }
    for _ in 0..flags.rounds.unwrap_or(if flags.quick { 1 } else { 3 }) {
        for connections in &flags.connections {
            for at in (0..SUBJECTS.len()).filter(|at| is_wanted(*at)) {
                let pressure = Pressure {
                    connections: *connections,
                    warm: Duration::from_millis(500),
                    measured: Duration::from_secs(seconds),
                };
                let leg = one(house, at, pressure).await.map_err(|error| format!("{error:#}"));
                let rate = leg.as_ref().map_or(0.0, |leg| leg.per_second);
                eprintln!("{:20} {connections:3} connections {rate:9.0}/s", SUBJECTS[at].name);
                let place =
                    all.iter_mut().find(|(subject, number, _)| (*subject, *number) == (at, *connections));
                if let Some((_, _, legs)) = place {
                    legs.push(leg);
                }
            }
        }
    }
    all
}

async fn one(house: &House, at: usize, pressure: Pressure) -> Result<Leg> {
    let subject = &SUBJECTS[at];
    let loggia = (house.loggia.address, house.loggia.pid());
    let ((address, pid), request) = match subject.ask {
        Ask::Bare => {
            let server = house.bare[at].as_ref().context("a bare server without a process")?;
            ((server.address, server.pid()), get(&server.address.to_string(), "/"))
        }
        Ask::NginxFixed | Ask::NginxProxy => {
            let nginx = house.nginx.as_ref().context("nginx is not there")?;
            let address = if matches!(subject.ask, Ask::NginxFixed) { nginx.fixed } else { nginx.proxy };
            ((address, nginx.pid()), get(&address.to_string(), "/"))
        }
        Ask::Api(path) => {
            let host = format!("{}.execute-api.localhost:{}", house.api, loggia.0.port());
            (loggia, get(&host, &format!("/{STAGE}/{path}")))
        }
        Ask::Invoke(function) => {
            let path = format!("/2015-03-31/functions/{function}/invocations");
            (loggia, house.aws.signed("lambda", "POST", &path, b"{}")?)
        }
    };
    load::run(&Target { address, request, bodies: BODIES, pid }, pressure).await
}
