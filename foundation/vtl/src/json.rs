//! JSON to values and back, and paths over values.
//!
//! Arrays of a document remember that they are: they print JSON, as json-smart's do.

use std::fmt;
use std::sync::Arc;

use jsonpath::{Kind, Node};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::budget::{Budget, Limits};
use crate::number::as_float;
use crate::text::write_json;
use crate::value::{Flavor, Key, List, Map, Value};

impl Value {
    /// Parses a JSON text.
    ///
    /// # Errors
    /// What serde_json says, for texts that are not JSON or nested more than 128 levels deep.
    pub fn from_json(text: &str) -> Result<Value, String> {
        serde_json::from_str(text).map_err(|e| e.to_string())
    }

    /// The value as compact JSON.
    ///
    /// # Errors
    /// A value that is larger than [`Limits::MEMORY_BYTES`], or nested too deeply.
    pub fn to_json(&self) -> Result<String, String> {
        let mut out = String::new();
        write_json(&mut out, self, &Budget::new(&Limits::default()), false, 0)?;
        Ok(out)
    }
}

impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Value {
        // The depth of a parsed document is bounded by serde_json.
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(b) => Value::Bool(*b),
            serde_json::Value::Number(n) => match (n.as_i64(), n.as_u64()) {
                (Some(i), _) => Value::Integer(i.into()),
                (None, Some(u)) => Value::Integer(u.into()),
                (None, None) => Value::Float(n.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(s) => Value::text(s.as_str()),
            serde_json::Value::Array(items) => {
                Value::List(List::new(items.iter().map(Value::from).collect(), Flavor::Json))
            }
            serde_json::Value::Object(members) => {
                Value::map(members.iter().map(|(k, v)| (k.as_str(), Value::from(v))))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::text(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::List(List::new(items, Flavor::Json)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let map = Map::default();
        while let Some((name, value)) = access.next_entry::<String, Value>()? {
            map.0.entries.borrow_mut().insert(Key::Text(name.into()), value);
        }
        Ok(Value::Map(map))
    }
}

impl Node for Value {
    fn kind(&self) -> Kind<'_> {
        match self {
            Value::Bool(b) => Kind::Bool(*b),
            Value::Integer(_) | Value::Float(_) => Kind::Number(as_float(self).unwrap_or(f64::NAN)),
            Value::Text(text) => Kind::String(text),
            Value::List(_) => Kind::Array,
            Value::Map(_) => Kind::Object,
            Value::Null | Value::Entry(_) | Value::Iterator(_) | Value::Block(_) | Value::Object(_) => {
                Kind::Null
            }
        }
    }

    fn member(&self, name: &str) -> Option<Value> {
        if let Value::Map(map) = self { map.get(name) } else { None }
    }

    fn element(&self, index: usize) -> Option<Value> {
        if let Value::List(list) = self { list.0.items.borrow().get(index).cloned() } else { None }
    }

    fn members(&self) -> Vec<(String, Value)> {
        let Value::Map(map) = self else { return Vec::new() };
        let entries = map.0.entries.borrow();
        entries
            .iter()
            .filter_map(
                |(k, v)| if let Key::Text(name) = k { Some((name.to_string(), v.clone())) } else { None },
            )
            .collect()
    }

    fn elements(&self) -> Vec<Value> {
        if let Value::List(list) = self { list.items() } else { Vec::new() }
    }

    fn len(&self) -> usize {
        match self {
            Value::List(list) => list.len(),
            Value::Map(map) => map.len(),
            _ => 0,
        }
    }

    fn object(members: Vec<(String, Value)>) -> Value {
        Value::map(members.into_iter().map(|(k, v)| (Arc::<str>::from(k), v)))
    }

    fn array(elements: Vec<Value>) -> Value {
        Value::List(List::new(elements, Flavor::Json))
    }

    fn number(number: f64, whole: bool) -> Value {
        if whole { Value::Integer(number as i128) } else { Value::Float(number) }
    }

    fn string(text: String) -> Value {
        Value::text(text)
    }
}
