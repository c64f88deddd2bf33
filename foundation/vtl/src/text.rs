//! What values print: Java's `toString`, and JSON for the arrays of JSON documents. Also equality and hash codes.
//!
//! Every byte is charged to the budget, so that a small collection that contains another a thousand times ends.

use crate::budget::{Budget, Limits};
use crate::number::{self, float_text};
use crate::value::{Flavor, Key, Value};

/// Levels of collections that are printed, compared or hashed.
const DEPTH_MAX: usize = 200;

/// What a value prints; None prints the reference's source.
pub(crate) fn to_text(value: &Value, budget: &Budget) -> Result<Option<String>, String> {
    let mut text = String::new();
    match value {
        Value::Null => return Ok(None),
        Value::Object(object) => return Ok(object.text()),
        value => write(&mut text, value, budget, 0)?,
    }
    Ok(Some(text))
}

/// The text of a value that is small: for messages and debugging.
pub(crate) fn to_text_unbounded(value: &Value) -> String {
    let budget = Budget::new(&Limits::default());
    to_text(value, &budget).ok().flatten().unwrap_or_else(|| "null".to_owned())
}

fn write(out: &mut String, value: &Value, budget: &Budget, depth: usize) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err("a collection is nested too deeply to print".to_owned());
    }
    let before = out.len();
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Integer(i) => out.push_str(&i.to_string()),
        Value::Float(f) => out.push_str(&float_text(*f)),
        Value::Text(text) => out.push_str(text),
        Value::List(list) if list.0.flavor == Flavor::Json => {
            return write_json(out, value, budget, true, depth);
        }
        Value::List(list) => {
            out.push('[');
            for (i, item) in list.0.items.borrow().iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                write(out, item, budget, depth + 1)?;
            }
            out.push(']');
            return budget.charge(2 + 2 * list.len());
        }
        Value::Map(map) => {
            out.push('{');
            for (i, (key, item)) in map.0.entries.borrow().iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                write(out, &key.to_value(), budget, depth + 1)?;
                out.push('=');
                write(out, item, budget, depth + 1)?;
            }
            out.push('}');
            return budget.charge(2 + 3 * map.len());
        }
        Value::Entry(entry) => {
            write(out, &entry.0, budget, depth + 1)?;
            out.push('=');
            write(out, &entry.1, budget, depth + 1)?;
            return budget.charge(1);
        }
        Value::Iterator(_) => out.push_str("iterator"),
        Value::Block(_) => {}
        Value::Object(object) => out.push_str(object.text().as_deref().unwrap_or("null")),
    }
    budget.charge(out.len() - before)
}

/// A value as JSON. `web` escapes slashes too, which json-smart does when it prints an array, but not when it is asked for JSON.
pub(crate) fn write_json(
    out: &mut String,
    value: &Value,
    budget: &Budget,
    web: bool,
    depth: usize,
) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err("a collection is nested too deeply to print".to_owned());
    }
    let before = out.len();
    match value {
        Value::Text(text) => write_json_string(out, text, web),
        Value::List(list) => {
            out.push('[');
            for (i, item) in list.0.items.borrow().iter().enumerate() {
                out.push_str(if i == 0 { "" } else { "," });
                write_json(out, item, budget, web, depth + 1)?;
            }
            out.push(']');
            return budget.charge(2 + list.len());
        }
        Value::Map(map) => {
            out.push('{');
            for (i, (key, item)) in map.0.entries.borrow().iter().enumerate() {
                out.push_str(if i == 0 { "" } else { "," });
                let start = out.len();
                match key {
                    Key::Text(name) => write_json_string(out, name, web),
                    other => write_json_string(out, &to_text_unbounded(&other.to_value()), web),
                }
                out.push(':');
                budget.charge(out.len() - start)?;
                write_json(out, item, budget, web, depth + 1)?;
            }
            out.push('}');
            return budget.charge(2 + map.len());
        }
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {
            return write(out, value, budget, depth);
        }
        other => write_json_string(out, &to_text(other, budget)?.unwrap_or_default(), web),
    }
    budget.charge(out.len() - before)
}

fn write_json_string(out: &mut String, text: &str, web: bool) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '/' if web => out.push_str("\\/"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2000}'..='\u{20ff}' => {
                out.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Java's `equals`.
