//! Actions and ARNs, as AWS's reference of actions and resources has them.

use kernel::{Endpoint, Scope};
use wire::Value;

fn check(operation: &str, members: &[(&str, &str)], expect: &str) {
    let members =
        members.iter().map(|(name, value)| ((*name).to_owned(), Value::String((*value).to_owned())));
    let input = Value::Map(members.collect());
    let needs = crate::service().needs(operation, &Scope::new("000000000000", "eu-west-1"), &input).unwrap();
    assert_eq!(format!("{} {}", needs.action, needs.resources.join(" ")), expect);
}

#[test]
fn actions_and_resources() {
    let api = ("restApiId", "abc");
    let method = [api, ("resourceId", "r1"), ("httpMethod", "GET"), ("statusCode", "200")];
    for (operation, members, expect) in [
        ("CreateRestApi", &[][..], "apigateway:POST arn:aws:apigateway:eu-west-1::/restapis"),
        ("DeleteRestApi", &[api], "apigateway:DELETE arn:aws:apigateway:eu-west-1::/restapis/abc"),
        ("GetResources", &[api], "apigateway:GET arn:aws:apigateway:eu-west-1::/restapis/abc/resources"),
        (
            "CreateResource",
            &[api, ("parentId", "p1")],
            "apigateway:POST arn:aws:apigateway:eu-west-1::/restapis/abc/resources/p1",
        ),
        (
            "PutMethod",
            &method,
            "apigateway:PUT arn:aws:apigateway:eu-west-1::/restapis/abc/resources/r1/methods/GET",
        ),
        (
            "UpdateMethodResponse",
            &method,
            "apigateway:PATCH arn:aws:apigateway:eu-west-1::/restapis/abc/resources/r1/methods/GET/responses/200",
        ),
        (
            "GetIntegrationResponse",
            &method,
            "apigateway:GET arn:aws:apigateway:eu-west-1::/restapis/abc/resources/r1/methods/GET/integration/responses/200",
        ),
        (
            "CreateDeployment",
            &[api],
            "apigateway:POST arn:aws:apigateway:eu-west-1::/restapis/abc/deployments",
        ),
        (
            "UpdateStage",
            &[api, ("stageName", "prod")],
            "apigateway:PATCH arn:aws:apigateway:eu-west-1::/restapis/abc/stages/prod",
        ),
        (
            "TagResource",
            &[("resourceArn", "arn:aws:x::/a")],
            "apigateway:PUT arn:aws:apigateway:eu-west-1::/tags/arn%3Aaws%3Ax%3A%3A%2Fa",
        ),
        ("UpdateAccount", &[], "apigateway:PATCH arn:aws:apigateway:eu-west-1::/account"),
    ] {
        check(operation, members, expect);
    }
}

#[test]
fn every_operation_that_is_listed_is_there() {
    assert_eq!(crate::service().operations(), crate::OPERATIONS);
}
