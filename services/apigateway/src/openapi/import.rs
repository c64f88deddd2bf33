//! A document as what it asks for: the settings of an API, its resources with methods, and what these refer to by name.
//!
//! Nothing has ids yet: in the methods here `authorizer_id` and `request_validator_id` hold names. Warnings are what AWS takes the rest
//! of the document in spite of. What a document asks that cannot be is found when it is applied.

mod documented;
mod gateway_response;
mod integration;
mod method;

use std::collections::BTreeMap;

use plan::definition::{
    AuthorizerDefinition, GatewayResponseDefinition, MethodDefinition, ModelDefinition, Strings,
    ValidatorDefinition,
};
use serde_json::Value as Json;

pub(crate) use method::path_parameters;

use super::source::{Source, members, plain, text, texts};
use super::{DocumentationParts, documentation_in, model, security};
use crate::error::Error;

/// What to do with the path below which a document says that it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BasePath {
    /// Forget it.
    Ignore,
    /// Put it before every path.
    Prepend,
    /// Put what is left of it without its first segment before every path.
    Split,
}

impl BasePath {
    /// The value of the parameter `basepath`.
    pub(crate) fn of(text: Option<&str>) -> Result<BasePath, Error> {
        match text {
            None | Some("" | "ignore") => Ok(BasePath::Ignore),
            Some("prepend") => Ok(BasePath::Prepend),
            Some("split") => Ok(BasePath::Split),
            Some(_) => Err(Error::BasePathMode),
        }
    }
}

/// How to read a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options<'a> {
    /// The API that it is for; models refer to each other by it.
    pub(crate) api_id: &'a str,
    pub(crate) base_path: BasePath,
    /// Documentation of the document's is left out.
    pub(crate) ignores_documentation: bool,
}

/// What a document asks for.
#[derive(Default)]
pub(crate) struct Imported {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) api_key_source: Option<String>,
    pub(crate) binary_media_types: Option<Vec<String>>,
    pub(crate) minimum_compression_size: Option<i64>,
    /// JSON.
    pub(crate) policy: Option<String>,
    pub(crate) endpoint_types: Option<Vec<String>>,
    pub(crate) vpc_endpoint_ids: Option<Vec<String>>,
    pub(crate) disable_execute_api_endpoint: Option<bool>,
    pub(crate) tags: Strings,
    /// By path, which begins with a slash and ends without one, the root excepted.
    pub(crate) paths: BTreeMap<String, BTreeMap<String, MethodDefinition>>,
    /// By name.
    pub(crate) models: BTreeMap<String, ModelDefinition>,
    /// By name.
    pub(crate) authorizers: BTreeMap<String, AuthorizerDefinition>,
    /// By name.
    pub(crate) validators: BTreeMap<String, ValidatorDefinition>,
    /// By type.
    pub(crate) gateway_responses: BTreeMap<String, GatewayResponseDefinition>,
    pub(crate) documentation: DocumentationParts,
    pub(crate) warnings: Vec<String>,
}

/// Reads a document.
pub(crate) fn read(document: &[u8], options: Options<'_>) -> Result<Imported, Error> {
    let root = super::tree(document)?;
    let source = Source::of(&root)?;
    let info = root.get("info").unwrap_or(&Json::Null);
    let mut imported = Imported {
        name: text(info, "title").ok_or(Error::NotOpenApi)?,
        description: text(info, "description"),
        version: text(info, "version"),
        api_key_source: text(&root, "x-amazon-apigateway-api-key-source")
            .map(|text| text.to_ascii_uppercase()),
        binary_media_types: texts(&root, "x-amazon-apigateway-binary-media-types"),
        minimum_compression_size: root.get("x-amazon-apigateway-minimum-compression-size").and_then(number),
        policy: root.get("x-amazon-apigateway-policy").map(plain),
        tags: tags(&root),
        ..Imported::default()
    };
    if let Some(endpoint) = root.get("x-amazon-apigateway-endpoint-configuration") {
        imported.endpoint_types = texts(endpoint, "types");
        imported.vpc_endpoint_ids = texts(endpoint, "vpcEndpointIds");
        imported.disable_execute_api_endpoint = endpoint.get("disableExecuteApiEndpoint").map(flag);
    }
    if root.get("x-amazon-apigateway-cors").is_some() {
        imported
            .warnings
            .push("x-amazon-apigateway-cors is only supported for HTTP APIs. Ignoring.".to_owned());
    }
    imported.models = model::named(&source, options.api_id);
    let schemes = security::schemes(&source, &mut imported.authorizers);
    for (name, validator) in members(&root, "x-amazon-apigateway-request-validators") {
        let asks = |name: &str| validator.get(name).is_some_and(flag);
        let definition = ValidatorDefinition {
            id: String::new(),
            name: name.clone(),
            validates_body: asks("validateRequestBody"),
            validates_parameters: asks("validateRequestParameters"),
        };
        imported.validators.insert(name.clone(), definition);
    }
    gateway_response::read(&root, &mut imported);
    if !options.ignores_documentation {
        imported.documentation = documentation_in(&root)?;
        let warnings = std::mem::take(&mut imported.documentation.warnings);
        imported.warnings.extend(warnings);
    }
    let prefix = prefix(&source.base_path(), options.base_path);
    let mut reader = method::Reader { source: &source, schemes: &schemes, options, imported: &mut imported };
    for (path, item) in members(&root, "paths") {
        if path.starts_with('/') {
            reader.path(&whole_path(&prefix, path), source.resolve(item));
        }
    }
    Ok(imported)
}

/// What comes before every path, without a slash at either end.
fn prefix(base: &str, mode: BasePath) -> String {
    match mode {
        BasePath::Ignore => String::new(),
        BasePath::Prepend => base.to_owned(),
        BasePath::Split => base.split_once('/').map_or("", |(_, rest)| rest).to_owned(),
    }
}

fn whole_path(prefix: &str, path: &str) -> String {
    let parts = prefix.split('/').chain(path.split('/')).filter(|part| !part.is_empty());
    let joined: Vec<&str> = parts.collect();
    format!("/{}", joined.join("/"))
}

/// Tags of the document that have a value are the API's.
fn tags(root: &Json) -> Strings {
    let all = root.get("tags").and_then(Json::as_array).into_iter().flatten();
    all.filter_map(|tag| Some((text(tag, "name")?, plain(tag.get("x-amazon-apigateway-tag-value")?))))
        .collect()
}

/// True for `true` in any form.
pub(super) fn flag(value: &Json) -> bool {
    value.as_bool().unwrap_or_else(|| plain(value).eq_ignore_ascii_case("true"))
}

/// A whole number in any form.
pub(super) fn number(value: &Json) -> Option<i64> {
    value.as_i64().or_else(|| plain(value).parse().ok())
}