pub(crate) fn equals(left: &Value, right: &Value, budget: &Budget, depth: usize) -> Result<bool, String> {
    budget.step(1)?;
    if depth > DEPTH_MAX {
        return Err("a collection is nested too deeply to compare".to_owned());
    }
    Ok(match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(l), Value::Bool(r)) => l == r,
        (Value::Integer(l), Value::Integer(r)) => l == r,
        (Value::Float(l), Value::Float(r)) => l.to_bits() == r.to_bits(),
        (Value::Text(l), Value::Text(r)) => l == r,
        (Value::List(l), Value::List(r)) => {
            if std::rc::Rc::ptr_eq(&l.0, &r.0) {
                return Ok(true);
            }
            let is_list = |flavor: Flavor| matches!(flavor, Flavor::List | Flavor::Json);
            if l.0.flavor != r.0.flavor && !(is_list(l.0.flavor) && is_list(r.0.flavor)) {
                return Ok(false);
            }
            let (l, r) = (l.0.items.borrow(), r.0.items.borrow());
            if l.len() != r.len() {
                return Ok(false);
            }
            for (l, r) in l.iter().zip(r.iter()) {
                if !equals(l, r, budget, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Map(l), Value::Map(r)) => {
            if std::rc::Rc::ptr_eq(&l.0, &r.0) {
                return Ok(true);
            }
            let (l, r) = (l.0.entries.borrow(), r.0.entries.borrow());
            if l.len() != r.len() {
                return Ok(false);
            }
            for (key, l) in l.iter() {
                match r.get(key) {
                    Some(r) if equals(l, r, budget, depth + 1)? => {}
                    _ => return Ok(false),
                }
            }
            true
        }
        (Value::Entry(l), Value::Entry(r)) => {
            equals(&l.0, &r.0, budget, depth + 1)? && equals(&l.1, &r.1, budget, depth + 1)?
        }
        (Value::Object(l), Value::Object(r)) => std::rc::Rc::ptr_eq(l, r),
        (Value::Iterator(l), Value::Iterator(r)) => std::rc::Rc::ptr_eq(l, r),
        _ => false,
    })
}

/// Velocity's `==`: numbers by value, values of one class by `equals`, anything else by what it prints.
pub(crate) fn loosely_equal(left: &Value, right: &Value, budget: &Budget) -> Result<bool, String> {
    if let Some(order) = number::compare(left, right) {
        return Ok(order.is_eq());
    }
    match (left, right) {
        (Value::Null, Value::Null) => Ok(true),
        (Value::Null, _) | (_, Value::Null) => Ok(false),
        (Value::Bool(_), Value::Bool(_))
        | (Value::Text(_), Value::Text(_))
        | (Value::List(_), Value::List(_))
        | (Value::Map(_), Value::Map(_))
        | (Value::Entry(_), Value::Entry(_)) => equals(left, right, budget, 0),
        _ => Ok(to_text(left, budget)? == to_text(right, budget)?),
    }
}

/// Java's `hashCode`.
pub(crate) fn hash(value: &Value, budget: &Budget, depth: usize) -> Result<i32, String> {
    budget.step(1)?;
    if depth > DEPTH_MAX {
        return Err("a collection is nested too deeply to hash".to_owned());
    }
    Ok(match value {
        Value::Null => 0,
        Value::Bool(b) => {
            if *b {
                1231
            } else {
                1237
            }
        }
        Value::Integer(i) => i32::try_from(*i).unwrap_or((*i as i64 ^ (*i as i64 >> 32)) as i32),
        Value::Float(f) => (f.to_bits() ^ (f.to_bits() >> 32)) as i32,
        Value::Text(text) => {
            text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
        }
        Value::List(list) => {
            if list.0.flavor == Flavor::Set {
                let mut hashed = 0i32;
                for item in list.0.items.borrow().iter() {
                    hashed = hashed.wrapping_add(hash(item, budget, depth + 1)?);
                }
                return Ok(hashed);
            }
            let mut hashed = 1i32;
            for item in list.0.items.borrow().iter() {
                hashed = hashed.wrapping_mul(31).wrapping_add(hash(item, budget, depth + 1)?);
            }
            hashed
        }
        Value::Map(map) => {
            let mut hashed = 0i32;
            for (key, item) in map.0.entries.borrow().iter() {
                hashed = hashed
                    .wrapping_add(hash(&key.to_value(), budget, depth + 1)? ^ hash(item, budget, depth + 1)?);
            }
            hashed
        }
        Value::Entry(entry) => hash(&entry.0, budget, depth + 1)? ^ hash(&entry.1, budget, depth + 1)?,
        Value::Iterator(_) | Value::Block(_) | Value::Object(_) => 0,
    })
}
