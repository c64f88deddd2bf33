//! The model's own constraints, in AWS's words: required, length, range, pattern, enum.
//!
//! AWS answers all violations at once: `2 validation errors detected: Value '…' at 'functionName' failed to satisfy constraint:
//! Member must …; …`. Members are named with their first letter lowered, items of lists by number and `member`. What is wrong with
//! plain items of a list, or keys and values of a map, is said of the whole. Values of sensitive shapes are not shown.
//!
//! Differences: AWS prints the values of an enum in the order of a Java hash set, we in the model's order. How AWS prints
//! structures inside `Value '…'` is not known; we print `Name(member=value)`.

#[cfg(test)]
mod tests;

use crate::error::Rejection;
use crate::model::{Checks, Constraints, Kind, Member, Model, Operation, Schema, SchemaId, Structure};
use crate::protocol::Decoded;
use crate::scalar;
use crate::value::Value;

/// How many violations are told at most; AWS's limit is not known.
pub const VIOLATIONS_MAX: usize = 100;
/// How many characters of a value are repeated in a text.
pub const SHOWN_MAX: usize = 10_000;

/// One constraint that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Such as `tags.1.member.key`.
    pub path: String,
    /// The value as AWS prints it, quotes included; `None` if it is not to be shown.
    pub shown: Option<String>,
    /// Such as `Member must not be null`.
    pub constraint: String,
}

/// Everything in the input that breaks the model's constraints, in the model's order.
pub fn validate(model: &Model, operation: &Operation, input: &Value) -> Vec<Violation> {
    let mut walk =
        Walk { model, found: Vec::new(), is_required_only: model.validation.checks == Checks::Required };
    if let Some(structure) = operation.input.and_then(|id| model.structure(id)) {
        walk.structure(structure, input, "", false);
    }
    walk.found
}

/// AWS's text for violations.
pub fn describe(violations: &[Violation]) -> String {
    let texts = violations.iter().map(|violation| {
        let value = violation.shown.as_ref().map(|shown| format!(" {shown}")).unwrap_or_default();
        format!("Value{value} at '{}' failed to satisfy constraint: {}", violation.path, violation.constraint)
    });
    let plural = if violations.len() == 1 { "" } else { "s" };
    format!(
        "{} validation error{plural} detected: {}",
        violations.len(),
        texts.collect::<Vec<_>>().join("; ")
    )
}

/// Turns away input that breaks the model's constraints, with the service's own code for that.
pub fn check(model: &Model, decoded: &Decoded<'_>) -> Result<(), Rejection> {
    let violations = validate(model, decoded.operation, &decoded.input);
    if violations.is_empty() {
        return Ok(());
    }
    Err(Rejection {
        protocol: decoded.protocol,
        operation: Some(decoded.operation.name.clone()),
        code: model.validation.code.to_string().into(),
        status: model.validation.status,
        message: Some(describe(&violations)),
    })
}

struct Walk<'m> {
    model: &'m Model,
    found: Vec<Violation>,
    is_required_only: bool,
}

