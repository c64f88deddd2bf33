//! From an integration's answer to a method response: selection, content, parameters, template, overrides.
//!
//! AWS: Data transformations for REST APIs; Parameter mapping source reference. Without templates the answer's body passes through. The
//! content type is that of the chosen template, `application/json` without one, unless it is mapped.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use kernel::exchange::OutBody;
use plan::{Mapping, ResponseRule, Template};

use crate::content::{self, NotBase64, Payload};
use crate::exchange::Exchange;
use crate::headers::of_mapping;
use crate::request_mapping::failed;
use crate::response::{GatewayResponse, Kind};
use crate::template;
use crate::value::{EndpointAnswer, Values};

/// Maps what an integration answered; `selection` is what patterns are compared with.
pub(crate) fn map(
    exchange: &mut Exchange,
    mapping: &Mapping,
    answer: &EndpointAnswer,
    selection: &str,
) -> Result<Response<OutBody>, GatewayResponse> {
    let Some(rule) = mapping.select(selection) else {
        const TEXT: &str = "No match for output mapping and no default output mapping configured. Endpoint Response Status Code";
        return Err(failed(exchange, format_args!("{TEXT}: {}", answer.status)));
    };
    if !rule.is_declared {
        let why = format_args!("Output mapping refers to an invalid method response: {}", rule.status);
        return Err(failed(exchange, why));
    }
    let mut headers = headers(exchange, rule, answer)?;
    let (media, body) = body(exchange, rule, answer)?;
    headers.entry(CONTENT_TYPE).or_insert(media);
    for (name, values) in std::mem::take(&mut exchange.overrides.response_header) {
        put(exchange, &mut headers, &name, &values.join(","))?;
    }
    // AWS passes over what is no status.
    let overridden = exchange.overrides.response_status.as_deref().and_then(|text| text.trim().parse().ok());
    let status = overridden.filter(|status| (100..600).contains(status)).unwrap_or(rule.status);
    exchange
        .trail
        .data(|| format!("Method response body after transformations: {}", String::from_utf8_lossy(&body)));
    let mut response = Response::new(OutBody::Full(body));
    *response.status_mut() = StatusCode::from_u16(status).map_err(|_| Kind::ApiConfigurationError)?;
    *response.headers_mut() = headers;
    Ok(response)
}

fn headers(
    exchange: &mut Exchange,
    rule: &ResponseRule,
    answer: &EndpointAnswer,
) -> Result<HeaderMap, GatewayResponse> {
    let mut headers = HeaderMap::with_capacity(rule.headers.len() + 3);
    for (name, source) in &rule.headers {
        let values = Values::of_answer(exchange, answer);
        let Some(value) = values.get(source)?.map(std::borrow::Cow::into_owned) else { continue };
        drop(values);
        put(exchange, &mut headers, name, &value)?;
    }
    Ok(headers)
}

fn put(
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
    name: &str,
    value: &str,
) -> Result<(), GatewayResponse> {
    // A line break in a value would be a header of its own.
    let pair =
        HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_bytes(value.as_bytes()).ok());
    let Some((name, value)) = pair else {
        return Err(failed(exchange, format_args!("Invalid mapping expression for the header {name}")));
    };
    if let Some(name) = of_mapping(name) {
        headers.insert(name, value);
    }
    Ok(())
}

fn body(
    exchange: &mut Exchange,
    rule: &ResponseRule,
    answer: &EndpointAnswer,
) -> Result<(HeaderValue, Bytes), GatewayResponse> {
    let json = HeaderValue::from_static("application/json");
    let Some((media, template)) = choose(exchange, rule) else {
        return Ok((json, payload(exchange, rule, answer)?.into_bytes()));
    };
    let media = match media.as_str() {
        "application/json" => json,
        media => HeaderValue::from_str(media).map_err(|_| Kind::ApiConfigurationError)?,
    };
    if let Template::Text(text) = template {
        return Ok((media, Bytes::copy_from_slice(text.as_bytes())));
    }
    let Payload::Text(text) = payload(exchange, rule, answer)? else {
        return Err(failed(exchange, "Unable to transform response"));
    };
    let body = template::rendered(exchange, template, String::from_utf8_lossy(&text))?;
    Ok((media, body.into()))
}

/// The answer's body as its content handling wants it.
fn payload(
    exchange: &mut Exchange,
    rule: &ResponseRule,
    answer: &EndpointAnswer,
) -> Result<Payload, GatewayResponse> {
    if answer.body.is_empty() {
        return Ok(Payload::Text(Bytes::new()));
    }
    let binary = &exchange.plan.binary;
    let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kinds = (binary.is_binary(content_type), binary.is_accepted(exchange.header(ACCEPT.as_str())));
    content::of_answer(&answer.body, kinds, rule.content)
        .map_err(|NotBase64| failed(exchange, "Unable to base64 decode the body"))
}

/// The template for what the client accepts, else for JSON, else the first.
fn choose<'r>(exchange: &Exchange, rule: &'r ResponseRule) -> Option<&'r (String, Template)> {
    let accept = exchange.header(ACCEPT.as_str()).unwrap_or_default();
    let mut accepted = accept.split(',').map(|media| media.split(';').next().unwrap_or_default().trim());
    let of = |media: &str| rule.templates.iter().find(|(known, _)| known.eq_ignore_ascii_case(media));
    accepted.find_map(of).or_else(|| of("application/json")).or_else(|| rule.templates.first())
}

#[cfg(test)]
mod tests;
