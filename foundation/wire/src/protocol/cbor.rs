//! Smithy RPC v2 with CBOR bodies: `POST /service/{service}/operation/{operation}`.

use bytes::Bytes;
use ciborium::Value as Cbor;

use super::{
    DEPTH_MAX, Decoded, VALUES_MAX, error_structure, error_value, input_structure, malformed,
    output_structure, unknown,
};
use crate::error::{Exception, Malformed, Rejection};
use crate::http::{HttpRequest, HttpResponse};
use crate::model::{Kind, Member, Model, Operation, Protocol, Structure};
use crate::scalar;
use crate::value::Value;

/// The tag of seconds since 1970.
const EPOCH_TAG: u64 = 1;

pub(super) fn decode_request<'m>(
    model: &'m Model,
    request: &HttpRequest<'_>,
) -> Result<Decoded<'m>, Rejection> {
    let protocol = Protocol::Cbor;
    let name = request.path.rsplit_once("/operation/").map_or("", |(_, name)| name.trim_end_matches('/'));
    let Some(operation) = model.operation(name) else {
        return Err(unknown(protocol, "UnknownOperationException", 404, None));
    };
    let input = decode_body(model, operation, request.body);
    let input = input.map_err(|why| malformed(protocol, Some(operation), why))?;
    Ok(Decoded { protocol, operation, input })
}

fn decode_body(model: &Model, operation: &Operation, body: &Bytes) -> Result<Value, Malformed> {
    match input_structure(model, operation) {
        Some(structure) if !body.is_empty() => read_structure(model, structure, body),
        _ => Ok(Value::empty()),
    }
}

/// Reads a whole body as the structure.
pub(super) fn read_structure(model: &Model, structure: &Structure, body: &Bytes) -> Result<Value, Malformed> {
    let mut rest: &[u8] = body;
    let cbor: Cbor = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEPTH_MAX)
        .map_err(|_| Malformed::SILENT)?;
    match cbor {
        Cbor::Map(pairs) if rest.is_empty() => Reader { model, left: VALUES_MAX }.structure(structure, pairs),
        _ => Err(Malformed::SILENT),
    }
}

struct Reader<'m> {
    model: &'m Model,
    left: usize,
}

impl Reader<'_> {
    fn structure(&mut self, structure: &Structure, pairs: Vec<(Cbor, Cbor)>) -> Result<Value, Malformed> {
        let mut members = Vec::with_capacity(pairs.len().min(structure.members.len()));
        for (name, cbor) in pairs {
            let Cbor::Text(name) = name else { return Err(Malformed::SILENT) };
            match structure.member(&name) {
                Some(member) if cbor != Cbor::Null => members.push((name, self.value(member, cbor)?)),
                _ => {}
            }
        }
        Ok(Value::Map(members))
    }

    fn value(&mut self, member: &Member, cbor: Cbor) -> Result<Value, Malformed> {
        let schema = self.model.schema(member.schema);
        self.left = self.left.checked_sub(1).ok_or(Malformed::SILENT)?;
        match (&schema.kind, cbor) {
            (_, Cbor::Null) => Ok(Value::Null),
            (Kind::Structure(structure), Cbor::Map(pairs)) => self.structure(structure, pairs),
            (Kind::List { member, .. }, Cbor::Array(items)) => {
                let items = items.into_iter().map(|item| self.value(member, item));
                Ok(Value::List(items.collect::<Result<_, _>>()?))
            }
            (Kind::Map { value, .. }, Cbor::Map(pairs)) => {
                let pairs = pairs.into_iter().map(|(name, item)| match name {
                    Cbor::Text(name) => Ok((name, self.value(value, item)?)),
                    _ => Err(Malformed::SILENT),
                });
                Ok(Value::Map(pairs.collect::<Result<_, _>>()?))
            }
            (Kind::String, Cbor::Text(text)) => Ok(Value::String(text)),
            (Kind::Boolean, Cbor::Bool(flag)) => Ok(Value::Bool(flag)),
            (Kind::Blob, Cbor::Bytes(bytes)) => Ok(Value::Blob(bytes.into())),
            (Kind::Integer { min, max }, Cbor::Integer(number)) => {
                let number = i64::try_from(i128::from(number)).ok();
                let number = number.filter(|number| (min..=max).contains(&number));
                number.map(Value::Int).ok_or_else(|| wrong("NUMBER_VALUE", scalar::integer_name(*max)))
            }
            (Kind::Float, Cbor::Float(number)) => Ok(Value::Float(number)),
            (Kind::Float, Cbor::Integer(number)) => Ok(Value::Float(i128::from(number) as f64)),
            (Kind::Timestamp, Cbor::Tag(EPOCH_TAG, seconds)) => {
                let seconds = match *seconds {
                    Cbor::Integer(number) => i128::from(number) as f64,
                    Cbor::Float(number) => number,
                    _ => return Err(Malformed::SILENT),
                };
                let ms = scalar::seconds_to_ms(seconds);
                ms.map(Value::Timestamp).ok_or_else(|| wrong("NUMBER_VALUE", "milliseconds since epoch"))
            }
            (_, Cbor::Array(_)) => Err(Malformed::list()),
            (_, Cbor::Map(_)) => Err(Malformed::structure()),
            (Kind::Structure(_), _) => Err(Malformed::text("Expected null")),
            (Kind::List { .. }, _) => Err(Malformed::text("Expected list or null")),
            (Kind::Map { .. }, _) => Err(Malformed::text("Expected map or null")),
            _ => Err(Malformed::SILENT),
        }
    }
}

