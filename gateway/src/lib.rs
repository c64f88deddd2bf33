//! The data plane of deployed APIs: from a client's request to an integration and back.
//!
//! [`execute`] is the way of a request, one file a phase. It reads only an `Arc<Plan>` that a deployment swaps in; it never touches a
//! control-plane table. Whatever goes wrong is a [`response::GatewayResponse`], never an error of the connection. Known gaps, each
//! refused with an answer that names it: API keys, Lambda answers as streams.

mod authorize;
mod backends;
mod compression;
mod content;
mod context;
mod event;
mod exchange;
mod execute;
mod headers;
mod integration;
mod limits;
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
mod value;

use std::sync::Arc;

use access::Guard;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Response;
use kernel::Host;
use kernel::exchange::{
    ApiAddress, DataPlane, Inbound, OutBody, TestAuthorizer, TestMethod, Tested, TestedAuthorizer,
};

use crate::backends::Backends;
use crate::plans::Plans;
use crate::throttle::Buckets;

pub use crate::settings::{Settings, VpcEndpoint};

/// The data plane.
pub struct Gateway {
    settings: Settings,
    memory: authorize::Memory,
    host: Arc<Host>,
    plans: Plans,
    backends: Arc<Backends>,
    buckets: Buckets,
    guard: Guard,
}

impl Gateway {
    /// A data plane over the published stages of `host`'s store.
    pub fn new(host: &Arc<Host>) -> Gateway {
        Gateway::with(host, Settings::default())
    }

    /// The same, with what the configuration says.
    pub fn with(host: &Arc<Host>, settings: Settings) -> Gateway {
        Gateway {
            settings,
            memory: authorize::Memory::default(),
            plans: Plans::new(Arc::clone(&host.store)),
            host: Arc::clone(host),
            backends: Arc::new(Backends::new(Arc::clone(&host.clock))),
            buckets: Buckets::default(),
            guard: Guard::default(),
        }
    }
}

impl DataPlane for Gateway {
    fn execute(&self, address: ApiAddress, inbound: Inbound) -> BoxFuture<'_, Response<OutBody>> {
        execute::execute(self, address, inbound).boxed()
    }

    fn test_method(&self, test: TestMethod) -> BoxFuture<'_, Option<Tested>> {
        test_invoke::test(self, test).boxed()
    }

    fn test_authorizer(&self, test: TestAuthorizer) -> BoxFuture<'_, Option<TestedAuthorizer>> {
        authorize::tried::test(self, test).boxed()
    }
}
