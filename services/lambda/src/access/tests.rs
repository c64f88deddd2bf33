//! Statements, and whom they let in.

use super::*;

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:hello";
const METHOD: &str = "arn:aws:execute-api:us-east-1:000000000000:abc123/prod/GET/pets";

fn request(principal: &str) -> AddPermissionRequest {
    AddPermissionRequest {
        function_name: "hello".to_owned(),
        statement_id: "first".to_owned(),
        action: "lambda:InvokeFunction".to_owned(),
        principal: principal.to_owned(),
        ..AddPermissionRequest::default()
    }
}

fn check_statement(req: &AddPermissionRequest, expected: &str) {
    assert_eq!(statement(ARN, req).unwrap().to_string(), expected);
}

fn check(req: &AddPermissionRequest, caller: &Principal, source: Source<'_>, expected: bool) {
    let policy = Policy::compile(&[statement(ARN, req).unwrap()]);
    for _ in 0..2 {
        assert_eq!(
            policy.allows(caller, "lambda:InvokeFunction", ARN, source),
            expected,
            "{req:?} {caller:?} {source:?}"
        );
    }
}

#[test]
fn statements_are_built_as_aws_builds_them() {
    let gateway = AddPermissionRequest {
        source_arn: Some("arn:aws:execute-api:us-east-1:000000000000:abc123/*/GET/pets".to_owned()),
        source_account: Some("000000000000".to_owned()),
        ..request("apigateway.amazonaws.com")
    };
    check_statement(
        &gateway,
        r#"{"Sid":"first","Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:000000000000:function:hello","Condition":{"StringEquals":{"AWS:SourceAccount":"000000000000"},"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:us-east-1:000000000000:abc123/*/GET/pets"}}}"#,
    );
    check_statement(
        &request("111122223333"),
        r#"{"Sid":"first","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:000000000000:function:hello"}"#,
    );
    assert!(statement(ARN, &request("nobody")).is_err());
}

#[test]
fn a_service_is_let_in_for_its_source_only() {
    let service = Principal::service("apigateway.amazonaws.com");
    let open = request("apigateway.amazonaws.com");
    check(&open, &service, (Some(METHOD), None), true);
    check(&open, &Principal::service("events.amazonaws.com"), (Some(METHOD), None), false);
    check(&open, &Principal::anonymous(), (None, None), false);
    let bound = AddPermissionRequest {
        source_arn: Some("arn:aws:execute-api:us-east-1:000000000000:abc123/*/GET/pets".to_owned()),
        ..request("apigateway.amazonaws.com")
    };
    check(&bound, &service, (Some(METHOD), None), true);
    check(
        &bound,
        &service,
        (Some("arn:aws:execute-api:us-east-1:000000000000:abc123/prod/GET/cats"), None),
        false,
    );
    check(&bound, &service, (None, None), false);
    let owned = AddPermissionRequest {
        source_account: Some("000000000000".to_owned()),
        ..request("s3.amazonaws.com")
    };
    let s3 = Principal::service("s3.amazonaws.com");
    check(&owned, &s3, (Some("arn:aws:s3:::b"), Some("000000000000")), true);
    check(&owned, &s3, (Some("arn:aws:s3:::b"), Some("111111111111")), false);
}

#[test]
fn another_account_is_let_in_by_name() {
    check(&request("111122223333"), &Principal::root("111122223333", ""), (None, None), true);
    check(&request("111122223333"), &Principal::root("999999999999", ""), (None, None), false);
    check(&request("*"), &Principal::root("999999999999", ""), (None, None), true);
}

#[test]
fn no_statement_lets_nobody_in() {
    let policy = Policy::compile(&[]);
    assert!(!policy.allows(
        &Principal::service("apigateway.amazonaws.com"),
        "lambda:InvokeFunction",
        ARN,
        (None, None)
    ));
}
