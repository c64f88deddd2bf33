//! What a document says of its methods and parameters in words, as parts of the documentation.
//!
//! AWS: Import API documentation into API Gateway. A part that the extension gives for the same place wins. Which fields of OpenAPI
//! become parts is inferred: summaries, descriptions and tags of methods, and descriptions of parameters.

use serde_json::{Map, Value as Json};

use super::super::DocumentationParts;
use super::method::Place;
use crate::documentation::Location;

/// Notes what is said of a method.
pub(super) fn method(place: &Place<'_>, operation: &Json, into: &mut DocumentationParts) {
    let fields = ["summary", "description", "tags"];
    let said: Map<String, Json> =
        fields.iter().filter_map(|name| Some(((*name).to_owned(), operation.get(*name)?.clone()))).collect();
    add(place, "METHOD", None, said, into);
}

/// Notes what is said of a parameter.
pub(super) fn parameter(
    place: &Place<'_>,
    location: &str,
    name: &str,
    parameter: &Json,
    into: &mut DocumentationParts,
) {
    let kind = match location {
        "path" => "PATH_PARAMETER",
        "querystring" => "QUERY_PARAMETER",
        _ => "REQUEST_HEADER",
    };
    let said = parameter.get("description").map(|text| ("description".to_owned(), text.clone()));
    add(place, kind, Some(name), said.into_iter().collect(), into);
}

fn add(
    place: &Place<'_>,
    kind: &str,
    name: Option<&str>,
    said: Map<String, Json>,
    into: &mut DocumentationParts,
) {
    if said.is_empty() {
        return;
    }
    let method = if place.name == "ANY" { "*" } else { place.name };
    let location = Location {
        kind: kind.to_owned(),
        path: Some(place.path.to_owned()),
        method: Some(method.to_owned()),
        status_code: None,
        name: name.map(str::to_owned),
    };
    if !into.parts.iter().any(|(other, _)| *other == location) {
        into.parts.push((location, Json::Object(said).to_string()));
    }
}
