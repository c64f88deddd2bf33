//! The event, whole: what a client sent, and what a function gets.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, Method, Version};
use kernel::exchange::{HeaderNames, Inbound};
use plan::Plan;
use plan::definition::{
    ApiDefinition, IntegrationDefinition, MethodDefinition, PublishedDeployment, PublishedStage,
    ResourceDefinition,
};
use serde_json::{Value, json};

use super::*;
use crate::exchange::Ids;

/// An exchange of a stage with this one method.
pub(crate) fn exchange(
    path: &str,
    integration: IntegrationDefinition,
    headers: &[(&str, &[u8])],
) -> Exchange {
    // Every status that the integration answers with is declared.
    let responses = integration.responses.keys();
    let method = MethodDefinition {
        responses: responses.map(|status| (status.clone(), Default::default())).collect(),
        integration: Some(integration),
        ..MethodDefinition::default()
    };
    let resource = ResourceDefinition {
        id: "abc123".to_owned(),
        path: path.to_owned(),
        methods: [("ANY".to_owned(), method)].into(),
        ..ResourceDefinition::default()
    };
    let api =
        ApiDefinition { id: "api0000001".to_owned(), resources: vec![resource], ..ApiDefinition::default() };
    let stage = PublishedStage {
        api_id: "api0000001".to_owned(),
        stage_name: "prod".to_owned(),
        deployment_id: "dep001".to_owned(),
        account: "000000000000".to_owned(),
        region: "us-east-1".to_owned(),
        ..PublishedStage::default()
    };
    let mut map = HeaderMap::new();
    let mut head = b"GET / HTTP/1.1\r\n".to_vec();
    for (name, value) in headers {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value).unwrap());
        head.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    let deployment = PublishedDeployment { id: "dep001".to_owned(), api };
    let inbound = Inbound {
        method: Method::GET,
        is_tls: true,
        host: "api0000001.execute-api.localhost:4566".to_owned(),
        path: "/prod/pets/7".to_owned(),
        query: Some("b=2&a=1&b=3".to_owned()),
        version: Version::HTTP_11,
        headers: map,
        names: HeaderNames::of_head(head.into()),
        body: "hello".into(),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        request_id: "id".to_owned(),
        received_ms: 1_704_067_200_000,
    };
    let ids = Ids { extended: "extended=".to_owned(), trace: "Root=1-0-0".to_owned() };
    let path = ("/prod/pets/7".to_owned(), 5);
    let mut exchange =
        Exchange::new(Arc::new(Plan::compile(stage, deployment)), inbound, ids, path, Duration::ZERO);
    crate::execute::route(&mut exchange)
        .unwrap_or_else(|refused| panic!("no resource: {}", refused.message()));
    exchange
}

fn event(headers: &[(&str, &[u8])]) -> Value {
    let exchange = exchange("/pets/{id}", IntegrationDefinition::default(), headers);
    serde_json::from_slice(&proxy_event(&exchange).event).expect("the event is JSON")
}

#[test]
fn the_whole_event() {
    let expect = json!({
        "resource": "/pets/{id}", "path": "/pets/7", "httpMethod": "GET",
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
        "pathParameters": {"id": "7"}, "stageVariables": null, "body": null, "isBase64Encoded": false,
        "requestContext": {
            "resourceId": "abc123", "resourcePath": "/pets/{id}", "httpMethod": "GET", "extendedRequestId": "extended=",
            "requestTime": "01/Jan/2024:00:00:00 +0000", "path": "/prod/pets/7", "accountId": "000000000000",
            "protocol": "HTTP/1.1", "stage": "prod", "domainPrefix": "api0000001", "requestTimeEpoch": 1_704_067_200_000_i64,
            "requestId": "id", "domainName": "api0000001.execute-api.localhost", "deploymentId": "dep001", "apiId": "api0000001",
            "identity": {
                "cognitoIdentityPoolId": null, "accountId": null, "cognitoIdentityId": null, "caller": null,
                "sourceIp": "127.0.0.1", "principalOrgId": null, "accessKey": null, "cognitoAuthenticationType": null,
                "cognitoAuthenticationProvider": null, "userArn": null, "userAgent": null, "user": null,
            },
        },
    });
    assert_eq!(event(&[("X-Two", b"one"), ("X-Two", b"two"), ("TE", b"trailers")]), expect);
}

#[test]
fn odd_header_values() {
    let event = event(&[("X-Bytes", b"\xff\xfea\"\\"), ("X-Empty", b""), ("X-Tab", b"a\tb")]);
    assert_eq!(event["headers"]["X-Bytes"], "\u{FFFD}\u{FFFD}a\"\\");
    assert_eq!(event["headers"]["X-Empty"], "");
    assert_eq!(event["headers"]["X-Tab"], "a\tb");
}
