//! The data plane of deployed APIs: from a client's request to an integration and back.
//!
//! [`execute`] is the way of a request, one file a phase. It reads only an `Arc<Plan>` that a deployment swaps in; it never touches a
//! control-plane table. Whatever goes wrong is a [`response::GatewayResponse`], never an error of the connection. Known gaps, each
//! refused with an answer that names it: authorization other than `NONE`, API keys, resource policies, Lambda answers as streams.

mod authorize;
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
mod shown;
mod template;
mod test_invoke;
mod throttle;
mod trail;
mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

use access::Guard;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Response;
use kernel::Host;
use kernel::exchange::{ApiAddress, DataPlane, Inbound, OutBody, TestMethod, Tested};

use crate::integration::backends::Backends;
use crate::plans::Plans;
use crate::throttle::Buckets;

/// The data plane.
pub struct Gateway {
    host: Arc<Host>,
    plans: Plans,
    backends: Backends,
    links: BTreeMap<String, String>,
    buckets: Buckets,
    guard: Guard,
}

impl Gateway {
    /// A data plane over the published stages of `host`'s store.
    pub fn new(host: &Arc<Host>) -> Gateway {
        Gateway {
            plans: Plans::new(Arc::clone(&host.store)),
            host: Arc::clone(host),
            backends: Backends::default(),
            links: BTreeMap::new(),
            buckets: Buckets::default(),
            guard: Guard::default(),
        }
    }

    /// Says which backends VPC links lead to: by a link's id or name, or by the ARN of its target, the base URL.
    pub fn with_vpc_links(self, links: BTreeMap<String, String>) -> Gateway {
        Gateway { links, ..self }
    }

    /// The base URL behind a VPC link.
    fn link(&self, id: &str, target: Option<&str>) -> Option<&str> {
        let found = target.and_then(|target| self.links.get(target)).or_else(|| self.links.get(id));
        found.map(String::as_str)
    }
}

impl DataPlane for Gateway {
    fn execute(&self, address: ApiAddress, inbound: Inbound) -> BoxFuture<'_, Response<OutBody>> {
        execute::execute(self, address, inbound).boxed()
    }

    fn test_method(&self, test: TestMethod) -> BoxFuture<'_, Option<Tested>> {
        test_invoke::test(self, test).boxed()
    }
}
