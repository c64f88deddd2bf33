//! The Java methods and properties that values have.
//!
//! A method that does not exist, or not for these arguments, answers [`Outcome::Unknown`]: the reference prints its source, as in Velocity. One that Java would
//! let fail is an error and ends the template.

mod list;
mod map;
mod scalar;
mod string;

use crate::budget::Budget;
use crate::text::{equals, hash, to_text};
use crate::value::{Flavor, Key, Value};

/// What came of a call.
pub(crate) enum Outcome {
    /// A value, which may be null.
    Value(Value),
    /// No such method.
    Unknown,
}

pub(crate) type Called = Result<Outcome, String>;

pub(crate) fn value(value: impl Into<Value>) -> Called {
    Ok(Outcome::Value(value.into()))
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<i128> for Value {
    fn from(value: i128) -> Value {
        Value::Integer(value)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Value {
        Value::Integer(value as i128)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Float(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::text(value)
    }
}

/// `$target.name(arguments)`.
pub(crate) fn call(target: &Value, name: &str, arguments: &[Value], budget: &Budget) -> Called {
    budget.step(1)?;
    match (name, arguments) {
        ("equals", [other]) => return value(equals(target, other, budget, 0)?),
        ("hashCode", []) => return value(i128::from(hash(target, budget, 0)?)),
        ("compareTo", [other])
            if matches!(target, Value::Text(_) | Value::Bool(_) | Value::Integer(_) | Value::Float(_)) =>
        {
            return scalar::compare_to(target, other);
        }
        ("toString", []) if !matches!(target, Value::Object(_)) => {
            return Ok(Outcome::Value(to_text(target, budget)?.map_or(Value::Null, Value::from)));
        }
        _ => {}
    }
    match target {
        Value::Text(text) => string::call(text, name, arguments, budget),
        Value::Bool(_) | Value::Integer(_) | Value::Float(_) => scalar::call(target, name, arguments),
        Value::List(list) => list::call(list, name, arguments, budget),
        Value::Map(map) => map::call(map, name, arguments, budget),
        Value::Entry(entry) => match (name, arguments) {
            ("getKey", []) => Ok(Outcome::Value(entry.0.clone())),
            ("getValue", []) => Ok(Outcome::Value(entry.1.clone())),
            _ => Ok(Outcome::Unknown),
        },
        Value::Iterator(rest) => {
            let mut rest = rest.try_borrow_mut().map_err(|_| "an iterator is in use")?;
            match (name, arguments) {
                ("hasNext", []) => value(rest.len() > 0),
                ("next", []) => rest
                    .next()
                    .map(Outcome::Value)
                    .ok_or_else(|| "java.util.NoSuchElementException".to_owned()),
                _ => Ok(Outcome::Unknown),
            }
        }
        Value::Object(object) => match object.call(name, arguments)? {
            Some(result) => {
                if let Value::Text(text) = &result {
                    budget.charge(text.len())?;
                }
                Ok(Outcome::Value(result))
            }
            None => match object.plain() {
                Some(plain) => call(&plain, name, arguments, budget),
                None => Ok(Outcome::Unknown),
            },
        },
        Value::Null | Value::Block(_) => Ok(Outcome::Unknown),
    }
}

/// `$target.name`: a getter, a map's key, or `isName`.
pub(crate) fn property(target: &Value, name: &str, budget: &Budget) -> Result<Value, String> {
    budget.step(1)?;
    let getter = match (target, name) {
        (Value::Map(map), name) => return Ok(map.get(name).unwrap_or(Value::Null)),
        (Value::Object(object), name) => return Ok(object.property(name)),
        (Value::Entry(entry), "key" | "Key") => return Ok(entry.0.clone()),
        (Value::Entry(entry), "value" | "Value") => return Ok(entry.1.clone()),
        (Value::Text(_), "bytes" | "Bytes") => "getBytes",
        (Value::Text(_) | Value::List(_), "empty" | "Empty") => "isEmpty",
        (Value::Text(_), "blank" | "Blank") => "isBlank",
        (Value::Float(_), "naN") => "isNaN",
        (Value::Float(_), "infinite") => "isInfinite",
        _ => return Ok(Value::Null),
    };
    Ok(match call(target, getter, &[], budget)? {
        Outcome::Value(value) => value,
        Outcome::Unknown => Value::Null,
    })
}

/// `$target[index]`.
pub(crate) fn index(target: &Value, index: &Value, budget: &Budget) -> Result<Value, String> {
    budget.step(1)?;
    let index = &from_end(target, index)?;
    match (target, index) {
        (Value::List(list), Value::Integer(at))
            if !matches!(list.0.flavor, Flavor::Set | Flavor::Collection) =>
        {
            let item = usize::try_from(*at).ok().and_then(|i| list.0.items.borrow().get(i).cloned());
            item.ok_or_else(|| {
                "Error invoking method 'get(java.lang.Integer)' in java.util.ArrayList".to_owned()
            })
        }
        (Value::Map(map), key) => {
            let key = to_key(key, budget)?;
            Ok(map.0.entries.borrow().get(&key).cloned().unwrap_or(Value::Null))
        }
        (Value::Object(object), key) => match to_text(key, budget)? {
            Some(name) => Ok(object.property(&name)),
            None => Ok(Value::Null),
        },
        _ => Ok(Value::Null),
    }
}

/// A negative index counts from the end of whatever has a size; what has none refuses it.
fn from_end(target: &Value, index: &Value) -> Result<Value, String> {
    let Value::Integer(at) = index else { return Ok(index.clone()) };
    if *at >= 0 {
        return Ok(index.clone());
    }
    let size = match target {
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        _ => return Err(format!("A 'size()' method required for negative value {at} does not exist")),
    };
    Ok(Value::Integer(at.saturating_add(size as i128)))
}

/// A value as a key of a map.
pub(crate) fn to_key(value: &Value, budget: &Budget) -> Result<Key, String> {
    Ok(match value {
        Value::Null => Key::Null,
        Value::Bool(b) => Key::Bool(*b),
        Value::Integer(i) => Key::Integer(*i),
        Value::Float(f) => Key::Float(f.to_bits()),
        Value::Text(text) => Key::Text(text.clone()),
        other => Key::Text(to_text(other, budget)?.unwrap_or_default().into()),
    })
}

/// `#set($target.name = value)`. False when it cannot be.
pub(crate) fn set_property(target: &Value, name: &str, new: &Value, budget: &Budget) -> Result<bool, String> {
    match target {
        Value::Map(map) => map::put(map, Key::Text(name.into()), new.clone(), budget).map(|_| true),
        Value::Object(object) => Ok(object.set_property(name, new)),
        _ => Ok(false),
    }
}

/// `#set($target[index] = value)`. False when it cannot be.
pub(crate) fn set_index(target: &Value, at: &Value, new: &Value, budget: &Budget) -> Result<bool, String> {
    let at = &from_end(target, at)?;
    match (target, at) {
        (Value::List(list), Value::Integer(at))
            if !matches!(list.0.flavor, Flavor::Set | Flavor::Collection) =>
        {
            list::set(list, *at, new.clone(), budget).map(|_| true)
        }
        (Value::Map(map), key) => map::put(map, to_key(key, budget)?, new.clone(), budget).map(|_| true),
        (Value::Object(object), key) => match to_text(key, budget)? {
            Some(name) => Ok(object.set_property(&name, new)),
            None => Ok(false),
        },
        _ => Ok(false),
    }
}

/// What `#foreach` walks over; None if it cannot.
pub(crate) fn iterate(target: &Value) -> Result<Option<Vec<Value>>, String> {
    Ok(match target {
        Value::List(list) => Some(list.items()),
        Value::Map(map) => Some(map.0.entries.borrow().values().cloned().collect()),
        Value::Iterator(rest) => {
            Some(rest.try_borrow_mut().map_err(|_| "an iterator is in use")?.by_ref().collect())
        }
        Value::Object(object) => return object.plain().map_or(Ok(None), |plain| iterate(&plain)),
        _ => None,
    })
}

/// How often a collection grew or shrank, and its size: what Java's iterators watch.
pub(crate) fn changes(target: &Value) -> Option<(u32, usize)> {
    match target {
        Value::List(list) => Some((list.0.changes.get(), list.len())),
        Value::Map(map) => Some((map.0.changes.get(), map.len())),
        _ => None,
    }
}
