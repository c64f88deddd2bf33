//! Bytes to values and back, in whichever protocol the request came.
//!
//! Nothing here panics on any input, and unknown members are ignored as AWS ignores them. What decodes has the model's types,
//! with required members possibly missing: that is for [`crate::validate`].

mod cbor;
mod form;
mod json;
mod query;
mod rest;
#[cfg(test)]
mod tests;
mod xml;

pub(crate) use json::document;

use crate::error::{Exception, Malformed, Rejection};
use crate::http::{HttpRequest, HttpResponse};
use crate::model::{Member, Model, Operation, Protocol, Schema, Structure, TimestampFormat};
use crate::value::Value;

/// How deep lists, maps and structures may lie in each other.
pub const DEPTH_MAX: usize = 100;
/// How many values one request may hold.
pub const VALUES_MAX: usize = 500_000;
/// How many parameters a query string or form may have.
pub const PARAMETERS_MAX: usize = 20_000;

/// A request that was understood.
#[derive(Clone, Debug)]
pub struct Decoded<'m> {
    /// In which protocol it came and the answer has to go.
    pub protocol: Protocol,
    /// What is asked.
    pub operation: &'m Operation,
    /// With which input.
    pub input: Value,
}

/// Which of the model's protocols a request speaks: what it says itself if the service speaks that, else the preferred one.
pub fn protocol_of(model: &Model, request: &HttpRequest<'_>) -> Protocol {
    let speaks = |protocol: Protocol| model.protocols().contains(&protocol).then_some(protocol);
    let content_type = request.header("content-type").unwrap_or_default();
    let told = if request.header("smithy-protocol") == Some("rpc-v2-cbor") {
        speaks(Protocol::Cbor)
    } else if request.headers.contains_key("x-amz-target") {
        speaks(Protocol::Json11).or(speaks(Protocol::Json10))
    } else if content_type.starts_with("application/x-www-form-urlencoded")
        || (request.query.starts_with("Action=") || request.query.contains("&Action="))
    {
        speaks(Protocol::Query).or(speaks(Protocol::Ec2))
    } else {
        None
    };
    told.or(model.protocols().first().copied()).unwrap_or(Protocol::Json10)
}

/// Reads a request.
pub fn decode<'m>(model: &'m Model, request: &HttpRequest<'_>) -> Result<Decoded<'m>, Rejection> {
    let protocol = protocol_of(model, request);
    match protocol {
        Protocol::Json10 | Protocol::Json11 => json::decode_request(model, protocol, request),
        Protocol::RestJson | Protocol::RestXml => rest::decode_request(model, protocol, request),
        Protocol::Query | Protocol::Ec2 => query::decode_request(model, protocol, request),
        Protocol::Cbor => cbor::decode_request(model, request),
    }
}

/// Writes the output of an operation. Members the model does not know are left out.
pub fn encode(
    model: &Model,
    protocol: Protocol,
    operation: &Operation,
    output: &Value,
    request_id: &str,
) -> HttpResponse {
    match protocol {
        Protocol::Json10 | Protocol::Json11 => json::encode_response(model, protocol, operation, output),
        Protocol::RestJson | Protocol::RestXml => rest::encode_response(model, protocol, operation, output),
        Protocol::Query | Protocol::Ec2 => {
            query::encode_response(model, protocol, operation, output, request_id)
        }
        Protocol::Cbor => cbor::encode_response(model, operation, output),
    }
    .with("x-amzn-requestid", request_id)
}

/// Writes an error, in the form of the exception's shape if the model has it.
pub fn encode_error(
    model: &Model,
    protocol: Protocol,
    error: &Exception<'_>,
    request_id: &str,
) -> HttpResponse {
    let mut response = match protocol {
        Protocol::Json10 | Protocol::Json11 => json::encode_error(model, protocol, error),
        Protocol::RestJson | Protocol::RestXml => rest::encode_error(model, protocol, error, request_id),
        Protocol::Query | Protocol::Ec2 => query::encode_error(model, protocol, error, request_id),
        Protocol::Cbor => cbor::encode_error(model, error),
    };
    if model.metadata.query_compatible
        && matches!(protocol, Protocol::Json10 | Protocol::Json11 | Protocol::Cbor)
        && let Some(traits) = error_structure(model, error).and_then(|shape| shape.error.as_ref())
        && let Some(code) = &traits.code
    {
        let fault = if traits.is_sender { "Sender" } else { "Receiver" };
        response.set("x-amzn-query-error", &format!("{code};{fault}"));
    }
    response.with("x-amzn-requestid", request_id)
}

/// The answer to a request whose types are not the model's.
fn malformed(protocol: Protocol, operation: Option<&Operation>, why: Malformed) -> Rejection {
    let code = match protocol {
        Protocol::Query | Protocol::Ec2 => "MalformedInput",
        Protocol::RestXml => "MalformedXML",
        _ => "SerializationException",
    };
    Rejection {
        protocol,
        operation: operation.map(|operation| operation.name.clone()),
        code: code.into(),
        status: 400,
        message: why.0,
    }
}

/// The answer to a request for an operation that the service does not have.
fn unknown(protocol: Protocol, code: &'static str, status: u16, message: Option<String>) -> Rejection {
    Rejection { protocol, operation: None, code: code.into(), status, message }
}

/// A structure as JSON, for events.
pub(crate) fn structure_as_json(model: &Model, structure: &Structure, value: &Value) -> bytes::Bytes {
    let mut out = Vec::new();
    json::write_structure(&mut out, model, structure, value, json::Members::All);
    out.into()
}

/// The structure that an operation takes.
fn input_structure<'m>(model: &'m Model, operation: &Operation) -> Option<&'m Structure> {
    model.structure(operation.input?)
}

/// The structure that an operation answers with.
fn output_structure<'m>(model: &'m Model, operation: &Operation) -> Option<&'m Structure> {
    model.structure(operation.output?)
}

/// The structure of an exception, if the model has it.
fn error_structure<'m>(model: &'m Model, error: &Exception<'_>) -> Option<&'m Structure> {
    model.structure(model.exception(error.code)?)
}

/// An exception's members as a value, with the message under the name its shape gives it.
fn error_value(model: &Model, error: &Exception<'_>, message_name: &str) -> Value {
    let named = error_structure(model, error)
        .and_then(|shape| shape.members.iter().find(|member| member.name.eq_ignore_ascii_case("message")));
    let name = named.map_or(message_name, |member| &member.name);
    let mut members = Vec::new();
    if let Some(text) = error.message
        && !error.fields.iter().any(|(field, _)| *field == name)
    {
        members.push((name.to_owned(), Value::String(text.to_owned())));
    }
    members.extend(error.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Value::Map(members)
}

/// The format of a timestamp at a place, given the protocol's default there.
fn timestamp_format(member: &Member, schema: &Schema, default: TimestampFormat) -> TimestampFormat {
    member.timestamp_format.or(schema.timestamp_format).unwrap_or(default)
}
