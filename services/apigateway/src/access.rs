//! What each operation acts on, for IAM: the ARN is `arn:aws:apigateway:{region}::` and the path of the request.
//!
//! AWS: Actions, resources, and condition keys for Amazon API Gateway Management.

use kernel::Scope;
use wire::Value;

/// `/restapis`.
pub(crate) fn apis(scope: &Scope, _: &Value) -> Vec<String> {
    arn(scope, "/restapis")
}

/// `/restapis/{id}`.
pub(crate) fn api(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &api_path(input))
}

/// `…/resources`.
pub(crate) fn resources(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/resources", api_path(input)))
}

/// `…/resources/{parent}`, which a resource is made below.
pub(crate) fn parent(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/resources/{}", api_path(input), text(input, "parentId")))
}

/// `…/resources/{id}`.
pub(crate) fn resource(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &resource_path(input))
}

/// `…/methods/{method}`.
pub(crate) fn method(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &method_path(input))
}

/// `…/methods/{method}/responses/{status}`.
pub(crate) fn method_response(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/responses/{}", method_path(input), text(input, "statusCode")))
}

/// `…/methods/{method}/integration`.
pub(crate) fn integration(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/integration", method_path(input)))
}

/// `…/methods/{method}/integration/responses/{status}`.
pub(crate) fn integration_response(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/integration/responses/{}", method_path(input), text(input, "statusCode")))
}

/// `…/deployments`.
pub(crate) fn deployments(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/deployments", api_path(input)))
}

/// `…/deployments/{id}`.
pub(crate) fn deployment(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/deployments/{}", api_path(input), text(input, "deploymentId")))
}

/// `…/stages`.
pub(crate) fn stages(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/stages", api_path(input)))
}

/// `…/stages/{name}`.
pub(crate) fn stage(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/stages/{}", api_path(input), text(input, "stageName")))
}

/// `/tags/{ARN, percent-encoded}`.
pub(crate) fn tags(scope: &Scope, input: &Value) -> Vec<String> {
    let mut path = "/tags/".to_owned();
    for byte in text(input, "resourceArn").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                path.push(char::from(byte))
            }
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    arn(scope, &path)
}

/// `/account`.
pub(crate) fn account(scope: &Scope, _: &Value) -> Vec<String> {
    arn(scope, "/account")
}

fn arn(scope: &Scope, path: &str) -> Vec<String> {
    vec![format!("arn:aws:apigateway:{}::{path}", scope.region)]
}

fn api_path(input: &Value) -> String {
    format!("/restapis/{}", text(input, "restApiId"))
}

fn resource_path(input: &Value) -> String {
    format!("{}/resources/{}", api_path(input), text(input, "resourceId"))
}

fn method_path(input: &Value) -> String {
    format!("{}/methods/{}", resource_path(input), text(input, "httpMethod"))
}

fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
