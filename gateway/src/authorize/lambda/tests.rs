//! What functions may answer, and requests that they decide.

use std::sync::atomic::Ordering;

use plan::definition::{ApiDefinition, AuthorizerDefinition, PublishedStage};
use serde_json::json;

use super::*;
use crate::Settings;
use crate::authorize::tests::house::{ACCOUNT, API, House, answer, api, error, protected, stage, uri};

fn check(payload: &str, is_error: bool, expect: Result<&str, Refusal>) {
    let answer = Answer { payload: payload.to_owned().into(), is_error, ..Answer::default() };
    let shown = read(&answer).map(|verdict| {
        let context = Value::Object(verdict.context);
        format!("{} {context} {:?}", verdict.principal_id, verdict.usage_identifier_key)
    });
    assert_eq!(shown, expect.map(str::to_owned), "{payload}");
}

#[test]
fn answers() {
    let policy = r#""policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}"#;
    let broken = |why: &str| Err(Refusal::Broken(why.to_owned()));
    check(&format!(r#"{{"principalId":"user",{policy}}}"#), false, Ok("user {} None"));
    check(
        &format!(
            r#"{{"principalId":7,{policy},"context":{{"s":"v","n":1,"f":1.5,"b":true}},"usageIdentifierKey":"k"}}"#
        ),
        false,
        Ok(r#"7 {"s":"v","n":"1","f":"1.5","b":"true"} Some("k")"#),
    );
    check(&format!(r#"{{"principalId":"",{policy},"context":null}}"#), false, Ok(" {} None"));
    for context in [r#"{"a":{}}"#, r#"{"a":[1]}"#, r#"{"a":null}"#] {
        let payload = format!(r#"{{"principalId":"u",{policy},"context":{context}}}"#);
        check(&payload, false, broken("Invalid authorizer response: context has a value that is not flat"));
    }
    let payload = format!(r#"{{"principalId":"u",{policy},"context":"x"}}"#);
    check(&payload, false, broken("Invalid authorizer response: context is no map"));
    check(&format!("{{{policy}}}"), false, broken("Invalid authorizer response: principalId is missing"));
    check(r#"{"principalId":"u"}"#, false, broken("Invalid authorizer response: policyDocument is missing"));
    check(
        r#"{"principalId":"u","policyDocument":{"Statement":[]}}"#,
        false,
        broken("Invalid policy document: Syntax errors in policy."),
    );
    check(
        &format!(r#"{{"principalId":"u",{policy},"isAuthorized":true}}"#),
        false,
        broken("Invalid JSON in response: Unrecognized field \"isAuthorized\" , not marked as ignorable"),
    );
    check("null", false, broken("Malformed Lambda authorizer response"));
    check("\"Unauthorized\"", false, broken("Malformed Lambda authorizer response"));
    check(r#"{"errorMessage":"Unauthorized"}"#, true, Err(Refusal::Unauthorized));
    check(
        r#"{"errorMessage":"Unauthorized"}"#,
        false,
        broken("Invalid JSON in response: Unrecognized field \"errorMessage\" , not marked as ignorable"),
    );
    check(
        r#"{"errorMessage":"unauthorized","errorType":"Error"}"#,
        true,
        broken("Invalid JSON in response: Unrecognized field \"errorMessage\" , not marked as ignorable"),
    );
    check(&format!("\"{}\"", "x".repeat(300_000)), false, broken("Authorizer result is too long"));
}

fn definition(kind: &str, source: &str) -> AuthorizerDefinition {
    AuthorizerDefinition {
        id: "auth01".to_owned(),
        kind: kind.to_owned(),
        uri: Some(uri("check")),
        identity_source: Some(source.to_owned()),
        ..AuthorizerDefinition::default()
    }
}

fn custom(definition: &AuthorizerDefinition) -> ApiDefinition {
    api(&protected("CUSTOM", Some("auth01")), std::slice::from_ref(definition))
}

/// A policy that allows these methods and paths.
fn allowing(resources: &[&str]) -> Value {
    let arn = |tail: &&str| format!("arn:aws:execute-api:us-east-1:{ACCOUNT}:{API}/{tail}");
    let resources: Vec<String> = resources.iter().map(arn).collect();
    json!({"Version": "2012-10-17", "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": resources}]})
}

const UNAUTHORIZED: &str = "401 UnauthorizedException {\"message\":\"Unauthorized\"}";
const MISCONFIGURED: &str = "500 AuthorizerConfigurationException {\"message\":null}";
const IMPLICIT: &str = "403 AccessDeniedException {\"Message\":\"User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action\"}";

async fn house(definition: &AuthorizerDefinition) -> House {
    let house = House::new(Settings::default());
    house.publish(custom(definition), stage()).await;
    house
}

#[tokio::test]
async fn leave_for_one_method_never_opens_another() {
    let house = house(&definition("TOKEN", "method.request.header.Authorization")).await;
    house.functions.set("check", |_| {
        Ok(answer(&json!({"principalId": "user", "policyDocument": allowing(&["prod/GET/pets"])})))
    });
    let token = [("Authorization", "secret")];
    for (method, path, expect) in [
        ("GET", "/prod/pets", "200"),
        ("POST", "/prod/pets", IMPLICIT),
        ("GET", "/prod/pets/7", IMPLICIT),
        ("GET", "/prod/", IMPLICIT),
        ("GET", "/prod/pets", "200"),
    ] {
        assert_eq!(house.outcome(method, path, &token).await, expect, "{method} {path}");
    }
    // The policy was asked for once and evaluated each time.
    assert_eq!(house.functions.count("check"), 1);
    let calls = house.functions.calls.lock().unwrap().clone();
    let source = format!("arn:aws:execute-api:us-east-1:{ACCOUNT}:{API}/authorizers/auth01");
    assert_eq!(calls[0], ("check".to_owned(), "apigateway.amazonaws.com".to_owned(), source));
}

#[tokio::test]
async fn answers_are_remembered_by_identity_for_a_while() {
    let base = definition("TOKEN", "method.request.header.Authorization");
    let house = house(&base).await;
    house.functions.set("check", |event| {
        let token = event["authorizationToken"].clone();
        Ok(answer(&json!({"principalId": token, "policyDocument": allowing(&["*"]), "context": {"n": 1}})))
    });
    let calls = async |token: &str| {
        let before = house.functions.count("check");
        let answered = house.request("GET", "/prod/pets", &[("Authorization", token)]).await;
        let authorizer = &answered.json["requestContext"]["authorizer"];
        assert_eq!(authorizer["principalId"], token);
        assert_eq!(authorizer["n"], "1");
        assert_eq!(authorizer["integrationLatency"], 0);
        house.functions.count("check") - before
    };
    assert_eq!(calls("a").await, 1);
    assert_eq!(calls("a").await, 0);
    assert_eq!(calls("b").await, 1, "another identity");
    house.clock.advance(299);
    assert_eq!(calls("a").await, 0);
    house.clock.advance(1);
    assert_eq!(calls("a").await, 1, "after the default time to live");
    // A new deployment without a change of the authorizer remembers.
    house.publish(custom(&base), stage()).await;
    assert_eq!(calls("a").await, 0);
    house.publish(custom(&base), PublishedStage { authorizer_epoch: 1, ..stage() }).await;
    assert_eq!(calls("a").await, 1, "flushed");
    let flushed = || PublishedStage { authorizer_epoch: 1, ..stage() };
    house.publish(custom(&AuthorizerDefinition { ttl_seconds: Some(5), ..base.clone() }), flushed()).await;
    assert_eq!(calls("a").await, 1, "the authorizer changed");
    house.clock.advance(5);
    assert_eq!(calls("a").await, 1);
    house.publish(custom(&AuthorizerDefinition { ttl_seconds: Some(0), ..base }), flushed()).await;
    assert_eq!((calls("a").await, calls("a").await), (1, 1), "nothing is remembered");
}

#[tokio::test]
async fn refusals_are_remembered_and_failures_are_not() {
    let house = house(&definition("TOKEN", "method.request.header.Authorization")).await;
    let denied = "403 AccessDeniedException {\"Message\":\"User is not authorized to access this resource with an explicit deny in an identity-based policy\"}";
    house.functions.set("check", |event| {
        Ok(match event["authorizationToken"].as_str().unwrap() {
            "deny" => {
                let mut policy = allowing(&["*"]);
                policy["Statement"][0]["Effect"] = "Deny".into();
                answer(&json!({"principalId": "u", "policyDocument": policy}))
            }
            "unauthorized" => error("Unauthorized"),
            "crash" => error("boom"),
            "busy" => {
                return Err(kernel::Exception::new("TooManyRequestsException", 429, "Rate exceeded").into());
            }
            _ => answer(&json!("garbage")),
        })
    });
    for (token, expect, calls) in [
        ("deny", denied, 1),
        ("unauthorized", UNAUTHORIZED, 2),
        ("crash", MISCONFIGURED, 2),
        ("garbage", MISCONFIGURED, 2),
        ("busy", "500 AuthorizerFailureException {\"message\":null}", 2),
        ("", UNAUTHORIZED, 0),
    ] {
        let before = house.functions.count("check");
        for _ in 0..2 {
            assert_eq!(
                house.outcome("GET", "/prod/pets", &[("Authorization", token)]).await,
                expect,
                "{token}"
            );
        }
        assert_eq!(house.functions.count("check") - before, calls, "{token}");
    }
    assert_eq!(house.outcome("GET", "/prod/pets", &[]).await, UNAUTHORIZED);
    assert_eq!(house.functions.count("backend"), 0);
}

#[tokio::test]
async fn tokens_must_look_as_the_expression_says() {
    let base = definition("TOKEN", "method.request.header.X-Token");
    let with = AuthorizerDefinition { identity_validation_expression: Some("^x-[a-z]+$".to_owned()), ..base };
    let house = house(&with).await;
    house
        .functions
        .set("check", |_| Ok(answer(&json!({"principalId": "u", "policyDocument": allowing(&["*"])}))));
    for (token, expect) in [("x-abc", "200"), ("x-ABC", UNAUTHORIZED), ("ax-abc", UNAUTHORIZED)] {
        assert_eq!(house.outcome("GET", "/prod/pets", &[("x-token", token)]).await, expect, "{token}");
    }
    assert_eq!(house.functions.count("check"), 1);
}

#[tokio::test]
async fn request_authorizers() {
    let sources = "method.request.header.Auth1,method.request.querystring.q, stageVariables.color,context.identity.sourceIp";
    let house = house(&definition("REQUEST", sources)).await;
    house.functions.set("check", |event| {
        assert_eq!(event["type"], "REQUEST");
        assert_eq!(event["methodArn"], format!("arn:aws:execute-api:us-east-1:{ACCOUNT}:{API}/prod/GET/pets/7"));
        assert_eq!(event["pathParameters"], json!({"id": "7"}));
        assert_eq!(event["stageVariables"], json!({"color": "blue"}));
        assert_eq!(event["requestContext"]["resourcePath"], "/pets/{id}");
        Ok(answer(&json!({"principalId": event["headers"]["Auth1"], "policyDocument": allowing(&["prod/GET/pets/*"])})))
    });
    for (target, headers, expect, calls) in [
        ("/prod/pets/7?q=1", &[("Auth1", "a")][..], "200", 1),
        ("/prod/pets/7?q=1", &[("auth1", "a")], "200", 0),
        ("/prod/pets/7?q=2", &[("Auth1", "a")], "200", 1),
        ("/prod/pets/7?q=2", &[("Auth1", "b")], "200", 1),
        // Whoever adds a value to somebody else's is somebody else.
        ("/prod/pets/7?q=1", &[("Auth1", "a"), ("Auth1", "b")], "200", 1),
        ("/prod/pets/7?q=1", &[("Auth1", "b"), ("Auth1", "a")], "200", 1),
        ("/prod/pets/7?q=1&q=2", &[("Auth1", "a")], "200", 1),
        ("/prod/pets/7?q=", &[("Auth1", "a")], UNAUTHORIZED, 0),
        ("/prod/pets/7", &[("Auth1", "a")], UNAUTHORIZED, 0),
        ("/prod/pets/7?q=1", &[], UNAUTHORIZED, 0),
        ("/prod/pets/7?q=1", &[("Auth1", "")], UNAUTHORIZED, 0),
    ] {
        let before = house.functions.count("check");
        assert_eq!(house.outcome("GET", target, headers).await, expect, "{target} {headers:?}");
        assert_eq!(house.functions.count("check") - before, calls, "{target} {headers:?}");
    }
    // Without a stage variable that is a source, nobody says who they are.
    let bare = PublishedStage { variables: Default::default(), ..stage() };
    house.publish(custom(&definition("REQUEST", sources)), bare).await;
    assert_eq!(house.outcome("GET", "/prod/pets/7?q=1", &[("Auth1", "a")]).await, UNAUTHORIZED);
    // Without sources and without remembering, everybody is asked about.
    let asking = AuthorizerDefinition { ttl_seconds: Some(0), ..definition("REQUEST", "") };
    house.publish(custom(&asking), stage()).await;
    let before = house.functions.count("check");
    house.request("GET", "/prod/pets/7", &[]).await;
    house.request("GET", "/prod/pets/7", &[]).await;
    assert_eq!(house.functions.count("check") - before, 2);
}

#[tokio::test]
async fn policies_have_conditions() {
    let house = house(&definition("TOKEN", "method.request.header.Authorization")).await;
    house.functions.set("check", |_| {
        let mut policy = allowing(&["*"]);
        policy["Statement"][0]["Condition"] = json!({
            "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
            "DateLessThan": {"aws:CurrentTime": "2024-01-01T00:01:00Z"},
            "Bool": {"aws:SecureTransport": "true"},
        });
        Ok(answer(&json!({"principalId": "u", "policyDocument": policy})))
    });
    let token = [("Authorization", "t"), ("X-Forwarded-For", "203.0.113.9")];
    assert_eq!(house.outcome("GET", "/prod/pets", &token).await, "200");
    house.clock.advance(61);
    assert_eq!(house.outcome("GET", "/prod/pets", &token).await, IMPLICIT);
    house.clock.advance(-61);
    *house.peer.lock().unwrap() = "198.51.100.1".parse().unwrap();
    assert_eq!(house.outcome("GET", "/prod/pets", &token).await, IMPLICIT);
    assert_eq!(house.functions.count("check"), 1);
}

#[tokio::test]
async fn roles_and_permissions() {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/known");
    let base = definition("TOKEN", "method.request.header.Authorization");
    let with_role = AuthorizerDefinition { credentials: Some(role.clone()), ..base };
    let house = house(&with_role).await;
    house
        .functions
        .set("check", |_| Ok(answer(&json!({"principalId": "u", "policyDocument": allowing(&["*"])}))));
    let token = [("Authorization", "t")];
    assert_eq!(house.outcome("GET", "/prod/pets", &token).await, MISCONFIGURED, "there is no such role");
    house.identities.roles.lock().unwrap().push(role);
    assert_eq!(house.outcome("GET", "/prod/pets", &token).await, MISCONFIGURED, "the role may not");
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/known/x");
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"*"}}"#;
    let policies =
        kernel::identity::PrincipalPolicies { identity: vec![policy.into()], ..Default::default() };
    house.identities.policies.lock().unwrap().insert(session.clone(), policies);
    assert_eq!(house.outcome("GET", "/prod/pets", &token).await, "200");
    assert_eq!(house.functions.calls.lock().unwrap()[0].1, session);
    // A function that is not there.
    let gone = AuthorizerDefinition { uri: Some(uri("gone")), credentials: None, ..with_role };
    house.publish(custom(&gone), stage()).await;
    assert_eq!(house.outcome("GET", "/prod/pets", &token).await, MISCONFIGURED);
}

#[tokio::test]
async fn functions_that_never_answer() {
    let house = house(&definition("TOKEN", "method.request.header.Authorization")).await;
    house.functions.is_stuck.store(true, Ordering::SeqCst);
    house.clock.ends_waits.store(true, Ordering::SeqCst);
    let outcome = house.outcome("GET", "/prod/pets", &[("Authorization", "t")]).await;
    assert_eq!(outcome, "500 AuthorizerFailureException {\"message\":null}");
}

#[tokio::test]
async fn what_the_log_says() {
    let house = house(&definition("TOKEN", "method.request.header.Authorization")).await;
    house.functions.set("check", |event| match event["authorizationToken"].as_str() {
        Some("secret-token") => {
            Ok(answer(&json!({"principalId": "user", "policyDocument": allowing(&["prod/GET/*"])})))
        }
        _ => Ok(error("Unauthorized")),
    });
    let settings =
        plan::definition::MethodSettings { logging_level: Some("INFO".to_owned()), ..Default::default() };
    let logging = PublishedStage { method_settings: [("*/*".to_owned(), settings)].into(), ..stage() };
    let base = definition("TOKEN", "method.request.header.Authorization");
    house.publish(custom(&base), logging).await;
    let lines = async |method: &str, token: &str| {
        house.request(method, "/prod/pets", &[("Authorization", token)]).await;
        let lines = std::mem::take(&mut *house.logs.0.lock().unwrap());
        let about = ["uthoriz", "identity", "Endpoint request URI"];
        lines
            .iter()
            .filter(|line| about.iter().any(|word| line.contains(word)))
            .map(|line| line.trim_start_matches("(request-id) ").to_owned())
            .collect::<Vec<_>>()
    };
    let uri = format!(
        "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:us-east-1:{ACCOUNT}:function:check/invocations"
    );
    let start = "Starting authorizer: auth01 for request: request-id";
    let (uri, sent) = (format!("Endpoint request URI: {uri}"), "Incoming identity: ******-token");
    let good =
        ["Using valid authorizer policy for principal: **er", "Successfully completed authorizer execution"];
    assert_eq!(lines("GET", "secret-token").await[..5], [start, sent, &uri, good[0], good[1]]);
    let refused = "The client is not authorized to perform this operation.";
    assert_eq!(lines("POST", "secret-token").await[..5], [start, sent, good[0], good[1], refused]);
    let bad = lines("GET", "short").await;
    let unauthorized = "Unauthorized request: request-id";
    assert_eq!(bad[..4], [start, "Incoming identity: ***rt", &uri, unauthorized]);
}

#[tokio::test]
async fn keys_that_authorizers_name() {
    let house = house(&definition("TOKEN", "method.request.header.Authorization")).await;
    house.functions.set("check", |_| {
        Ok(answer(&json!({"principalId": "u", "policyDocument": allowing(&["*"]), "usageIdentifierKey": "key", "context": {}})))
    });
    let mut exchange =
        crate::event::tests::exchange("/pets/{id}", Default::default(), &[("Authorization", b"t")]);
    let authorizer = Authorizer::compile(&definition("TOKEN", ""), &stage()).unwrap();
    let asked = Asked { arn: "arn:aws:execute-api:::x".to_owned(), way: resource_policy::Way::Open };
    let _ = authorize(&house.gateway, &mut exchange, &authorizer, &asked).await;
    assert_eq!(exchange.authorizer.unwrap().usage_identifier_key.as_deref(), Some("key"));
}
