//! Schemas that lead back to themselves without going down into the body.
//!
//! Such a schema (`{"allOf": [{"$ref": "#"}]}`) has no answer, and whoever evaluates it never returns. A reference from a property or an
//! item back to its model is fine: the body ends some time.

use std::collections::HashMap;

use serde_json::Value;

use super::{Schemas, model_of};

/// Deepest chain of schemas that stand in one another's place.
const DEPTH_MAX: usize = 200;

/// How far a schema is looked at.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Begun,
    Done,
}

/// Checks a model and everything that it refers to.
pub(super) fn check(schemas: &Schemas, name: &str) -> Result<(), String> {
    let mut walk = Walk { schemas, seen: HashMap::new() };
    walk.everything(name, schemas.get(name)?, 0)
}

struct Walk<'a> {
    schemas: &'a Schemas,
    /// By the address of the value, which stays where it is.
    seen: HashMap<*const Value, Look>,
}

impl<'a> Walk<'a> {
    /// Every value may be a schema; those that are none lead nowhere.
    fn everything(&mut self, model: &'a str, value: &'a Value, depth: usize) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err("it is nested too deeply".to_owned());
        }
        self.in_place(model, value, depth)?;
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.everything(model, item, depth + 1)),
            Value::Object(members) => {
                members.values().try_for_each(|item| self.everything(model, item, depth + 1))
            }
            _ => Ok(()),
        }
    }

    /// Follows what is evaluated on the same part of the body.
    fn in_place(&mut self, model: &'a str, value: &'a Value, depth: usize) -> Result<(), String> {
        let Value::Object(members) = value else { return Ok(()) };
        match self.seen.get(&std::ptr::from_ref(value)) {
            Some(Look::Done) => return Ok(()),
            Some(Look::Begun) => return Err("it refers to itself without end".to_owned()),
            None if depth > DEPTH_MAX => return Err("it is nested too deeply".to_owned()),
            None => self.seen.insert(value, Look::Begun),
        };
        if let Some(Value::String(reference)) = members.get("$ref")
            && let Some((model, target)) = self.target(model, reference)
        {
            let is_new = !self.seen.contains_key(&std::ptr::from_ref(target));
            self.in_place(model, target, depth + 1)?;
            if is_new && model_of(reference).is_some() {
                self.everything(model, target, depth + 1)?;
            }
        }
        for name in ["allOf", "anyOf", "oneOf"] {
            for item in members.get(name).and_then(Value::as_array).into_iter().flatten() {
                self.in_place(model, item, depth + 1)?;
            }
        }
        for item in members.get("not").into_iter() {
            self.in_place(model, item, depth + 1)?;
        }
        for item in
            members.get("dependencies").and_then(Value::as_object).into_iter().flat_map(|map| map.values())
        {
            self.in_place(model, item, depth + 1)?;
        }
        self.seen.insert(value, Look::Done);
        Ok(())
    }

    /// Where a reference leads; nowhere if that does not exist, which compiling the schema tells.
    fn target(&self, model: &'a str, reference: &str) -> Option<(&'a str, &'a Value)> {
        let (model, schema) = match model_of(reference) {
            None => (model, self.schemas.get(model).ok()?),
            Some(name) => {
                let (model, _) = self.schemas.0.get_key_value(name)?;
                (model.as_str(), self.schemas.get(name).ok()?)
            }
        };
        let fragment = reference.split_once('#').map_or("", |(_, fragment)| fragment);
        let decoded = percent_encoding::percent_decode_str(fragment).decode_utf8_lossy();
        Some((model, schema.pointer(&decoded)?))
    }
}
