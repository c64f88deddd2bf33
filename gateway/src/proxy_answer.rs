//! A function's answer to a proxy event, read as API Gateway reads it.
//!
//! AWS: Lambda proxy integrations in API Gateway, output format. Only `statusCode`, `headers`, `multiValueHeaders`, `body` and
//! `isBase64Encoded` may be there, none must; anything else is a malformed answer, 502. `body` comes beside the JSON as raw bytes.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use kernel::exchange::OutBody;
use kernel::functions::Answer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

use crate::headers;
use crate::limits::{ANSWER_HEADERS_MAX, ANSWER_VALUES_MAX};
use crate::response::{GatewayResponse, Kind};

/// Room for the headers that are added to an answer's own.
const OWN_HEADERS: usize = 4;

/// Turns an answer into a response; base64 is decoded if the client accepts one of the API's binary media types.
pub(crate) fn read(answer: Answer, accepts_binary: bool) -> Result<Response<OutBody>, GatewayResponse> {
    let malformed = || {
        tracing::info!("Execution failed due to configuration error: Malformed Lambda proxy response");
        GatewayResponse::from(Kind::MalformedProxyAnswer)
    };
    let fields: Fields<'_> = serde_json::from_slice(&answer.payload).map_err(|_| malformed())?;
    let status = status(fields.status).ok_or_else(malformed)?;
    let is_base64 = match fields.is_base64 {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => flag,
        Some(_) => return Err(malformed()),
    };
    let body = match (answer.body, fields.body) {
        (Some(body), _) => body,
        (None, None | Some(Value::Null)) => Bytes::new(),
        (None, Some(Value::String(text))) => text.into(),
        (None, Some(_)) => return Err(malformed()),
    };
    let headers = headers(&fields.headers, &fields.multi_headers).ok_or_else(malformed)?;
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

/// The members that an answer may have. Of one that is there twice the last counts, as in JavaScript.
#[derive(Default)]
struct Fields<'a> {
    status: Option<Value>,
    is_base64: Option<Value>,
    body: Option<Value>,
    headers: Pairs<'a>,
    multi_headers: Pairs<'a>,
}

/// The members of an object, or nothing for `null`.
#[derive(Default)]
struct Pairs<'a>(Vec<(Name<'a>, Value)>);

/// A member's name, borrowed where it has no escapes.
type Name<'a> = Cow<'a, str>;

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Fields<'de>, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Fields<'de>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a proxy answer")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Fields::default();
                while let Some(Text(name)) = map.next_key()? {
                    match &*name {
                        "statusCode" => fields.status = Some(map.next_value()?),
                        "isBase64Encoded" => fields.is_base64 = Some(map.next_value()?),
                        "body" => fields.body = Some(map.next_value()?),
                        "headers" => fields.headers = map.next_value()?,
                        "multiValueHeaders" => fields.multi_headers = map.next_value()?,
                        _ => return Err(A::Error::custom("another member")),
                    }
                }
                Ok(fields)
            }
        }
        from.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Pairs<'de>, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Pairs<'de>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object of headers, or null")
            }

            fn visit_unit<E: Error>(self) -> Result<Pairs<'de>, E> {
                Ok(Pairs::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs: Vec<(Name<'de>, Value)> = Vec::with_capacity(8);
                while let Some((Text(name), value)) = map.next_entry()? {
                    match pairs.iter().position(|(known, _)| *known == name) {
                        Some(at) => pairs[at].1 = value,
                        None if pairs.len() >= ANSWER_HEADERS_MAX => {
                            return Err(A::Error::custom("too many headers"));
                        }
                        None => pairs.push((name, value)),
                    }
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_any(Members)
    }
}

/// A text, borrowed where it can be.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Text<'de>, D::Error> {
        struct Characters;
        impl<'de> Visitor<'de> for Characters {
            type Value = Text<'de>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a text")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(text.into()))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(text.to_owned().into()))
            }
        }
        from.deserialize_str(Characters)
    }
}

/// Both maps merged: a pair that is in both appears once, as `multiValueHeaders` has it.
fn headers(Pairs(single): &Pairs<'_>, Pairs(multi): &Pairs<'_>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(single.len() + multi.len() + OWN_HEADERS);
    for (name, values) in multi {
        // Recorded on AWS: one value where a list belongs is malformed.
        for value in values.as_array().filter(|values| values.len() <= ANSWER_VALUES_MAX)? {
            append(&mut headers, name, value)?;
        }
    }
    for (name, value) in single {
        let is_there = |(known, values): &(Name<'_>, Value)| {
            known.eq_ignore_ascii_case(name) && values.as_array().is_some_and(|values| values.contains(value))
        };
        if !multi.iter().any(is_there) {
            append(&mut headers, name, value)?;
        }
    }
    Some(headers)
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
