//! The text of a document as a tree, and references within it.

use serde_json::{Map, Value as Json};

use crate::error::Error;

/// AWS: the size of an API definition is at most 6 MB.
const DOCUMENT_BYTES_MAX: usize = 6 * 1024 * 1024;
/// Longest chain of references that lead to references.
const REFERENCES_MAX: usize = 32;

/// Reads JSON or YAML; what begins with a brace is JSON, or else YAML's form of it.
pub(crate) fn tree(text: &[u8]) -> Result<Json, Error> {
    if text.len() > DOCUMENT_BYTES_MAX {
        return Err(Error::Document("it is larger than 6 MB".to_owned()));
    }
    let text = std::str::from_utf8(text).map_err(|_| Error::Document("it is not UTF-8".to_owned()))?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{')
        && let Ok(tree) = serde_json::from_str(text)
    {
        return Ok(tree);
    }
    let tree = super::yaml::tree(text).map_err(Error::Document)?;
    if tree.is_object() { Ok(tree) } else { Err(Error::NotOpenApi) }
}

/// A document and its version.
pub(super) struct Source<'a> {
    pub(super) root: &'a Json,
    /// OpenAPI 3.0; else Swagger 2.0.
    pub(super) is_oas3: bool,
}

impl<'a> Source<'a> {
    /// Tells the version.
    pub(super) fn of(root: &'a Json) -> Result<Source<'a>, Error> {
        let version = |name: &str| root.get(name).map(plain);
        match (version("swagger"), version("openapi")) {
            (Some(version), _) if version == "2.0" || version == "2" => Ok(Source { root, is_oas3: false }),
            (None, Some(version)) if version.starts_with("3.0") => Ok(Source { root, is_oas3: true }),
            _ => Err(Error::NotOpenApi),
        }
    }

    /// What a value is, with references followed; what leads nowhere stays a reference.
    pub(super) fn resolve<'b>(&self, value: &'b Json) -> &'b Json
    where
        'a: 'b,
    {
        let mut value = value;
        for _ in 0..REFERENCES_MAX {
            let target = reference(value).and_then(|path| path.strip_prefix('#'));
            let Some(found) = target.and_then(|pointer| self.root.pointer(pointer)) else { break };
            value = found;
        }
        value
    }

    /// Schemas, parameters and the like, by name: where each version keeps them.
    pub(super) fn shared(
        &self,
        in_swagger: &str,
        in_oas3: &str,
    ) -> impl Iterator<Item = (&'a String, &'a Json)> {
        let found = match self.is_oas3 {
            true => self.root.get("components").and_then(|components| components.get(in_oas3)),
            false => self.root.get(in_swagger),
        };
        found.and_then(Json::as_object).into_iter().flatten()
    }

    /// The path below which the document says that it lies; `/` at neither end.
    pub(super) fn base_path(&self) -> String {
        let path = match self.is_oas3 {
            false => self.root.get("basePath").map(plain).unwrap_or_default(),
            true => self.server_path().unwrap_or_default(),
        };
        path.trim_matches('/').to_owned()
    }

    fn server_path(&self) -> Option<String> {
        let server = self.root.get("servers")?.as_array()?.first()?;
        let mut url = server.get("url")?.as_str()?.to_owned();
        for (name, variable) in server.get("variables").and_then(Json::as_object).into_iter().flatten() {
            let value = variable.get("default").map(plain).unwrap_or_default();
            url = url.replace(&format!("{{{name}}}"), value.trim_start_matches('/'));
        }
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let path = if url.contains("://") { rest.split_once('/').map_or("", |(_, path)| path) } else { rest };
        Some(path.to_owned())
    }
}

/// The path of `{$ref: path}`.
pub(super) fn reference(value: &Json) -> Option<&str> {
    value.get("$ref").and_then(Json::as_str)
}

/// A scalar as text.
pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The members of an object, if it is one.
pub(super) fn members<'a>(value: &'a Json, name: &str) -> impl Iterator<Item = (&'a String, &'a Json)> {
    value.get(name).and_then(Json::as_object).map(Map::iter).into_iter().flatten()
}

/// A text member that is not empty.
pub(super) fn text(value: &Json, name: &str) -> Option<String> {
    value.get(name).filter(|value| !value.is_null()).map(plain).filter(|text| !text.is_empty())
}

/// The texts of a list.
pub(super) fn texts(value: &Json, name: &str) -> Option<Vec<String>> {
    Some(value.get(name)?.as_array()?.iter().map(plain).collect())
}
