//! Authorizers that are tried.

use plan::definition::{ApiDefinition, AuthorizerDefinition};
use serde_json::json;

use super::*;
use crate::Settings;
use crate::authorize::tests::house::{ACCOUNT, API, House, answer, api, error, protected, uri};

fn definition(kind: &str) -> AuthorizerDefinition {
    AuthorizerDefinition {
        id: "auth01".to_owned(),
        kind: kind.to_owned(),
        uri: Some(uri("${stageVariables.fn}")),
        identity_source: Some("method.request.header.Auth".to_owned()),
        ..AuthorizerDefinition::default()
    }
}

fn test_of(api: ApiDefinition) -> TestAuthorizer {
    let deployment = PublishedDeployment { id: "dep".to_owned(), api };
    TestAuthorizer {
        snapshot: serde_json::to_string(&deployment).unwrap(),
        stage_variables: [("fn".to_owned(), "check".to_owned())].into(),
        authorizer_id: "auth01".to_owned(),
        headers: vec![("Auth".to_owned(), "aaaaaaaaaaaaaa".to_owned())],
        ..TestAuthorizer::default()
    }
}

fn of(definition: AuthorizerDefinition) -> TestAuthorizer {
    test_of(api(&protected("NONE", None), &[definition]))
}

#[tokio::test]
async fn authorizers() {
    let house = House::new(Settings::default());
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": ["*"]}]});
    let own = policy.clone();
    house.functions.set("check", move |event| {
        assert_eq!(
            event["methodArn"],
            format!("arn:aws:execute-api:us-east-1:{ACCOUNT}:{API}/ESTestInvoke-stage/GET/")
        );
        let (token, path) = (event["authorizationToken"].as_str(), event["path"].as_str());
        Ok(match token.or(event["headers"]["Auth"].as_str()) {
            Some("bad") => error("Unauthorized"),
            Some("worse") => error("boom"),
            _ => {
                assert!(
                    token.is_some() || (path == Some("/a") && event["queryStringParameters"]["q"] == "1")
                );
                answer(&json!({"principalId": "somebody", "policyDocument": own, "context": {"n": 1}}))
            }
        })
    });
    let tested = authorize_with(&house, of(definition("TOKEN"))).await;
    assert_eq!(tested.client_status, 200);
    assert_eq!(tested.principal_id.as_deref(), Some("somebody"));
    assert_eq!(tested.policy, Some(policy.to_string()));
    assert_eq!(tested.authorization, [("n".to_owned(), vec!["1".to_owned()])].into());
    for line in [
        "Execution log for request ",
        " : Starting authorizer: auth01 for request: ",
        " : Incoming identity: ********aaaaaa\n",
        " : Endpoint request URI: https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:us-east-1:111122223333:function:check/invocations\n",
        " : Endpoint request body after transformations: {\"type\":\"TOKEN\",",
        " : Authorizer result body before parsing: {\"principalId\":\"somebody\"",
        " : Using valid authorizer policy for principal: ****body\n",
        " : Successfully completed authorizer execution\n",
    ] {
        assert!(tested.log.contains(line), "{line}\n{}", tested.log);
    }
    // Nothing is remembered.
    authorize_with(&house, of(definition("TOKEN"))).await;
    assert_eq!(house.functions.count("check"), 2);
    let request = TestAuthorizer { path_with_query: Some("/a?q=1".to_owned()), ..of(definition("REQUEST")) };
    let tested = authorize_with(&house, request).await;
    assert_eq!(tested.client_status, 200);
    assert!(
        tested.log.contains("Incoming identity: {method.request.header.Auth=********aaaaaa}"),
        "{}",
        tested.log
    );
    for (value, status, ends) in [
        ("bad", 401, "Unauthorized\n"),
        ("worse", 500, "AuthorizerConfigurationException\n"),
        ("", 401, "Unauthorized\n"),
    ] {
        let headers = vec![("Auth".to_owned(), value.to_owned())];
        let tested = authorize_with(&house, TestAuthorizer { headers, ..of(definition("TOKEN")) }).await;
        assert_eq!(tested.client_status, status, "{value}");
        assert!(tested.log.ends_with(ends), "{value} {}", tested.log);
    }
    let given = AuthorizerDefinition {
        identity_source: Some("context.identity.apiKey".to_owned()),
        ..definition("REQUEST")
    };
    let path_with_query = Some("/a?q=1".to_owned());
    let without = TestAuthorizer { path_with_query: path_with_query.clone(), ..of(given.clone()) };
    assert_eq!(authorize_with(&house, without).await.client_status, 401);
    let additional_context = [("identity.apiKey".to_owned(), "key".to_owned())].into();
    let with = TestAuthorizer { path_with_query, additional_context, ..of(given) };
    assert_eq!(authorize_with(&house, with).await.client_status, 200);
}

async fn authorize_with(house: &House, test_authorizer: TestAuthorizer) -> TestedAuthorizer {
    test(&house.gateway, test_authorizer).await.expect("there is such an authorizer")
}

#[tokio::test]
async fn what_cannot_be_tried() {
    let house = House::new(Settings::default());
    let other = TestAuthorizer { authorizer_id: "other".to_owned(), ..of(definition("TOKEN")) };
    assert_eq!(test(&house.gateway, other).await, None);
    let garbage = TestAuthorizer { snapshot: "{".to_owned(), ..of(definition("TOKEN")) };
    assert_eq!(test(&house.gateway, garbage).await, None);
    let broken = authorize_with(&house, of(definition("OTHER"))).await;
    assert_eq!(broken.client_status, 500);
    assert!(broken.log.contains("there is no authorizer of type OTHER"), "{}", broken.log);
}
