//! Patterns for space-delimited events: `[ip, user, ..., status = 4* || status = 5*, bytes > 1000]`.
//!
//! A message's fields are what white space separates; text within `"…"` or `[…]` is one field. Without `...` there must be as many as the pattern names;
//! one `...` stands for any number of them.

use super::condition::{Condition, Scanner};
use super::invalid;
use crate::error::Error;

/// One field's conditions: any of these lists, of which all must hold. Empty: anything.
type Field = Vec<Vec<Condition>>;

/// A pattern of fields.
#[derive(Debug)]
pub struct Fields {
    before: Vec<Field>,
    /// What comes after `...`, if it is there.
    after: Option<Vec<Field>>,
}

impl Fields {
    /// True if the message has these fields.
    pub fn matches(&self, message: &str) -> bool {
        let fields = split(message);
        let after = self.after.as_deref().unwrap_or_default();
        let needed = self.before.len() + after.len();
        let counts = if self.after.is_some() { fields.len() >= needed } else { fields.len() == needed };
        counts
            && self.before.iter().zip(&fields).all(|(field, text)| meets(field, text))
            && after.iter().rev().zip(fields.iter().rev()).all(|(field, text)| meets(field, text))
    }
}

fn meets(field: &Field, text: &str) -> bool {
    field.is_empty() || field.iter().any(|all| all.iter().all(|condition| condition.meets_text(text)))
}

fn split(message: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = message.trim_start();
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '"' => Some('"'),
            '[' => Some(']'),
            _ => None,
        };
        let grouped =
            close.and_then(|close| rest[1..].find(close).map(|at| (&rest[1..=at], &rest[at + 2..])));
        let (field, tail) =
            grouped.unwrap_or_else(|| rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())));
        fields.push(field);
        rest = tail.trim_start();
    }
    fields
}

/// Parses what is between the brackets.
pub fn parse(text: &str) -> Result<Fields, Error> {
    let mut scanner = Scanner::new(text);
    let mut fields = Fields { before: Vec::new(), after: None };
    loop {
        if scanner.take("...") {
            if fields.after.replace(Vec::new()).is_some() {
                return Err(invalid());
            }
        } else {
            let field = field(&mut scanner)?;
            fields.after.as_mut().unwrap_or(&mut fields.before).push(field);
        }
        if scanner.is_done() {
            return Ok(fields);
        }
        if !scanner.take(",") {
            return Err(invalid());
        }
    }
}

fn field(scanner: &mut Scanner) -> Result<Field, Error> {
    let mut any = Vec::new();
    let mut all = Vec::new();
    loop {
        let has_parenthesis = scanner.take("(");
        let _ = scanner.take("");
        let name = scanner.take_while(|c| c.is_alphanumeric() || c == '_' || c == '-');
        if name.is_empty() {
            return Err(invalid());
        }
        match scanner.take_comparison() {
            Some(comparison) => all.push(scanner.take_condition(comparison, &[',', ')'])?),
            None if any.is_empty() && all.is_empty() => return Ok(any),
            None => return Err(invalid()),
        }
        if has_parenthesis && !scanner.take(")") {
            return Err(invalid());
        }
        if scanner.take("||") {
            any.push(std::mem::take(&mut all));
        } else if !scanner.take("&&") {
            any.push(all);
            return Ok(any);
        }
    }
}
