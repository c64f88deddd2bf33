//! OpenAPI documents, read and written: Swagger 2.0 and OpenAPI 3.0, JSON and YAML, with API Gateway's extensions.
//!
//! Pure: [`import::read`] makes an [`import::Imported`] of a text, [`export::write`] a document of a deployment. What an import
//! leads to in the tables is `crate::import`'s to do.

pub(crate) mod export;
pub(crate) mod import;
mod model;
mod security;
mod source;
mod yaml;
mod yaml_text;

use serde_json::Value as Json;

use crate::documentation::{Location, checked_properties};
use crate::error::Error;

pub(crate) use source::tree;
pub(crate) use yaml_text::yaml;

/// The parts of a document's `x-amazon-apigateway-documentation`.
#[derive(Default)]
pub(crate) struct DocumentationParts {
    /// Name of the version that the document was exported with.
    pub(crate) version: Option<String>,
    pub(crate) parts: Vec<(Location, String)>,
    pub(crate) warnings: Vec<String>,
}

/// The documentation in the text of a document.
pub(crate) fn documentation_of(text: &[u8]) -> Result<DocumentationParts, Error> {
    documentation_in(&tree(text)?)
}

fn documentation_in(root: &Json) -> Result<DocumentationParts, Error> {
    let mut found = DocumentationParts::default();
    let Some(documentation) = root.get("x-amazon-apigateway-documentation") else { return Ok(found) };
    found.version = documentation.get("version").map(source::plain);
    let parts = documentation.get("documentationParts").and_then(Json::as_array);
    for part in parts.into_iter().flatten() {
        let location = part.get("location").cloned().unwrap_or_default();
        let read = serde_json::from_value::<Location>(location).map_err(|_| Error::NotOpenApi);
        let whole = read.and_then(|location| match crate::documentation::TYPES.contains(&location.kind.as_str()) {
            true => location.whole(),
            false => Err(Error::Enumeration {
                name: "DocumentationPartType",
                options: "API,AUTHORIZER,MODEL,RESOURCE,METHOD,PATH_PARAMETER,QUERY_PARAMETER,REQUEST_HEADER,REQUEST_BODY,RESPONSE,RESPONSE_HEADER,RESPONSE_BODY",
            }),
        });
        let properties = match part.get("properties") {
            Some(Json::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        match whole.and_then(|location| Ok((location, checked_properties(&properties)?))) {
            Ok(part) => match found.parts.iter_mut().find(|(location, _)| *location == part.0) {
                Some(same) => *same = part,
                None => found.parts.push(part),
            },
            Err(error) => found.warnings.push(format!("Unable to create documentation part: {error}")),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
