//! Security schemes of a document: API keys, IAM and authorizers; and what a method asks of them.

use std::collections::BTreeMap;

use plan::definition::{AuthorizerDefinition, MethodDefinition};
use serde_json::Value as Json;

use super::import::number;
use super::source::{Source, plain, text, texts};

/// What a scheme means for a method.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scheme {
    ApiKey,
    Iam,
    /// The authorizer of this name, and whether it is a user pool.
    Authorizer(String, bool),
    /// Nothing that API Gateway enforces.
    Other,
}

/// The schemes of a document by name; authorizers among them are put into `authorizers`.
pub(super) fn schemes(
    source: &Source<'_>,
    authorizers: &mut BTreeMap<String, AuthorizerDefinition>,
) -> BTreeMap<String, Scheme> {
    let mut found = BTreeMap::new();
    for (name, scheme) in source.shared("securityDefinitions", "securitySchemes") {
        let scheme = source.resolve(scheme);
        let auth_type = text(scheme, "x-amazon-apigateway-authtype");
        let meaning = if let Some(extension) = scheme.get("x-amazon-apigateway-authorizer") {
            let authorizer = authorizer(name, scheme, extension, auth_type);
            let is_pool = authorizer.kind == "COGNITO_USER_POOLS";
            authorizers.insert(name.clone(), authorizer);
            Scheme::Authorizer(name.clone(), is_pool)
        } else if auth_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("awsSigv4")) {
            Scheme::Iam
        } else if is_api_key(scheme) {
            Scheme::ApiKey
        } else {
            Scheme::Other
        };
        found.insert(name.clone(), meaning);
    }
    found
}

/// Does to a method what `security` asks.
pub(super) fn apply(
    wanted: Option<&Json>,
    schemes: &BTreeMap<String, Scheme>,
    method: &mut MethodDefinition,
) {
    let all = wanted.and_then(Json::as_array).into_iter().flatten();
    for (name, scopes) in all.filter_map(Json::as_object).flatten() {
        match schemes.get(name) {
            Some(Scheme::ApiKey) => method.api_key_required = true,
            Some(Scheme::Iam) => method.authorization_type = "AWS_IAM".to_owned(),
            Some(Scheme::Authorizer(authorizer, is_pool)) => {
                let kind = if *is_pool { "COGNITO_USER_POOLS" } else { "CUSTOM" };
                method.authorization_type = kind.to_owned();
                method.authorizer_id = Some(authorizer.clone());
                let scopes = scopes.as_array().into_iter().flatten().map(plain);
                method.authorization_scopes = scopes.filter(|_| *is_pool).collect();
            }
            Some(Scheme::Other) | None => {}
        }
    }
}

fn is_api_key(scheme: &Json) -> bool {
    let is = |member: &str, wanted: &str| {
        text(scheme, member).is_some_and(|text| text.eq_ignore_ascii_case(wanted))
    };
    is("type", "apiKey") && is("in", "header") && is("name", "x-api-key")
}

fn authorizer(
    name: &str,
    scheme: &Json,
    extension: &Json,
    auth_type: Option<String>,
) -> AuthorizerDefinition {
    let kind = text(extension, "type").unwrap_or_default().to_ascii_uppercase();
    // The header that a scheme names carries a token, unless the extension says where identity comes from.
    let header = text(scheme, "name").filter(|_| kind != "REQUEST");
    let header = header.map(|header| format!("method.request.header.{header}"));
    AuthorizerDefinition {
        id: String::new(),
        name: name.to_owned(),
        kind,
        provider_arns: texts(extension, "providerARNs").unwrap_or_default(),
        auth_type,
        uri: text(extension, "authorizerUri"),
        credentials: text(extension, "authorizerCredentials"),
        identity_source: text(extension, "identitySource").or(header),
        identity_validation_expression: text(extension, "identityValidationExpression"),
        ttl_seconds: extension.get("authorizerResultTtlInSeconds").and_then(number),
    }
}

/// The members of a scheme's extension for an authorizer.
pub(super) fn extension(authorizer: &AuthorizerDefinition) -> Json {
    let mut members = serde_json::Map::new();
    let mut put = |name: &str, value: Option<Json>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    let text = |text: &Option<String>| text.clone().map(Json::from);
    put("type", Some(Json::from(authorizer.kind.to_ascii_lowercase())));
    let has_pools = !authorizer.provider_arns.is_empty();
    put("providerARNs", has_pools.then(|| Json::from(authorizer.provider_arns.clone())));
    put("authorizerUri", text(&authorizer.uri));
    put("authorizerCredentials", text(&authorizer.credentials));
    put("identitySource", text(&authorizer.identity_source).filter(|_| authorizer.kind == "REQUEST"));
    put("identityValidationExpression", text(&authorizer.identity_validation_expression));
    put("authorizerResultTtlInSeconds", authorizer.ttl_seconds.map(Json::from));
    Json::Object(members)
}
