//! JSON bodies, and the json 1.0 and 1.1 protocols around them.
//!
//! AWS answers a wrong type with a `SerializationException` whose text names the two types; a body that is not JSON at all gets
//! one without a text.

use bytes::Bytes;
use serde_json::Value as Json;

use super::{
    DEPTH_MAX, Decoded, VALUES_MAX, error_structure, error_value, input_structure, malformed,
    output_structure, timestamp_format, unknown,
};
use crate::error::{Exception, Malformed, Rejection};
use crate::http::{HttpRequest, HttpResponse};
use crate::model::{Kind, Location, Member, Model, Operation, Protocol, Structure, TimestampFormat};
use crate::scalar;
use crate::value::Value;

pub(super) fn decode_request<'m>(
    model: &'m Model,
    protocol: Protocol,
    request: &HttpRequest<'_>,
) -> Result<Decoded<'m>, Rejection> {
    let target = request.header("x-amz-target").unwrap_or_default();
    // `DynamoDB_20120810.ListTables`; the service was chosen by what stands before the last dot.
    let name = target.rsplit_once('.').map_or(target, |(_, name)| name);
    let Some(operation) = model.operation(name) else {
        return Err(unknown(protocol, "UnknownOperationException", 400, None));
    };
    let input = match input_structure(model, operation) {
        Some(structure) => decode_body(model, structure, request.body, Members::All),
        None => parse(request.body).map(|_| Value::empty()),
    };
    let input = input.map_err(|why| malformed(protocol, Some(operation), why))?;
    Ok(Decoded { protocol, operation, input })
}

pub(super) fn encode_response(
    model: &Model,
    protocol: Protocol,
    operation: &Operation,
    output: &Value,
) -> HttpResponse {
    let response = HttpResponse::new(200).with("content-type", content_type(protocol));
    let mut body = Vec::new();
    // An operation without output answers with nothing, which clients read as an empty structure.
    if let Some(structure) = output_structure(model, operation) {
        write_structure(&mut body, model, structure, output, Members::All);
    }
    HttpResponse { body: body.into(), ..response }
}

pub(super) fn encode_error(model: &Model, protocol: Protocol, error: &Exception<'_>) -> HttpResponse {
    let mut body = Vec::new();
    body.extend_from_slice(b"{\"__type\":");
    write_string(&mut body, &format!("{}{}", type_namespace(model, protocol, error.code), error.code));
    write_error_members(&mut body, model, error, b",");
    body.push(b'}');
    let response = HttpResponse::new(error.status).with("content-type", content_type(protocol));
    HttpResponse { body: body.into(), ..response }
}

/// The members of an exception, without braces; `before` goes in front of the first if there is any.
pub(super) fn write_error_members(out: &mut Vec<u8>, model: &Model, error: &Exception<'_>, before: &[u8]) {
    // Errors raised by AWS's framework instead of the service spell it with a capital.
    let capital = matches!(error.code, "SerializationException" | "AccessDeniedException");
    let value = error_value(model, error, if capital { "Message" } else { "message" });
    let mut members = Vec::new();
    match error_structure(model, error) {
        // CloudWatch Logs: its exceptions have no members in the model, and a message all the same.
        Some(structure) if structure.members.is_empty() => write_plain(&mut members, &value),
        Some(structure) => write_structure(&mut members, model, structure, &value, Members::Response),
        None => write_plain(&mut members, &value),
    }
    if let Some(inner) = members.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"))
        && !inner.is_empty()
    {
        out.extend_from_slice(before);
        out.extend_from_slice(inner);
    }
}

/// json 1.0 services put a name space before the code of an error.
fn type_namespace(model: &Model, protocol: Protocol, code: &str) -> String {
    if protocol != Protocol::Json10 {
        return String::new();
    }
    match (model.exception(code), code) {
        (Some(_), _) => format!("{}#", model.namespace()),
        (None, "ValidationException") => "com.amazon.coral.validate#".to_owned(),
        (None, _) => "com.amazon.coral.service#".to_owned(),
    }
}

fn content_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Json10 => "application/x-amz-json-1.0",
        _ => "application/x-amz-json-1.1",
    }
}

/// Which members of a structure are in the body.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Members {
    /// All: the protocol has no other place.
    All,
    /// Those of a request that have no other place.
    Request,
    /// Those of a response: labels and query parameters do not exist there.
    Response,
}

impl Members {
    /// True if the member is in the body.
    pub(super) fn has(self, member: &Member) -> bool {
        match self {
            Members::All => true,
            Members::Request => member.location == Location::Body,
            Members::Response => {
                matches!(member.location, Location::Body | Location::Uri | Location::Query)
            }
        }
    }
}

