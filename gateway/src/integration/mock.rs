//! `MOCK`: the request template says which status the integration has, and the integration response of that status answers.
//!
//! AWS: Mock integrations for REST APIs. A template must give JSON with an integer `statusCode`; otherwise the answer is 500.

use std::borrow::Cow;

use ::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use ::http::{Response, StatusCode};
use bytes::Bytes;
use kernel::exchange::OutBody;
use plan::{HeaderSource, Integration, ResponseRule, Template};

use crate::context::{self, Answered};
use crate::event::text;
use crate::exchange::Exchange;
use crate::headers::of_mapping;
use crate::response::{GatewayResponse, Kind};

/// What a request template may not be yet.
const VELOCITY: &str = "render Velocity mapping templates";

/// Answers for a mock.
pub(crate) fn answer(exchange: &mut Exchange) -> Result<Response<OutBody>, GatewayResponse> {
    let Integration::Mock { requests, passthrough, responses } = &exchange.method().integration else {
        return Err(Kind::ApiConfigurationError.into());
    };
    let rendered = request(exchange, requests, passthrough)?;
    let status = status_of(rendered).ok_or_else(|| {
        tracing::info!(
            "Unable to parse statusCode. It should be an integer that is defined in the request template."
        );
        Kind::ApiConfigurationError
    })?;
    let Some(rule) = ResponseRule::select(responses, &status.to_string()) else {
        tracing::info!(status, "No match for output mapping and no default output mapping configured.");
        return Err(Kind::ApiConfigurationError.into());
    };
    respond(exchange, rule)
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
    let body = || std::str::from_utf8(&exchange.inbound.body).map_err(|_| Kind::ApiConfigurationError);
    match templates.iter().find(|(known, _)| *known == media) {
        Some((_, Template::Text(template))) => Ok(template),
        Some((_, Template::Velocity)) => Err(GatewayResponse::not_implemented(VELOCITY)),
        // AWS: Method request behavior for payloads without mapping templates.
        None if passthrough == "NEVER" || (passthrough == "WHEN_NO_TEMPLATES" && !templates.is_empty()) => {
            Err(Kind::UnsupportedMediaType.into())
        }
        None => body().map_err(GatewayResponse::from),
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

fn respond(exchange: &Exchange, rule: &ResponseRule) -> Result<Response<OutBody>, GatewayResponse> {
    let (media, body) = match template(exchange, rule) {
        None => ("application/json", Bytes::new()),
        Some((media, Template::Text(body))) => (media.as_str(), Bytes::copy_from_slice(body.as_bytes())),
        Some((_, Template::Velocity)) => return Err(GatewayResponse::not_implemented(VELOCITY)),
    };
    let mut response = Response::new(OutBody::Full(body));
    *response.status_mut() = StatusCode::from_u16(rule.status).map_err(|_| Kind::ApiConfigurationError)?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(media).map_err(|_| Kind::ApiConfigurationError)?);
    for (name, source) in &rule.headers {
        let Some(mapped) = value(exchange, source)? else { continue };
        let broken = || Kind::ApiConfigurationError;
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
pub(crate) fn value(exchange: &Exchange, source: &HeaderSource) -> Result<Option<String>, GatewayResponse> {
    let inbound = &exchange.inbound;
    Ok(match source {
        HeaderSource::Text(text) => Some(text.clone()),
        HeaderSource::RequestHeader(name) => inbound.headers.get(name).map(|value| text(value).into_owned()),
        HeaderSource::RequestQuery(name) => exchange.query.last(name).map(str::to_owned),
        HeaderSource::RequestPath(name) => exchange.parameter(name).map(str::to_owned),
        HeaderSource::ResponseHeader(_) => None,
        HeaderSource::Context(name) => {
            context::value(exchange, Answered::default(), name).map(Cow::into_owned)
        }
        HeaderSource::Unsupported(expression) => {
            return Err(GatewayResponse::not_implemented(format_args!("evaluate {expression}")));
        }
    })
}
