//! Values as people write them in tests and cases: JSON with the model's member names, as boto3 takes and gives them.
//!
//! Moments are ISO 8601 texts (or numbers of seconds, reading); blobs are texts, or `{"base64": "…"}` where they are not UTF-8.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value as Json, json};

use crate::model::{Kind, Model, SchemaId, TimestampFormat};
use crate::protocol;
use crate::scalar;
use crate::value::Value;

/// Parameters that do not fit the model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct ParamError {
    /// Where, from the outermost member.
    pub path: String,
    /// What is wrong.
    pub problem: String,
}

/// Reads parameters as a value of that shape. Unlike the wire it refuses members that the model does not know.
pub fn from_json(model: &Model, schema: SchemaId, json: Json) -> Result<Value, ParamError> {
    read(model, schema, json).map_err(|(path, problem)| ParamError {
        path: path.into_iter().rev().collect::<Vec<_>>().join("."),
        problem,
    })
}

/// Path from the innermost outwards, and the problem.
type Problem = (Vec<String>, String);

fn read(model: &Model, id: SchemaId, json: Json) -> Result<Value, Problem> {
    let schema = model.schema(id);
    let at = |name: String| {
        move |(mut path, problem): Problem| {
            path.push(name);
            (path, problem)
        }
    };
    let problem = |text: String| (Vec::new(), text);
    match (&schema.kind, json) {
        (_, Json::Null) => Ok(Value::Null),
        (Kind::Document, json) => Ok(protocol::document(json)),
        (Kind::Structure(structure), Json::Object(map)) => {
            let mut members = Vec::new();
            for (name, json) in map {
                let Some(member) = structure.member(&name) else {
                    return Err(problem(format!("{} has no member {name}", schema.name)));
                };
                let value = match json {
                    // JSON that travels as a string.
                    Json::Object(_) | Json::Array(_) if member.is_json_value => {
                        Value::String(json.to_string())
                    }
                    json => read(model, member.schema, json).map_err(at(name.clone()))?,
                };
                members.push((name, value));
            }
            Ok(Value::Map(members))
        }
        (Kind::Map { value, .. }, Json::Object(map)) => {
            let pairs = map.into_iter().map(|(name, json)| {
                let value = read(model, value.schema, json).map_err(at(name.clone()))?;
                Ok((name, value))
            });
            Ok(Value::Map(pairs.collect::<Result<_, _>>()?))
        }
        (Kind::List { member, .. }, Json::Array(items)) => {
            let items = items.into_iter().enumerate();
            let items = items.map(|(n, json)| read(model, member.schema, json).map_err(at(n.to_string())));
            Ok(Value::List(items.collect::<Result<_, _>>()?))
        }
        (Kind::Blob, Json::String(text)) => Ok(Value::Blob(text.into())),
        (Kind::Blob, Json::Object(map)) if map.contains_key("base64") => {
            let text = map["base64"].as_str().unwrap_or_default();
            let bytes = scalar::parse_base64(text);
            bytes.map(Value::Blob).map_err(|why| problem(why.0.unwrap_or_default()))
        }
        (Kind::String, Json::String(text)) => Ok(Value::String(text)),
        (Kind::Boolean, Json::Bool(flag)) => Ok(Value::Bool(flag)),
        (Kind::Integer { .. }, Json::Number(number)) if number.is_i64() => {
            Ok(Value::Int(number.as_i64().unwrap_or_default()))
        }
        (Kind::Float, Json::Number(number)) => Ok(Value::Float(number.as_f64().unwrap_or(f64::NAN))),
        (Kind::Timestamp, Json::Number(number)) => {
            let ms = number.as_f64().and_then(scalar::seconds_to_ms);
            ms.map(Value::Timestamp).ok_or_else(|| problem(format!("{number} is no moment")))
        }
        (Kind::Float | Kind::Timestamp, Json::String(text)) => {
            scalar::parse(schema, &text, TimestampFormat::DateTime)
                .map_err(|why| problem(why.0.unwrap_or_default()))
        }
        (_, json) => Err(problem(format!("{json} does not fit the shape {}", schema.name))),
    }
}

/// Writes a value of that shape. Members that are absent or null are left out.
pub fn to_json(model: &Model, schema: SchemaId, value: &Value) -> Json {
    match (&model.schema(schema).kind, value) {
        (Kind::Structure(structure), Value::Map(members)) => {
            let mut map = Map::new();
            for (name, value) in members.iter().filter(|(_, value)| *value != Value::Null) {
                let json = match structure.member(name) {
                    Some(member) => to_json(model, member.schema, value),
                    None => plain(value),
                };
                map.insert(name.clone(), json);
            }
            Json::Object(map)
        }
        (Kind::Map { value: item, .. }, Value::Map(pairs)) => {
            let pairs = pairs.iter().map(|(name, value)| (name.clone(), to_json(model, item.schema, value)));
            Json::Object(pairs.collect())
        }
        (Kind::List { member, .. }, Value::List(items)) => {
            Json::Array(items.iter().map(|item| to_json(model, member.schema, item)).collect())
        }
        _ => plain(value),
    }
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Int(number) => json!(number),
        Value::Float(number) if number.is_finite() => json!(number),
        Value::String(text) => json!(text),
        Value::Blob(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => json!(text),
            Err(_) => json!({ "base64": scalar::format(value, TimestampFormat::DateTime) }),
        },
        Value::Float(_) | Value::Timestamp(_) => json!(scalar::format(value, TimestampFormat::DateTime)),
        Value::List(items) => Json::Array(items.iter().map(plain).collect()),
        Value::Map(pairs) => {
            Json::Object(pairs.iter().map(|(name, value)| (name.clone(), plain(value))).collect())
        }
    }
}
