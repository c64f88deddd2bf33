//! The way of a request through API Gateway, phase by phase.

use std::sync::Arc;

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
    let (request_id, extended) = (inbound.request_id.clone(), ids.extended.clone());
    let mut response = match stage(gateway, address, inbound, ids).await {
        Ok(exchange) => {
            let answer = serve(gateway, &exchange).await;
            answer.unwrap_or_else(GatewayResponse::into_response)
        }
        Err(refused) => refused.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [("x-amzn-requestid", request_id), ("x-amz-apigw-id", extended)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
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
    let (stage, path) = match stage {
        Some(stage) => (stage, path),
        None => {
            let rest = path.strip_prefix('/').unwrap_or(&path);
            let (stage, rest) = rest
                .split_once('/')
                .map_or((rest, "/".to_owned()), |(stage, rest)| (stage, format!("/{rest}")));
            (stage.to_owned(), rest)
        }
    };
    let found = gateway.plans.find(&api_id, &stage).await;
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
    let name = inbound.host.rsplit_once(':').map_or(inbound.host.as_str(), |(name, _)| name);
    let domain_name = if is_by_host { name.to_owned() } else { format!("{api_id}.execute-api.localhost") };
    let query = Query::parse(inbound.query.as_deref());
    Ok(Exchange { full_path: format!("/{stage}{path}"), plan, inbound, ids, path, domain_name, query })
}

/// Resource and method.
fn route(exchange: &Exchange) -> Result<Target, GatewayResponse> {
    let matched = exchange.plan.router.find(exchange.inbound.method.as_str(), &exchange.path);
    let matched = matched.ok_or(GatewayResponse::MissingAuthenticationToken)?;
    let parameters = matched.parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Ok(Target { method: Arc::clone(matched.entry), parameters: parameters.collect() })
}

/// Throttling, and the size of the body.
fn admit(gateway: &Gateway, exchange: &Exchange, target: &Target) -> Result<(), GatewayResponse> {
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
fn authorize(exchange: &Exchange, target: &Target) -> Result<(), GatewayResponse> {
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
