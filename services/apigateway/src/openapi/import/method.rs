//! Paths and methods of a document.

use std::collections::BTreeMap;

use plan::definition::{MethodDefinition, MethodResponseDefinition, Strings};
use serde_json::Value as Json;

use super::super::model;
use super::super::security::{self, Scheme};
use super::super::source::{Source, members, reference, text, texts};
use super::{Imported, Options, documented, flag, integration};

/// The keys of a path that are methods, and what they are called.
const METHODS: [(&str, &str); 8] = [
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("x-amazon-apigateway-any-method", "ANY"),
];

/// Reads paths into what was read before.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) schemes: &'a BTreeMap<String, Scheme>,
    pub(super) options: Options<'a>,
    pub(super) imported: &'a mut Imported,
}

/// One method while it is read.
pub(super) struct Place<'a> {
    pub(super) path: &'a str,
    pub(super) name: &'static str,
}

impl Reader<'_> {
    /// Reads the methods of a path. A path without any is a resource all the same.
    pub(super) fn path(&mut self, path: &str, item: &Json) {
        let mut methods = BTreeMap::new();
        for (key, name) in METHODS {
            if let Some(operation) = item.get(key) {
                let place = Place { path, name };
                let method = self.method(&place, item, operation);
                methods.insert(name.to_owned(), method);
            }
        }
        self.imported.paths.entry(path.to_owned()).or_default().extend(methods);
    }

    fn method(&mut self, place: &Place<'_>, item: &Json, operation: &Json) -> MethodDefinition {
        let mut method = MethodDefinition {
            authorization_type: "NONE".to_owned(),
            operation_name: text(operation, "operationId"),
            request_validator_id: text(operation, "x-amazon-apigateway-request-validator")
                .or_else(|| text(self.source.root, "x-amazon-apigateway-request-validator")),
            ..MethodDefinition::default()
        };
        let wanted = operation.get("security").or_else(|| self.source.root.get("security"));
        security::apply(wanted, self.schemes, &mut method);
        if let Some(auth) = operation.get("x-amazon-apigateway-auth")
            && text(auth, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("AWS_IAM"))
        {
            method.authorization_type = "AWS_IAM".to_owned();
        }
        for name in path_parameters(place.path) {
            method.request_parameters.insert(format!("method.request.path.{name}"), true);
        }
        for parameter in self.parameters(item, operation) {
            self.parameter(place, &parameter, operation, &mut method);
        }
        self.request_body(operation, &mut method);
        self.responses(operation, &mut method);
        if !self.options.ignores_documentation {
            documented::method(place, operation, &mut self.imported.documentation);
        }
        let found = operation.get("x-amazon-apigateway-integration").map(|value| self.source.resolve(value));
        method.integration = found.map(|found| integration::read(found, place, &mut self.imported.warnings));
        method
    }

    /// The parameters of a path and those of the operation, which win.
    fn parameters(&self, item: &Json, operation: &Json) -> Vec<Json> {
        let list =
            |value: &Json| value.get("parameters").and_then(Json::as_array).cloned().unwrap_or_default();
        let mut found: Vec<Json> = Vec::new();
        let id = |value: &Json| (text(value, "in"), text(value, "name"));
        for parameter in list(item).into_iter().chain(list(operation)) {
            let parameter = self.source.resolve(&parameter).clone();
            found.retain(|other| id(other) != id(&parameter));
            found.push(parameter);
        }
        found
    }

    fn parameter(
        &mut self,
        place: &Place<'_>,
        parameter: &Json,
        operation: &Json,
        method: &mut MethodDefinition,
    ) {
        let name = text(parameter, "name").unwrap_or_default();
        let location = match text(parameter, "in").unwrap_or_default().as_str() {
            "path" => "path",
            "query" => "querystring",
            "header" => "header",
            "body" => {
                let types = self.types(operation, "consumes");
                let schema = parameter.get("schema").unwrap_or(&Json::Null);
                self.models(schema, &types, &mut method.request_models);
                return;
            }
            // Cookies and forms have no place in a method request.
            _ => return,
        };
        if name.is_empty() {
            return;
        }
        let is_required = location == "path" || parameter.get("required").is_some_and(flag);
        method.request_parameters.insert(format!("method.request.{location}.{name}"), is_required);
        if !self.options.ignores_documentation {
            documented::parameter(place, location, &name, parameter, &mut self.imported.documentation);
        }
    }

    fn request_body(&mut self, operation: &Json, method: &mut MethodDefinition) {
        let Some(body) = operation.get("requestBody") else { return };
        let source = self.source;
        for (kind, media) in members(source.resolve(body), "content") {
            if let Some(schema) = media.get("schema") {
                self.models(schema, std::slice::from_ref(kind), &mut method.request_models);
            }
        }
    }

    fn responses(&mut self, operation: &Json, method: &mut MethodDefinition) {
        let source = self.source;
        for (status, response) in members(operation, "responses") {
            // A response for any status has no place in a method.
            if status.len() != 3 || !status.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            let response = source.resolve(response);
            let mut made = MethodResponseDefinition::default();
            for (name, _) in members(response, "headers") {
                made.response_parameters.insert(format!("method.response.header.{name}"), false);
            }
            if let Some(schema) = response.get("schema") {
                let types = self.types(operation, "produces");
                self.models(schema, &types, &mut made.response_models);
            }
            for (kind, media) in members(response, "content") {
                if let Some(schema) = media.get("schema") {
                    self.models(schema, std::slice::from_ref(kind), &mut made.response_models);
                }
            }
            method.responses.insert(status.clone(), made);
        }
    }

    /// Content types of an operation, or of the document, or JSON.
    fn types(&self, operation: &Json, name: &str) -> Vec<String> {
        let found = texts(operation, name).filter(|types| !types.is_empty());
        let found = found.or_else(|| texts(self.source.root, name).filter(|types| !types.is_empty()));
        found.unwrap_or_else(|| vec!["application/json".to_owned()])
    }

    /// Notes the model of a schema for each content type; a schema without a name becomes a model with a made-up one.
    fn models(&mut self, schema: &Json, types: &[String], into: &mut Strings) {
        let named = reference(schema).and_then(model::name_in);
        let name = match named {
            Some(name) => name.to_owned(),
            None if schema.as_object().is_none_or(serde_json::Map::is_empty) => return,
            None => {
                let made = model::unnamed(schema, self.options.api_id);
                let name = made.name.clone();
                self.imported.models.entry(name.clone()).or_insert(made);
                name
            }
        };
        into.extend(types.iter().map(|kind| (kind.clone(), name.clone())));
    }
}

/// The names in braces of a path.
pub(crate) fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    let name = |part| str::strip_suffix(str::strip_prefix(part, '{')?, '}');
    path.split('/').filter_map(name).map(|name| name.trim_end_matches('+'))
}
