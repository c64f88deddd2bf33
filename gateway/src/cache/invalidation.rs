//! Who may have a fresh answer with `Cache-Control: max-age=0`.
//!
//! AWS: Cache settings for REST APIs, invalidate an API Gateway cache entry: the caller needs `execute-api:InvalidateCache` for the
//! method. Only a caller whose signature was verified is anybody; on a method without `AWS_IAM` nobody may.

use kernel::error::chain;

use crate::Gateway;
use crate::exchange::Exchange;

/// True if the caller has the permission.
pub(super) async fn is_allowed(gateway: &Gateway, exchange: &Exchange) -> bool {
    let Some(access_key) = exchange.identity.access_key.as_deref() else { return false };
    let principal = match gateway.host.rooms().identities.find(access_key).await {
        Ok(found) => found.map(|credential| credential.principal),
        Err(fault) => {
            tracing::error!(error = chain(&fault), "the caller of an API could not be looked up");
            None
        }
    };
    let Some(principal) = principal else { return false };
    let resource = [exchange.arn(exchange.path())];
    let asked = ("execute-api:InvalidateCache", resource.as_slice());
    match gateway.guard.check(&gateway.host, &principal, asked, |_| {}).await {
        Ok(decided) => decided.is_ok(),
        Err(fault) => {
            tracing::error!(error = chain(&fault), "the caller of an API could not be judged");
            false
        }
    }
}
