//! The way of a request through API Gateway, phase by phase.

use http::{HeaderName, HeaderValue, Response};
use kernel::error::chain;
use kernel::exchange::{ApiAddress, Inbound, OutBody};
use plan::Integration;

use crate::exchange::{Exchange, Ids, Target};
use crate::integration::{http as http_proxy, lambda, mock};
use crate::query::Query;
use crate::response::GatewayResponse;
use crate::{Gateway, limits};

/// Answers a request to a deployed API.
pub(crate) async fn execute(gateway: &Gateway, address: ApiAddress, inbound: Inbound) -> Response<OutBody> {
    let trace = inbound.headers.get("x-amzn-trace-id").and_then(|value| value.to_str().ok());
    let ids = Ids::new(&gateway.host, trace);
    let own = [("x-amzn-requestid", &inbound.request_id), ("x-amz-apigw-id", &ids.extended)]
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value)));
    let mut response = match stage(gateway, address, inbound, ids).await {
        Ok(exchange) => {
            let answer = serve(gateway, &exchange).await;
            answer.unwrap_or_else(GatewayResponse::into_response)
        }
        Err(refused) => refused.into_response(),
    };
    for (name, value) in own {
        if let Ok(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The phases after the stage is known.
async fn serve(gateway: &Gateway, exchange: &Exchange) -> Result<Response<OutBody>, GatewayResponse> {
    let target = route(exchange)?;
    admit(gateway, exchange, &target)?;
    authorize(exchange, &target)?;
    match &target.method.integration {
        Integration::Lambda { .. } => lambda::invoke(gateway, exchange, &target).await,
        Integration::Http(to) => http_proxy::forward(gateway, exchange, &target, to).await,
        Integration::Mock { .. } => mock::answer(exchange, &target),
        Integration::Unsupported(what) => {
            Err(GatewayResponse::NotImplemented(format!("Loggia does not serve {what} yet")))
        }
        Integration::Broken(why) => {
            tracing::info!(
                api = exchange.plan.stage.api_id,
                resource = target.method.resource_path,
                why,
                "an integration cannot work"
            );
            Err(GatewayResponse::ApiConfigurationError)
        }
    }
}

/// API and stage, out of the host's or the path's form.
async fn stage(
    gateway: &Gateway,
    address: ApiAddress,
    inbound: Inbound,
    ids: Ids,
) -> Result<Exchange, GatewayResponse> {
    let ApiAddress { api_id, stage, path } = address;
    let is_by_host = stage.is_none();
    let full_path = match &stage {
        Some(stage) => format!("/{stage}{path}"),
        None => path,
    };
    let (stage, path_at) = split_stage(&full_path);
    let found = gateway.plans.find(&api_id, stage).await;
    let plan = match found {
        Ok(Some(plan)) => plan,
        Ok(None) => return Err(GatewayResponse::Forbidden),
        Err(fault) => {
            tracing::error!(api_id, stage, error = chain(&fault), "a plan could not be read");
            return Err(GatewayResponse::ApiConfigurationError);
        }
    };
    if plan.stage.disable_execute_api_endpoint {
        return Err(GatewayResponse::Forbidden);
    }
    let domain_name = match is_by_host {
        true => inbound.host.split(':').next().unwrap_or_default().to_owned(),
        false => format!("{api_id}.execute-api.localhost"),
    };
    let query = Query::parse(inbound.query.as_deref());
    Ok(Exchange { plan, inbound, ids, full_path, path_at, domain_name, query })
}

/// The stage in a path, and where the path after it begins. Recorded on AWS: of several slashes there, only the last counts.
fn split_stage(full_path: &str) -> (&str, usize) {
    let start = usize::from(full_path.starts_with('/'));
    let end = full_path[start..].find('/').map_or(full_path.len(), |at| start + at);
    let slashes = full_path[end..].bytes().take_while(|byte| *byte == b'/').count();
    (&full_path[start..end], end + slashes.saturating_sub(1))
}

/// Resource and method.
fn route(exchange: &Exchange) -> Result<Target<'_>, GatewayResponse> {
    let matched = exchange.plan.router.find(exchange.inbound.method.as_str(), exchange.path());
    let matched = matched.ok_or(GatewayResponse::MissingAuthenticationToken)?;
    Ok(Target { method: matched.entry, parameters: matched.parameters })
}

/// Throttling, and the size of the body.
fn admit(gateway: &Gateway, exchange: &Exchange, target: &Target<'_>) -> Result<(), GatewayResponse> {
    let stage = (exchange.plan.stage.api_id.as_str(), exchange.plan.stage.stage_name.as_str());
    if let Some(throttle) = &target.method.throttle
        && !gateway.buckets.admit(stage, throttle, gateway.host.clock.monotonic())
    {
        return Err(GatewayResponse::Throttled);
    }
    if exchange.inbound.body.len() as u64 > limits::ANSWER_BYTES_MAX {
        return Err(GatewayResponse::RequestTooLarge);
    }
    Ok(())
}

/// What protects a method. Whatever cannot be checked yet is refused, never let through.
fn authorize(exchange: &Exchange, target: &Target<'_>) -> Result<(), GatewayResponse> {
    let method = &target.method.definition;
    let missing = match method.authorization_type.as_str() {
        _ if exchange.plan.api.policy.is_some() => "resource policies".to_owned(),
        "NONE" | "" if method.api_key_required => "API keys".to_owned(),
        "NONE" | "" => return Ok(()),
        other => format!("{other} authorization"),
    };
    Err(GatewayResponse::NotImplemented(format!(
        "Loggia does not check {missing} yet, and lets nobody in unchecked"
    )))
}

#[cfg(test)]
mod tests;
