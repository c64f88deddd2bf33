//! The data plane of deployed APIs: from a client's request to an integration and back.
//!
//! [`execute`] is the way of a request, one file a phase. It reads only an `Arc<Plan>` that a deployment swaps in; it never touches a
//! control-plane table. Whatever goes wrong is a [`response::GatewayResponse`], never an error of the connection. Known gaps, each
//! refused with an answer that names it: Lambda answers as streams.

mod api_key;
mod authorize;
mod backends;
mod cache;
mod compression;
mod content;
mod context;
mod domains;
mod event;
mod exchange;
mod execute;
mod headers;
mod integration;
mod limits;
mod measure;
mod observe;
mod plans;
mod proxy_answer;
mod query;
mod request_mapping;
mod response;
mod response_mapping;
mod settings;
mod shown;
mod template;
mod test_invoke;
mod throttle;
mod trail;
mod usage;
mod validate;
mod value;

use std::sync::Arc;

use access::Guard;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Response;
use kernel::error::chain;
use kernel::exchange::{
    AccountThrottle, ApiAddress, DataPlane, Inbound, OutBody, TestAuthorizer, TestMethod, Tested,
    TestedAuthorizer,
};
use kernel::{Fault, Host, Internal, Task};
use tokio::sync::oneshot;

use crate::api_key::Keys;
use crate::backends::Backends;
use crate::cache::Caches;
use crate::domains::Domains;
use crate::execute::Place;
use crate::measure::Meters;
use crate::plans::Plans;
use crate::throttle::Buckets;
use crate::usage::Usage;

pub use access::UnknownKeys;

pub use crate::settings::{Settings, VpcEndpoint};

/// The data plane.
pub struct Gateway {
    settings: Settings,
    memory: authorize::Memory,
    host: Arc<Host>,
    plans: Plans,
    domains: Domains,
    backends: Arc<Backends>,
    buckets: Buckets,
    keys: Keys,
    usage: Arc<Usage>,
    meters: Arc<Meters>,
    caches: Caches,
    guard: Guard,
}

impl Gateway {
    /// A data plane over the published stages of `host`'s store.
    pub fn new(host: &Arc<Host>) -> Gateway {
        Gateway::with(host, Settings::default())
    }

    /// The same, with what the configuration says.
    pub fn with(host: &Arc<Host>, settings: Settings) -> Gateway {
        let usage = Arc::<Usage>::default();
        Gateway {
            settings,
            memory: authorize::Memory::default(),
            plans: Plans::new(Arc::clone(&host.store)),
            domains: Domains::new(Arc::clone(&host.store)),
            host: Arc::clone(host),
            backends: Arc::new(Backends::new(Arc::clone(&host.clock))),
            buckets: Buckets::default(),
            keys: Keys::new(&*host.store, &usage),
            usage,
            meters: Arc::default(),
            caches: Caches::default(),
            guard: Guard::default(),
        }
    }

    /// To be started with `kernel::task::start`.
    pub fn tasks(&self) -> Vec<Arc<dyn Task>> {
        vec![
            Arc::new(usage::Flush(Arc::clone(&self.usage))),
            Arc::new(measure::Flush(Arc::clone(&self.meters))),
        ]
    }
}

impl DataPlane for Gateway {
    fn execute(&self, address: ApiAddress, inbound: Inbound) -> BoxFuture<'_, Response<OutBody>> {
        execute::execute(self, Place::Own(address), inbound).boxed()
    }

    fn is_domain<'a>(&'a self, host: &'a str) -> BoxFuture<'a, bool> {
        // What cannot be read now cannot be read a moment later either: the request is told then.
        async move { self.domains.find(host).await.is_ok_and(|found| found.is_some()) }.boxed()
    }

    fn execute_domain(&self, inbound: Inbound) -> BoxFuture<'_, Response<OutBody>> {
        execute::execute(self, Place::Domain, inbound).boxed()
    }

    fn test_method(&self, test: TestMethod) -> BoxFuture<'_, Option<Tested>> {
        test_invoke::test(self, test).boxed()
    }

    fn test_authorizer(&self, test: TestAuthorizer) -> BoxFuture<'_, Option<TestedAuthorizer>> {
        authorize::tried::test(self, test).boxed()
    }

    fn flush_usage(&self) -> BoxFuture<'_, Result<(), Fault>> {
        // On its own: whoever asked may go away, and what was counted must not go with them.
        let (done, outcome) = oneshot::channel();
        let (usage, host) = (Arc::clone(&self.usage), Arc::clone(&self.host));
        kernel::clock::spawn(usage::TASK, async move {
            let written = usage.flush(&host).await;
            if let Err(fault) = &written {
                tracing::error!(
                    error = chain(fault),
                    "usage of API keys could not be written; it is tried again"
                );
            }
            let _ = done.send(written);
        });
        async {
            outcome.await.unwrap_or_else(|_| Err(Internal::because("usage could not be written").into()))
        }
        .boxed()
    }

    fn account_throttle(&self) -> AccountThrottle {
        self.settings.throttle
    }
}

#[cfg(test)]
mod tests;
