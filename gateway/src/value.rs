//! The values of mapping expressions, for one request and the backend's answer to it.
//!
//! AWS: Parameter mapping source reference for REST APIs. What a request or answer does not have has no value, and its mapping no
//! effect. Bodies are read as JSON once, when the first expression asks for a part of them.
//!
//! Known difference from AWS: names of headers are looked up whatever their case.

use std::borrow::Cow;
use std::cell::OnceCell;

use bytes::Bytes;
use http::HeaderMap;
use jsonpath::{Found, Path};
use plan::{BodyPart, Source};
use serde_json::Value;

use crate::context::{self, Answered};
use crate::event::{forwarded_header, text};
use crate::exchange::Exchange;
use crate::response::{GatewayResponse, Kind};

/// What a backend answered, whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct EndpointAnswer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Looks values up.
pub(crate) struct Values<'a> {
    exchange: &'a Exchange,
    answer: Option<&'a EndpointAnswer>,
    answered: Answered<'a>,
    request_json: OnceCell<Option<Value>>,
    answer_json: OnceCell<Option<Value>>,
}

/// A body that ought to be JSON and is not.
struct NotJson;

impl<'a> Values<'a> {
    /// The values that a request has.
    pub(crate) fn of_request(exchange: &'a Exchange) -> Values<'a> {
        Values {
            exchange,
            answer: None,
            answered: Answered::default(),
            request_json: OnceCell::new(),
            answer_json: OnceCell::new(),
        }
    }

    /// The values that a request and its answer have.
    pub(crate) fn of_answer(exchange: &'a Exchange, answer: &'a EndpointAnswer) -> Values<'a> {
        Values { answer: Some(answer), ..Values::of_request(exchange) }
    }

    /// The values that a refused request has.
    pub(crate) fn of_refusal(exchange: &'a Exchange, answered: Answered<'a>) -> Values<'a> {
        Values { answered, ..Values::of_request(exchange) }
    }

    /// The value of a source, if it has one.
    pub(crate) fn get<'s>(&'s self, source: &'s Source) -> Result<Option<Cow<'s, str>>, GatewayResponse> {
        let exchange = self.exchange;
        Ok(match source {
            Source::Text(text) => Some(text.into()),
            Source::RequestPath(name) => exchange.parameter(name).map(Cow::from),
            Source::RequestQuery(name) => exchange.query.last(name).map(Cow::from),
            Source::RequestQueries(name) => {
                let values: Vec<&str> = exchange.query.all(name).collect();
                (!values.is_empty()).then(|| format!("[{}]", values.join(", ")).into())
            }
            Source::RequestHeader(name) => forwarded_header(exchange, name),
            Source::RequestHeaders(name) => joined(&exchange.inbound.headers, name),
            Source::RequestBody(part) => {
                let body = &exchange.inbound.body;
                part_of(part, body, &self.request_json).map_err(|NotJson| {
                    GatewayResponse::saying(Kind::BadRequestBody, "Invalid JSON in request body")
                })?
            }
            Source::ResponseHeader(name) => {
                self.answer.and_then(|answer| answer.headers.get_all(name).iter().next_back()).map(text)
            }
            Source::ResponseHeaders(name) => self.answer.and_then(|answer| joined(&answer.headers, name)),
            Source::ResponseBody(part) => match self.answer {
                Some(answer) => part_of(part, &answer.body, &self.answer_json)
                    .map_err(|NotJson| Kind::ApiConfigurationError)?,
                None => None,
            },
            Source::Context(name) => context::value(exchange, self.answered, name),
            Source::None => None,
        })
    }

    /// All values of a source for a query string: several only where the source says so.
    pub(crate) fn all<'s>(&'s self, source: &'s Source) -> Result<Vec<Cow<'s, str>>, GatewayResponse> {
        match source {
            Source::RequestQueries(name) => Ok(self.exchange.query.all(name).map(Cow::from).collect()),
            _ => Ok(self.get(source)?.into_iter().collect()),
        }
    }
}

/// A header's values, joined; nothing without any.
fn joined<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    let mut values = headers.get_all(name).iter().map(text);
    let first = values.next()?;
    Some(values.fold(first, |all, value| format!("{all},{value}").into()))
}

fn part_of<'a>(
    part: &BodyPart,
    body: &'a Bytes,
    json: &'a OnceCell<Option<Value>>,
) -> Result<Option<Cow<'a, str>>, NotJson> {
    match part {
        BodyPart::Whole => Ok(Some(String::from_utf8_lossy(body))),
        BodyPart::Path(path) => {
            if json.get().is_none() {
                let _ = json.set(parse(body)?);
            }
            Ok(json.get().and_then(Option::as_ref).and_then(|json| found(path, json)))
        }
    }
}

/// Recorded on AWS: what begins otherwise than JSON that holds something is not even tried.
fn parse(body: &[u8]) -> Result<Option<Value>, NotJson> {
    let body = body.trim_ascii();
    match body.first() {
        Some(b'{' | b'[' | b'"' | b'\'') => serde_json::from_slice(body).map(Some).map_err(|_| NotJson),
        _ => Ok(None),
    }
}

/// What a path finds: a text as it is, everything else as JSON.
fn found<'a>(path: &Path, json: &'a Value) -> Option<Cow<'a, str>> {
    let shown = |value: Cow<'a, Value>| match value {
        Cow::Borrowed(Value::String(text)) => Some(Cow::from(text)),
        Cow::Owned(Value::String(text)) => Some(Cow::from(text)),
        value if value.is_null() => None,
        value => Some(value.to_string().into()),
    };
    match path.find(json).ok()? {
        Found::One(value) => shown(value),
        Found::Many(values) => {
            let values = values.into_iter().map(Cow::into_owned).collect();
            Some(Value::Array(values).to_string().into())
        }
        Found::Missing => None,
    }
}

#[cfg(test)]
mod tests;