/// Reads a whole body as the structure; an empty one is an empty structure.
pub(super) fn decode_body(
    model: &Model,
    structure: &Structure,
    body: &Bytes,
    members: Members,
) -> Result<Value, Malformed> {
    match parse(body)? {
        Json::Object(map) => Reader { model, left: VALUES_MAX }.structure(structure, map, members, 0),
        Json::Array(_) => Err(Malformed::list()),
        _ => Err(Malformed::SILENT),
    }
}

/// Reads a body that is one member.
pub(super) fn decode_payload(model: &Model, member: &Member, body: &Bytes) -> Result<Value, Malformed> {
    let json = serde_json::from_slice(body).map_err(|_| Malformed::SILENT)?;
    Reader { model, left: VALUES_MAX }.member(member, json, 0)
}

fn parse(body: &Bytes) -> Result<Json, Malformed> {
    match body.iter().all(u8::is_ascii_whitespace) {
        true => Ok(Json::Object(serde_json::Map::new())),
        // serde_json refuses what is nested deeper than 128.
        false => serde_json::from_slice(body).map_err(|_| Malformed::SILENT),
    }
}

struct Reader<'m> {
    model: &'m Model,
    /// How many values may still come.
    left: usize,
}

impl Reader<'_> {
    fn structure(
        &mut self,
        structure: &Structure,
        mut json: serde_json::Map<String, Json>,
        which: Members,
        depth: usize,
    ) -> Result<Value, Malformed> {
        let mut members = Vec::with_capacity(json.len().min(structure.members.len()));
        for member in &structure.members {
            if !which.has(member) {
                continue;
            }
            match json.swap_remove(member.wire_name()) {
                None | Some(Json::Null) => {}
                Some(json) => members.push((member.name.to_string(), self.member(member, json, depth)?)),
            }
        }
        Ok(Value::Map(members))
    }

    fn member(&mut self, member: &Member, json: Json, depth: usize) -> Result<Value, Malformed> {
        let schema = self.model.schema(member.schema);
        if depth >= DEPTH_MAX || self.left == 0 {
            return Err(Malformed::SILENT);
        }
        self.left -= 1;
        match (&schema.kind, json) {
            (_, Json::Null) => Ok(Value::Null),
            (Kind::Document, json) => Ok(document(json)),
            (Kind::Structure(structure), Json::Object(map)) => {
                self.structure(structure, map, Members::All, depth + 1)
            }
            (Kind::Map { value, .. }, Json::Object(map)) => {
                let pairs =
                    map.into_iter().map(|(name, json)| Ok((name, self.member(value, json, depth + 1)?)));
                Ok(Value::Map(pairs.collect::<Result<_, _>>()?))
            }
            (Kind::List { member, .. }, Json::Array(items)) => {
                let items = items.into_iter().map(|json| self.member(member, json, depth + 1));
                Ok(Value::List(items.collect::<Result<_, _>>()?))
            }
            (_, Json::Array(_)) => Err(Malformed::list()),
            (_, Json::Object(_)) => Err(Malformed::structure()),
            (Kind::Structure(_), _) => Err(Malformed::text("Expected null")),
            (Kind::List { .. }, _) => Err(Malformed::text("Expected list or null")),
            (Kind::Map { .. }, _) => Err(Malformed::text("Expected map or null")),
            (Kind::String, Json::String(text)) => Ok(Value::String(text)),
            (Kind::Boolean, Json::Bool(flag)) => Ok(Value::Bool(flag)),
            (Kind::Boolean, Json::String(text)) => boolean(&text),
            (Kind::Blob, Json::String(text)) => scalar::parse_base64(&text).map(Value::Blob),
            (Kind::Integer { min, max }, Json::Number(number)) => {
                // A fraction is cut off, as AWS does.
                let whole = number.as_i64().or_else(|| number.as_f64().map(|float| float as i64));
                let fits = whole.filter(|whole| (min..=max).contains(&whole));
                fits.map(Value::Int).ok_or_else(|| wrong("NUMBER_VALUE", scalar::integer_name(*max)))
            }
            (Kind::Float, Json::Number(number)) => Ok(Value::Float(number.as_f64().unwrap_or(f64::NAN))),
            (Kind::Float, Json::String(text)) if matches!(&*text, "NaN" | "Infinity" | "-Infinity") => {
                Ok(Value::Float(scalar::parse_float(&text).unwrap_or(f64::NAN)))
            }
            (Kind::Timestamp, Json::Number(number)) => {
                let ms = number.as_f64().and_then(scalar::seconds_to_ms);
                ms.map(Value::Timestamp).ok_or_else(|| wrong("NUMBER_VALUE", "milliseconds since epoch"))
            }
            (Kind::Timestamp, Json::String(text)) => {
                let format = timestamp_format(member, schema, TimestampFormat::UnixSeconds);
                match format {
                    TimestampFormat::UnixSeconds => Err(wrong("STRING_VALUE", "milliseconds since epoch")),
                    _ => scalar::parse(schema, &text, format),
                }
            }
            (kind, json) => Err(wrong(token(&json), type_name(kind))),
        }
    }
}

