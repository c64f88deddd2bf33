//! What protects a method. Whatever cannot be checked yet is refused, never let through.

use crate::exchange::Exchange;
use crate::response::GatewayResponse;

/// Lets a request in, or not.
pub(crate) fn authorize(exchange: &Exchange) -> Result<(), GatewayResponse> {
    let method = &exchange.method().definition;
    let missing = match method.authorization_type.as_str() {
        _ if exchange.plan.api.policy.is_some() => "resource policies".to_owned(),
        "NONE" | "" if method.api_key_required => "API keys".to_owned(),
        "NONE" | "" => return Ok(()),
        other => format!("{other} authorization"),
    };
    Err(GatewayResponse::not_implemented(format_args!("check {missing}, and lets nobody in unchecked")))
}
