//! What bodies fit, and the texts of those that do not.

use super::*;

/// Checks a body against a schema that may refer to the models `Pet` and `Tree`.
fn check(schema: &str, body: &str, expect: &str) {
    let model = |name: &str, schema: &str| {
        let schema = Some(schema.to_owned());
        (name.to_owned(), ModelDefinition { name: name.to_owned(), schema, ..ModelDefinition::default() })
    };
    let url = "https://apigateway.amazonaws.com/restapis/abc123/models";
    let tree =
        format!(r#"{{"properties": {{"left": {{"$ref": "{url}/Tree"}}, "value": {{"type": "integer"}}}}}}"#);
    let api = ApiDefinition {
        models: [
            model(
                "Pet",
                r#"{"type": "object", "required": ["id"], "definitions": {"name": {"type": "string"}}}"#,
            ),
            model("Tree", &tree),
            model("Ring", &format!(r#"{{"allOf": [{{"$ref": "{url}/Ring2"}}]}}"#)),
            model("Ring2", &format!(r#"{{"$ref": "{url}/Ring"}}"#)),
            model("It", &schema.replace("MODELS", url)),
        ]
        .into(),
        ..ApiDefinition::default()
    };
    let found = match compile(&api.models, "It") {
        Ok(validator) => Model::Schema(Box::new(validator)),
        Err(why) => Model::Broken(why),
    };
    let found = match found.check(body.as_bytes()) {
        Ok(()) => "fits".to_owned(),
        Err(Misfit::Body(text)) => text,
        Err(Misfit::Model(why)) => format!("broken: {why}"),
    };
    match expect.strip_suffix('…') {
        Some(start) => assert!(found.starts_with(start), "{body} in {schema}: {found}"),
        None => assert_eq!(found, expect, "{body} in {schema}"),
    }
}

#[test]
fn texts() {
    check(
        r#"{"type": "object", "required": ["email", "password", "a"]}"#,
        r#"{"a": 1}"#,
        r#"[object has missing required properties (["email","password"])]"#,
    );
    check(
        r#"{"type": "number"}"#,
        r#""x""#,
        r#"[instance type (string) does not match any allowed primitive type (allowed: ["integer","number"])]"#,
    );
    check(
        r#"{"type": ["string", "null"]}"#,
        "1.5",
        r#"[instance type (number) does not match any allowed primitive type (allowed: ["null","string"])]"#,
    );
    check(
        r#"{"minimum": 0, "maximum": 20}"#,
        "97",
        "[numeric instance is greater than the required maximum (maximum: 20, found: 97)]",
    );
    check(
        r#"{"minimum": 5}"#,
        "3",
        "[numeric instance is lower than the required minimum (minimum: 5, found: 3)]",
    );
    check(
        r#"{"minimum": 5, "exclusiveMinimum": true}"#,
        "5",
        "[numeric instance is not strictly greater than the required minimum 5]",
    );
    check(
        r#"{"enum": ["a", "b"]}"#,
        r#""c""#,
        r#"[instance value ("c") not found in enum (possible values: ["a","b"])]"#,
    );
    check(
        r#"{"minLength": 3, "pattern": "^[0-9]+$"}"#,
        r#""é""#,
        r#"[string "é" is too short (length: 1, required minimum: 3), ECMA 262 regex "^[0-9]+$" does not match input string "é"]"#,
    );
    check(
        r#"{"maxItems": 1, "uniqueItems": true}"#,
        "[1, 1]",
        "[array is too long: must have at most 1 elements but instance has 2 elements, array must not contain duplicate elements]",
    );
    check(
        r#"{"additionalProperties": false, "properties": {"a": {}}}"#,
        r#"{"z": 1, "a": 1, "b": 1}"#,
        r#"[object instance has properties which are not allowed by the schema: ["b","z"]]"#,
    );
    check(
        r#"{"oneOf": [{"type": "string"}, {"minLength": 1}]}"#,
        r#""x""#,
        "[instance failed to match exactly one schema (matched 2 out of 2)]",
    );
    check(
        r#"{"oneOf": [{"type": "string"}, {"type": "null"}]}"#,
        "1",
        "[instance failed to match exactly one schema (matched 0 out of 2)]",
    );
    check(
        r#"{"anyOf": [{"type": "string"}, {"type": "null"}]}"#,
        "1",
        "[instance failed to match at least one required schema among 2]",
    );
    check(r#"{"not": {}}"#, "1", "[instance matched a schema which it should not have]");
    check(
        r#"{"dependencies": {"a": ["b"]}}"#,
        r#"{"a": 1}"#,
        r#"[object has missing required properties (["b"])]"#,
    );
    check(r#"{"format": "email"}"#, r#""x""#, r#"[string "x" is not a valid email address]"#);
    check(r#"{"type": "object"}"#, "", "[Unknown error parsing request body]");
}

#[test]
fn the_first_level_that_is_wrong_is_shown() {
    let schema = r#"{"required": ["a"], "properties": {"b": {"required": ["c"], "properties": {"d": {"type": "null"}}}, "e": {"type": "null"}}}"#;
    check(schema, r#"{"b": {}}"#, r#"[object has missing required properties (["a"])]"#);
    check(schema, r#"{"a": 1, "b": {"d": 1}}"#, r#"[object has missing required properties (["c"])]"#);
    check(
        schema,
        r#"{"a": 1, "b": {"d": 1, "c": 1}, "e": 1}"#,
        r#"[instance type (integer) does not match any allowed primitive type (allowed: ["null"]), …"#,
    );
}

#[test]
fn references() {
    check(r#"{"$ref": "MODELS/Pet"}"#, r#"{"id": 1}"#, "fits");
    check(r#"{"$ref": "MODELS/Pet"}"#, "{}", r#"[object has missing required properties (["id"])]"#);
    check(
        r#"{"type": "array", "items": {"$ref": "MODELS/Pet"}}"#,
        "[{}]",
        r#"[object has missing required properties (["id"])]"#,
    );
    check(r#"{"$ref": "MODELS/Pet#/definitions/name"}"#, "1", "[instance type (integer)…");
    check(
        r##"{"definitions": {"x": {"type": "null"}}, "properties": {"a": {"$ref": "#/definitions/x"}}}"##,
        r#"{"a": 1}"#,
        "[instance type…",
    );
    check(r#"{"$ref": "MODELS/Tree"}"#, r#"{"left": {"left": {"value": 1}}}"#, "fits");
    check(r#"{"$ref": "MODELS/Tree"}"#, r#"{"left": {"left": {"value": "x"}}}"#, "[instance type (string)…");
    check(
        r#"{"$schema": "http://json-schema.org/draft-04/schema#", "id": "http://example.com/x", "type": "null"}"#,
        "null",
        "fits",
    );
}

#[test]
fn schemas_that_are_never_evaluated() {
    check(r##"{"$ref": "#"}"##, "{}", "broken: it refers to itself without end");
    check(
        r##"{"properties": {"a": {"allOf": [{}, {"$ref": "#/properties/a"}]}}}"##,
        r#"{"a": 1}"#,
        "broken: it refers…",
    );
    check(r#"{"properties": {"a": {"$ref": "MODELS/Ring"}}}"#, r#"{"a": 1}"#, "broken: it refers…");
    check(r#"{"$ref": "MODELS/Nobody"}"#, "{}", "broken: …");
    check(r#"{"$ref": "http://127.0.0.1:1/x.json"}"#, "{}", "broken: …");
    check(r#"{"$ref": "file:///etc/hostname"}"#, "{}", "broken: …");
    check("{", "{}", "broken: …");
    check(r#"{"pattern": "("}"#, "{}", "broken: …");
    let deep = format!("{}{}", r#"{"items": "#.repeat(120), "{}".to_owned() + &"}".repeat(120));
    check(&deep, "[]", "…");
}

#[test]
fn a_pattern_that_takes_too_long_ends() {
    let body = format!("\"{}b\"", "a".repeat(5000));
    check(r#"{"pattern": "^(a+)+(?=c)$"}"#, &body, "[ECMA 262 regex…");
}

#[test]
fn large_bodies_have_short_texts() {
    let body = format!("[{}1]", "\"x\",".repeat(100_000));
    let schema = r#"{"items": {"type": "null"}}"#;
    check(schema, &body, "[instance type (string) does not match…");
}
