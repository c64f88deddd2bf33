//! The fleet: execution environments of Lambda functions, and the invocations that run in them. Implements [`Compute`].
//!
//! What always holds: one invocation at a time in an environment; an environment is reused while it is warm, the most recently used
//! first; when all are busy and the expected wait is shorter than a start, an invocation waits, else another environment starts, up to
//! the function's, the account's and the machine's limit; idle environments are frozen and later stopped; memory, CPU, processes,
//! `/tmp`, time, payload and log output are bounded. A caller that hangs up changes nothing for the function.
//!
//! Known differences from AWS: capacity reserved by one function is not kept from others; no extensions, no response streaming, no
//! provisioned concurrency; the waiting for a busy environment is ours, AWS starts another at once.

mod code;
mod concurrency;
mod environment;
mod invoke;
pub mod limits;
mod lines;
mod mailbox;
mod peer;
mod pool;
mod reaper;
mod report;
mod request;
mod runtime_api;
mod start;
mod time;
mod unpack;
mod variables;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::functions::{Answer, CodeFacts, CodeRefused, Compute, ComputeError, FunctionVersion, Invocation};
use kernel::{Host, spawn};
use runtimes::registry::{Interpreters, Search, find_interpreters};
use tokio::sync::{OnceCell, Semaphore};

use crate::code::CodeStore;
use crate::concurrency::Counters;
use crate::invoke::Detached;
use crate::pool::Pool;

/// How the fleet works. [`FleetConfig::new`] has the defaults.
#[derive(Clone, Debug)]
pub struct FleetConfig {
    /// Where unpacked code, bootstraps and the sandbox's own folder lie. Made if absent.
    pub folder: PathBuf,
    /// Whether functions may run without isolation.
    pub sandbox: sandbox::Mode,
    /// Tells this server's sandboxes from another's on the same machine; the same after a restart.
    pub instance: String,
    /// Concurrent executions of an account in a region. AWS's default: 1,000.
    pub account_concurrency: u32,
    /// Environments of all functions together. Default: 256.
    pub environments_max: usize,
    /// An environment that was idle for so long is frozen. Default: 1 s.
    pub freeze_after: Duration,
    /// An environment that was idle for so long is stopped. Default: 10 min.
    pub stop_after: Duration,
    /// How CPU follows memory: 1,769 MB are one core. Default: [`CpuRule::Share`].
    pub cpu: CpuRule,
}

impl FleetConfig {
    /// The defaults, for a folder.
    pub fn new(folder: PathBuf, instance: &str, sandbox: sandbox::Mode) -> FleetConfig {
        FleetConfig {
            folder,
            sandbox,
            instance: instance.to_owned(),
            account_concurrency: limits::ACCOUNT_CONCURRENCY,
            environments_max: 256,
            freeze_after: Duration::from_secs(1),
            stop_after: Duration::from_secs(600),
            cpu: CpuRule::Share,
        }
    }
}

/// How a function's CPU follows its memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CpuRule {
    /// A share: idle cores may be used whole, busy ones are divided in proportion to memory.
    #[default]
    Share,
    /// A hard limit, as on AWS: a function of 128 MB never gets more than 7 % of a core once it is initialised.
    Limit,
    /// No rule.
    Free,
}

/// The fleet. Dropping the last handle ends all environments.
pub struct Fleet {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    host: Arc<Host>,
    config: FleetConfig,
    jail: Arc<sandbox::Jail>,
    code: CodeStore,
    runtime_dir: PathBuf,
    interpreters: OnceCell<Interpreters>,
    said: Mutex<HashSet<&'static str>>,
    /// Interpreters for which the bootstrap is compiled, or being compiled.
    compiled: Mutex<HashSet<PathBuf>>,
    /// By the function's ARN.
    pools: Mutex<HashMap<String, Vec<Arc<Pool>>>>,
    functions: Counters,
    accounts: Counters,
    environments: Arc<AtomicUsize>,
    cores: u32,
    /// Permits to start environments at the same time.
    starts: Arc<Semaphore>,
}

