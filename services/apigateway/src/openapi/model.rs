//! Models: the schemas of a document.
//!
//! A reference to another schema becomes the URL of that model, as API Gateway writes it, and back again on export.

use std::collections::BTreeMap;

use plan::definition::ModelDefinition;
use serde_json::{Map, Value as Json};

use super::source::{Source, text};

/// The models that a document names.
pub(super) fn named(source: &Source<'_>, api_id: &str) -> BTreeMap<String, ModelDefinition> {
    let all = source.shared("definitions", "schemas");
    all.map(|(name, schema)| (name.clone(), made(name.clone(), schema, api_id))).collect()
}

/// A model of a schema that has no name. The same schema always gets the same name.
pub(super) fn unnamed(schema: &Json, api_id: &str) -> ModelDefinition {
    // FNV-1a: any hash that never changes would do.
    let hash = schema.to_string().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    made(format!("MODEL{:06x}", hash & 0xff_ffff), schema, api_id)
}

/// The name at the end of a reference to a schema.
pub(super) fn name_in(reference: &str) -> Option<&str> {
    let prefixes = ["#/definitions/", "#/components/schemas/"];
    prefixes.iter().find_map(|prefix| reference.strip_prefix(prefix)).or_else(|| name_in_url(reference))
}

/// The name in `https://apigateway.amazonaws.com/restapis/{api}/models/{name}`.
pub(super) fn name_in_url(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://apigateway.amazonaws.com/restapis/")?;
    rest.split_once("/models/").map(|(_, name)| name)
}

fn made(name: String, schema: &Json, api_id: &str) -> ModelDefinition {
    let rewrite = |reference: &str| {
        let name = name_in(reference)?;
        Some(format!("https://apigateway.amazonaws.com/restapis/{api_id}/models/{name}"))
    };
    ModelDefinition {
        id: String::new(),
        name,
        description: text(schema, "description"),
        content_type: "application/json".to_owned(),
        schema: Some(with_references(schema, &rewrite).to_string()),
    }
}

/// A schema with its references written anew; those that `rewrite` does not know stay.
pub(super) fn with_references(schema: &Json, rewrite: &dyn Fn(&str) -> Option<String>) -> Json {
    match schema {
        Json::Object(map) => {
            let members = map.iter().map(|(key, value)| {
                let new = value.as_str().filter(|_| key == "$ref").and_then(rewrite);
                (key.clone(), new.map_or_else(|| with_references(value, rewrite), Json::String))
            });
            Json::Object(members.collect::<Map<_, _>>())
        }
        Json::Array(list) => Json::Array(list.iter().map(|value| with_references(value, rewrite)).collect()),
        other => other.clone(),
    }
}
