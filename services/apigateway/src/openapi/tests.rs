//! Documents read and written; what operations answer is in `cases/`.

use serde_json::json;

use super::import::{BasePath, Imported, Options, read};
use super::*;

fn options(base_path: BasePath) -> Options<'static> {
    Options { api_id: "api0000000", base_path, ignores_documentation: false }
}

fn imported(document: &str) -> Imported {
    read(document.as_bytes(), options(BasePath::Ignore)).unwrap()
}

fn check_paths(base_path: BasePath, head: &str, expect: &[&str]) {
    let text =
        format!("{{{head}, \"info\": {{\"title\": \"t\", \"version\": 1}}, \"paths\": {{\"/test\": {{}}}}}}");
    let found = read(text.as_bytes(), options(base_path)).unwrap();
    assert_eq!(found.paths.keys().collect::<Vec<_>>(), expect, "{head}");
}

#[test]
fn base_paths_are_ignored_prepended_or_split() {
    let swagger = r#""swagger": "2.0", "basePath": "/base""#;
    check_paths(BasePath::Ignore, swagger, &["/test"]);
    check_paths(BasePath::Prepend, swagger, &["/base/test"]);
    check_paths(BasePath::Split, swagger, &["/test"]);
    let by_url = r#""openapi": "3.0.1", "servers": [{"url": "https://example.com/base-url/part/"}]"#;
    check_paths(BasePath::Ignore, by_url, &["/test"]);
    check_paths(BasePath::Prepend, by_url, &["/base-url/part/test"]);
    check_paths(BasePath::Split, by_url, &["/part/test"]);
    let by_variable = r#""openapi": "3.0.1", "servers": [{"url": "https://example.com/{basePath}", "variables": {"basePath": {"default": "/base-var"}}}]"#;
    check_paths(BasePath::Prepend, by_variable, &["/base-var/test"]);
}

#[test]
fn yaml_is_read_as_json_is() {
    let text = "openapi: 3.0.1\ninfo: {title: t, version: 1.0}\nshared: &shared\n  get:\n    operationId: one\n    responses: {200: {description: ok}}\npaths:\n  /a:\n    <<: *shared\n  /b: *shared\n";
    let found = imported(text);
    assert_eq!(found.version.as_deref(), Some("1.0"));
    for path in ["/a", "/b"] {
        let method = &found.paths[path]["GET"];
        assert_eq!(method.operation_name.as_deref(), Some("one"));
        assert!(method.responses.contains_key("200"));
    }
}

fn check_malformed(text: &str, expect: &str) {
    let error = tree(text.as_bytes()).unwrap_err().to_string();
    assert!(error.contains(expect), "{text:.80}: {error}");
}

#[test]
fn what_is_no_document_is_refused() {
    check_malformed("{a: [1, 2", "malformed document");
    check_malformed("just text", "Invalid OpenAPI input.");
    check_malformed(&"[".repeat(100_000), "malformed document");
    // Aliases that double at each of thirty levels.
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..30 {
        bomb.push_str(&format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1));
    }
    check_malformed(&bomb, "nodes");
}

#[test]
fn a_written_document_is_read_again() {
    let tree = json!({"swagger": "2.0", "x": [1, {"a b": "yes\n: no", "true": null}, [], {}], "n": -1.5, "/p/{id}": {"k": "#"}});
    assert_eq!(super::yaml::tree(&yaml(&tree)).unwrap(), tree);
}

#[test]
fn schemes_become_authorizers_keys_and_iam() {
    let found = imported(
        r##"{"openapi": "3.0.2", "info": {"title": "t", "version": "1"},
        "components": {"securitySchemes": {
            "pool": {"type": "apiKey", "name": "Auth", "in": "header", "x-amazon-apigateway-authtype": "cognito_user_pools",
                "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": ["arn"]}},
            "lambda": {"type": "apiKey", "name": "X-Api-Key", "in": "header", "x-amazon-apigateway-authtype": "custom",
                "x-amazon-apigateway-authorizer": {"type": "request", "authorizerUri": "uri", "identitySource": "method.request.header.A", "authorizerResultTtlInSeconds": 0}},
            "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
            "iam": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}}},
        "security": [{"pool": ["email"]}],
        "paths": {"/a/{id}/{rest+}": {"get": {}, "put": {"security": [{"lambda": []}, {"key": []}]}, "post": {"security": []}, "delete": {"security": [{"iam": []}]}}}}"##,
    );
    let methods = &found.paths["/a/{id}/{rest+}"];
    let told = |name: &str| {
        let method = &methods[name];
        (
            method.authorization_type.as_str(),
            method.authorizer_id.as_deref(),
            method.authorization_scopes.join(","),
            method.api_key_required,
        )
    };
    assert_eq!(told("GET"), ("COGNITO_USER_POOLS", Some("pool"), "email".to_owned(), false));
    assert_eq!(told("PUT"), ("CUSTOM", Some("lambda"), String::new(), true));
    assert_eq!(told("POST"), ("NONE", None, String::new(), false));
    assert_eq!(told("DELETE"), ("AWS_IAM", None, String::new(), false));
    assert_eq!(
        methods["GET"].request_parameters.keys().collect::<Vec<_>>(),
        ["method.request.path.id", "method.request.path.rest"]
    );
    let pool = &found.authorizers["pool"];
    assert_eq!(
        (pool.kind.as_str(), pool.identity_source.as_deref()),
        ("COGNITO_USER_POOLS", Some("method.request.header.Auth"))
    );
    let lambda = &found.authorizers["lambda"];
    assert_eq!(
        (lambda.kind.as_str(), lambda.ttl_seconds, lambda.identity_source.as_deref()),
        ("REQUEST", Some(0), Some("method.request.header.A"))
    );
}

#[test]
fn schemas_without_names_become_models() {
    let found = imported(
        r##"{"swagger": "2.0", "info": {"title": "t", "version": "1"}, "consumes": ["application/json", "text/json"],
        "definitions": {"Pet": {"type": "object", "description": "a pet"}, "Pets": {"type": "array", "items": {"$ref": "#/definitions/Pet"}}},
        "paths": {"/": {"post": {"parameters": [{"in": "body", "name": "b", "schema": {"type": "string"}}], "responses": {"200": {"schema": {"$ref": "#/definitions/Pets"}}, "default": {}}}}}}"##,
    );
    let method = &found.paths["/"]["POST"];
    let name = &method.request_models["application/json"];
    assert!(name.starts_with("MODEL") && name.len() == 11, "{name}");
    assert_eq!(method.request_models["text/json"], *name);
    assert_eq!(found.models[name].schema.as_deref(), Some(r#"{"type":"string"}"#));
    assert_eq!(method.responses["200"].response_models["application/json"], "Pets");
    assert!(!method.responses.contains_key("default"));
    assert_eq!(found.models["Pet"].description.as_deref(), Some("a pet"));
    assert!(
        found.models["Pets"]
            .schema
            .as_deref()
            .unwrap()
            .contains("https://apigateway.amazonaws.com/restapis/api0000000/models/Pet")
    );
}
