//! From an expression to its value.
//!
//! Two series meet where both have a value; a number meets every value of a series; a list is taken item by item. What has no result
//! (a division by zero, the logarithm of nothing) leaves no point.

use std::collections::{BTreeMap, HashMap};

use super::functions::call;
pub use super::functions::constant;
use super::{Expr, Op};

/// A time series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// What it is called in answers.
    pub label: String,
    /// Length of its periods, in seconds.
    pub period_s: i64,
    /// Values by the start of their period, in seconds since the epoch.
    pub points: BTreeMap<i64, f64>,
}

impl Line {
    /// The same series with other values, where there are some.
    pub fn map(&self, value: impl Fn(i64, f64) -> Option<f64>) -> Line {
        let points = self.points.iter().filter_map(|(&at, &old)| Some((at, value(at, old)?))).collect();
        Line { points, ..self.clone() }
    }
}

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A time series.
    Line(Line),
    /// Several.
    Lines(Vec<Line>),
}

/// What an expression may refer to.
pub struct Scope<'a> {
    /// The values of other queries, by id.
    pub values: &'a HashMap<String, Value>,
    /// The metrics of the request, in its order, by id.
    pub metrics: &'a [(String, Line)],
    /// Where all periods of the request begin, in seconds since the epoch.
    pub starts: &'a [i64],
    /// Length of the expression's periods, in seconds.
    pub period_s: i64,
}

/// The value; the error says why there is none.
pub fn evaluate(expr: &Expr, scope: &Scope<'_>) -> Result<Value, String> {
    match expr {
        Expr::Number(number) => Ok(Value::Number(*number)),
        Expr::Text(text) => Ok(Value::Text(text.clone())),
        Expr::Name(name) => {
            scope.values.get(name).cloned().ok_or_else(|| format!("Undefined variable {name}"))
        }
        Expr::List(items) => {
            let mut lines = Vec::new();
            for item in items {
                match evaluate(item, scope)? {
                    Value::Line(line) => lines.push(line),
                    Value::Lines(more) => lines.extend(more),
                    Value::Number(_) | Value::Text(_) => {
                        return Err("a list holds time series only".to_owned());
                    }
                }
            }
            Ok(Value::Lines(lines))
        }
        Expr::Minus(inner) => binary(Op::Minus, Value::Number(0.0), evaluate(inner, scope)?),
        Expr::Binary(op, left, right) => binary(*op, evaluate(left, scope)?, evaluate(right, scope)?),
        Expr::Call(name, arguments) => call(name, arguments, scope),
    }
}

/// `left op right`.
pub fn binary(op: Op, left: Value, right: Value) -> Result<Value, String> {
    Ok(match (left, right) {
        (Value::Text(_), _) | (_, Value::Text(_)) => {
            return Err("a text cannot be calculated with".to_owned());
        }
        (Value::Number(left), Value::Number(right)) => {
            Value::Number(op.apply(left, right).ok_or("a number of the expression is not finite")?)
        }
        (Value::Line(left), Value::Number(right)) => Value::Line(left.map(|_, value| op.apply(value, right))),
        (Value::Line(left), Value::Line(right)) => Value::Line(meet(op, &left, &right)),
        (Value::Line(left), Value::Lines(right)) => {
            let lines = right.iter().map(|line| Line { label: line.label.clone(), ..meet(op, &left, line) });
            Value::Lines(lines.collect())
        }
        (Value::Number(left), Value::Line(right)) => Value::Line(right.map(|_, value| op.apply(left, value))),
        (Value::Number(left), Value::Lines(right)) => {
            Value::Lines(right.iter().map(|line| line.map(|_, value| op.apply(left, value))).collect())
        }
        (Value::Lines(_), Value::Lines(_)) => {
            return Err("two lists of time series cannot be calculated with each other".to_owned());
        }
        (Value::Lines(left), right) => {
            let lines = left.into_iter().map(|line| match binary(op, Value::Line(line), right.clone())? {
                Value::Line(line) => Ok(line),
                _ => Err("a list of time series meets a number or a time series".to_owned()),
            });
            Value::Lines(lines.collect::<Result<_, String>>()?)
        }
    })
}

fn meet(op: Op, left: &Line, right: &Line) -> Line {
    left.map(|at, value| right.points.get(&at).and_then(|other| op.apply(value, *other)))
}
