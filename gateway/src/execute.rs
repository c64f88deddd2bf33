//! The way of a request through API Gateway, phase by phase.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Response};
use kernel::error::chain;
use kernel::exchange::{ApiAddress, Inbound, OutBody};
use plan::Plan;

use crate::cache::Found;
use crate::event::forwarded_headers;
use crate::exchange::{Exchange, Ids};
use crate::response::{GatewayResponse, Kind, render};
use crate::trail::Level;
use crate::{Gateway, api_key, authorize, cache, compression, integration, limits, observe, shown, validate};

/// Where the API and the stage of a request stand.
pub(crate) enum Place {
    /// In a host name or a path of our own.
    Own(ApiAddress),
    /// In the mappings of the custom domain name that the host is.
    Domain,
}

/// Answers a request to a deployed API.
pub(crate) async fn execute(gateway: &Gateway, place: Place, inbound: Inbound) -> Response<OutBody> {
    let trace = inbound.headers.get("x-amzn-trace-id").and_then(|value| value.to_str().ok());
    let ids = Ids::new(&gateway.host, trace);
    let own = [("x-amzn-requestid", &inbound.request_id), ("x-amz-apigw-id", &ids.extended)]
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value)));
    let found = match place {
        Place::Own(address) => stage(gateway, address, inbound, ids).await,
        Place::Domain => mapped(gateway, inbound, ids).await,
    };
    let mut response = match found {
        Ok(mut exchange) => {
            let answer = serve(gateway, &mut exchange).await;
            let (mut response, failure) = match answer {
                Ok(response) => (response, None),
                Err(refused) => (render(&mut exchange, &refused), Some(refused)),
            };
            compression::pack(&exchange, &mut response);
            observe::answered(gateway, exchange, failure.as_ref(), &response);
            response
        }
        Err(refused) => refused.plain(),
    };
    for (name, value) in own {
        if let Ok(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The phases after the stage is known, in AWS's order.
async fn serve(gateway: &Gateway, exchange: &mut Exchange) -> Result<Response<OutBody>, GatewayResponse> {
    route(exchange)?;
    if head_bytes(&exchange.inbound) > limits::HEAD_BYTES_MAX {
        return Err(Kind::HeadTooLarge.into());
    }
    if exchange.inbound.body.len() as u64 > limits::ANSWER_BYTES_MAX {
        return Err(Kind::RequestTooLarge.into());
    }
    compression::unpack(exchange)?;
    authorize::authorize(gateway, exchange).await?;
    api_key::admit(gateway, exchange).await?;
    note_request(exchange);
    validate::check(exchange).await?;
    let response = match cache::look_up(gateway, exchange).await? {
        Found::Hit(response) => response,
        Found::Nothing => integrate(gateway, exchange).await?,
        Found::Miss(place) => place.keep(&gateway.host.clock, integrate(gateway, exchange).await?),
    };
    note_response(exchange, &response);
    Ok(response)
}

/// Bytes of a request's line and its header values.
fn head_bytes(inbound: &Inbound) -> usize {
    const AROUND: usize = "  HTTP/1.1\r\n?".len();
    let line =
        inbound.method.as_str().len() + inbound.path.len() + inbound.query.as_ref().map_or(0, String::len);
    line + AROUND + inbound.headers.values().map(|value| value.len()).sum::<usize>()
}

/// What the execution log says of the method response.
pub(crate) fn note_response(exchange: &mut Exchange, response: &Response<OutBody>) {
    exchange.trail.data(|| format!("Method response headers: {}", shown::headers(response.headers())));
    exchange.trail.line(|| "Successfully completed execution");
}

/// What the execution log says of the method request.
pub(crate) fn note_request(exchange: &mut Exchange) {
    let mut trail = std::mem::take(&mut exchange.trail);
    trail.line(|| format!("Starting execution for request: {}", exchange.inbound.request_id));
    trail.line(|| format!("HTTP Method: {}, Resource Path: {}", exchange.inbound.method, exchange.path()));
    trail.data(|| format!("Method request path: {}", shown::map(&exchange.parameters)));
    trail.data(|| format!("Method request query string: {}", shown::parameters(exchange.query.pairs())));
    trail.data(|| format!("Method request headers: {}", shown::parameters(&forwarded_headers(exchange))));
    trail.data(|| {
        format!(
            "Method request body before transformations: {}",
            String::from_utf8_lossy(&exchange.inbound.body)
        )
    });
    exchange.trail = trail;
}

/// Method request to method response, once the client may.
pub(crate) async fn integrate(
    gateway: &Gateway,
    exchange: &mut Exchange,
) -> Result<Response<OutBody>, GatewayResponse> {
    integration::answer(gateway, exchange).await
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
    let plan = plan_of(gateway, &api_id, stage).await?;
    if plan.stage.disable_execute_api_endpoint {
        return Err(Kind::Forbidden.into());
    }
    let host = is_by_host.then(|| inbound.host.split(':').next().unwrap_or_default().to_owned());
    let (level, has_data) = observe::stage_level(&plan);
    let path = (full_path, path_at);
    let mut exchange = Exchange::new(plan, inbound, ids, path, gateway.host.clock.monotonic());
    exchange.trail.set(level, has_data);
    if let Some(host) = host {
        exchange.domain_name = host;
    }
    Ok(exchange)
}

/// API and stage, out of the mappings of a custom domain name. AWS: a request that no mapping fits is forbidden.
async fn mapped(gateway: &Gateway, inbound: Inbound, ids: Ids) -> Result<Exchange, GatewayResponse> {
    let found = gateway.domains.find(&inbound.host).await;
    let domain = match found {
        Ok(found) => found.ok_or(Kind::Forbidden)?,
        Err(fault) => {
            tracing::error!(host = inbound.host, error = chain(&fault), "domain names could not be read");
            return Err(Kind::ApiConfigurationError.into());
        }
    };
    if domain.is_mutual_tls {
        return Err(GatewayResponse::not_implemented("verify client certificates of custom domain names"));
    }
    let full_path = inbound.path.clone();
    let mapped = domain.find(&full_path).ok_or(Kind::Forbidden)?;
    let plan = plan_of(gateway, mapped.api_id, mapped.stage).await?;
    let path_at = full_path.len() - mapped.rest_length;
    let (level, has_data) = observe::stage_level(&plan);
    let path = (full_path, path_at);
    let domain_name = crate::domains::plain(&inbound.host);
    let mut exchange = Exchange::new(plan, inbound, ids, path, gateway.host.clock.monotonic());
    exchange.trail.set(level, has_data);
    exchange.domain_name = domain_name;
    exchange.is_custom_domain = true;
    Ok(exchange)
}

/// The plan of a stage for one request.
async fn plan_of(gateway: &Gateway, api_id: &str, stage: &str) -> Result<Arc<Plan>, GatewayResponse> {
    match gateway.plans.find(api_id, stage).await {
        Ok(Some(staged)) => Ok(staged.choose(&*gateway.host.entropy)),
        Ok(None) => Err(Kind::Forbidden.into()),
        Err(fault) => {
            tracing::error!(api_id, stage, error = chain(&fault), "a plan could not be read");
            Err(Kind::ApiConfigurationError.into())
        }
    }
}

/// The stage in a path, and where the path after it begins. Recorded on AWS: of several slashes there, only the last counts.
fn split_stage(full_path: &str) -> (&str, usize) {
    let start = usize::from(full_path.starts_with('/'));
    let end = full_path[start..].find('/').map_or(full_path.len(), |at| start + at);
    let slashes = full_path[end..].bytes().take_while(|byte| *byte == b'/').count();
    (&full_path[start..end], end + slashes.saturating_sub(1))
}

/// Resource and method.
pub(crate) fn route(exchange: &mut Exchange) -> Result<(), GatewayResponse> {
    let matched = exchange.plan.router.find(exchange.inbound.method.as_str(), exchange.path());
    let matched = matched.ok_or_else(|| authorize::unmatched(exchange))?;
    let parameters = matched.parameters.iter();
    let parameters = parameters.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let method = Arc::clone(matched.entry);
    let (level, has_data) = Level::of(&method.settings);
    exchange.trail.set(level, has_data);
    exchange.trail.line(|| format!("Extended Request Id: {}", exchange.ids.extended));
    (exchange.method, exchange.parameters) = (Some(method), parameters);
    Ok(())
}

#[cfg(test)]
mod tests;
