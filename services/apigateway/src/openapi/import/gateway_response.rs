//! `x-amazon-apigateway-gateway-responses`.

use plan::definition::{GatewayResponseDefinition, Strings};
use serde_json::Value as Json;

use super::super::source::{members, plain, text};
use super::Imported;

/// Reads the customised gateway responses of a document.
pub(super) fn read(root: &Json, imported: &mut Imported) {
    for (kind, response) in members(root, "x-amazon-apigateway-gateway-responses") {
        let strings = |name: &str| -> Strings {
            members(response, name).map(|(key, value)| (key.clone(), plain(value))).collect()
        };
        let made = GatewayResponseDefinition {
            status_code: text(response, "statusCode").filter(|status| status != "null"),
            response_parameters: strings("responseParameters"),
            response_templates: strings("responseTemplates"),
        };
        imported.gateway_responses.insert(kind.to_ascii_uppercase(), made);
    }
}
