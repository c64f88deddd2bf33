//! One method as an operation of a document.

use std::collections::BTreeSet;

use plan::definition::{ApiDefinition, MethodDefinition, MethodResponseDefinition, ResourceDefinition};
use serde_json::{Map, Value as Json, json};

use super::{Extensions, Format, extension};

/// What an operation is written of.
pub(super) struct Writer<'a> {
    pub(super) api: &'a ApiDefinition,
    pub(super) format: Format,
    pub(super) extensions: Extensions,
    pub(super) resource: &'a ResourceDefinition,
}

/// The key of a method in a path.
pub(super) fn key(method: &str) -> String {
    if method == "ANY" { "x-amazon-apigateway-any-method".to_owned() } else { method.to_ascii_lowercase() }
}

impl Writer<'_> {
    /// The operation.
    pub(super) fn operation(&self, method: &MethodDefinition) -> Json {
        let mut operation = Map::new();
        let mut put = |name: &str, value: Json| operation.insert(name.to_owned(), value);
        if let Some(name) = &method.operation_name {
            put("operationId", json!(name));
        }
        if self.format == Format::Swagger {
            let (consumes, produces) = content_types(method);
            if !consumes.is_empty() {
                put("consumes", json!(consumes));
            }
            if !produces.is_empty() {
                put("produces", json!(produces));
            }
        }
        let parameters = self.parameters(method);
        if !parameters.is_empty() {
            put("parameters", Json::Array(parameters));
        }
        if self.format == Format::Oas3 && !method.request_models.is_empty() {
            put("requestBody", json!({"content": self.content(&method.request_models), "required": true}));
        }
        let responses = method
            .responses
            .iter()
            .map(|(status, response)| (status.clone(), self.response(status, response)));
        put("responses", Json::Object(responses.collect()));
        let security = self.security(method);
        if !security.is_empty() {
            put("security", Json::Array(security));
        }
        if self.extensions.api
            && let Some(validator) = method.request_validator_id.as_ref()
            && let Some(validator) = self.api.request_validators.get(validator)
        {
            put("x-amazon-apigateway-request-validator", json!(validator.name));
        }
        if self.extensions.integrations
            && let Some(integration) = &method.integration
        {
            put("x-amazon-apigateway-integration", extension::integration(integration, &self.resource.id));
        }
        Json::Object(operation)
    }

    fn parameters(&self, method: &MethodDefinition) -> Vec<Json> {
        let mut found = Vec::new();
        for (key, is_required) in &method.request_parameters {
            let Some((location, name)) =
                key.strip_prefix("method.request.").and_then(|rest| rest.split_once('.'))
            else {
                continue;
            };
            let location = if location == "querystring" { "query" } else { location };
            let mut parameter = json!({"name": name, "in": location});
            match self.format {
                Format::Swagger => {
                    parameter["required"] = json!(is_required);
                    parameter["type"] = json!("string");
                }
                Format::Oas3 => {
                    if *is_required {
                        parameter["required"] = json!(true);
                    }
                    parameter["schema"] = json!({"type": "string"});
                }
            }
            found.push(parameter);
        }
        // Swagger has one body, whatever its content type.
        if self.format == Format::Swagger
            && let Some(model) = method.request_models.values().next()
        {
            let schema = self.reference(model);
            found.push(json!({"in": "body", "name": model, "required": true, "schema": schema}));
        }
        found
    }

    fn response(&self, status: &str, response: &MethodResponseDefinition) -> Json {
        let mut made = json!({"description": format!("{status} response")});
        if self.format == Format::Swagger
            && let Some(model) = response.response_models.values().next()
        {
            made["schema"] = self.reference(model);
        }
        let header = match self.format {
            Format::Swagger => json!({"type": "string"}),
            Format::Oas3 => json!({"schema": {"type": "string"}}),
        };
        let names = response.response_parameters.keys();
        let names = names.filter_map(|key| key.strip_prefix("method.response.header."));
        let headers: Map<String, Json> = names.map(|name| (name.to_owned(), header.clone())).collect();
        if !headers.is_empty() {
            made["headers"] = Json::Object(headers);
        }
        if self.format == Format::Oas3 {
            made["content"] = self.content(&response.response_models);
        }
        made
    }

    fn content(&self, models: &plan::definition::Strings) -> Json {
        let rows =
            models.iter().map(|(kind, model)| (kind.clone(), json!({"schema": self.reference(model)})));
        Json::Object(rows.collect())
    }

    fn reference(&self, model: &str) -> Json {
        json!({"$ref": format!("{}{model}", self.format.schemas())})
    }

    fn security(&self, method: &MethodDefinition) -> Vec<Json> {
        let mut found = Vec::new();
        if method.authorization_type == "AWS_IAM" {
            found.push(json!({"sigv4": []}));
        }
        if let Some(id) = &method.authorizer_id
            && let Some(authorizer) = self.api.authorizers.get(id)
        {
            let mut requirement = Map::new();
            requirement.insert(authorizer.name.clone(), json!(method.authorization_scopes));
            found.push(Json::Object(requirement));
        }
        if method.api_key_required {
            found.push(json!({"api_key": []}));
        }
        found
    }
}

/// What a method takes and gives: the content types of its models and of its integration's templates.
fn content_types(method: &MethodDefinition) -> (BTreeSet<&String>, BTreeSet<&String>) {
    let mut consumes: BTreeSet<&String> = method.request_models.keys().collect();
    let mut produces: BTreeSet<&String> =
        method.responses.values().flat_map(|response| response.response_models.keys()).collect();
    if let Some(integration) = &method.integration {
        consumes.extend(integration.request_templates.keys());
        produces
            .extend(integration.responses.values().flat_map(|response| response.response_templates.keys()));
    }
    consumes.retain(|kind| *kind != "$default");
    produces.retain(|kind| *kind != "$default");
    (consumes, produces)
}
