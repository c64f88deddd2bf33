//! Conversion between [`Value`] and the generated request and response structs.
//!
//! Generated code is a plain struct and two short impls that name each member once; everything else is here, compiled once.
//! A mismatch can only happen when a `Value` did not come out of the model's own decoder, and is then an internal error.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::value::Value;

/// A value that does not have the type its struct wants.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("member {member}: expected {expected}, found {found}")]
pub struct Mismatch {
    /// Name of the member, empty at the top.
    pub member: String,
    /// What the struct wants.
    pub expected: &'static str,
    /// What was there, or `nothing`.
    pub found: &'static str,
}

/// Anything that converts to and from a [`Value`]: the generated structs and the types of their members.
pub trait Shape: Sized {
    /// Builds it from a value that was decoded and validated by the model.
    fn from_value(value: Value) -> Result<Self, Mismatch>;
    /// Gives its value; absent members are left out.
    fn into_value(self) -> Value;
    /// What an absent member means: an error for a required one, `None` for an optional one.
    fn absent() -> Result<Self, Mismatch> {
        Err(Mismatch { member: String::new(), expected: "a value", found: "nothing" })
    }
    /// True for a member that is not to be written at all.
    fn is_absent(&self) -> bool {
        false
    }
}

/// The input of one operation, which knows what it asks for.
pub trait Request: Shape {
    /// The service, by the name of its folder.
    const SERVICE: &'static str;
    /// The operation.
    const OPERATION: &'static str;
    /// What success answers.
    type Response: Shape;
}

/// A structure being read member by member.
pub struct Reader(Value);

impl Reader {
    /// Opens a structure.
    pub fn new(value: Value) -> Result<Reader, Mismatch> {
        match value {
            Value::Map(_) => Ok(Reader(value)),
            other => Err(wrong("structure", &other)),
        }
    }

    /// Takes one member.
    pub fn take<T: Shape>(&mut self, name: &'static str) -> Result<T, Mismatch> {
        let taken = match self.0.take(name) {
            Some(Value::Null) | None => T::absent(),
            Some(value) => T::from_value(value),
        };
        taken.map_err(|mut mismatch| {
            mismatch.member = match mismatch.member.is_empty() {
                true => name.to_owned(),
                false => format!("{name}.{}", mismatch.member),
            };
            mismatch
        })
    }
}

/// A structure being written member by member, in the model's order.
#[derive(Default)]
pub struct Writer(Vec<(String, Value)>);

impl Writer {
    /// An empty structure with room for `members`.
    pub fn with_capacity(members: usize) -> Writer {
        Writer(Vec::with_capacity(members))
    }

    /// Adds one member, unless it is absent.
    pub fn put<T: Shape>(&mut self, name: &'static str, value: T) {
        if !value.is_absent() {
            self.0.push((name.to_owned(), value.into_value()));
        }
    }

    /// The structure.
    pub fn finish(self) -> Value {
        Value::Map(self.0)
    }
}

fn wrong(expected: &'static str, found: &Value) -> Mismatch {
    Mismatch { member: String::new(), expected, found: found.kind() }
}

impl Shape for Value {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        Ok(value)
    }
    fn into_value(self) -> Value {
        self
    }
}

impl Shape for String {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(wrong("string", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::String(self)
    }
}

impl Shape for bool {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Bool(flag) => Ok(flag),
            other => Err(wrong("boolean", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::Bool(self)
    }
}

impl Shape for i64 {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Int(number) => Ok(number),
            other => Err(wrong("integer", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::Int(self)
    }
}

impl Shape for f64 {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Float(number) => Ok(number),
            Value::Int(number) => Ok(number as f64),
            other => Err(wrong("double", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::Float(self)
    }
}

impl Shape for Bytes {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Blob(bytes) => Ok(bytes),
            other => Err(wrong("blob", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::Blob(self)
    }
}

/// A moment as the wire carries it: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

impl Shape for Timestamp {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Timestamp(ms) => Ok(Timestamp(ms)),
            other => Err(wrong("timestamp", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::Timestamp(self.0)
    }
}

impl<T: Shape> Shape for Option<T> {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        T::from_value(value).map(Some)
    }
    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
    fn absent() -> Result<Self, Mismatch> {
        Ok(None)
    }
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Shape> Shape for Box<T> {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        T::from_value(value).map(Box::new)
    }
    fn into_value(self) -> Value {
        (*self).into_value()
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            // A client's `null` in a list is a violation where the service validates, and nothing where it does not.
            Value::List(items) => {
                items.into_iter().filter(|item| *item != Value::Null).map(T::from_value).collect()
            }
            other => Err(wrong("list", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(T::into_value).collect())
    }
}

impl<T: Shape> Shape for BTreeMap<String, T> {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Map(pairs) => {
                let pairs = pairs.into_iter().filter(|(_, value)| *value != Value::Null);
                pairs.map(|(name, value)| Ok((name, T::from_value(value)?))).collect()
            }
            other => Err(wrong("map", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::Map(self.into_iter().map(|(name, value)| (name, value.into_value())).collect())
    }
}
