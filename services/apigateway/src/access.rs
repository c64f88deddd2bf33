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

/// `…/stages/{name}/exports/{type}`.
pub(crate) fn export(scope: &Scope, input: &Value) -> Vec<String> {
    let path = api_path(input);
    arn(scope, &format!("{path}/stages/{}/exports/{}", text(input, "stageName"), text(input, "exportType")))
}

/// `…/stages/{name}/sdks/{type}`.
pub(crate) fn sdk(scope: &Scope, input: &Value) -> Vec<String> {
    let path = api_path(input);
    arn(scope, &format!("{path}/stages/{}/sdks/{}", text(input, "stageName"), text(input, "sdkType")))
}

/// `/sdktypes`.
pub(crate) fn sdk_types(scope: &Scope, _: &Value) -> Vec<String> {
    arn(scope, "/sdktypes")
}

/// `/sdktypes/{id}`.
pub(crate) fn sdk_type(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("/sdktypes/{}", text(input, "id")))
}

/// `…/documentation/parts`.
pub(crate) fn documentation_parts(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/documentation/parts", api_path(input)))
}

/// `…/documentation/parts/{id}`.
pub(crate) fn documentation_part(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/documentation/parts/{}", api_path(input), text(input, "documentationPartId")))
}

/// `…/documentation/versions`.
pub(crate) fn documentation_versions(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/documentation/versions", api_path(input)))
}

/// `…/documentation/versions/{name}`.
pub(crate) fn documentation_version(scope: &Scope, input: &Value) -> Vec<String> {
    let path = api_path(input);
    arn(scope, &format!("{path}/documentation/versions/{}", text(input, "documentationVersion")))
}

/// `/domainnames`.
pub(crate) fn domains(scope: &Scope, _: &Value) -> Vec<String> {
    arn(scope, "/domainnames")
}

/// `/domainnames/{name}`.
pub(crate) fn domain(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &domain_path(input))
}

/// `/domainnames/{name}/basepathmappings`.
pub(crate) fn mappings(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/basepathmappings", domain_path(input)))
}

/// `/domainnames/{name}/basepathmappings/{path}`.
pub(crate) fn mapping(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/basepathmappings/{}", domain_path(input), text(input, "basePath")))
}

/// `/domainnameaccessassociations`.
pub(crate) fn domain_access_associations(scope: &Scope, _: &Value) -> Vec<String> {
    arn(scope, "/domainnameaccessassociations")
}

/// The ARN of an association, which has an account.
pub(crate) fn domain_access_association(_: &Scope, input: &Value) -> Vec<String> {
    vec![text(input, "domainNameAccessAssociationArn").to_owned()]
}

/// `/rejectdomainnameaccessassociations`.
pub(crate) fn rejected_association(scope: &Scope, _: &Value) -> Vec<String> {
    arn(scope, "/rejectdomainnameaccessassociations")
}

/// `/vpclinks`.
pub(crate) fn vpc_links(scope: &Scope, _: &Value) -> Vec<String> {
    arn(scope, "/vpclinks")
}

/// `/vpclinks/{id}`.
pub(crate) fn vpc_link(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("/vpclinks/{}", text(input, "vpcLinkId")))
}

/// `/clientcertificates`.
pub(crate) fn client_certificates(scope: &Scope, _: &Value) -> Vec<String> {
    arn(scope, "/clientcertificates")
}

/// `/clientcertificates/{id}`.
pub(crate) fn client_certificate(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("/clientcertificates/{}", text(input, "clientCertificateId")))
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

/// `…/stages/{name}/cache/data`.
pub(crate) fn stage_cache(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/stages/{}/cache/data", api_path(input), text(input, "stageName")))
}

/// `…/stages/{name}/cache/authorizers`.
pub(crate) fn stage_authorizers(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/stages/{}/cache/authorizers", api_path(input), text(input, "stageName")))
}

/// `…/models`.
pub(crate) fn models(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/models", api_path(input)))
}

/// `…/models/{name}`.
pub(crate) fn model(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/models/{}", api_path(input), text(input, "modelName")))
}

/// `…/models/{name}/default_template`.
pub(crate) fn template(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/models/{}/default_template", api_path(input), text(input, "modelName")))
}

/// `…/authorizers`.
pub(crate) fn authorizers(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/authorizers", api_path(input)))
}

/// `…/authorizers/{id}`.
pub(crate) fn authorizer(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/authorizers/{}", api_path(input), text(input, "authorizerId")))
}

/// `…/requestvalidators`.
pub(crate) fn validators(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/requestvalidators", api_path(input)))
}

/// `…/requestvalidators/{id}`.
pub(crate) fn validator(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/requestvalidators/{}", api_path(input), text(input, "requestValidatorId")))
}

/// `…/gatewayresponses`.
pub(crate) fn gateway_responses(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/gatewayresponses", api_path(input)))
}

/// `…/gatewayresponses/{type}`.
pub(crate) fn gateway_response(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/gatewayresponses/{}", api_path(input), text(input, "responseType")))
}

/// `/apikeys`.
pub(crate) fn api_keys(scope: &Scope, _: &Value) -> Vec<String> {
    arn(scope, "/apikeys")
}

/// `/apikeys/{id}`.
pub(crate) fn api_key(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("/apikeys/{}", text(input, "apiKey")))
}

/// `/usageplans`.
pub(crate) fn usage_plans(scope: &Scope, _: &Value) -> Vec<String> {
    arn(scope, "/usageplans")
}

/// `/usageplans/{id}`.
pub(crate) fn usage_plan(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &plan_path(input))
}

/// `/usageplans/{id}/keys`.
pub(crate) fn plan_keys(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/keys", plan_path(input)))
}

/// `/usageplans/{id}/keys/{key}`.
pub(crate) fn plan_key(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/keys/{}", plan_path(input), text(input, "keyId")))
}

/// `/usageplans/{id}/usage`.
pub(crate) fn plan_usage(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/usage", plan_path(input)))
}

/// `/usageplans/{id}/keys/{key}/usage`.
pub(crate) fn key_usage(scope: &Scope, input: &Value) -> Vec<String> {
    arn(scope, &format!("{}/keys/{}/usage", plan_path(input), text(input, "keyId")))
}

fn arn(scope: &Scope, path: &str) -> Vec<String> {
    vec![format!("arn:aws:apigateway:{}::{path}", scope.region)]
}

fn api_path(input: &Value) -> String {
    format!("/restapis/{}", text(input, "restApiId"))
}

fn plan_path(input: &Value) -> String {
    format!("/usageplans/{}", text(input, "usagePlanId"))
}

fn domain_path(input: &Value) -> String {
    format!("/domainnames/{}", text(input, "domainName"))
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
