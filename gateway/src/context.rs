//! `$context`: what a request knows of itself, by the names that mapping expressions, templates and access logs use.
//!
//! AWS: API Gateway mapping template and access logging variable reference. A variable that does not apply to a request has no value.

use std::borrow::Cow;

use ::http::header::USER_AGENT;
use serde_json::Value;

use crate::event::{protocol, request_time, text};
use crate::exchange::Exchange;
use crate::response::GatewayResponse;

/// What becomes known only when the answer is ready; absent before.
#[derive(Clone, Copy, Default)]
pub(crate) struct Answered<'a> {
    /// Why API Gateway itself answers.
    pub(crate) failure: Option<&'a GatewayResponse>,
    /// Status towards the client.
    pub(crate) status: Option<u16>,
    /// Bytes of the body, if they are known.
    pub(crate) length: Option<u64>,
    /// Time since the request arrived, in milliseconds.
    pub(crate) latency_ms: Option<u64>,
}

/// The value of `$context.{name}`.
pub(crate) fn value<'a>(exchange: &'a Exchange, answered: Answered<'a>, name: &str) -> Option<Cow<'a, str>> {
    let (inbound, stage) = (&exchange.inbound, &exchange.plan.stage);
    if let Some(name) = name.strip_prefix("identity.") {
        return identity(exchange, name);
    }
    if let Some(name) = name.strip_prefix("authorizer.") {
        return authorizer(exchange, name);
    }
    if let Some(name) = name.strip_prefix("integration.") {
        return integration(exchange, name);
    }
    if let Some(name) = name.strip_prefix("error.") {
        return answered.failure.and_then(|failure| error(failure, name));
    }
    Some(match name {
        "requestId" => inbound.request_id.as_str().into(),
        "extendedRequestId" => exchange.ids.extended.as_str().into(),
        "accountId" => stage.account.as_str().into(),
        "apiId" => stage.api_id.as_str().into(),
        "deploymentId" => stage.deployment_id.as_str().into(),
        "domainName" => exchange.domain_name.as_str().into(),
        "domainPrefix" => exchange.domain_prefix().into(),
        "httpMethod" => inbound.method.as_str().into(),
        "path" => exchange.full_path.as_str().into(),
        "protocol" => protocol(inbound.version).into(),
        "requestTime" => request_time(inbound.received_ms).into(),
        "requestTimeEpoch" => inbound.received_ms.to_string().into(),
        "resourceId" => exchange.method.as_ref()?.resource_id.as_str().into(),
        "resourcePath" => exchange.method.as_ref()?.resource_path.as_str().into(),
        "stage" => stage.stage_name.as_str().into(),
        "isCanaryRequest" => exchange.plan.is_canary.to_string().into(),
        "xrayTraceId" => trace_root(&exchange.ids.trace)?.into(),
        "status" => answered.status?.to_string().into(),
        "responseLength" => answered.length?.to_string().into(),
        "responseLatency" => answered.latency_ms?.to_string().into(),
        "integrationStatus" => return integration(exchange, "integrationStatus"),
        "integrationLatency" => return integration(exchange, "latency"),
        "integrationErrorMessage" => return integration(exchange, "error"),
        _ => return None,
    })
}

fn identity<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let known = &exchange.identity;
    let found = match name {
        "sourceIp" => return Some(exchange.inbound.peer.to_string().into()),
        "userAgent" => return exchange.inbound.headers.get(USER_AGENT).map(text),
        "accountId" => &known.account_id,
        "accessKey" => &known.access_key,
        "apiKey" => &known.api_key,
        "apiKeyId" => &known.api_key_id,
        "caller" => &known.caller,
        "user" => &known.user,
        "userArn" => &known.user_arn,
        "principalOrgId" => &known.principal_org_id,
        "cognitoAuthenticationProvider" => &known.cognito_authentication_provider,
        "cognitoAuthenticationType" => &known.cognito_authentication_type,
        "cognitoIdentityId" => &known.cognito_identity_id,
        "cognitoIdentityPoolId" => &known.cognito_identity_pool_id,
        _ => return None,
    };
    found.as_deref().map(Cow::from)
}

fn authorizer<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let authorized = exchange.authorizer.as_ref()?;
    match name {
        "principalId" => authorized.principal_id.as_deref().map(Cow::from),
        "integrationLatency" | "latency" => Some(authorized.latency_ms.to_string().into()),
        "usageIdentifierKey" => authorized.usage_identifier_key.as_deref().map(Cow::from),
        _ => match name.strip_prefix("claims.") {
            Some(claim) => authorized.claims.as_ref()?.get(claim).map(shown),
            None => authorized.context.get(name).map(shown),
        },
    }
}

fn integration<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let outcome = &exchange.integration;
    match name {
        "status" | "integrationStatus" => outcome.status.map(|status| status.to_string().into()),
        "latency" => outcome.latency.map(|latency| latency.as_millis().to_string().into()),
        "requestId" => outcome.request_id.as_deref().map(Cow::from),
        "error" => outcome.error.as_deref().map(Cow::from),
        _ => None,
    }
}

fn error<'a>(failure: &'a GatewayResponse, name: &str) -> Option<Cow<'a, str>> {
    Some(match name {
        "message" => failure.message().into(),
        "messageString" => serde_json::to_string(failure.message()).ok()?.into(),
        "responseType" => failure.kind.name().into(),
        "validationErrorString" => failure.validation.as_deref()?.into(),
        _ => return None,
    })
}

/// A value as `$context` shows it: texts as they are, everything else as JSON.
fn shown(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

/// The root of a trace header.
fn trace_root(header: &str) -> Option<&str> {
    header.split(';').find_map(|part| part.trim().strip_prefix("Root="))
}