impl Walk<'_> {
    fn structure(&mut self, structure: &Structure, value: &Value, path: &str, is_hidden: bool) {
        for member in &structure.members {
            let path = join(path, member);
            match value.get(&member.name).filter(|value| **value != Value::Null) {
                Some(value) => {
                    let schema = self.model.schema(member.schema);
                    let is_hidden = is_hidden || schema.is_sensitive;
                    self.direct(schema, value, &path, is_hidden);
                    self.inside(schema, value, &path, is_hidden);
                }
                None if member.is_required => {
                    self.push(path, Some("null".to_owned()), "Member must not be null".to_owned());
                }
                None => {}
            }
        }
    }

    fn push(&mut self, path: String, shown: Option<String>, constraint: String) {
        if self.found.len() < VIOLATIONS_MAX {
            self.found.push(Violation { path, shown, constraint });
        }
    }

    /// The constraints of the value's own shape.
    fn direct(&mut self, schema: &Schema, value: &Value, path: &str, is_hidden: bool) {
        if self.is_required_only {
            return;
        }
        for constraint in constraints(schema).into_iter().filter(|one| !one.holds(schema, value)) {
            let shown = (!is_hidden).then(|| self.show(schema, value));
            self.push(path.to_owned(), shown, constraint.text(schema));
        }
    }

    /// The constraints of what the value holds.
    fn inside(&mut self, schema: &Schema, value: &Value, path: &str, is_hidden: bool) {
        match (&schema.kind, value) {
            (Kind::Structure(structure), Value::Map(_)) => self.structure(structure, value, path, is_hidden),
            (Kind::List { member, .. }, Value::List(items)) => {
                let item = self.model.schema(member.schema);
                let has_null = items.contains(&Value::Null);
                if has_null || items.iter().any(|value| !self.holds(item, value)) {
                    let mut texts = texts(item);
                    texts.push("Member must not be null".to_owned());
                    let constraint = format!("Member must satisfy constraint: [{}]", texts.join(", "));
                    let shown = (!is_hidden && !item.is_sensitive).then(|| self.show(schema, value));
                    self.push(path.to_owned(), shown, constraint);
                }
                for (number, value) in items.iter().enumerate() {
                    let path = || format!("{path}.{}.member", number + 1);
                    self.inside_item(item, value, path, is_hidden);
                }
            }
            (Kind::Map { key, value: member, .. }, Value::Map(pairs)) => {
                let (key, item) = (self.model.schema(key.schema), self.model.schema(member.schema));
                let is_shown = !is_hidden && !key.is_sensitive && !item.is_sensitive;
                let keys = pairs.iter().map(|(name, _)| Value::String(name.clone()));
                let key_is_wrong =
                    !self.is_required_only && keys.into_iter().any(|name| !self.holds(key, &name));
                let value_is_wrong = pairs.iter().any(|(_, value)| !self.holds(item, value));
                let wrong = [(key_is_wrong, "Map keys", key), (value_is_wrong, "Map value", item)];
                for (_, subject, part) in wrong.into_iter().filter(|(is_wrong, ..)| *is_wrong) {
                    let constraint =
                        format!("{subject} must satisfy constraint: [{}]", texts(part).join(", "));
                    self.push(path.to_owned(), is_shown.then(|| self.show(schema, value)), constraint);
                }
                for (name, value) in pairs {
                    self.inside_item(item, value, || format!("{path}.{name}.member"), is_hidden);
                }
            }
            _ => {}
        }
    }

    /// Looks into an item of a list or map; builds its path only if there is something to look into.
    fn inside_item(&mut self, item: &Schema, value: &Value, path: impl Fn() -> String, is_hidden: bool) {
        if matches!(item.kind, Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. }) {
            self.inside(item, value, &path(), is_hidden || item.is_sensitive);
        }
    }

    fn holds(&self, schema: &Schema, value: &Value) -> bool {
        self.is_required_only
            || *value == Value::Null
            || constraints(schema).into_iter().all(|constraint| constraint.holds(schema, value))
    }

    /// A value as Java prints it, in quotes.
    fn show(&self, schema: &Schema, value: &Value) -> String {
        let mut text = String::new();
        self.print(&mut text, schema, value);
        if text.len() > SHOWN_MAX {
            let end = (0..=SHOWN_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(end);
        }
        format!("'{text}'")
    }

    fn print(&self, out: &mut String, schema: &Schema, value: &Value) {
        if out.len() > SHOWN_MAX {
            return;
        }
        let child = |id: SchemaId| self.model.schema(id);
        match (&schema.kind, value) {
            (Kind::List { member, .. }, Value::List(items)) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    self.print(out, child(member.schema), item);
                }
                out.push(']');
            }
            (Kind::Map { value: member, .. }, Value::Map(pairs)) => {
                out.push('{');
                for (at, (name, item)) in pairs.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    out.push_str(name);
                    out.push('=');
                    self.print(out, child(member.schema), item);
                }
                out.push('}');
            }
            (Kind::Structure(structure), Value::Map(pairs)) => {
                out.push_str(&schema.name);
                out.push('(');
                let known = pairs.iter().filter_map(|(name, value)| Some((structure.member(name)?, value)));
                for (at, (member, value)) in known.enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    out.push_str(&lower_first(&member.name));
                    out.push('=');
                    self.print(out, child(member.schema), value);
                }
                out.push(')');
            }
            _ if schema.is_sensitive => out.push_str("***"),
            (_, Value::Null) => out.push_str("null"),
            // Java prints a buffer by its position and size.
            (_, Value::Blob(bytes)) => {
                out.push_str(&format!("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", bytes.len()));
            }
            _ => out.push_str(&scalar::format(value, crate::model::TimestampFormat::DateTime)),
        }
    }
}

