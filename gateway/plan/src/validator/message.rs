//! The texts of a body's mistakes, as API Gateway words them.
//!
//! API Gateway checks bodies with the Java library json-schema-validator, whose texts its `validationErrorString` shows: those of the
//! first level of the body at which something is wrong, in brackets. Known differences: of `allOf` the mistakes themselves are shown, not
//! how many schemas matched; what `dependencies` misses is shown as what `required` misses.

use std::collections::BTreeMap;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, Validator};
use serde_json::Value;

/// Most mistakes that are looked at.
const ERRORS_MAX: usize = 100;
/// Longest text, in bytes.
const TEXT_BYTES_MAX: usize = 4096;

/// One mistake: where in the body, which keyword, and its text.
struct Mistake {
    path: Vec<String>,
    keyword: String,
    text: String,
}

/// All mistakes that AWS would show.
pub(super) fn of(validator: &Validator, body: &Value) -> String {
    let mut shown = Vec::new();
    let mistakes = mistakes(validator, body);
    visit(body, 0, &mistakes.iter().collect::<Vec<_>>(), &mut shown);
    let mut text = format!("[{}]", shown.join(", "));
    if text.len() > TEXT_BYTES_MAX {
        let end = (0..=TEXT_BYTES_MAX).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(end);
        text.push_str("...]");
    }
    text
}

/// A level's own mistakes; what is below it only as long as nothing was wrong.
fn visit<'a>(value: &Value, depth: usize, mistakes: &[&'a Mistake], shown: &mut Vec<&'a str>) {
    let own = mistakes.iter().filter(|mistake| mistake.path.len() == depth);
    shown.extend(own.map(|mistake| mistake.text.as_str()));
    if !shown.is_empty() {
        return;
    }
    let mut below = |name: &str, child: &Value| {
        let inside = |mistake: &&&Mistake| mistake.path.get(depth).is_some_and(|part| part == name);
        let inside: Vec<&'a Mistake> = mistakes.iter().filter(inside).copied().collect();
        if !inside.is_empty() {
            visit(child, depth + 1, &inside, shown);
        }
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, child)| below(name, child)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, child)| below(&at.to_string(), child)),
        _ => {}
    }
}

/// All mistakes, those of one place by keyword; missing properties of one place are one mistake.
fn mistakes(validator: &Validator, body: &Value) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut missing: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for error in validator.iter_errors(body).take(ERRORS_MAX) {
        let path = parts(error.instance_path().as_str());
        if let ValidationErrorKind::Required { property } = error.kind() {
            missing.entry(path).or_default().push(property.as_str().unwrap_or_default().to_owned());
            continue;
        }
        let keyword = error.kind().keyword().to_owned();
        mistakes.push(Mistake { path, keyword, text: text(error.kind(), error.instance()) });
    }
    for (path, mut names) in missing {
        names.sort();
        names.dedup();
        let text = format!("object has missing required properties ({})", json(&names));
        mistakes.push(Mistake { path, keyword: "required".to_owned(), text });
    }
    mistakes.sort_by(|one, other| one.keyword.cmp(&other.keyword));
    mistakes
}

/// The parts of a JSON pointer.
fn parts(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn text(kind: &ValidationErrorKind, value: &Value) -> String {
    use ValidationErrorKind as K;
    let string = value.as_str().unwrap_or_default();
    let length = string.chars().count();
    let items = value.as_array().map_or(0, Vec::len);
    let members = value.as_object().map_or(0, |members| members.len());
    match kind {
        K::AdditionalItems { limit } => {
            format!("schema only allows {limit} elements in array but instance has {items} elements")
        }
        K::AdditionalProperties { unexpected } => {
            let mut names = unexpected.clone();
            names.sort();
            format!("object instance has properties which are not allowed by the schema: {}", json(&names))
        }
        K::AnyOf { context } => {
            format!("instance failed to match at least one required schema among {}", context.len())
        }
        K::OneOfNotValid { context } | K::OneOfMultipleValid { context } => {
            let matched = context.iter().filter(|errors| errors.is_empty()).count();
            format!(
                "instance failed to match exactly one schema (matched {matched} out of {})",
                context.len()
            )
        }
        K::Enum { options } => {
            format!("instance value ({value}) not found in enum (possible values: {options})")
        }
        K::ExclusiveMaximum { limit } => {
            format!("numeric instance is not strictly lower than the required maximum {limit}")
        }
        K::ExclusiveMinimum { limit } => {
            format!("numeric instance is not strictly greater than the required minimum {limit}")
        }
        K::Maximum { limit } => format!(
            "numeric instance is greater than the required maximum (maximum: {limit}, found: {value})"
        ),
        K::Minimum { limit } => {
            format!("numeric instance is lower than the required minimum (minimum: {limit}, found: {value})")
        }
        K::MultipleOf { multiple_of } => {
            format!("remainder of division is not zero ({value} / {multiple_of})")
        }
        K::MaxItems { limit } => {
            format!("array is too long: must have at most {limit} elements but instance has {items} elements")
        }
        K::MinItems { limit } => {
            format!(
                "array is too short: must have at least {limit} elements but instance has {items} elements"
            )
        }
        K::MaxLength { limit } => {
            format!("string \"{string}\" is too long (length: {length}, maximum allowed: {limit})")
        }
        K::MinLength { limit } => {
            format!("string \"{string}\" is too short (length: {length}, required minimum: {limit})")
        }
        K::MaxProperties { limit } => {
            format!("object has too many properties (found {members} but schema requires at most {limit})")
        }
        K::MinProperties { limit } => {
            format!("object has too few properties (found {members} but schema requires at least {limit})")
        }
        K::Not { .. } => "instance matched a schema which it should not have".to_owned(),
        K::Pattern { pattern } => {
            format!("ECMA 262 regex \"{pattern}\" does not match input string \"{string}\"")
        }
        K::BacktrackLimitExceeded { .. } | K::RegexEngineFailure { .. } => {
            format!("ECMA 262 regex does not match input string \"{string}\"")
        }
        K::UniqueItems => "array must not contain duplicate elements".to_owned(),
        K::Type { kind } => {
            format!(
                "instance type ({}) does not match any allowed primitive type (allowed: {})",
                type_of(value),
                json(&allowed(kind))
            )
        }
        K::Format { format } => format_text(format, string),
        other => format!("instance does not match the keyword {}", other.keyword()),
    }
}

fn format_text(format: &str, string: &str) -> String {
    let what = match format {
        "date-time" => {
            return format!(
                "string \"{string}\" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{{1,12}}Z]"
            );
        }
        "email" => "email address",
        "hostname" => "hostname",
        "ipv4" => "IPv4 address",
        "ipv6" => "IPv6 address",
        "regex" => "ECMA 262 regular expression",
        "uri" => "URI",
        other => other,
    };
    format!("string \"{string}\" is not a valid {what}")
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The allowed types by name; a number may be an integer.
fn allowed(kind: &TypeKind) -> Vec<&'static str> {
    let types: Vec<JsonType> = match kind {
        TypeKind::Single(one) => vec![*one],
        TypeKind::Multiple(many) => many.iter().collect(),
    };
    let mut names = Vec::new();
    for kind in types {
        names.extend_from_slice(match kind {
            JsonType::Array => &["array"][..],
            JsonType::Boolean => &["boolean"],
            JsonType::Integer => &["integer"],
            JsonType::Null => &["null"],
            JsonType::Number => &["integer", "number"],
            JsonType::Object => &["object"],
            JsonType::String => &["string"],
        });
    }
    names.sort_unstable();
    names.dedup();
    names
}
