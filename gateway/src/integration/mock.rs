//! `MOCK`: the request template says which status the integration has, and the integration response of that status answers.
//!
//! AWS: Mock integrations for REST APIs. A template must give JSON with an integer `statusCode`; otherwise the answer is 500.

use ::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use ::http::{Response, StatusCode};
use bytes::Bytes;
use kernel::exchange::OutBody;
use plan::{HeaderSource, Integration, ResponseRule, Template};

use crate::event::text;
use crate::exchange::{Exchange, Target};
use crate::headers::of_mapping;
use crate::response::GatewayResponse;

/// What a request template may not be yet.
const VELOCITY: &str = "Loggia does not render Velocity mapping templates yet";

/// Answers for a mock.
pub(crate) fn answer(exchange: &Exchange, target: &Target<'_>) -> Result<Response<OutBody>, GatewayResponse> {
    let Integration::Mock { requests, passthrough, responses } = &target.method.integration else {
        return Err(GatewayResponse::ApiConfigurationError);
    };
    let rendered = request(exchange, requests, passthrough)?;
    let status = status_of(rendered).ok_or_else(|| {
        tracing::info!(
            "Unable to parse statusCode. It should be an integer that is defined in the request template."
        );
        GatewayResponse::ApiConfigurationError
    })?;
    let Some(rule) = ResponseRule::select(responses, &status.to_string()) else {
        tracing::info!(status, "No match for output mapping and no default output mapping configured.");
        return Err(GatewayResponse::ApiConfigurationError);
    };
    respond(exchange, target, rule)
}

/// The request as its template makes it; the body itself where the passthrough behaviour says so.
fn request<'a>(
    exchange: &'a Exchange,
    templates: &'a [(String, Template)],
    passthrough: &str,
) -> Result<&'a str, GatewayResponse> {
    let given = exchange.inbound.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media =
        given.unwrap_or("application/json").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let body =
        || std::str::from_utf8(&exchange.inbound.body).map_err(|_| GatewayResponse::ApiConfigurationError);
    match templates.iter().find(|(known, _)| *known == media) {
        Some((_, Template::Text(template))) => Ok(template),
        Some((_, Template::Velocity)) => Err(GatewayResponse::NotImplemented(VELOCITY.to_owned())),
        // AWS: Method request behavior for payloads without mapping templates.
        None if passthrough == "NEVER" || (passthrough == "WHEN_NO_TEMPLATES" && !templates.is_empty()) => {
            Err(GatewayResponse::UnsupportedMediaType)
        }
        None => body(),
    }
}

/// The `statusCode` of a rendered template, which is nearly JSON: names may stand without quotes.
fn status_of(rendered: &str) -> Option<u16> {
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(rendered) {
        return json.get("statusCode").and_then(status_number);
    }
    let (_, after) = rendered.split_once("statusCode")?;
    let after = after.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')?.trim_start();
    let digits = &after[..after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len())];
    digits.parse().ok()
}

fn status_number(value: &serde_json::Value) -> Option<u16> {
    match value {
        serde_json::Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        serde_json::Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn respond(
    exchange: &Exchange,
    target: &Target<'_>,
    rule: &ResponseRule,
) -> Result<Response<OutBody>, GatewayResponse> {
    let (media, body) = match template(exchange, rule) {
        None => ("application/json", Bytes::new()),
        Some((media, Template::Text(body))) => (media.as_str(), Bytes::copy_from_slice(body.as_bytes())),
        Some((_, Template::Velocity)) => return Err(GatewayResponse::NotImplemented(VELOCITY.to_owned())),
    };
    let mut response = Response::new(OutBody::Full(body));
    *response.status_mut() =
        StatusCode::from_u16(rule.status).map_err(|_| GatewayResponse::ApiConfigurationError)?;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_str(media).map_err(|_| GatewayResponse::ApiConfigurationError)?,
    );
    for (name, source) in &rule.headers {
        let Some(mapped) = value(exchange, target, source)? else { continue };
        let broken = || GatewayResponse::ApiConfigurationError;
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| broken())?;
        let value = HeaderValue::from_bytes(mapped.as_bytes()).map_err(|_| broken())?;
        if let Some(name) = of_mapping(name) {
            headers.insert(name, value);
        }
    }
    if let Ok(trace) = HeaderValue::from_str(&exchange.ids.trace) {
        headers.insert("x-amzn-trace-id", trace);
    }
    Ok(response)
}

/// The template for what the client accepts, else for JSON, else the first.
fn template<'a>(exchange: &Exchange, rule: &'a ResponseRule) -> Option<&'a (String, Template)> {
    let accept = exchange.inbound.headers.get(::http::header::ACCEPT).and_then(|value| value.to_str().ok());
    let accepted =
        accept.unwrap_or_default().split(',').map(|media| media.split(';').next().unwrap_or_default().trim());
    let of = |media: &str| rule.templates.iter().find(|(known, _)| known.eq_ignore_ascii_case(media));
    accepted.into_iter().find_map(of).or_else(|| of("application/json")).or_else(|| rule.templates.first())
}

/// The value of a mapping's source; `None` if the request does not have it.
pub(crate) fn value(
    exchange: &Exchange,
    target: &Target<'_>,
    source: &HeaderSource,
) -> Result<Option<String>, GatewayResponse> {
    let inbound = &exchange.inbound;
    Ok(match source {
        HeaderSource::Text(text) => Some(text.clone()),
        HeaderSource::RequestHeader(name) => inbound.headers.get(name).map(|value| text(value).into_owned()),
        HeaderSource::RequestQuery(name) => exchange.query.last(name).map(str::to_owned),
        HeaderSource::RequestPath(name) => {
            target.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| (*value).to_owned())
        }
        HeaderSource::ResponseHeader(_) => None,
        HeaderSource::Context(name) => Some(context(exchange, target, name).ok_or_else(|| {
            GatewayResponse::NotImplemented(format!("Loggia does not know $context.{name} yet"))
        })?),
        HeaderSource::Unsupported(expression) => {
            return Err(GatewayResponse::NotImplemented(format!(
                "Loggia does not evaluate {expression} yet"
            )));
        }
    })
}

/// A context variable.
fn context(exchange: &Exchange, target: &Target<'_>, name: &str) -> Option<String> {
    let (inbound, stage) = (&exchange.inbound, &exchange.plan.stage);
    Some(match name {
        "requestId" => inbound.request_id.clone(),
        "extendedRequestId" => exchange.ids.extended.clone(),
        "accountId" => stage.account.clone(),
        "apiId" => stage.api_id.clone(),
        "deploymentId" => stage.deployment_id.clone(),
        "domainName" => exchange.domain_name.clone(),
        "domainPrefix" => exchange.domain_prefix().to_owned(),
        "httpMethod" => inbound.method.to_string(),
        "identity.sourceIp" => inbound.peer.to_string(),
        "identity.userAgent" => text(inbound.headers.get(::http::header::USER_AGENT)?).into_owned(),
        "path" => exchange.full_path.clone(),
        "protocol" => crate::event::protocol(inbound.version).to_owned(),
        "requestTime" => crate::event::request_time(inbound.received_ms),
        "requestTimeEpoch" => inbound.received_ms.to_string(),
        "resourceId" => target.method.resource_id.clone(),
        "resourcePath" => target.method.resource_path.clone(),
        "stage" => stage.stage_name.clone(),
        _ => return None,
    })
}