/// AWS takes a few words for booleans, whatever their case.
fn boolean(text: &str) -> Result<Value, Malformed> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "1" => Ok(Value::Bool(true)),
        "false" | "no" | "n" | "f" | "0" => Ok(Value::Bool(false)),
        _ => Err(wrong("STRING_VALUE", "an Boolean")),
    }
}

fn wrong(found: &str, wanted: &str) -> Malformed {
    Malformed::text(format!("{found} can not be converted to {wanted}"))
}

fn token(json: &Json) -> &'static str {
    match json {
        Json::Bool(true) => "TRUE_VALUE",
        Json::Bool(false) => "FALSE_VALUE",
        Json::Number(_) => "NUMBER_VALUE",
        _ => "STRING_VALUE",
    }
}

fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Integer { max, .. } => scalar::integer_name(*max),
        Kind::Float => "a Double",
        Kind::Boolean => "a Boolean",
        Kind::Blob => "a Blob",
        Kind::Timestamp => "milliseconds since epoch",
        _ => "a String",
    }
}

/// Any JSON as a value.
pub(crate) fn document(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(flag),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::String(text),
        Json::Array(items) => Value::List(items.into_iter().map(document).collect()),
        Json::Object(map) => {
            Value::Map(map.into_iter().map(|(name, value)| (name, document(value))).collect())
        }
    }
}

/// Writes a structure's body members in the order the value has them.
pub(super) fn write_structure(
    out: &mut Vec<u8>,
    model: &Model,
    structure: &Structure,
    value: &Value,
    which: Members,
) {
    let Value::Map(pairs) = value else { return out.extend_from_slice(b"{}") };
    let start = out.len();
    out.push(b'{');
    for (name, value) in pairs {
        let Some(member) = structure.member(name) else { continue };
        if !which.has(member) || *value == Value::Null {
            continue;
        }
        if out.len() > start + 1 {
            out.push(b',');
        }
        write_string(out, member.wire_name());
        out.push(b':');
        write_member(out, model, member, value);
    }
    out.push(b'}');
}

/// Writes one value at its place in the model.
pub(super) fn write_member(out: &mut Vec<u8>, model: &Model, member: &Member, value: &Value) {
    let schema = model.schema(member.schema);
    match (&schema.kind, value) {
        (Kind::Structure(structure), Value::Map(_)) => {
            write_structure(out, model, structure, value, Members::All);
        }
        (Kind::List { member, .. }, Value::List(items)) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_member(out, model, member, item);
            }
            out.push(b']');
        }
        (Kind::Map { value: member, .. }, Value::Map(pairs)) => {
            out.push(b'{');
            for (at, (name, item)) in pairs.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_string(out, name);
                out.push(b':');
                write_member(out, model, member, item);
            }
            out.push(b'}');
        }
        (_, Value::Timestamp(ms)) => match timestamp_format(member, schema, TimestampFormat::UnixSeconds) {
            TimestampFormat::UnixSeconds => {
                out.extend_from_slice(scalar::format_unix_seconds(*ms).as_bytes());
            }
            format => write_string(out, &scalar::format_timestamp(*ms, format)),
        },
        _ => write_plain(out, value),
    }
}

/// Writes a value that has no model: documents, and the members of errors without a shape.
pub(super) fn write_plain(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
        Value::Int(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::Float(number) if number.is_finite() => {
            out.extend_from_slice(scalar::format_float(*number).as_bytes());
        }
        Value::Float(number) => write_string(out, &scalar::format_float(*number)),
        Value::String(text) => write_string(out, text),
        Value::Blob(_) => write_string(out, &scalar::format(value, TimestampFormat::UnixSeconds)),
        Value::Timestamp(ms) => out.extend_from_slice(scalar::format_unix_seconds(*ms).as_bytes()),
        Value::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_plain(out, item);
            }
            out.push(b']');
        }
        Value::Map(pairs) => {
            out.push(b'{');
            for (at, (name, item)) in pairs.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_string(out, name);
                out.push(b':');
                write_plain(out, item);
            }
            out.push(b'}');
        }
    }
}

fn write_string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a string is written to memory");
}
