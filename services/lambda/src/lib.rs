//! AWS Lambda: functions, versions, aliases, permissions, concurrency, invocations.
//!
//! What is promised: a function is `Active` only when its code can start; a change is shown to be over only when calls run it; an
//! event that was accepted is run at least once, whatever crashes; nobody but the function's own account and those its policy names
//! calls it; what has no effect is refused by name instead of being stored.
//!
//! Known gaps: container images, VPC and file systems, SnapStart, code signing, customer keys, dead-letter targets and
//! destinations, provisioned concurrency, function URLs, event source mappings, code from S3. `TracingConfig: Active` and
//! `Architectures: [arm64]` are stored and shown, and functions run on the machine's own architecture, untraced. A role that IAM does not
//! know is taken: made-up ARNs are what local tools pass. See also the modules' own notes.

mod access;
mod aliases;
mod code;
mod configuration;
mod error;
mod events;
mod functions;
mod generated;
mod invoke;
mod json_check;
mod layers;
mod ops;
mod pages;
mod place;
mod prepare;
mod queue;
mod resolve;
mod settings;
mod tables;

use std::sync::{Arc, OnceLock};

use kernel::functions::Functions;
use kernel::store::WatchGuard;
use kernel::{Host, Key, Service, Task};

pub use code::{DOWNLOAD_PATH, code_download};
pub use generated::{MODEL, OPERATIONS};

/// Endpoint id, which is also the first part of all keys.
pub(crate) const ID: &str = "lambda";

/// The service's state in memory; all of it can be found again in the store.
pub struct Lambda {
    pub(crate) cache: Arc<resolve::Cache>,
    pub(crate) running: queue::Running,
    pub(crate) download_secret: OnceLock<String>,
    _watch: WatchGuard,
}

/// All of Lambda: the service's operations, how other rooms call functions, and what runs in the background.
pub struct Rooms {
    /// For the edge.
    pub service: Service<Lambda>,
    /// The service's state, for [`code_download`].
    pub state: Arc<Lambda>,
    /// For the house.
    pub functions: Arc<dyn Functions>,
    /// To be started with `kernel::task::start`.
    pub tasks: Vec<Arc<dyn Task>>,
}

/// Lambda over the stores of `host`, which it does not keep alive.
pub fn service(host: &Arc<Host>) -> Rooms {
    let cache = Arc::new(resolve::Cache::new());
    let watched = Arc::clone(&cache);
    let watch = host.store.watch(Key::new().text(ID), Arc::new(move |keys| watched.forget(keys)));
    let state = Arc::new(Lambda {
        cache,
        running: queue::Running::default(),
        download_secret: OnceLock::new(),
        _watch: watch,
    });
    Rooms {
        service: Service::new(ID, Arc::clone(&state), ops::table()),
        functions: Arc::new(invoke::Door { host: Arc::downgrade(host), lambda: Arc::clone(&state) }),
        tasks: vec![
            Arc::new(queue::AsyncInvocations { lambda: Arc::clone(&state) }),
            Arc::new(prepare::Preparations::default()),
        ],
        state,
    }
}

#[cfg(test)]
mod tests;
