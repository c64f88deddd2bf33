//! A policy document as JSON: its shape, before any kind's own rules.
//!
//! Always holds: what comes out has only known elements of the right types; nothing is compiled yet. Numbers and truth
//! values in conditions become texts, as AWS's grammar allows them.
//!
//! AWS: Grammar of the IAM JSON policy language.

use serde_json::{Map, Value};

use crate::condition::is_operator;

/// The largest document that is read at all, in bytes (the API's limit for a policy document).
pub const POLICY_BYTES_MAX: usize = 131_072;

/// What a document is for; each kind has its own rules and its own error texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identity-based policy, a permissions boundary, or a session policy.
    Identity,
    /// Who may assume a role.
    Trust,
    /// A resource-based policy (bucket, queue, topic, function, API).
    Resource,
    /// What a Lambda authorizer answers: IAM never sees it, so only what evaluation needs must be right.
    Authorizer,
}

/// What IAM answers to a document: code `MalformedPolicyDocument`, status 400, and this text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedPolicy(pub String);

impl MalformedPolicy {
    /// AWS's code for it, in IAM and STS.
    pub const CODE: &'static str = "MalformedPolicyDocument";
}

impl std::fmt::Display for MalformedPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for MalformedPolicy {}

/// A document's length as IAM's quotas count it: characters that are not white space.
/// AWS: IAM and AWS STS quotas (6,144 for a managed policy, 2,048 for a trust policy, 10,240 for a role's inline ones).
pub fn quota_chars(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// A document of the right shape.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document {
    pub(crate) version: Option<String>,
    pub(crate) statements: Vec<RawStatement>,
}

/// A statement of the right shape. The `bool` says whether it is the `Not…` form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RawStatement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Option<String>,
    pub(crate) principal: Option<(bool, Value)>,
    pub(crate) actions: Option<(bool, Vec<String>)>,
    pub(crate) resources: Option<(bool, Vec<String>)>,
    /// Operator, key, values.
    pub(crate) conditions: Vec<(String, String, Vec<String>)>,
}

/// Why a document has no shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Json,
    Version,
    EmptyStatement,
    Syntax,
}

const VERSIONS: [&str; 2] = ["2008-10-17", "2012-10-17"];

impl Document {
    pub(crate) fn parse(text: &str) -> Result<Document, Shape> {
        if text.len() > POLICY_BYTES_MAX {
            return Err(Shape::Syntax);
        }
        // serde_json refuses more than 128 levels.
        let Ok(Value::Object(object)) = serde_json::from_str(text) else { return Err(Shape::Json) };
        if object.keys().any(|key| !matches!(key.as_str(), "Version" | "Id" | "Statement")) {
            return Err(Shape::Syntax);
        }
        let version = optional_text(&object, "Version").map_err(|_| Shape::Version)?;
        if version.as_ref().is_some_and(|version| !VERSIONS.contains(&version.as_str())) {
            return Err(Shape::Version);
        }
        optional_text(&object, "Id")?;
        let statements = match object.get("Statement") {
            Some(Value::Object(statement)) => vec![RawStatement::parse(statement)?],
            Some(Value::Array(list)) if !list.is_empty() => list
                .iter()
                .map(|item| RawStatement::parse(item.as_object().ok_or(Shape::Syntax)?))
                .collect::<Result<_, _>>()?,
            Some(Value::Array(_)) => return Err(Shape::EmptyStatement),
            _ => return Err(Shape::Syntax),
        };
        Ok(Document { version, statements })
    }
}

impl RawStatement {
    fn parse(object: &Map<String, Value>) -> Result<RawStatement, Shape> {
        const ELEMENTS: [&str; 9] = [
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        if object.keys().any(|key| !ELEMENTS.contains(&key.as_str())) {
            return Err(Shape::Syntax);
        }
        let principal = one_of(object, "Principal", "NotPrincipal")?;
        let actions = one_of(object, "Action", "NotAction")?;
        let resources = one_of(object, "Resource", "NotResource")?;
        let texts = |found: Option<(bool, &Value)>| {
            found.map(|(not, value)| Ok((not, string_list(value)?))).transpose()
        };
        Ok(RawStatement {
            sid: optional_text(object, "Sid")?,
            effect: optional_text(object, "Effect")?,
            principal: principal.map(|(not, value)| (not, value.clone())),
            actions: texts(actions)?,
            resources: texts(resources)?,
            conditions: object.get("Condition").map_or(Ok(Vec::new()), conditions)?,
        })
    }
}

fn conditions(value: &Value) -> Result<Vec<(String, String, Vec<String>)>, Shape> {
    let mut all = Vec::new();
    for (operator, block) in value.as_object().ok_or(Shape::Syntax)? {
        let block = block.as_object().ok_or(Shape::Syntax)?;
        // An unknown operator is let through as long as it has nothing to compare.
        if !block.is_empty() && !is_operator(operator) {
            return Err(Shape::Syntax);
        }
        for (key, values) in block {
            let values = match values {
                Value::Array(list) => list.iter().map(scalar).collect::<Result<_, _>>()?,
                single => vec![scalar(single)?],
            };
            all.push((operator.clone(), key.clone(), values));
        }
    }
    Ok(all)
}

fn scalar(value: &Value) -> Result<String, Shape> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(truth) => Ok(truth.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(Shape::Syntax),
    }
}

fn optional_text(object: &Map<String, Value>, key: &str) -> Result<Option<String>, Shape> {
    object.get(key).map(|value| value.as_str().map(str::to_owned).ok_or(Shape::Syntax)).transpose()
}

fn one_of<'a>(
    object: &'a Map<String, Value>,
    plain: &str,
    not: &str,
) -> Result<Option<(bool, &'a Value)>, Shape> {
    match (object.get(plain), object.get(not)) {
        (Some(_), Some(_)) => Err(Shape::Syntax),
        (Some(value), None) => Ok(Some((false, value))),
        (None, Some(value)) => Ok(Some((true, value))),
        (None, None) => Ok(None),
    }
}

/// A string or a list of strings.
pub(crate) fn string_list(value: &Value) -> Result<Vec<String>, Shape> {
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(list) => {
            list.iter().map(|item| item.as_str().map(str::to_owned).ok_or(Shape::Syntax)).collect()
        }
        _ => Err(Shape::Syntax),
    }
}
