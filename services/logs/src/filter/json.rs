//! Patterns for JSON events: `{ ($.a.b = "x*" || $.c[0] > 5) && $.d IS TRUE }`.
//!
//! `&&` binds closer than `||`. An event that is not JSON never matches; nor does a comparison whose property is not there or is an object.

use serde_json::Value;

use super::condition::{Condition, Scanner};
use super::invalid;
use crate::error::Error;

/// Deepest nesting of parentheses.
const DEPTH_MAX: usize = 32;

#[derive(Debug)]
enum Step {
    Name(String),
    Index(usize),
    Any,
}

#[derive(Debug)]
enum Test {
    Compare(Condition),
    IsNull,
    Is(bool),
    NotExists,
}

/// A parsed expression.
#[derive(Debug)]
pub enum Expression {
    /// All of them.
    And(Vec<Expression>),
    /// Any of them.
    Or(Vec<Expression>),
    /// One property.
    #[allow(private_interfaces, reason = "only this file looks inside")]
    Property(Vec<Step>, Test),
}

impl Expression {
    /// True if the document is wanted.
    pub fn matches(&self, document: &Value) -> bool {
        match self {
            Expression::And(all) => all.iter().all(|part| part.matches(document)),
            Expression::Or(any) => any.iter().any(|part| part.matches(document)),
            Expression::Property(steps, test) => {
                let mut found = vec![document];
                for step in steps {
                    found = found.into_iter().flat_map(|value| enter(value, step)).collect();
                }
                match test {
                    Test::NotExists => found.is_empty(),
                    Test::IsNull => found.iter().any(|value| value.is_null()),
                    Test::Is(wanted) => found.iter().any(|value| value.as_bool() == Some(*wanted)),
                    Test::Compare(condition) => found.iter().any(|value| compare(value, condition)),
                }
            }
        }
    }
}

fn enter<'a>(value: &'a Value, step: &Step) -> Vec<&'a Value> {
    match (step, value) {
        (Step::Any, Value::Array(items)) => items.iter().collect(),
        (Step::Any, _) => Vec::new(),
        (Step::Index(index), value) => value.get(index).into_iter().collect(),
        (Step::Name(name), value) => value.get(name).into_iter().collect(),
    }
}

fn compare(value: &Value, condition: &Condition) -> bool {
    match value {
        Value::String(text) => condition.meets_text(text),
        Value::Number(number) => number.as_f64().is_some_and(|number| condition.meets_number(number)),
        Value::Bool(flag) => condition.meets_text(if *flag { "true" } else { "false" }),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Parses what is between the braces.
pub fn parse(text: &str) -> Result<Expression, Error> {
    let mut scanner = Scanner::new(text);
    let expression = or(&mut scanner, DEPTH_MAX)?;
    if scanner.is_done() { Ok(expression) } else { Err(invalid()) }
}

fn or(scanner: &mut Scanner, depth: usize) -> Result<Expression, Error> {
    let mut parts = vec![and(scanner, depth)?];
    while scanner.take("||") {
        parts.push(and(scanner, depth)?);
    }
    Ok(Expression::Or(parts))
}

fn and(scanner: &mut Scanner, depth: usize) -> Result<Expression, Error> {
    let mut parts = vec![single(scanner, depth)?];
    while scanner.take("&&") {
        parts.push(single(scanner, depth)?);
    }
    Ok(Expression::And(parts))
}

fn single(scanner: &mut Scanner, depth: usize) -> Result<Expression, Error> {
    if scanner.take("(") {
        let inner = or(scanner, depth.checked_sub(1).ok_or_else(invalid)?)?;
        return if scanner.take(")") { Ok(inner) } else { Err(invalid()) };
    }
    let steps = selector(scanner)?;
    if scanner.take_word("NOT") {
        return if scanner.take_word("EXISTS") {
            Ok(Expression::Property(steps, Test::NotExists))
        } else {
            Err(invalid())
        };
    }
    if scanner.take_word("IS") {
        let tests = [("NULL", Test::IsNull), ("TRUE", Test::Is(true)), ("FALSE", Test::Is(false))];
        let test = tests.into_iter().find(|(word, _)| scanner.take_word(word)).ok_or_else(invalid)?.1;
        return Ok(Expression::Property(steps, test));
    }
    let comparison = scanner.take_comparison().ok_or_else(invalid)?;
    let condition = scanner.take_condition(comparison, &[')', '('])?;
    Ok(Expression::Property(steps, Test::Compare(condition)))
}

fn selector(scanner: &mut Scanner) -> Result<Vec<Step>, Error> {
    if !scanner.take("$") {
        return Err(invalid());
    }
    let mut steps = Vec::new();
    loop {
        let dot = scanner.starts_with('.') && scanner.take(".");
        if scanner.starts_with('[') {
            scanner.take("[");
            steps.push(bracket(scanner)?);
        } else if dot {
            let name = scanner.take_while(|c| c.is_alphanumeric() || "_-@:/".contains(c));
            if name.is_empty() {
                return Err(invalid());
            }
            steps.push(Step::Name(name.to_owned()));
        } else {
            return Ok(steps);
        }
    }
}

fn bracket(scanner: &mut Scanner) -> Result<Step, Error> {
    let step = if scanner.take("'") {
        Step::Name(scanner.take_quoted('\'')?)
    } else if scanner.take("\"") {
        Step::Name(scanner.take_quoted('"')?)
    } else if scanner.take("*") {
        Step::Any
    } else {
        Step::Index(scanner.take_while(|c| c.is_ascii_digit()).parse().map_err(|_| invalid())?)
    };
    if scanner.take("]") { Ok(step) } else { Err(invalid()) }
}
