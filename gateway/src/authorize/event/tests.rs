//! The events of authorizers, whole.

use plan::definition::IntegrationDefinition;
use serde_json::{Value, json};

use super::*;
use crate::event::tests::exchange;

#[test]
fn token_event() {
    let event: Value = serde_json::from_slice(&token("arn:x", "a \"b\"")).unwrap();
    assert_eq!(event, json!({"type": "TOKEN", "methodArn": "arn:x", "authorizationToken": "a \"b\""}));
}

#[test]
fn request_event() {
    let mut exchange =
        exchange("/pets/{id}", IntegrationDefinition::default(), &[("X-Two", b"one"), ("X-Two", b"two")]);
    let event: Value = serde_json::from_slice(&request(&exchange, "arn:x")).unwrap();
    assert_eq!(
        event,
        json!({
            "type": "REQUEST", "methodArn": "arn:x", "resource": "/pets/{id}", "path": "/pets/7", "httpMethod": "GET",
            "headers": {
                "X-Two": "two", "Host": "api0000001.execute-api.localhost", "X-Amzn-Trace-Id": "Root=1-0-0",
                "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Port": "4566", "X-Forwarded-Proto": "https",
            },
            "multiValueHeaders": {
                "X-Two": ["one", "two"], "Host": ["api0000001.execute-api.localhost"], "X-Amzn-Trace-Id": ["Root=1-0-0"],
                "X-Forwarded-For": ["127.0.0.1"], "X-Forwarded-Port": ["4566"], "X-Forwarded-Proto": ["https"],
            },
            "queryStringParameters": {"a": "1", "b": "3"},
            "multiValueQueryStringParameters": {"a": ["1"], "b": ["2", "3"]},
            "pathParameters": {"id": "7"},
            "stageVariables": {},
            "requestContext": {
                "resourceId": "abc123", "resourcePath": "/pets/{id}", "httpMethod": "GET", "extendedRequestId": "extended=",
                "requestTime": "01/Jan/2024:00:00:00 +0000", "path": "/prod/pets/7", "accountId": "000000000000",
                "protocol": "HTTP/1.1", "stage": "prod", "domainPrefix": "api0000001", "requestTimeEpoch": 1_704_067_200_000_i64,
                "requestId": "id",
                "identity": {
                    "cognitoIdentityPoolId": null, "accountId": null, "cognitoIdentityId": null, "caller": null, "sourceIp": "127.0.0.1",
                    "principalOrgId": null, "accessKey": null, "cognitoAuthenticationType": null,
                    "cognitoAuthenticationProvider": null, "userArn": null, "userAgent": null, "user": null,
                },
                "domainName": "api0000001.execute-api.localhost", "deploymentId": "dep001", "apiId": "api0000001",
            },
        })
    );
    // AWS: what a proxy event shows as null is empty here.
    exchange.query = crate::query::Query::default();
    exchange.parameters.clear();
    let event: Value = serde_json::from_slice(&request(&exchange, "arn:x")).unwrap();
    for name in
        ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables"]
    {
        assert_eq!(event[name], json!({}), "{name}");
    }
}
