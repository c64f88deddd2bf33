//! `x-amazon-apigateway-integration`.

use plan::definition::{IntegrationDefinition, IntegrationResponseDefinition, Strings};
use serde_json::Value as Json;

use super::super::source::{members, plain, text, texts};
use super::method::Place;
use super::{flag, number};

const TIMEOUT_MS_DEFAULT: u64 = 29_000;

/// Reads the integration of a method. The cache's name space is the resource's id, which is not known yet, unless the document has one.
pub(super) fn read(value: &Json, place: &Place<'_>, warnings: &mut Vec<String>) -> IntegrationDefinition {
    let upper = |name: &str| text(value, name).map(|text| text.to_ascii_uppercase());
    let kind = upper("type").unwrap_or_default();
    let mut responses = std::collections::BTreeMap::new();
    for (pattern, response) in members(value, "responses") {
        let status = text(response, "statusCode").unwrap_or_else(|| "200".to_owned());
        let made = IntegrationResponseDefinition {
            selection_pattern: (pattern != "default").then(|| pattern.clone()),
            response_parameters: strings(response, "responseParameters", place, warnings),
            response_templates: strings(response, "responseTemplates", place, warnings),
            content_handling: text(response, "contentHandling").map(|text| text.to_ascii_uppercase()),
        };
        responses.insert(status, made);
    }
    IntegrationDefinition {
        kind,
        http_method: upper("httpMethod").map(|name| match name.as_str() {
            "X-AMAZON-APIGATEWAY-ANY-METHOD" => "ANY".to_owned(),
            _ => name,
        }),
        uri: text(value, "uri"),
        connection_type: upper("connectionType").unwrap_or_else(|| "INTERNET".to_owned()),
        connection_id: text(value, "connectionId"),
        credentials: text(value, "credentials"),
        request_parameters: strings(value, "requestParameters", place, warnings),
        request_templates: strings(value, "requestTemplates", place, warnings),
        passthrough_behavior: upper("passthroughBehavior").unwrap_or_else(|| "WHEN_NO_MATCH".to_owned()),
        content_handling: upper("contentHandling"),
        timeout_ms: value
            .get("timeoutInMillis")
            .and_then(number)
            .and_then(|ms| u64::try_from(ms).ok())
            .unwrap_or(TIMEOUT_MS_DEFAULT),
        cache_namespace: text(value, "cacheNamespace"),
        cache_key_parameters: texts(value, "cacheKeyParameters").unwrap_or_default(),
        insecure_skip_verification: value
            .get("tlsConfig")
            .and_then(|tls| tls.get("insecureSkipVerification"))
            .map(flag),
        response_transfer_mode: upper("responseTransferMode"),
        integration_target: text(value, "integrationTarget"),
        responses,
    }
}

/// A map of texts; what is no text is left out with a warning.
fn strings(value: &Json, name: &str, place: &Place<'_>, warnings: &mut Vec<String>) -> Strings {
    let mut found = Strings::new();
    for (key, item) in members(value, name) {
        match item {
            Json::String(item) => {
                found.insert(key.clone(), item.clone());
            }
            other => warnings.push(format!(
                "Invalid format for '{name}'. Expected type string for property '{key}' of resource '{}' and method '{}' but got '{}'",
                place.path,
                place.name,
                plain(other)
            )),
        }
    }
    found
}
