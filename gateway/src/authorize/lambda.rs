//! Lambda authorizers: a function is asked who the client is and answers with a policy.
//!
//! The policy is remembered under the client's identity for the authorizer's time to live and evaluated anew for each request, so that
//! leave for one method never opens another; refusals by policy are remembered too, failures and "Unauthorized" are not. Requests of one
//! identity that come while nothing is remembered yet each call the function. The function is called as `apigateway.amazonaws.com` for the
//! authorizer's ARN, so that its own policy decides, or as the authorizer's role.
//!
//! AWS: Use API Gateway Lambda authorizers; Output from an API Gateway Lambda authorizer. Inferred: an answer longer than 256 KB, one with a
//! member that AWS does not know, and a `context` value that is null are errors of configuration.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kernel::functions::{Answer, FunctionCall, Invocation, Payload};
use kernel::identity::Principal;
use kernel::{Clock, Failure};
use plan::{Asks, Authorizer, AuthorizerFunction};
use policy::{Kind as PolicyKind, Outcome, Policy, Request};
use serde_json::{Map, Value};

use crate::Gateway;
use crate::authorize::{
    ACTION, Asked, cache, event, identity, masked, misconfigured, resource_policy, unauthorized,
};
use crate::exchange::{Authorized, Exchange};
use crate::integration::credentials::{SERVICE, assume};
use crate::limits::{AUTHORIZER_ANSWER_BYTES_MAX, AUTHORIZER_TIME};
use crate::response::{GatewayResponse, Kind};

/// What a function said of a client.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) principal_id: String,
    /// Texts.
    pub(crate) context: Map<String, Value>,
    pub(crate) usage_identifier_key: Option<String>,
    pub(crate) policy: Policy,
    /// The policy as the function wrote it.
    pub(crate) document: Value,
}

/// Lets a request in if the function's policy does.
pub(crate) async fn authorize(
    gateway: &Gateway,
    exchange: &mut Exchange,
    authorizer: &Authorizer,
    asked: &Asked<'_>,
) -> Result<(), GatewayResponse> {
    // AWS: what the API's policy denies, no authorizer is asked about.
    let by_policy = resource_policy::outcome(gateway, exchange, asked)?;
    if by_policy == Some(Outcome::ExplicitDeny) {
        exchange.trail.error(|| "The client is not authorized to perform this operation.");
        return Err(resource_policy::denied(exchange, &asked.arn, Outcome::ExplicitDeny));
    }
    let (verdict, latency_ms) = verdict(gateway, exchange, authorizer, &asked.arn).await?;
    let mut request = Request::new(policy::Principal::Anonymous, ACTION, asked.arn.as_str());
    asked.describe(gateway, exchange, &mut request.context);
    let own = verdict.policy.outcome(&request);
    exchange.authorizer = Some(Authorized {
        principal_id: Some(verdict.principal_id.clone()),
        context: verdict.context.clone(),
        claims: None,
        usage_identifier_key: verdict.usage_identifier_key.clone(),
        latency_ms,
    });
    match resource_policy::together(own, by_policy) {
        Outcome::Allow => Ok(()),
        outcome => {
            exchange.trail.error(|| "The client is not authorized to perform this operation.");
            Err(denied(outcome))
        }
    }
}

/// The function's verdict, remembered or new, and how long it took in milliseconds.
async fn verdict(
    gateway: &Gateway,
    exchange: &mut Exchange,
    authorizer: &Authorizer,
    arn: &str,
) -> Result<(Arc<Verdict>, u64), GatewayResponse> {
    let question = question(exchange, authorizer, &BTreeMap::new())?;
    let started = gateway.host.clock.monotonic();
    let name = (authorizer.ttl_s > 0 && !question.identity.is_empty())
        .then(|| cache::name(&authorizer.generation, &question.identity));
    let remembered = name.and_then(|name| gateway.memory.verdicts.get(&name, started));
    let (verdict, latency_ms) = match remembered {
        Some(verdict) => (verdict, 0),
        None => {
            let (verdict, bytes) = call(gateway, exchange, authorizer, (&question, arn)).await?;
            let verdict = Arc::new(verdict);
            let now = gateway.host.clock.monotonic();
            if let Some(name) = name {
                let until = now + Duration::from_secs(u64::from(authorizer.ttl_s));
                gateway.memory.verdicts.put(name, Arc::clone(&verdict), bytes, (now, until));
            }
            let latency = now.saturating_sub(started).as_millis();
            (verdict, u64::try_from(latency).unwrap_or(u64::MAX))
        }
    };
    exchange
        .trail
        .line(|| format!("Using valid authorizer policy for principal: {}", masked(&verdict.principal_id)));
    exchange.trail.line(|| "Successfully completed authorizer execution");
    Ok((verdict, latency_ms))
}

