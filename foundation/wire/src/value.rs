//! One tree for what every AWS protocol carries.
//!
//! Structure members keep the order in which they were put; a member that is absent is not in the list.
//! Large payloads are [`Bytes`], shared and never copied through the tree.

use bytes::Bytes;

/// A decoded input, output or error member of any AWS operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// JSON `null` inside a list or map that may hold it; an absent structure member is simply left out.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// byte, short, integer and long.
    Int(i64),
    /// float and double.
    Float(f64),
    /// string and enum.
    String(String),
    /// blob.
    Blob(Bytes),
    /// timestamp, in milliseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// list and set.
    List(Vec<Value>),
    /// structure, union and map, as name-value pairs in order.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// An empty structure.
    pub fn empty() -> Value {
        Value::Map(Vec::new())
    }

    /// The member `name` of a structure or map, if it is there.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Map(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Takes the member `name` out of a structure or map.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let Value::Map(members) = self else { return None };
        let at = members.iter().position(|(key, _)| key == name)?;
        Some(members.swap_remove(at).1)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// What kind of value this is, for error texts.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Int(_) => "integer",
            Value::Float(_) => "double",
            Value::String(_) => "string",
            Value::Blob(_) => "blob",
            Value::Timestamp(_) => "timestamp",
            Value::List(_) => "list",
            Value::Map(_) => "structure",
        }
    }
}
