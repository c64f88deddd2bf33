//! Arithmetic and the texts of numbers, as Java has them.

use std::cmp::Ordering;

use crate::ast::Operator;
use crate::value::Value;

/// `a op b` for two numbers. None is Velocity's null: division by zero.
pub(crate) fn calculate(left: &Value, operator: Operator, right: &Value) -> Option<Value> {
    if let (Value::Integer(l), Value::Integer(r)) = (left, right) {
        let exact = match operator {
            Operator::Add => l.checked_add(*r),
            Operator::Subtract => l.checked_sub(*r),
            Operator::Multiply => l.checked_mul(*r),
            Operator::Divide if *r == 0 => return None,
            Operator::Remainder if *r == 0 => return None,
            Operator::Divide => l.checked_div(*r),
            Operator::Remainder => l.checked_rem(*r),
            _ => None,
        };
        if let Some(exact) = exact {
            return Some(Value::Integer(exact));
        }
    }
    let (l, r) = (as_float(left)?, as_float(right)?);
    Some(Value::Float(match operator {
        Operator::Add => l + r,
        Operator::Subtract => l - r,
        Operator::Multiply => l * r,
        Operator::Divide if r == 0.0 => return None,
        Operator::Remainder if r == 0.0 => return None,
        Operator::Divide => l / r,
        Operator::Remainder => l % r,
        _ => return None,
    }))
}

/// How two numbers compare; None if one is no number.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Integer(l), Value::Integer(r)) => Some(l.cmp(r)),
        _ => as_float(left)?.partial_cmp(&as_float(right)?),
    }
}

pub(crate) fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(i) => Some(*i as f64),
        Value::Float(f) => Some(*f),
        _ => None,
    }
}

/// Java's `Double.toString`.
pub(crate) fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if number == 0.0 {
        return if number.is_sign_negative() { "-0.0" } else { "0.0" }.to_owned();
    }
    let magnitude = number.abs();
    if (1e-3..1e7).contains(&magnitude) {
        let text = number.to_string();
        return if text.contains('.') { text } else { text + ".0" };
    }
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    if digits.contains('.') { format!("{digits}E{exponent}") } else { format!("{digits}.0E{exponent}") }
}