fn wrong(found: &str, wanted: &str) -> Malformed {
    Malformed::text(format!("{found} can not be converted to {wanted}"))
}

pub(super) fn encode_response(model: &Model, operation: &Operation, output: &Value) -> HttpResponse {
    let response = HttpResponse::new(200).with("smithy-protocol", "rpc-v2-cbor");
    match output_structure(model, operation) {
        Some(structure) => body(response, write_structure(model, structure, output)),
        None => response,
    }
}

pub(super) fn encode_error(model: &Model, error: &Exception<'_>) -> HttpResponse {
    let value = error_value(model, error, "message");
    let mut pairs = vec![(Cbor::Text("__type".to_owned()), Cbor::Text(error.code.to_owned()))];
    let members = match error_structure(model, error) {
        Some(structure) => write_structure(model, structure, &value),
        None => write_plain(&value),
    };
    if let Cbor::Map(members) = members {
        pairs.extend(members);
    }
    body(HttpResponse::new(error.status).with("smithy-protocol", "rpc-v2-cbor"), Cbor::Map(pairs))
}

fn body(response: HttpResponse, cbor: Cbor) -> HttpResponse {
    let mut bytes = Vec::new();
    ciborium::ser::into_writer(&cbor, &mut bytes).expect("a value is written to memory");
    HttpResponse { body: bytes.into(), ..response.with("content-type", "application/cbor") }
}

fn write_structure(model: &Model, structure: &Structure, value: &Value) -> Cbor {
    let Value::Map(pairs) = value else { return Cbor::Map(Vec::new()) };
    let members = pairs.iter().filter(|(_, value)| *value != Value::Null).filter_map(|(name, value)| {
        let member = structure.member(name)?;
        Some((Cbor::Text(name.clone()), write(model, member, value)))
    });
    Cbor::Map(members.collect())
}

fn write(model: &Model, member: &Member, value: &Value) -> Cbor {
    match (&model.schema(member.schema).kind, value) {
        (Kind::Structure(structure), Value::Map(_)) => write_structure(model, structure, value),
        (Kind::List { member, .. }, Value::List(items)) => {
            Cbor::Array(items.iter().map(|item| write(model, member, item)).collect())
        }
        (Kind::Map { value: member, .. }, Value::Map(pairs)) => {
            let pairs =
                pairs.iter().map(|(name, item)| (Cbor::Text(name.clone()), write(model, member, item)));
            Cbor::Map(pairs.collect())
        }
        _ => write_plain(value),
    }
}

fn write_plain(value: &Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(flag) => Cbor::Bool(*flag),
        Value::Int(number) => Cbor::Integer((*number).into()),
        Value::Float(number) => Cbor::Float(*number),
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Blob(bytes) => Cbor::Bytes(bytes.to_vec()),
        Value::Timestamp(ms) => Cbor::Tag(EPOCH_TAG, Box::new(Cbor::Float(*ms as f64 / 1000.0))),
        Value::List(items) => Cbor::Array(items.iter().map(write_plain).collect()),
        Value::Map(pairs) => Cbor::Map(
            pairs.iter().map(|(name, item)| (Cbor::Text(name.clone()), write_plain(item))).collect(),
        ),
    }
}
