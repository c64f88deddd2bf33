//! JSON schemas, draft 4, as API Gateway takes them: every keyword must be known and have the form that the draft gives it.
//!
//! A `$ref` points into the schema itself (`#/definitions/…`) or at another model in its canonical form. AWS: Data models for REST APIs.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::error::Error;

/// Deepest nesting of schemas.
const DEPTH_MAX: usize = 64;
/// What the canonical form of a reference to another model begins with.
const CANONICAL: &str = "https://apigateway.amazonaws.com/restapis/";

/// Reads a schema, which is an object.
pub(crate) fn parse(text: &str) -> Result<Value, Error> {
    let parsed: Value = serde_json::from_str(text).map_err(|_| invalid())?;
    if parsed.is_object() { Ok(parsed) } else { Err(invalid()) }
}

/// Checks the text of a schema.
pub(crate) fn check(text: &str) -> Result<(), Error> {
    let root = parse(text)?;
    let mut checked = Checked { root: &root, unknown: BTreeSet::new(), is_foreign: false };
    let is_good = checked.schema(&root, 0);
    if checked.is_foreign {
        return Err(Error::ModelSchema("Model reference must be in canonical form".to_owned()));
    }
    if !checked.unknown.is_empty() {
        let list = Value::from(checked.unknown.into_iter().collect::<Vec<_>>());
        return Err(Error::ModelSchema(format!(
            "Invalid model schema specified. Unsupported keyword(s): {list}"
        )));
    }
    if is_good { Ok(()) } else { Err(invalid()) }
}

/// The names of the models that a schema refers to, each once.
pub(crate) fn references(schema: &Value) -> Vec<String> {
    fn collect(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(name) = members.get("$ref").and_then(Value::as_str).and_then(model_of) {
                    found.insert(name.to_owned());
                }
                members.values().for_each(|member| collect(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    collect(schema, &mut found);
    found.into_iter().collect()
}

/// The model that a canonical reference names.
pub(crate) fn model_of(reference: &str) -> Option<&str> {
    let (api, name) = reference.strip_prefix(CANONICAL)?.split_once("/models/")?;
    (!api.is_empty() && !api.contains('/') && !name.is_empty()).then_some(name)
}

/// The schema with the other models (name and schema) as definitions of its own.
pub(crate) fn flattened(mut schema: Value, others: Vec<(String, Value)>) -> Value {
    localize(&mut schema);
    if let Value::Object(members) = &mut schema {
        let definitions = members.entry("definitions").or_insert_with(|| Value::Object(Map::new()));
        for (name, mut other) in others {
            localize(&mut other);
            if let Value::Object(definitions) = definitions {
                definitions.entry(name).or_insert(other);
            }
        }
    }
    schema
}

fn localize(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let name = members.get("$ref").and_then(Value::as_str).and_then(model_of).map(str::to_owned);
            if let Some(name) = name {
                members.insert("$ref".to_owned(), Value::from(format!("#/definitions/{name}")));
            }
            members.values_mut().for_each(localize);
        }
        Value::Array(items) => items.iter_mut().for_each(localize),
        _ => {}
    }
}

fn invalid() -> Error {
    Error::ModelSchema("Invalid model schema specified".to_owned())
}

struct Checked<'a> {
    root: &'a Value,
    unknown: BTreeSet<String>,
    /// A reference is neither local nor canonical.
    is_foreign: bool,
}

impl Checked<'_> {
    fn schema(&mut self, value: &Value, depth: usize) -> bool {
        let Value::Object(members) = value else { return false };
        if depth > DEPTH_MAX {
            return false;
        }
        // Beside a reference nothing counts (JSON Reference, section 3).
        if let Some(reference) = members.get("$ref") {
            return reference.as_str().is_some_and(|reference| self.reference(reference));
        }
        let bounds = [("exclusiveMaximum", "maximum"), ("exclusiveMinimum", "minimum")];
        let mut is_good =
            bounds.iter().all(|(flag, bound)| !members.contains_key(*flag) || members.contains_key(*bound));
        for (keyword, value) in members {
            is_good &= self.keyword(keyword, value, depth + 1);
        }
        is_good
    }

    fn keyword(&mut self, keyword: &str, value: &Value, depth: usize) -> bool {
        match keyword {
            "id" | "$schema" | "title" | "description" | "format" => value.is_string(),
            "default" => true,
            "multipleOf" => value.as_f64().is_some_and(|number| number > 0.0),
            "maximum" | "minimum" => value.is_number(),
            "exclusiveMaximum" | "exclusiveMinimum" | "uniqueItems" => value.is_boolean(),
            "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties" => {
                value.is_u64()
            }
            "pattern" => value.as_str().is_some_and(is_pattern),
            "additionalItems" | "additionalProperties" => value.is_boolean() || self.schema(value, depth),
            "items" if value.is_array() => self.schemas(value, depth),
            "items" | "not" => self.schema(value, depth),
            "allOf" | "anyOf" | "oneOf" => self.schemas(value, depth),
            "required" => is_name_list(value),
            "definitions" | "properties" => self.map(value, depth),
            "patternProperties" => {
                let names = value.as_object().is_some_and(|map| map.keys().all(|name| is_pattern(name)));
                names && self.map(value, depth)
            }
            "dependencies" => value.as_object().is_some_and(|map| {
                map.values()
                    .all(|one| if one.is_array() { is_name_list(one) } else { self.schema(one, depth) })
            }),
            "enum" => value.as_array().is_some_and(|list| !list.is_empty() && is_unique(list)),
            "type" => match value {
                Value::Array(list) => !list.is_empty() && is_unique(list) && list.iter().all(is_type),
                one => is_type(one),
            },
            _ => {
                self.unknown.insert(keyword.to_owned());
                false
            }
        }
    }

    fn schemas(&mut self, value: &Value, depth: usize) -> bool {
        value.as_array().is_some_and(|list| {
            !list.is_empty() && list.iter().filter(|one| !self.schema(one, depth)).count() == 0
        })
    }

    fn map(&mut self, value: &Value, depth: usize) -> bool {
        value.as_object().is_some_and(|map| map.values().filter(|one| !self.schema(one, depth)).count() == 0)
    }

    fn reference(&mut self, reference: &str) -> bool {
        match reference.strip_prefix('#') {
            Some(pointer) => self.root.pointer(pointer).is_some(),
            None if model_of(reference).is_some() => true,
            None => {
                self.is_foreign = true;
                false
            }
        }
    }
}

fn is_type(value: &Value) -> bool {
    matches!(value.as_str(), Some("array" | "boolean" | "integer" | "null" | "number" | "object" | "string"))
}

fn is_name_list(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|list| !list.is_empty() && is_unique(list) && list.iter().all(Value::is_string))
}

fn is_unique(list: &[Value]) -> bool {
    list.iter().enumerate().all(|(index, value)| !list[..index].contains(value))
}

fn is_pattern(text: &str) -> bool {
    fancy_regex::Regex::new(text).is_ok()
}
