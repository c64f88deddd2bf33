//! API Gateway's extensions, written.

use plan::definition::{IntegrationDefinition, IntegrationResponseDefinition};
use serde_json::{Map, Value as Json, json};

use super::Subject;
use crate::documentation::Location;

const TIMEOUT_MS_DEFAULT: u64 = 29_000;

/// `x-amazon-apigateway-integration`. What is as it would be without being said is left out.
pub(super) fn integration(integration: &IntegrationDefinition, resource_id: &str) -> Json {
    let mut made = Map::new();
    let mut put = |name: &str, value: Option<Json>| {
        if let Some(value) = value.filter(|value| *value != json!({}) && *value != json!([])) {
            made.insert(name.to_owned(), value);
        }
    };
    let text = |text: &Option<String>| text.clone().map(Json::from);
    put("type", Some(json!(integration.kind.to_ascii_lowercase())));
    put("httpMethod", text(&integration.http_method));
    put("uri", text(&integration.uri));
    put("credentials", text(&integration.credentials));
    let is_internet = matches!(integration.connection_type.as_str(), "" | "INTERNET");
    put("connectionType", (!is_internet).then(|| json!(integration.connection_type)));
    put("connectionId", text(&integration.connection_id));
    put("integrationTarget", text(&integration.integration_target));
    let responses = integration.responses.iter().map(|(status, one)| {
        (one.selection_pattern.clone().unwrap_or_else(|| "default".to_owned()), response(status, one))
    });
    put("responses", Some(Json::Object(responses.collect())));
    put("requestParameters", Some(json!(integration.request_parameters)));
    put("requestTemplates", Some(json!(integration.request_templates)));
    put("passthroughBehavior", Some(json!(integration.passthrough_behavior.to_ascii_lowercase())));
    put("contentHandling", text(&integration.content_handling));
    let has_timeout = integration.timeout_ms != TIMEOUT_MS_DEFAULT;
    put("timeoutInMillis", has_timeout.then(|| json!(integration.timeout_ms)));
    let namespace = integration.cache_namespace.clone().filter(|namespace| namespace != resource_id);
    put("cacheNamespace", namespace.map(Json::from));
    put("cacheKeyParameters", Some(json!(integration.cache_key_parameters)));
    let skips = integration.insecure_skip_verification;
    put("tlsConfig", skips.map(|skip| json!({"insecureSkipVerification": skip})));
    put("responseTransferMode", text(&integration.response_transfer_mode));
    Json::Object(made)
}

fn response(status: &str, response: &IntegrationResponseDefinition) -> Json {
    let mut made = json!({"statusCode": status});
    if !response.response_parameters.is_empty() {
        made["responseParameters"] = json!(response.response_parameters);
    }
    if !response.response_templates.is_empty() {
        made["responseTemplates"] = json!(response.response_templates);
    }
    if let Some(handling) = &response.content_handling {
        made["contentHandling"] = json!(handling);
    }
    made
}

/// The extensions of the API as a whole.
pub(super) fn of_api(subject: &Subject<'_>, root: &mut Map<String, Json>) {
    let api = subject.api;
    let mut put = |name: &str, value: Json| root.insert(format!("x-amazon-apigateway-{name}"), value);
    if let Some(policy) = api.policy.as_deref().and_then(|text| serde_json::from_str(text).ok()) {
        put("policy", policy);
    }
    if !api.gateway_responses.is_empty() {
        let rows = api.gateway_responses.iter().map(|(kind, response)| {
            let mut made = json!({});
            if let Some(status) = &response.status_code {
                made["statusCode"] = status.parse::<u16>().map_or_else(|_| json!(status), |code| json!(code));
            }
            if !response.response_parameters.is_empty() {
                made["responseParameters"] = json!(response.response_parameters);
            }
            if !response.response_templates.is_empty() {
                made["responseTemplates"] = json!(response.response_templates);
            }
            (kind.clone(), made)
        });
        put("gateway-responses", Json::Object(rows.collect()));
    }
    if !api.request_validators.is_empty() {
        let rows = api.request_validators.values().map(|validator| {
            let made = json!({
                "validateRequestParameters": validator.validates_parameters,
                "validateRequestBody": validator.validates_body,
            });
            (validator.name.clone(), made)
        });
        put("request-validators", Json::Object(rows.collect()));
    }
    if !api.binary_media_types.is_empty() {
        put("binary-media-types", json!(api.binary_media_types));
    }
    if let Some(size) = api.minimum_compression_size {
        put("minimum-compression-size", json!(size));
    }
    if api.api_key_source == "AUTHORIZER" {
        put("api-key-source", json!("AUTHORIZER"));
    }
    let has_endpoint = subject.endpoint_type != "EDGE"
        || subject.disable_execute_api_endpoint
        || !subject.vpc_endpoint_ids.is_empty();
    if has_endpoint {
        let mut made = json!({"types": [subject.endpoint_type]});
        if subject.disable_execute_api_endpoint {
            made["disableExecuteApiEndpoint"] = json!(true);
        }
        if !subject.vpc_endpoint_ids.is_empty() {
            made["vpcEndpointIds"] = json!(subject.vpc_endpoint_ids);
        }
        put("endpoint-configuration", made);
    }
}

/// `x-amazon-apigateway-documentation`.
pub(super) fn documentation(version: &str, created: &str, parts: &[(Location, String)]) -> Json {
    let parts = parts.iter().map(|(location, properties)| {
        let properties: Json = serde_json::from_str(properties).unwrap_or_else(|_| json!({}));
        json!({"location": location, "properties": properties})
    });
    json!({"version": version, "createdDate": created, "documentationParts": parts.collect::<Vec<_>>()})
}
