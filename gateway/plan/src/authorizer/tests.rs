//! What authorizers and policies of APIs compile to.

use super::*;

const URI: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:${stageVariables.fn}/invocations";

fn stage() -> PublishedStage {
    PublishedStage {
        api_id: "api1234567".to_owned(),
        stage_name: "prod".to_owned(),
        variables: [("fn".to_owned(), "check:live".to_owned())].into(),
        ..PublishedStage::default()
    }
}

fn definition(kind: &str, source: &str) -> AuthorizerDefinition {
    AuthorizerDefinition {
        id: "abc123".to_owned(),
        kind: kind.to_owned(),
        uri: Some(URI.to_owned()),
        identity_source: Some(source.to_owned()),
        ..AuthorizerDefinition::default()
    }
}

fn check(definition: &AuthorizerDefinition, expect: &str) {
    let shown = match Authorizer::compile(definition, &stage()) {
        Err(why) => why,
        Ok(authorizer) => match &authorizer.asks {
            Asks::Token { header, expression, function } => {
                format!("{header} {} {} {}", expression.is_some(), function.arn, authorizer.ttl_s)
            }
            Asks::Request { sources, function } => format!("{sources:?} {}", function.arn),
            Asks::Jwt { header, issuers, .. } => format!("{header} {issuers:?}"),
        },
    };
    assert_eq!(shown, expect);
}

#[test]
fn authorizers() {
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:check:live";
    check(&definition("TOKEN", "method.request.header.X-Token"), &format!("x-token false {arn} 300"));
    check(&definition("TOKEN", ""), &format!("authorization false {arn} 300"));
    check(
        &definition("TOKEN", "method.request.querystring.t"),
        "the identity source method.request.querystring.t is no header",
    );
    let expression = |text: &str| AuthorizerDefinition {
        identity_validation_expression: Some(text.to_owned()),
        ttl_seconds: Some(9999),
        ..definition("TOKEN", "method.request.header.Authorization")
    };
    check(&expression("^Bearer (?!x)[a-z]+$"), &format!("authorization true {arn} 3600"));
    assert!(Authorizer::compile(&expression("("), &stage()).is_err());
    check(
        &definition(
            "REQUEST",
            "method.request.header.Auth1, method.request.querystring.q,stageVariables.fn,stageVariables.no,context.identity.sourceIp",
        ),
        &format!(
            "[Header(\"Auth1\"), Query(\"q\"), StageVariable(\"fn\", Some(\"check:live\")), StageVariable(\"no\", None), Context(\"identity.sourceIp\")] {arn}"
        ),
    );
    check(&definition("REQUEST", ""), &format!("[] {arn}"));
    check(&definition("REQUEST", "method.request.body"), "method.request.body is no identity source");
    check(&definition("OTHER", ""), "there is no authorizer of type OTHER");
    let pools = |arns: &[&str]| AuthorizerDefinition {
        provider_arns: arns.iter().map(|arn| (*arn).to_owned()).collect(),
        ..definition("COGNITO_USER_POOLS", "method.request.header.Authorization")
    };
    check(
        &pools(&[
            "arn:aws:cognito-idp:eu-west-1:000000000000:userpool/eu-west-1_abc",
            "http://127.0.0.1:9/o/",
        ]),
        "authorization [Issuer { url: \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc\", is_cognito: true }, Issuer { url: \"http://127.0.0.1:9/o\", is_cognito: false }]",
    );
    check(
        &pools(&["arn:aws:s3:::b"]),
        "arn:aws:s3:::b is neither the ARN of a user pool nor the URL of an issuer",
    );
}

#[test]
fn generations_change_with_whatever_decides() {
    let base = definition("TOKEN", "");
    let generation = |definition: &AuthorizerDefinition, stage: &PublishedStage| {
        Authorizer::compile(definition, stage).unwrap().generation
    };
    let first = generation(&base, &stage());
    assert_eq!(first, generation(&base.clone(), &stage()));
    let flushed = PublishedStage { authorizer_epoch: 1, ..stage() };
    let other_stage = PublishedStage { stage_name: "dev".to_owned(), ..stage() };
    let other_variable = PublishedStage { variables: [("fn".to_owned(), "x".to_owned())].into(), ..stage() };
    let other_ttl = AuthorizerDefinition { ttl_seconds: Some(1), ..base.clone() };
    for other in [
        generation(&base, &flushed),
        generation(&base, &other_stage),
        generation(&base, &other_variable),
        generation(&other_ttl, &stage()),
    ] {
        assert_ne!(first, other);
    }
}

#[test]
fn protections() {
    let authorizers: BTreeMap<_, _> = [
        ("abc123".to_owned(), Authorizer::compile(&definition("TOKEN", ""), &stage()).map(Arc::new)),
        ("broken".to_owned(), Err("why".to_owned())),
    ]
    .into();
    let shown = |kind: &str, id: Option<&str>| {
        let method = MethodDefinition {
            authorization_type: kind.to_owned(),
            authorizer_id: id.map(str::to_owned),
            ..MethodDefinition::default()
        };
        match Protection::compile(&method, &authorizers) {
            Protection::Open => "open".to_owned(),
            Protection::Iam => "iam".to_owned(),
            Protection::Authorizer(authorizer) => authorizer.id.clone(),
            Protection::Broken(why) => why,
        }
    };
    assert_eq!(shown("NONE", None), "open");
    assert_eq!(shown("AWS_IAM", None), "iam");
    assert_eq!(shown("CUSTOM", Some("abc123")), "abc123");
    assert_eq!(shown("CUSTOM", Some("broken")), "why");
    assert_eq!(shown("CUSTOM", None), "the API has no authorizer ");
    assert_eq!(
        shown("COGNITO_USER_POOLS", Some("abc123")),
        "the authorizer abc123 does not fit the method's authorization type COGNITO_USER_POOLS"
    );
}

#[test]
fn policies_of_apis() {
    let api = |policy: Option<&str>| ApiDefinition {
        id: "api1234567".to_owned(),
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        policy: policy.map(str::to_owned),
        ..ApiDefinition::default()
    };
    assert!(matches!(ApiPolicy::compile(&api(None)), ApiPolicy::None));
    assert!(matches!(ApiPolicy::compile(&api(Some(" "))), ApiPolicy::None));
    assert!(matches!(ApiPolicy::compile(&api(Some("{"))), ApiPolicy::Broken(_)));
    assert!(matches!(ApiPolicy::compile(&api(Some("{}"))), ApiPolicy::Broken(_)));
    let mut document = serde_json::json!({"Statement": [
        {"Resource": "execute-api:/prod/GET/pets"},
        {"NotResource": ["execute-api:/*", "arn:aws:execute-api:*:*:x/*", "*"]},
    ]});
    complete(&mut document, &api(None));
    assert_eq!(
        document,
        serde_json::json!({"Statement": [
            {"Resource": "arn:aws:execute-api:eu-west-1:111122223333:api1234567/prod/GET/pets"},
            {"NotResource": ["arn:aws:execute-api:eu-west-1:111122223333:api1234567/*", "arn:aws:execute-api:*:*:x/*", "*"]},
        ]})
    );
}