/// What is asked about a client.
pub(crate) struct Question<'a> {
    function: &'a AuthorizerFunction,
    /// What its answer is remembered under; nothing if it cannot be.
    identity: Vec<String>,
}

impl Question<'_> {
    /// The question in words, worked out only where the function is really asked.
    fn event(&self, exchange: &Exchange, authorizer: &Authorizer, arn: &str) -> Bytes {
        match (&authorizer.asks, self.identity.first()) {
            (Asks::Token { .. }, Some(token)) => event::token(arn, token).into(),
            _ => event::request(exchange, arn).into(),
        }
    }
}

/// Makes the question to a function; a client that does not say who it is gets none. `given` are `$context` variables of a test.
pub(crate) fn question<'a>(
    exchange: &mut Exchange,
    authorizer: &'a Authorizer,
    given: &BTreeMap<String, String>,
) -> Result<Question<'a>, GatewayResponse> {
    let id = &authorizer.id;
    exchange.trail.line(|| format!("Starting authorizer: {id} for request: {}", exchange.inbound.request_id));
    match &authorizer.asks {
        Asks::Token { header, expression, function } => {
            let Some(token) = identity::token(exchange, header, expression.as_ref()) else {
                return Err(unauthorized(exchange));
            };
            exchange.trail.line(|| format!("Incoming identity: {}", masked(&token)));
            Ok(Question { function, identity: vec![token] })
        }
        Asks::Request { sources, function } => {
            let Some(values) = identity::values(exchange, sources, given) else {
                return Err(unauthorized(exchange));
            };
            exchange.trail.line(|| {
                let shown = sources.iter().zip(&values);
                let shown = shown.map(|(source, value)| format!("{}={}", source.name(), masked(value)));
                format!("Incoming identity: {{{}}}", shown.collect::<Vec<_>>().join(", "))
            });
            Ok(Question { function, identity: values })
        }
        Asks::Jwt { .. } => Err(misconfigured(exchange, "the authorizer asks no function")),
    }
}

/// Calls the function; its verdict and about how many bytes that takes.
pub(crate) async fn call(
    gateway: &Gateway,
    exchange: &mut Exchange,
    authorizer: &Authorizer,
    (question, method_arn): (&Question<'_>, &str),
) -> Result<(Verdict, usize), GatewayResponse> {
    let event = question.event(exchange, authorizer, method_arn);
    let (stage, arn) = (&exchange.plan.stage, &question.function.arn);
    let uri = format!("https://lambda.{}.amazonaws.com/2015-03-31/functions/{arn}/invocations", stage.region);
    exchange.trail.line(|| format!("Endpoint request URI: {uri}"));
    exchange.trail.data(|| {
        let body = String::from_utf8_lossy(&event);
        format!("Endpoint request body after transformations: {body}")
    });
    exchange.trail.line(|| format!("Sending request to {uri}"));
    let (region, account, api) = (&stage.region, &stage.account, &stage.api_id);
    let invocation = FunctionCall {
        function: arn.clone(),
        caller: match caller(gateway, question.function).await {
            Ok(caller) => caller,
            Err(why) => return Err(failed(exchange, &why)),
        },
        source_arn: Some(format!(
            "arn:aws:execute-api:{region}:{account}:{api}/authorizers/{}",
            authorizer.id
        )),
        source_account: Some(account.clone()),
        is_event: false,
        invocation: Invocation {
            request_id: gateway.host.entropy.uuid(),
            payload: Payload { event, body: None },
            trace_id: Some(exchange.ids.trace.clone()),
            ..Invocation::default()
        },
    };
    let clock: &dyn Clock = &*gateway.host.clock;
    let answer = tokio::select! {
        answer = gateway.host.rooms().functions.call(invocation) => answer,
        () = clock.sleep(AUTHORIZER_TIME) => {
            exchange.trail.error(|| "Execution failed due to a timeout error");
            return Err(Kind::AuthorizerFailure.into());
        }
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => return Err(unreached(exchange, arn, &failure)),
    };
    exchange.trail.data(|| {
        format!("Authorizer result body before parsing: {}", String::from_utf8_lossy(&answer.payload))
    });
    match read(&answer) {
        Ok(verdict) => Ok((verdict, answer.payload.len() * 2)),
        Err(Refusal::Unauthorized) => Err(unauthorized(exchange)),
        Err(Refusal::Broken(why)) => Err(misconfigured(exchange, &why)),
    }
}

/// Why a function gives no verdict.
#[derive(Debug, PartialEq)]
enum Refusal {
    /// AWS: a function that fails with this very word says that the client is nobody.
    Unauthorized,
    /// What it answered is no verdict.
    Broken(String),
}

fn read(answer: &Answer) -> Result<Verdict, Refusal> {
    let broken = |why: &str| Err(Refusal::Broken(why.to_owned()));
    if answer.payload.len() > AUTHORIZER_ANSWER_BYTES_MAX {
        return broken("Authorizer result is too long");
    }
    let value: Value = match serde_json::from_slice(&answer.payload) {
        Ok(value) => value,
        Err(error) => return Err(Refusal::Broken(format!("Invalid JSON in response: {error}"))),
    };
    if answer.is_error && value.get("errorMessage").and_then(Value::as_str) == Some("Unauthorized") {
        return Err(Refusal::Unauthorized);
    }
    let Value::Object(mut answer) = value else { return broken("Malformed Lambda authorizer response") };
    const KNOWN: [&str; 4] = ["principalId", "policyDocument", "context", "usageIdentifierKey"];
    if let Some(other) = answer.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        // The words are AWS's.
        return Err(Refusal::Broken(format!(
            "Invalid JSON in response: Unrecognized field \"{other}\" , not marked as ignorable"
        )));
    }
    let Some(principal_id) = answer.get("principalId").and_then(flat) else {
        return broken("Invalid authorizer response: principalId is missing");
    };
    let document = answer.remove("policyDocument").filter(|document| !document.is_null());
    let Some(document) = document else {
        return broken("Invalid authorizer response: policyDocument is missing");
    };
    let policy = match Policy::parse(&document.to_string(), PolicyKind::Authorizer) {
        Ok(policy) => policy,
        Err(error) => return Err(Refusal::Broken(format!("Invalid policy document: {error}"))),
    };
    let context = match answer.remove("context") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(context)) => match context.into_iter().map(flattened).collect() {
            Some(context) => context,
            None => return broken("Invalid authorizer response: context has a value that is not flat"),
        },
        Some(_) => return broken("Invalid authorizer response: context is no map"),
    };
    let usage_identifier_key = answer.get("usageIdentifierKey").and_then(flat);
    Ok(Verdict { principal_id, context, usage_identifier_key, policy, document })
}

