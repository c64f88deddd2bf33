//! A function's answer to a proxy event, read as API Gateway reads it.
//!
//! AWS: Lambda proxy integrations in API Gateway, output format. Only `statusCode`, `headers`, `multiValueHeaders`, `body` and
//! `isBase64Encoded` may be there, none must; anything else is a malformed answer, 502. `body` comes beside the JSON as raw bytes.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use kernel::exchange::OutBody;
use kernel::functions::Answer;
use serde_json::{Map, Value};

use crate::headers;
use crate::response::{GatewayResponse, Kind};

/// Turns an answer into a response; base64 is decoded if the client accepts one of the API's binary media types.
pub(crate) fn read(answer: Answer, accepts_binary: bool) -> Result<Response<OutBody>, GatewayResponse> {
    let malformed = || {
        tracing::info!("Execution failed due to configuration error: Malformed Lambda proxy response");
        GatewayResponse::from(Kind::MalformedProxyAnswer)
    };
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(&answer.payload) else {
        return Err(malformed());
    };
    let status = status(fields.remove("statusCode")).ok_or_else(malformed)?;
    let is_base64 = match fields.remove("isBase64Encoded") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => flag,
        Some(_) => return Err(malformed()),
    };
    let body = match (answer.body, fields.remove("body")) {
        (Some(body), _) => body,
        (None, None | Some(Value::Null)) => Bytes::new(),
        (None, Some(Value::String(text))) => text.into(),
        (None, Some(_)) => return Err(malformed()),
    };
    let headers =
        headers(fields.remove("headers"), fields.remove("multiValueHeaders")).ok_or_else(malformed)?;
    if !fields.is_empty() {
        return Err(malformed());
    }
    let body = match is_base64 && accepts_binary {
        true => STANDARD.decode(&body).map_err(|_| Kind::ApiConfigurationError)?.into(),
        false => body,
    };
    let mut response = Response::new(OutBody::Full(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.headers_mut().entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    Ok(response)
}

/// A number, or a text that is one; 200 without any.
fn status(value: Option<Value>) -> Option<StatusCode> {
    let number = match value {
        None | Some(Value::Null) => 200,
        Some(Value::Number(number)) => {
            number.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i64)?
        }
        Some(Value::String(text)) => text.trim().parse().ok()?,
        Some(_) => return None,
    };
    let number = u16::try_from(number).ok().filter(|number| (100..600).contains(number))?;
    StatusCode::from_u16(number).ok()
}

/// Both maps merged: a pair that is in both appears once, as `multiValueHeaders` has it.
fn headers(single: Option<Value>, multi: Option<Value>) -> Option<HeaderMap> {
    let (single, multi) = (object(single)?, object(multi)?);
    let mut headers = HeaderMap::with_capacity(single.len() + multi.len());
    for (name, values) in &multi {
        // Recorded on AWS: one value where a list belongs is malformed.
        for value in values.as_array()? {
            append(&mut headers, name, value)?;
        }
    }
    for (name, value) in &single {
        let is_there = |(known, values): (&String, &Value)| {
            known.eq_ignore_ascii_case(name) && values.as_array().is_some_and(|values| values.contains(value))
        };
        if !multi.iter().any(is_there) {
            append(&mut headers, name, value)?;
        }
    }
    Some(headers)
}

fn object(value: Option<Value>) -> Option<Map<String, Value>> {
    match value {
        None | Some(Value::Null) => Some(Map::new()),
        Some(Value::Object(map)) => Some(map),
        Some(_) => None,
    }
}

fn append(headers: &mut HeaderMap, name: &str, value: &Value) -> Option<()> {
    // Recorded on AWS for a boolean: scalars are written as texts.
    let text: Cow<'_, str> = match value {
        Value::String(text) => text.into(),
        Value::Bool(_) | Value::Number(_) => value.to_string().into(),
        Value::Null => return Some(()),
        Value::Array(_) | Value::Object(_) => return None,
    };
    // A line break in a value would be a header of its own: such an answer is malformed.
    let value = HeaderValue::from_bytes(text.as_bytes()).ok()?;
    if let Some(name) = headers::of_proxy(HeaderName::from_bytes(name.as_bytes()).ok()?) {
        headers.append(name, value);
    }
    Some(())
}

#[cfg(test)]
mod tests;
