//! A deployment as a document: Swagger 2.0 or OpenAPI 3.0, with or without API Gateway's extensions.
//!
//! With all extensions, importing the document gives the same API again. Known difference from AWS: the extension `postman` adds nothing.

mod documented;
mod extension;
mod operation;

use std::collections::BTreeSet;

use plan::definition::{ApiDefinition, AuthorizerDefinition, MethodDefinition};
use serde_json::{Map, Value as Json, json};

use super::model::{name_in_url, with_references};
use super::security;
use crate::documentation::Location;
use crate::error::Error;

/// Which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Swagger,
    Oas3,
}

impl Format {
    /// The `exportType` of a request.
    pub(crate) fn of(text: &str) -> Result<Format, Error> {
        match text {
            "swagger" => Ok(Format::Swagger),
            "oas30" => Ok(Format::Oas3),
            _ => Err(Error::ExportType),
        }
    }

    fn schemas(self) -> &'static str {
        match self {
            Format::Swagger => "#/definitions/",
            Format::Oas3 => "#/components/schemas/",
        }
    }
}

/// Which of API Gateway's extensions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    pub(crate) integrations: bool,
    pub(crate) authorizers: bool,
    pub(crate) documentation: bool,
    /// Those of the API as a whole.
    pub(crate) api: bool,
}

impl Extensions {
    /// The parameter `extensions`: names with commas between.
    pub(crate) fn of(text: Option<&str>) -> Result<Extensions, Error> {
        let mut wanted = Extensions::default();
        for name in text.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match name {
                "integrations" => wanted.integrations = true,
                "authorizers" => wanted.authorizers = true,
                "documentation" => wanted.documentation = true,
                "apigateway" => {
                    wanted = Extensions { integrations: true, authorizers: true, api: true, ..wanted }
                }
                "postman" => {}
                other => return Err(Error::Extension(other.to_owned())),
            }
        }
        Ok(wanted)
    }
}

/// What is exported.
pub(crate) struct Subject<'a> {
    pub(crate) api: &'a ApiDefinition,
    pub(crate) description: Option<&'a str>,
    /// The API's version, or else the moment of the deployment.
    pub(crate) version: &'a str,
    pub(crate) stage: &'a str,
    pub(crate) endpoint_type: &'a str,
    pub(crate) vpc_endpoint_ids: &'a [String],
    pub(crate) disable_execute_api_endpoint: bool,
    /// The version of the documentation that the stage has: its name, when it was made, its parts.
    pub(crate) documentation: Option<(&'a str, String, &'a [(Location, String)])>,
}

/// The whole document.
pub(crate) fn write(subject: &Subject<'_>, format: Format, extensions: Extensions) -> Json {
    let api = subject.api;
    let mut root = Map::new();
    let host = format!("{}.execute-api.{}.amazonaws.com", api.id, api.region);
    let mut info = Map::new();
    info.insert("title".to_owned(), json!(api.name));
    if let Some(description) = subject.description {
        info.insert("description".to_owned(), json!(description));
    }
    info.insert("version".to_owned(), json!(subject.version));
    match format {
        Format::Swagger => {
            root.insert("swagger".to_owned(), json!("2.0"));
            root.insert("info".to_owned(), Json::Object(info));
            root.insert("host".to_owned(), json!(host));
            root.insert("basePath".to_owned(), json!(format!("/{}", subject.stage)));
            root.insert("schemes".to_owned(), json!(["https"]));
        }
        Format::Oas3 => {
            root.insert("openapi".to_owned(), json!("3.0.1"));
            root.insert("info".to_owned(), Json::Object(info));
            let server = json!({
                "url": format!("https://{host}/{{basePath}}"),
                "variables": {"basePath": {"default": subject.stage}},
            });
            root.insert("servers".to_owned(), json!([server]));
        }
    }
    let mut paths = Map::new();
    let mut resources: Vec<_> =
        api.resources.iter().filter(|resource| !resource.methods.is_empty()).collect();
    resources.sort_by(|a, b| a.path.cmp(&b.path));
    for resource in resources {
        let methods = resource.methods.iter().map(|(name, method)| {
            let writer = operation::Writer { api, format, extensions, resource };
            (operation::key(name), writer.operation(method))
        });
        paths.insert(resource.path.clone(), Json::Object(methods.collect()));
    }
    root.insert("paths".to_owned(), Json::Object(paths));
    let (schemas, schemes) = (schemas(api, format), schemes(api, extensions));
    match format {
        Format::Swagger => {
            insert_filled(&mut root, "securityDefinitions", schemes);
            insert_filled(&mut root, "definitions", schemas);
        }
        Format::Oas3 => {
            let mut components = Map::new();
            insert_filled(&mut components, "schemas", schemas);
            insert_filled(&mut components, "securitySchemes", schemes);
            root.insert("components".to_owned(), Json::Object(components));
        }
    }
    if extensions.api {
        extension::of_api(subject, &mut root);
    }
    let mut root = Json::Object(root);
    if let Some((version, created, parts)) = &subject.documentation {
        if extensions.documentation {
            root["x-amazon-apigateway-documentation"] = extension::documentation(version, created, parts);
        } else {
            documented::merge(&mut root, parts);
        }
    }
    root
}

