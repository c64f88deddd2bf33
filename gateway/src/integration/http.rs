//! `HTTP_PROXY`: the request goes to a backend as it came, but for mapped parameters and hop-by-hop headers; so does the answer.
//!
//! Which headers are dropped, added and remapped was recorded on AWS. Connections to backends are pooled; one that misbehaves is not
//! used again. Certificates are verified against the public roots unless the integration says otherwise. Answers above 64 KB are
//! streamed. Known difference: AWS buffers all of an answer.

use std::time::Duration;

use ::http::header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use ::http::{Method, Request, Response, Uri};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, future};
use http_body_util::Full;
use kernel::Clock;
use kernel::exchange::OutBody;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use plan::{HttpTarget, PathPiece};

use crate::event::forwarded_headers;
use crate::exchange::Exchange;
use crate::headers::{is_dropped_towards_http, of_proxy};
use crate::integration::mock::value;
use crate::response::{GatewayResponse, Kind};
use crate::{Gateway, backends, limits};

/// What may not stand in a query's name or value as it is.
const QUERY: &AsciiSet = &CONTROLS
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

/// Forwards a request to its backend.
pub(crate) async fn forward(
    gateway: &Gateway,
    exchange: &mut Exchange,
    to: &HttpTarget,
) -> Result<Response<OutBody>, GatewayResponse> {
    if to.is_insecure {
        let what = "skip the verification of backend certificates (insecureSkipVerification)";
        return Err(GatewayResponse::not_implemented(what));
    }
    let request = request(exchange, to)?;
    let clock: &dyn Clock = &*gateway.host.clock;
    let mut timeout = clock.sleep(Duration::from_millis(exchange.method().timeout_ms));
    let answer = tokio::select! {
        answer = gateway.backends.send(request) => answer,
        () = &mut timeout => return Err(Kind::IntegrationTimeout.into()),
    };
    let answer = answer.map_err(|error| {
        tracing::info!(api = exchange.plan.stage.api_id, %error, "a backend could not be reached");
        Kind::IntegrationFailure
    })?;
    let (parts, body) = answer.into_parts();
    let body = tokio::select! {
        body = collect(body) => body?,
        () = &mut timeout => return Err(Kind::IntegrationTimeout.into()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = parts.status;
    *response.headers_mut() = answer_headers(&parts.headers);
    Ok(response)
}

/// A small body whole, a large one as a stream.
async fn collect(mut body: backends::Answer) -> Result<OutBody, GatewayResponse> {
    let hint = body.size_hint();
    if hint.lower() > limits::ANSWER_BYTES_MAX {
        return Err(Kind::IntegrationFailure.into());
    }
    if hint.upper().is_some_and(|bytes| bytes <= limits::COLLECT_BYTES_MAX) {
        let mut whole = BytesMut::new();
        let mut first = None;
        while let Some(part) = body.try_next().await.map_err(|_| Kind::IntegrationFailure)? {
            // Most answers come in one piece, which needs no copy.
            match first.is_none() && whole.is_empty() {
                true => first = Some(part),
                false => {
                    whole.extend_from_slice(&first.take().unwrap_or_default());
                    whole.extend_from_slice(&part);
                }
            }
        }
        return Ok(OutBody::Full(first.unwrap_or_else(|| whole.freeze())));
    }
    let limited = body.scan(0, |sent: &mut u64, part| {
        let part = part.map_err(std::io::Error::other).and_then(|part| {
            *sent += part.len() as u64;
            match *sent <= limits::ANSWER_BYTES_MAX {
                true => Ok(part),
                false => Err(std::io::Error::other("the backend's answer is too large")),
            }
        });
        future::ready(Some(part))
    });
    Ok(OutBody::Stream(limited.boxed()))
}

fn request(exchange: &Exchange, to: &HttpTarget) -> Result<Request<Full<Bytes>>, GatewayResponse> {
    let broken = |why: &str| {
        tracing::info!(api = exchange.plan.stage.api_id, why, "an integration request could not be made");
        Kind::ApiConfigurationError
    };
    let uri: Uri = uri(exchange, to)?.parse().map_err(|_| broken("the endpoint is no URL"))?;
    let authority = uri.authority().ok_or_else(|| broken("the endpoint has no host"))?.to_string();
    let method = match to.method.as_str() {
        "ANY" => exchange.inbound.method.clone(),
        method => {
            Method::from_bytes(method.as_bytes()).map_err(|_| broken("the integration's method is none"))?
        }
    };
    let mut request = Request::new(Full::new(exchange.inbound.body.clone()));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers(exchange, to, &authority)?;
    Ok(request)
}

fn uri(exchange: &Exchange, to: &HttpTarget) -> Result<String, GatewayResponse> {
    let mut uri = String::new();
    for piece in &to.uri {
        match piece {
            PathPiece::Text(text) => uri.push_str(text),
            PathPiece::Value(source) => uri.push_str(&value(exchange, source)?.unwrap_or_default()),
        }
    }
    let mut pairs: Vec<(String, String)> = exchange.query.pairs().to_vec();
    for (name, source) in &to.query {
        if let Some(value) = value(exchange, source)? {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name.clone(), value));
        }
    }
    for (name, value) in pairs {
        uri.push(if uri.contains('?') { '&' } else { '?' });
        uri.extend(utf8_percent_encode(&name, QUERY));
        uri.push('=');
        uri.extend(utf8_percent_encode(&value, QUERY));
    }
    Ok(uri)
}

fn headers(exchange: &Exchange, to: &HttpTarget, authority: &str) -> Result<HeaderMap, GatewayResponse> {
    let mut headers = HeaderMap::new();
    let api_id = &exchange.plan.stage.api_id;
    put(&mut headers, USER_AGENT.as_str(), &format!("AmazonAPIGateway_{api_id}"));
    put(&mut headers, HOST.as_str(), authority);
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
    for (name, source) in &to.headers {
        if let Some(value) = value(exchange, source)? {
            put(&mut headers, name, &value);
        }
    }
    put(&mut headers, "x-amzn-apigateway-api-id", api_id);
    Ok(headers)
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
