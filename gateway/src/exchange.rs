//! One request on its way through the phases, and what is known of it so far.

use std::sync::Arc;

use kernel::exchange::Inbound;
use kernel::{Clock, Entropy, Host};
use plan::{Method, Plan};

use crate::query::Query;

/// A request that a stage was found for.
pub(crate) struct Exchange {
    pub(crate) plan: Arc<Plan>,
    pub(crate) inbound: Inbound,
    pub(crate) ids: Ids,
    /// Path as the client wrote it after the host, stage included.
    pub(crate) full_path: String,
    /// Where in it the path after the stage begins.
    pub(crate) path_at: usize,
    /// `{api}.execute-api.…`, without a port.
    pub(crate) domain_name: String,
    pub(crate) query: Query,
}

impl Exchange {
    /// Path after the stage, as sent; of several slashes that it begins with, one.
    pub(crate) fn path(&self) -> &str {
        match &self.full_path[self.path_at..] {
            "" => "/",
            path => path,
        }
    }

    /// The first label of the domain name.
    pub(crate) fn domain_prefix(&self) -> &str {
        self.domain_name.split('.').next().unwrap_or_default()
    }
}

/// The method that a request matched.
pub(crate) struct Target<'a> {
    pub(crate) method: &'a Method,
    /// Path parameters, as sent.
    pub(crate) parameters: Vec<(&'a str, &'a str)>,
}

/// Identifiers of one request.
pub(crate) struct Ids {
    /// `x-amz-apigw-id` and `$context.extendedRequestId`.
    pub(crate) extended: String,
    /// `X-Amzn-Trace-Id`: the client's, completed, or a new one.
    pub(crate) trace: String,
}

impl Ids {
    /// Identifiers of a request that came with this trace header.
    pub(crate) fn new(host: &Host, client_trace: Option<&str>) -> Ids {
        let (clock, entropy): (&dyn Clock, &dyn Entropy) = (&*host.clock, &*host.entropy);
        const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let extended = entropy.text(15, BASE64) + "=";
        let trace = match client_trace {
            // AWS: X-Ray concepts, tracing header: a header with a root goes on as it is.
            Some(trace) if trace.contains("Root=1-") && trace.len() <= 256 => trace.to_owned(),
            _ => format!("Root=1-{:08x}-{}", clock.now_ms() / 1000, entropy.text(24, b"0123456789abcdef")),
        };
        Ids { extended, trace }
    }
}
