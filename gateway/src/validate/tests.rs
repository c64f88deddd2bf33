//! AWS: Request validation for REST APIs; names, order and texts as recorded on AWS.

use plan::definition::{
    ApiDefinition, MethodDefinition, ModelDefinition, PublishedStage, ValidatorDefinition,
};

use crate::tests::{World, mock, resource};

const PERSON: &str =
    r#"{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}"#;

/// `POST /nested/{test}` with a validator of both kinds, its parameters and models; answers status and message.
async fn check(
    parameters: &[&str],
    models: &[(&str, &str)],
    request: (&str, &[(&str, &str)], &str),
    expect: (u16, &str),
) {
    let model = |name: &str, schema: Option<&str>| {
        let schema = schema.map(str::to_owned);
        (name.to_owned(), ModelDefinition { name: name.to_owned(), schema, ..ModelDefinition::default() })
    };
    let method = MethodDefinition {
        request_validator_id: Some("both".to_owned()),
        request_parameters: parameters.iter().map(|name| ((*name).to_owned(), true)).collect(),
        request_models: models.iter().map(|(of, name)| ((*of).to_owned(), (*name).to_owned())).collect(),
        ..mock()
    };
    let validator = ValidatorDefinition {
        validates_body: true,
        validates_parameters: true,
        ..ValidatorDefinition::default()
    };
    let api = ApiDefinition {
        resources: vec![resource("/nested/{test}", "POST", method)],
        models: [
            model("Person", Some(PERSON)),
            model("Any", None),
            model("Broken", Some("{\"$ref\": \"#\"}")),
        ]
        .into(),
        request_validators: [("both".to_owned(), validator)].into(),
        ..ApiDefinition::default()
    };
    let world = World::new();
    world.publish_api(PublishedStage::default(), api).await;
    let (target, headers, body) = request;
    let answer = world.send("POST", target, headers, body).await;
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let message = json.get("message").and_then(|text| text.as_str()).unwrap_or(&answer.body);
    assert_eq!((answer.status, message), expect, "{target} {headers:?} {body}");
}

const FINE: (u16, &str) = (200, "fine");

#[tokio::test]
async fn parameters() {
    let all = [
        "method.request.path.test",
        "method.request.querystring.qs1",
        "method.request.header.x-header-param",
    ];
    let given: &[(&str, &str)] = &[("X-Header-Param", "a")];
    let missing = |names: &'static str| (400, names);
    check(&all, &[], ("/nested/v?qs1=a", given, ""), FINE).await;
    check(
        &all,
        &[],
        ("/nested/v", &[], ""),
        missing("Missing required request parameters: [x-header-param, qs1]"),
    )
    .await;
    check(
        &all,
        &[],
        ("/nested/v?qs1=+&qs1=", given, ""),
        missing("Missing required request parameters: [qs1]"),
    )
    .await;
    check(&all, &[], ("/nested/v?qs1=+&qs1=b", given, ""), FINE).await;
    check(
        &all,
        &[],
        ("/nested/v?qs1=a", &[("x-header-param", " ")], ""),
        missing("Missing required request parameters: [x-header-param]"),
    )
    .await;
    let other = ["method.request.path.issuer"];
    check(&other, &[], ("/nested/v", &[], ""), missing("Missing required request parameters: [issuer]"))
        .await;
    check(
        &["method.request.querystring.patient.id"],
        &[],
        ("/nested/v", &[], ""),
        missing("Missing required request parameters: [patient.id]"),
    )
    .await;
}

#[tokio::test]
async fn bodies() {
    let invalid = (400, "Invalid request body");
    let json: &[(&str, &str)] = &[("content-type", "Application/JSON; charset=utf-8")];
    let other: &[(&str, &str)] = &[("content-type", "text/plain")];
    let person = [("application/json", "Person")];
    check(&[], &person, ("/nested/v", json, r#"{"name": "a"}"#), FINE).await;
    check(&[], &person, ("/nested/v", &[], r#"{"name": "a"}"#), FINE).await;
    check(&[], &person, ("/nested/v", json, r#"{"name": 1}"#), invalid).await;
    check(&[], &person, ("/nested/v", &[], ""), invalid).await;
    check(&[], &person, ("/nested/v", json, "{"), invalid).await;
    check(&[], &person, ("/nested/v", json, &"[".repeat(100_000)), invalid).await;
    check(&[], &person, ("/nested/v", json, &format!("{{\"name\": \"{}\"}}", "a".repeat(100_000))), FINE)
        .await;
    // A content type without a model passes whatever it is.
    check(&[], &person, ("/nested/v", other, "{"), FINE).await;
    check(&[], &[("$default", "Person")], ("/nested/v", other, "{"), invalid).await;
    check(&[], &[("application/json", "Any")], ("/nested/v", json, "{"), FINE).await;
    check(&[], &[("application/json", "Broken")], ("/nested/v", json, "{}"), (500, "Internal server error"))
        .await;
    check(&[], &[("application/json", "Nobody")], ("/nested/v", json, "{}"), (500, "Internal server error"))
        .await;
    check(
        &["method.request.querystring.q"],
        &person,
        ("/nested/v", json, "{"),
        (400, "Missing required request parameters: [q]"),
    )
    .await;
}
