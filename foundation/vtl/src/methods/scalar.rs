//! Methods of numbers and booleans.

use std::cmp::Ordering;

use super::{Called, Outcome, value};
use crate::number::{as_float, compare};
use crate::value::Value;

pub(super) fn call(target: &Value, name: &str, arguments: &[Value]) -> Called {
    if let Value::Bool(b) = target {
        return match (name, arguments) {
            ("booleanValue", []) => value(*b),
            ("parseBoolean" | "valueOf", [Value::Text(text)]) => value(text.eq_ignore_ascii_case("true")),
            _ => Ok(Outcome::Unknown),
        };
    }
    let whole = || match target {
        Value::Integer(i) => *i,
        // As Java's narrowing: towards zero, and saturating.
        other => as_float(other).unwrap_or(0.0) as i64 as i128,
    };
    match (name, arguments) {
        ("intValue", []) => match target {
            Value::Integer(i) => value(i128::from(*i as i32)),
            other => value(i128::from(as_float(other).unwrap_or(0.0) as i32)),
        },
        ("longValue", []) => value(i128::from(whole() as i64)),
        ("shortValue", []) => value(i128::from(whole() as i16)),
        ("byteValue", []) => value(i128::from(whole() as i8)),
        ("doubleValue" | "floatValue", []) => value(as_float(target).unwrap_or(f64::NAN)),
        ("isNaN", []) if is_float(target) => value(as_float(target).is_some_and(f64::is_nan)),
        ("isInfinite", []) if is_float(target) => value(as_float(target).is_some_and(f64::is_infinite)),
        ("parseInt" | "parseLong", [Value::Text(text)]) if !is_float(target) => integer(text),
        ("valueOf", [Value::Text(text)]) if !is_float(target) => integer(text),
        ("valueOf", [Value::Integer(i)]) if !is_float(target) => value(*i),
        ("parseDouble" | "valueOf", [Value::Text(text)]) if is_float(target) => {
            match text.trim().parse::<f64>() {
                Ok(number) => value(number),
                Err(_) => Err(format!("java.lang.NumberFormatException: For input string: \"{text}\"")),
            }
        }
        ("valueOf", [other @ Value::Float(_)]) if is_float(target) => Ok(Outcome::Value(other.clone())),
        ("max", [Value::Integer(a), Value::Integer(b)]) if !is_float(target) => value(*a.max(b)),
        ("min", [Value::Integer(a), Value::Integer(b)]) if !is_float(target) => value(*a.min(b)),
        ("sum", [Value::Integer(a), Value::Integer(b)]) if !is_float(target) => value(a.wrapping_add(*b)),
        ("signum", [Value::Integer(a)]) if !is_float(target) => value(a.signum()),
        ("toHexString", [Value::Integer(a)]) if !is_float(target) => value(format!("{:x}", *a as i32)),
        ("toBinaryString", [Value::Integer(a)]) if !is_float(target) => value(format!("{:b}", *a as i32)),
        ("toString", [other @ (Value::Integer(_) | Value::Float(_))]) => {
            value(crate::text::to_text_unbounded(other))
        }
        _ => Ok(Outcome::Unknown),
    }
}

fn is_float(value: &Value) -> bool {
    matches!(value, Value::Float(_))
}

/// `compareTo`, for values of one class.
pub(super) fn compare_to(target: &Value, other: &Value) -> Called {
    match (target, other) {
        (Value::Text(left), Value::Text(right)) => value(super::string::compare(left, right)),
        (Value::Bool(left), Value::Bool(right)) => value(order(left.cmp(right))),
        (Value::Integer(_), Value::Integer(_)) | (Value::Float(_), Value::Float(_)) => {
            value(order(compare(target, other).unwrap_or(Ordering::Equal)))
        }
        (_, Value::Null) => Err("java.lang.NullPointerException".to_owned()),
        _ => Err("java.lang.ClassCastException".to_owned()),
    }
}

fn order(order: Ordering) -> i128 {
    match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

fn integer(text: &str) -> Called {
    match text.parse::<i64>() {
        Ok(number) => value(i128::from(number)),
        Err(_) => Err(format!("java.lang.NumberFormatException: For input string: \"{text}\"")),
    }
}
