//! Schemas that AWS takes and does not take, and sample templates.

use serde_json::{Value, json};

use super::{schema, template};

#[test]
fn schemas() {
    let unsupported = |list: &str| {
        format!(
            "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified. Unsupported keyword(s): {list}]"
        )
    };
    let invalid = || {
        "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]"
            .to_owned()
    };
    for (schema, said) in [
        (json!({}), None),
        (json!({"type": "object", "title": "a"}), None),
        (json!({"type": ["string", "null"], "maxLength": 3, "pattern": "^a(?!b)"}), None),
        (
            json!({"properties": {"a": {"$ref": "#/definitions/b"}}, "definitions": {"b": {"type": "integer"}}}),
            None,
        ),
        (
            json!({"items": {"$ref": "https://apigateway.amazonaws.com/restapis/abc/models/Pet"}}),
            None,
        ),
        (json!({"items": {"$ref": "#/definitions/none"}}), Some(invalid())),
        (json!({"required": []}), Some(invalid())),
        (json!({"enum": ["A", "A"]}), Some(invalid())),
        (json!({"type": "text"}), Some(invalid())),
        (json!({"exclusiveMaximum": true}), Some(invalid())),
        (json!({"properties": {"a": 1}}), Some(invalid())),
        (json!({"pattern": "("}), Some(invalid())),
        (json!([]), Some(invalid())),
        (json!({"$id": "x"}), Some(unsupported("[\"$id\"]"))),
        (
            json!({"properties": {"a": {"example": 1}}, "const": 1}),
            Some(unsupported("[\"const\",\"example\"]")),
        ),
        (
            json!({"items": {"$ref": "Pet"}}),
            Some("Invalid model specified: Validation Result: warnings : [], errors : [Model reference must be in canonical form]".to_owned()),
        ),
    ] {
        let found = schema::check(&schema.to_string()).err().map(|error| error.to_string());
        assert_eq!(found, said, "{schema}");
    }
    assert!(schema::check("{").is_err());
    let deep = format!("{}{{}}{}", "{\"not\":".repeat(100), "}".repeat(100));
    assert_eq!(schema::check(&deep).err().map(|error| error.to_string()), Some(invalid()));
}

#[test]
fn templates() {
    let pet = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let models = |name: &str| (name == "Pet").then(|| pet.clone());
    let check = |schema: Value, expect: &str| {
        let found = template::sample(&schema, &models);
        assert_eq!(found.strip_prefix("#set($inputRoot = $input.path('$'))\n"), Some(expect), "{schema}");
    };
    check(
        json!({"type": "object", "properties": {"a": {"type": "number"}, "op": {"type": "string"}, "ok": {"type": "boolean"}}}),
        "{\n  \"a\" : 42,\n  \"op\" : \"foo\",\n  \"ok\" : true\n}",
    );
    check(json!({"type": "object"}), "{\n}");
    check(
        json!({"type": "array", "items": {"$ref": "https://apigateway.amazonaws.com/restapis/abc/models/Pet"}}),
        &format!(
            "[\n{}\n#foreach($elem in $inputRoot)\n  {{\n    \"name\" : \"foo\"\n  }}\n#if($foreach.hasNext),#end\n#end\n]",
            template::LOOP_COMMENT
        ),
    );
    let endless = json!({"properties": {"next": {"$ref": "#"}}});
    assert!(template::sample(&endless, &models).contains("null"));
}

#[test]
fn flattening() {
    let schema = json!({"items": {"$ref": "https://apigateway.amazonaws.com/restapis/abc/models/Pet"}});
    assert_eq!(schema::references(&schema), ["Pet"]);
    let flat = schema::flattened(schema, vec![("Pet".to_owned(), json!({"type": "string"}))]);
    assert_eq!(
        flat,
        json!({"items": {"$ref": "#/definitions/Pet"}, "definitions": {"Pet": {"type": "string"}}})
    );
}
