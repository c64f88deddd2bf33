//! Whether a sender may do what was decoded: IAM's answer, before any handler runs.
//!
//! Known difference from AWS: policies of resources (a function's own policy, for instance) are not consulted here yet, so that a caller
//! needs a policy of its own.

use access::{Denied, Guard};
use kernel::service::{Endpoint, Needs};
use kernel::{Call, Exception, Failure, Host};
use wire::Value;

/// The exception that a service answers to a sender without permission.
pub(crate) struct Style {
    /// `AccessDenied` (query, S3) or `AccessDeniedException` (JSON).
    pub(crate) code: &'static str,
    /// HTTP status.
    pub(crate) status: u16,
}

/// Lets the call pass, or says why not.
pub(crate) async fn authorize(
    (host, guard): (&Host, &Guard),
    call: &Call,
    endpoint: &dyn Endpoint,
    (operation, input): (&str, &Value),
    style: &Style,
) -> Result<(), Failure> {
    let Some(Needs { action, resources }) = endpoint.needs(operation, &call.scope, input) else {
        return Ok(());
    };
    let asked = (action.as_str(), resources.as_slice());
    let decided = guard
        .check(host, &call.principal, asked, |context| {
            context.set("aws:SourceIp", [call.source_ip.to_string()]);
            context.set("aws:RequestedRegion", [call.region.as_str()]);
            context.set("aws:UserAgent", [call.user_agent.as_str()]);
            context.set("aws:SecureTransport", [call.base_url.starts_with("https").to_string()]);
        })
        .await?;
    decided.map_err(|Denied(text)| Exception::new(style.code, style.status, text).into())
}