fn insert_filled(into: &mut Map<String, Json>, name: &str, members: Map<String, Json>) {
    if !members.is_empty() {
        into.insert(name.to_owned(), Json::Object(members));
    }
}

/// The models that a method or another model uses, and those that are the API's own.
fn schemas(api: &ApiDefinition, format: Format) -> Map<String, Json> {
    let methods = || api.resources.iter().flat_map(|resource| resource.methods.values());
    let mut used: BTreeSet<&str> = methods().flat_map(models_of).collect();
    used.extend(api.models.keys().map(String::as_str).filter(|name| !matches!(*name, "Empty" | "Error")));
    let mut found = Map::new();
    for name in used {
        let Some(schema) = api.models.get(name).and_then(|model| model.schema.as_deref()) else { continue };
        let Ok(schema) = serde_json::from_str::<Json>(schema) else { continue };
        let rewrite = |url: &str| Some(format!("{}{}", format.schemas(), name_in_url(url)?));
        let mut schema = with_references(&schema, &rewrite);
        if let Some(schema) = schema.as_object_mut() {
            schema.shift_remove("$schema");
        }
        found.insert(name.to_owned(), schema);
    }
    found
}

fn models_of(method: &MethodDefinition) -> impl Iterator<Item = &str> {
    let responses = method.responses.values().flat_map(|response| response.response_models.values());
    method.request_models.values().chain(responses).map(String::as_str)
}

fn schemes(api: &ApiDefinition, extensions: Extensions) -> Map<String, Json> {
    let methods = || api.resources.iter().flat_map(|resource| resource.methods.values());
    let mut found = Map::new();
    let in_header = |name: &str| json!({"type": "apiKey", "name": name, "in": "header"});
    for authorizer in api.authorizers.values() {
        let mut scheme = in_header(header_of(authorizer));
        if extensions.authorizers {
            let default =
                if authorizer.kind == "COGNITO_USER_POOLS" { "cognito_user_pools" } else { "custom" };
            scheme["x-amazon-apigateway-authtype"] =
                json!(authorizer.auth_type.as_deref().unwrap_or(default));
            scheme["x-amazon-apigateway-authorizer"] = security::extension(authorizer);
        }
        found.insert(authorizer.name.clone(), scheme);
    }
    if methods().any(|method| method.authorization_type == "AWS_IAM") {
        let mut scheme = in_header("Authorization");
        if extensions.authorizers {
            scheme["x-amazon-apigateway-authtype"] = json!("awsSigv4");
        }
        found.insert("sigv4".to_owned(), scheme);
    }
    if methods().any(|method| method.api_key_required) {
        found.insert("api_key".to_owned(), in_header("x-api-key"));
    }
    found
}

/// The header that carries a token; AWS writes `Unused` where there is none.
fn header_of(authorizer: &AuthorizerDefinition) -> &str {
    let source = authorizer.identity_source.as_deref().unwrap_or_default();
    let header = source.strip_prefix("method.request.header.").filter(|name| !name.contains(','));
    header.filter(|_| authorizer.kind != "REQUEST").unwrap_or("Unused")
}