impl Fleet {
    /// Opens the fleet's folder and starts its background work. Within a runtime of tokio; takes some milliseconds.
    ///
    /// # Errors
    /// A folder that cannot be written, or a jail that cannot be made.
    pub fn open(host: Arc<Host>, config: FleetConfig) -> std::io::Result<Fleet> {
        let folder = std::path::absolute(&config.folder)?;
        std::fs::create_dir_all(&folder)?;
        let runtime_dir = folder.join("runtime");
        runtimes::write_bootstraps(&runtime_dir)?;
        let code = CodeStore::open(folder.join("code"))?;
        let jail = sandbox::JailConfig::new(config.instance.clone(), folder.join("jail"), config.sandbox);
        let jail = Arc::new(sandbox::Jail::new(jail).map_err(std::io::Error::other)?);
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let shared = Arc::new(Shared {
            host,
            config,
            jail,
            code,
            runtime_dir,
            interpreters: OnceCell::new(),
            said: Mutex::default(),
            compiled: Mutex::default(),
            pools: Mutex::default(),
            functions: Counters::default(),
            accounts: Counters::default(),
            environments: Arc::default(),
            cores: u32::try_from(cores).unwrap_or(u32::MAX),
            starts: Arc::new(Semaphore::new(cores.max(2))),
        });
        let early = Arc::downgrade(&shared);
        spawn("fleet/find-interpreters", async move {
            if let Some(shared) = early.upgrade() {
                shared.interpreters().await;
            }
        });
        spawn("fleet/reaper", reaper::run(Arc::downgrade(&shared)));
        Ok(Fleet { shared })
    }

    /// What this machine offers for isolating functions. Waits for the probe the first time. Blocking.
    pub fn sandbox_report(&self) -> sandbox::Report {
        self.shared.jail.report()
    }

    /// The interpreters of this machine.
    pub async fn interpreters(&self) -> &Interpreters {
        self.shared.interpreters().await
    }

    /// Environments of a function version: idle, busy and starting.
    pub fn environments(&self, arn: &str, version: &str) -> (usize, u32, u32) {
        let pools = self.shared.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let of_version = pools.get(arn).into_iter().flatten().filter(|pool| pool.version.version == version);
        of_version
            .map(|pool| pool.counts())
            .fold((0, 0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1, sum.2 + it.2))
    }
}

impl Compute for Fleet {
    fn invoke(
        &self,
        version: Arc<FunctionVersion>,
        invocation: Invocation,
    ) -> BoxFuture<'static, Result<Answer, ComputeError>> {
        Detached::new(Arc::clone(&self.shared).invoke(version, invocation).boxed()).boxed()
    }

    fn inspect(&self, zip: Bytes) -> BoxFuture<'static, Result<CodeFacts, CodeRefused>> {
        async move {
            let inspected = tokio::task::spawn_blocking(move || unpack::inspect(&zip)).await;
            inspected.unwrap_or_else(|_| {
                Err(CodeRefused(
                    "Could not unzip uploaded file. Please check your file, then try to upload again."
                        .to_owned(),
                ))
            })
        }
        .boxed()
    }

    fn prepare(&self, version: Arc<FunctionVersion>) -> BoxFuture<'static, Result<(), ComputeError>> {
        let shared = Arc::clone(&self.shared);
        async move { shared.folders(&version).await.map(|_| ()) }.boxed()
    }

    fn retire(&self, arn: &str, version: &str, keep: Option<&str>) {
        let retired: Vec<Arc<Pool>> = {
            let mut pools = self.shared.pools.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(of_function) = pools.get_mut(arn) else { return };
            let is_retired = |pool: &Arc<Pool>| {
                pool.version.version == version && keep != Some(pool.version.revision.as_str())
            };
            let (retired, kept) = std::mem::take(of_function).into_iter().partition(is_retired);
            *of_function = kept;
            if of_function.is_empty() {
                pools.remove(arn);
            }
            retired
        };
        for pool in retired {
            pool.retire();
        }
    }

    fn concurrency(&self, account: &str, region: &str) -> (u32, u32) {
        let running = self.shared.accounts.of(&format!("{account}/{region}")).get();
        (running, self.shared.config.account_concurrency)
    }
}

impl Shared {
    async fn interpreters(&self) -> &Interpreters {
        self.interpreters
            .get_or_init(|| async {
                let found = tokio::task::spawn_blocking(|| find_interpreters(&Search::this_machine())).await;
                found.unwrap_or_default()
            })
            .await
    }

    /// True the first time it is asked for `what`.
    fn say_once(&self, what: &'static str) -> bool {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(what)
    }

    fn pool(&self, version: &Arc<FunctionVersion>) -> Arc<Pool> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let of_function = match pools.get_mut(&version.arn) {
            Some(of_function) => of_function,
            None => pools.entry(version.arn.clone()).or_default(),
        };
        let is_same = |pool: &&Arc<Pool>| {
            pool.version.version == version.version && pool.version.revision == version.revision
        };
        if let Some(pool) = of_function.iter().find(is_same) {
            return Arc::clone(pool);
        }
        let account = self.accounts.of(&format!("{}/{}", version.account, version.region));
        let pool =
            Arc::new(Pool::new(Arc::clone(version), self.functions.of(&version.arn), account, self.cores));
        of_function.push(Arc::clone(&pool));
        pool
    }

    fn all_pools(&self) -> Vec<Arc<Pool>> {
        let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.values().flatten().cloned().collect()
    }
}