fn join(path: &str, member: &Member) -> String {
    match path.is_empty() {
        true => lower_first(&member.name),
        false => format!("{path}.{}", lower_first(&member.name)),
    }
}

/// `FunctionName` is `functionName`, `KMSKeyArn` is `kMSKeyArn`.
fn lower_first(name: &str) -> String {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    name
}

#[derive(Clone, Copy)]
enum Constraint<'s> {
    MaxLength(f64),
    MinLength(f64),
    MaxValue(f64),
    MinValue(f64),
    Pattern(&'s crate::model::Pattern),
    Values(&'s [Box<str>]),
}

/// In the order in which AWS lists them.
fn constraints(schema: &Schema) -> Vec<Constraint<'_>> {
    let Constraints { min, max, pattern, values } = &schema.constraints;
    if schema.is_unchecked {
        return Vec::new();
    }
    let is_number = matches!(schema.kind, Kind::Integer { .. } | Kind::Float);
    let mut all = Vec::new();
    all.extend(max.map(|max| if is_number { Constraint::MaxValue(max) } else { Constraint::MaxLength(max) }));
    all.extend(min.map(|min| if is_number { Constraint::MinValue(min) } else { Constraint::MinLength(min) }));
    all.extend(pattern.as_ref().map(Constraint::Pattern));
    if !values.is_empty() {
        all.push(Constraint::Values(values));
    }
    all
}

fn texts(schema: &Schema) -> Vec<String> {
    constraints(schema).into_iter().map(|constraint| constraint.text(schema)).collect()
}

impl Constraint<'_> {
    fn holds(self, schema: &Schema, value: &Value) -> bool {
        let length = || match value {
            Value::String(text) => Some(text.chars().count() as f64),
            Value::Blob(bytes) => Some(bytes.len() as f64),
            Value::List(items) => Some(items.len() as f64),
            Value::Map(pairs) if matches!(schema.kind, Kind::Map { .. }) => Some(pairs.len() as f64),
            _ => None,
        };
        let number = || match value {
            Value::Int(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            _ => None,
        };
        match (self, value) {
            (Constraint::MaxLength(max), _) => length().is_none_or(|length| length <= max),
            (Constraint::MinLength(min), _) => length().is_none_or(|length| length >= min),
            (Constraint::MaxValue(max), _) => number().is_none_or(|number| number <= max),
            (Constraint::MinValue(min), _) => number().is_none_or(|number| number >= min),
            (Constraint::Pattern(pattern), Value::String(text)) => pattern.matches(text),
            (Constraint::Values(values), Value::String(text)) => values.iter().any(|one| **one == **text),
            _ => true,
        }
    }

    fn text(self, schema: &Schema) -> String {
        let number = |number: f64| match schema.kind {
            Kind::Float => format!("{number:?}"),
            _ => format!("{number}"),
        };
        match self {
            Constraint::MaxLength(max) => format!("Member must have length less than or equal to {max}"),
            Constraint::MinLength(min) => format!("Member must have length greater than or equal to {min}"),
            Constraint::MaxValue(max) => {
                format!("Member must have value less than or equal to {}", number(max))
            }
            Constraint::MinValue(min) => {
                format!("Member must have value greater than or equal to {}", number(min))
            }
            Constraint::Pattern(pattern) => {
                format!("Member must satisfy regular expression pattern: {}", pattern.text)
            }
            Constraint::Values(values) => {
                let values: Vec<&str> = values.iter().map(|value| &**value).collect();
                format!("Member must satisfy enum value set: [{}]", values.join(", "))
            }
        }
    }
}
