//! `HTTP_PROXY` and `HTTP`: a backend behind a URL, or behind a VPC link that configuration leads to one.
//!
//! A proxied request goes to its backend as it came, but for mapped parameters and hop-by-hop headers, and so does the answer; a custom
//! integration sends and answers what its mappings make. Which headers are dropped, added and remapped was recorded on AWS.

use std::sync::Arc;
use std::time::Duration;

use ::http::header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use ::http::{Method, Request, Response, Uri};
use bytes::Bytes;
use http_body_util::Full;
use kernel::exchange::OutBody;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use plan::{HttpTarget, Mapping, Parameters, UriPiece};

use crate::Gateway;
use crate::backends::tls::Way;
use crate::event::forwarded_headers;
use crate::exchange::Exchange;
use crate::headers::{is_dropped_towards_http, of_proxy};
use crate::integration::errand::{Answer, Errand, Trouble, run};
use crate::integration::lambda::timed_out;
use crate::request_mapping::{self, IntegrationRequest, failed};
use crate::response::{GatewayResponse, Kind};
use crate::value::EndpointAnswer;
use crate::{response_mapping, shown};

/// What may not stand in a query's name or value as it is.
pub(crate) const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// What may not stand in a URI as it is. A percent sign may: path parameters come encoded.
pub(crate) const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Forwards a request to its backend.
pub(crate) async fn proxy(
    gateway: &Gateway,
    exchange: &mut Exchange,
    to: &HttpTarget,
    parameters: &Parameters,
) -> Result<Response<OutBody>, GatewayResponse> {
    let mut mapped = request_mapping::parameters(exchange, parameters)?;
    mapped.body = exchange.inbound.body.clone();
    let query: Vec<(String, String)> =
        exchange.query.pairs().iter().cloned().chain(std::mem::take(&mut mapped.query)).collect();
    mapped.query = query;
    let mut headers = HeaderMap::new();
    agent(exchange, &mut headers);
    let mut before = "";
    for (name, value) in forwarded_headers(exchange) {
        // Recorded on AWS: what the client sends of these two does not go on, what a mapping makes of them does.
        if name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case("content-encoding") {
            continue;
        }
        match name == before {
            true => append(&mut headers, name, &value),
            false => put(&mut headers, name, &value),
        }
        before = name;
    }
    let answer = send(gateway, exchange, to, (mapped, headers)).await?;
    if let OutBody::Full(body) = &answer.body {
        exchange.trail.data(|| {
            format!("Method response body after transformations: {}", String::from_utf8_lossy(body))
        });
    }
    let mut response = Response::new(answer.body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer_headers(&answer.headers);
    Ok(response)
}

/// Sends what the mappings make of a request, and answers what they make of the answer.
pub(crate) async fn custom(
    gateway: &Gateway,
    exchange: &mut Exchange,
    to: &HttpTarget,
    mapping: &Mapping,
) -> Result<Response<OutBody>, GatewayResponse> {
    let mut mapped = request_mapping::map(exchange, mapping)?;
    let mut headers = HeaderMap::new();
    agent(exchange, &mut headers);
    put(&mut headers, "accept", "application/json");
    put(&mut headers, "x-amzn-trace-id", &exchange.ids.trace);
    // Recorded on AWS: a body's content type goes on as the client sent it.
    match matches!(exchange.inbound.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        false => {
            put(&mut headers, "content-type", exchange.header("content-type").unwrap_or("application/json"))
        }
        true if matches!(to.method.as_str(), "ANY" | "GET" | "HEAD" | "OPTIONS") => {
            mapped.body = Bytes::new()
        }
        true => {}
    }
    let Answer { status, headers, body, .. } = send(gateway, exchange, to, (mapped, headers)).await?;
    let OutBody::Full(body) = body else {
        return Err(failed(exchange, "a custom integration's answer cannot be streamed"));
    };
    let answer = EndpointAnswer { status: status.as_u16(), headers, body };
    let mut response = response_mapping::map(exchange, mapping, &answer, status.as_str())?;
    if let Ok(trace) = HeaderValue::from_str(&exchange.ids.trace) {
        response.headers_mut().entry("x-amzn-trace-id").or_insert(trace);
    }
    Ok(response)
}

fn agent(exchange: &Exchange, headers: &mut HeaderMap) {
    put(headers, USER_AGENT.as_str(), &format!("AmazonAPIGateway_{}", exchange.plan.stage.api_id));
}

/// Sends a mapped request with these headers, over which the mapped ones go.
async fn send(
    gateway: &Gateway,
    exchange: &mut Exchange,
    to: &HttpTarget,
    (mapped, mut headers): (IntegrationRequest, HeaderMap),
) -> Result<Answer, GatewayResponse> {
    let shown_uri = uri(exchange, to, &mapped);
    let parsed: Uri = shown_uri.parse().map_err(|_| failed(exchange, "Invalid endpoint address"))?;
    let Some(authority) = parsed.authority() else {
        return Err(failed(exchange, "Invalid endpoint address"));
    };
    put(&mut headers, HOST.as_str(), authority.as_str());
    for (name, value) in &mapped.headers {
        put(&mut headers, name, value);
    }
    put(&mut headers, "x-amzn-apigateway-api-id", &exchange.plan.stage.api_id);
    let target = match &to.link {
        None => parsed,
        Some((id, target)) => {
            match gateway.settings.link(id, target.as_deref()).and_then(|base| through(base, &parsed)) {
                Some(uri) => uri,
                None => {
                    return Err(failed(
                        exchange,
                        format_args!("VPC link {id} is not configured: name its backend in [vpc_links]"),
                    ));
                }
            }
        }
    };
    let method = match to.method.as_str() {
        "ANY" => exchange.inbound.method.clone(),
        method => Method::from_bytes(method.as_bytes())
            .map_err(|_| failed(exchange, "the integration's method is none"))?,
    };
    note_request(exchange, &shown_uri, &headers, &mapped.body);
    let mut request = Request::new(Full::new(mapped.body));
    *request.method_mut() = method;
    *request.uri_mut() = target;
    *request.headers_mut() = headers;
    let shown = exchange.plan.stage.client_certificate.as_ref();
    let errand = Errand {
        request,
        way: (to.is_insecure || shown.is_some()).then(|| {
            let shows = shown.map(|shown| (shown.certificate.clone(), shown.private_key.clone()));
            Arc::new(Way { is_insecure: to.is_insecure, shows })
        }),
        is_streamed: to.is_streamed,
        timeout: Duration::from_millis(exchange.method().timeout_ms),
    };
    match run(&gateway.backends, &*gateway.host.clock, errand).await {
        Ok(answer) => {
            note_answer(exchange, &answer);
            Ok(answer)
        }
        Err(Trouble::Timeout) => Err(timed_out(exchange)),
        Err(Trouble::Configuration(why)) => Err(failed(exchange, why)),
        Err(Trouble::Network(why)) => {
            tracing::info!(
                api = exchange.plan.stage.api_id,
                why,
                "a backend could not be reached or broke off"
            );
            exchange.trail.error(|| "Execution failed due to a network error communicating with endpoint");
            exchange.integration.error = Some("Network error communicating with endpoint".to_owned());
            Err(Kind::IntegrationFailure.into())
        }
    }
}

/// The backend's URI, its query included.
fn uri(exchange: &Exchange, to: &HttpTarget, mapped: &IntegrationRequest) -> String {
    let mut uri = join(exchange, &to.uri, mapped);
    for (name, value) in &mapped.query {
        uri.push(if uri.contains('?') { '&' } else { '?' });
        uri.extend(utf8_percent_encode(name, QUERY));
        uri.push('=');
        uri.extend(utf8_percent_encode(value, QUERY));
    }
    uri
}

/// A URI's pieces with their values: mapped path parameters, else the client's own.
pub(crate) fn join(exchange: &Exchange, pieces: &[UriPiece], mapped: &IntegrationRequest) -> String {
    let mut uri = String::new();
    for piece in pieces {
        match piece {
            UriPiece::Text(text) => uri.push_str(text),
            UriPiece::Name(name) => {
                let found =
                    mapped.path.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
                let value = found.or_else(|| exchange.parameter(name)).unwrap_or_default();
                uri.extend(utf8_percent_encode(value, PATH));
            }
        }
    }
    uri
}

/// A link's base URL with the path and query of the integration's URI.
fn through(base: &str, uri: &Uri) -> Option<Uri> {
    let base: Uri = base.parse().ok()?;
    let mut parts = uri.clone().into_parts();
    (parts.scheme, parts.authority) = (base.scheme().cloned(), base.authority().cloned());
    Uri::from_parts(parts).ok()
}

fn note_request(exchange: &mut Exchange, uri: &str, headers: &HeaderMap, body: &Bytes) {
    exchange.trail.line(|| format!("Endpoint request URI: {uri}"));
    exchange.trail.data(|| format!("Endpoint request headers: {}", shown::headers(headers)));
    exchange
        .trail
        .data(|| format!("Endpoint request body after transformations: {}", String::from_utf8_lossy(body)));
    exchange.trail.line(|| format!("Sending request to {uri}"));
}

fn note_answer(exchange: &mut Exchange, answer: &Answer) {
    let (status, latency) = (answer.status.as_u16(), answer.latency.as_millis());
    exchange.integration.status = Some(status);
    exchange.integration.latency = Some(answer.latency);
    exchange.trail.line(|| format!("Received response. Status: {status}, Integration latency: {latency} ms"));
    exchange.trail.data(|| format!("Endpoint response headers: {}", shown::headers(&answer.headers)));
    if let OutBody::Full(body) = &answer.body {
        exchange.trail.data(|| {
            format!("Endpoint response body before transformations: {}", String::from_utf8_lossy(body))
        });
    }
}

/// Sets a header; one that cannot be sent, or that does not go to backends, is left out.
fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    if let Some((name, value)) = pair(name, value) {
        headers.insert(name, value);
    }
}

/// Adds another value of a header.
fn append(headers: &mut HeaderMap, name: &str, value: &str) {
    if let Some((name, value)) = pair(name, value) {
        headers.append(name, value);
    }
}

fn pair(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    let is_dropped = is_dropped_towards_http(name.as_str());
    Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?)).filter(|_| !is_dropped)
}

/// AWS keeps some headers of an answer for itself, and passes the backend's on under another name.
fn answer_headers(from: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(from.len());
    for (name, value) in from {
        // Recorded on AWS: who was on the way to the backend is not for the client.
        if let Some(name) = of_proxy(name.clone()).filter(|name| name.as_str() != "via") {
            headers.append(name, value.clone());
        }
    }
    headers
}

#[cfg(test)]
mod tests;
