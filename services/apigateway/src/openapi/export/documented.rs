//! Parts of the documentation as the fields of OpenAPI that they are about.
//!
//! AWS: Export API documentation: without the extension, documentation is merged into the fields that OpenAPI has for it. What is merged:
//! parts of the API, of methods, of parameters, of responses and of models.

use serde_json::Value as Json;

use crate::documentation::Location;

/// Merges all parts; what is about nothing in the document is left out.
pub(super) fn merge(root: &mut Json, parts: &[(Location, String)]) {
    // The more general first, so that the more exact has the last word.
    let mut ordered: Vec<_> = parts.iter().collect();
    ordered.sort_by_key(|(location, _)| location.method.as_deref().is_some_and(|method| method != "*"));
    for (location, properties) in ordered {
        let Ok(properties) = serde_json::from_str::<Json>(properties) else { continue };
        match location.kind.as_str() {
            "API" => put(root, &properties),
            "MODEL" => model(root, location, &properties),
            _ => operations(root, location, &properties),
        }
    }
}

/// Adds the members of `properties`, deeply.
fn put(target: &mut Json, properties: &Json) {
    let (Some(target), Some(properties)) = (target.as_object_mut(), properties.as_object()) else { return };
    for (name, value) in properties {
        match target.get_mut(name) {
            Some(there) if there.is_object() && value.is_object() => put(there, value),
            _ => {
                target.insert(name.clone(), value.clone());
            }
        }
    }
}

fn model(root: &mut Json, location: &Location, properties: &Json) {
    let name = location.name.as_deref().unwrap_or_default();
    for pointer in ["/definitions", "/components/schemas"] {
        if let Some(schema) = root.pointer_mut(pointer).and_then(|schemas| schemas.get_mut(name)) {
            put(schema, properties);
        }
    }
}

fn operations(root: &mut Json, location: &Location, properties: &Json) {
    let (path, method) = (location.path.as_deref().unwrap_or("/"), location.method.as_deref().unwrap_or("*"));
    let Some(item) = root.get_mut("paths").and_then(|paths| paths.get_mut(path)) else { return };
    let wanted = super::operation::key(method);
    for (key, operation) in item.as_object_mut().into_iter().flatten() {
        if method != "*" && *key != wanted {
            continue;
        }
        match location.kind.as_str() {
            "METHOD" => put(operation, properties),
            "PATH_PARAMETER" => parameter(operation, "path", location, properties),
            "QUERY_PARAMETER" => parameter(operation, "query", location, properties),
            "REQUEST_HEADER" => parameter(operation, "header", location, properties),
            "RESPONSE" => response(operation, location, properties),
            _ => {}
        }
    }
}

fn parameter(operation: &mut Json, kind: &str, location: &Location, properties: &Json) {
    let list = operation.get_mut("parameters").and_then(Json::as_array_mut).into_iter().flatten();
    let name = location.name.as_deref().unwrap_or_default();
    for parameter in list.filter(|one| one["in"] == kind && one["name"] == name) {
        put(parameter, properties);
    }
}

fn response(operation: &mut Json, location: &Location, properties: &Json) {
    let status = location.status_code.as_deref().unwrap_or("*");
    let all = operation.get_mut("responses").and_then(Json::as_object_mut).into_iter().flatten();
    for (_, response) in all.filter(|(code, _)| status == "*" || *code == status) {
        put(response, properties);
    }
}