/// AWS: numbers and truth values are passed on as texts.
fn flat(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn flattened((name, value): (String, Value)) -> Option<(String, Value)> {
    flat(&value).map(|text| (name, Value::String(text)))
}

async fn caller(gateway: &Gateway, function: &AuthorizerFunction) -> Result<Principal, String> {
    let Some(role) = &function.credentials else { return Ok(Principal::service(SERVICE)) };
    let refused = || format!("API Gateway does not have permission to assume the provided role {role}");
    let caller = assume(gateway, role).await.map_err(|failure| {
        tracing::info!(role, %failure, "an authorizer's role could not be assumed");
        refused()
    })?;
    let caller = caller.ok_or_else(refused)?;
    let asked = ("lambda:InvokeFunction", std::slice::from_ref(&function.arn));
    match gateway.guard.check(&gateway.host, &caller, asked, |_| {}).await {
        Ok(Ok(())) => Ok(caller),
        Ok(Err(_)) => Err("Invalid permissions on Lambda function".to_owned()),
        Err(failure) => {
            tracing::error!(role, %failure, "the policies of an authorizer's role could not be read");
            Err(refused())
        }
    }
}

/// AWS: a function that may not be called or does not exist is a mistake of configuration; one that is too busy is a failure.
fn unreached(exchange: &mut Exchange, function: &str, failure: &Failure) -> GatewayResponse {
    tracing::info!(api = exchange.plan.stage.api_id, function, %failure, "an authorizer could not be asked");
    match failure.code() {
        Some("AccessDeniedException" | "ResourceNotFoundException") => {
            failed(exchange, "Invalid permissions on Lambda function")
        }
        Some(code) => {
            let code = code.to_owned();
            exchange.trail.error(|| format!("Execution failed due to an internal error: {code}"));
            Kind::AuthorizerFailure.into()
        }
        None => Kind::AuthorizerFailure.into(),
    }
}

fn failed(exchange: &mut Exchange, why: &str) -> GatewayResponse {
    misconfigured(exchange, why);
    misconfigured(exchange, "Authorizer error")
}

/// The refusal by a Lambda authorizer's policy.
fn denied(outcome: Outcome) -> GatewayResponse {
    let reason = match outcome {
        Outcome::ExplicitDeny => "with an explicit deny in an identity-based policy".to_owned(),
        _ => format!("because no identity-based policy allows the {ACTION} action"),
    };
    GatewayResponse::saying(
        Kind::AccessDenied,
        format!("User is not authorized to access this resource {reason}"),
    )
}

#[cfg(test)]
mod tests;
