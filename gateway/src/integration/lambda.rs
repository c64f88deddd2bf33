//! `AWS_PROXY`: the request becomes an event, the function's answer becomes the response.
//!
//! The function is called as `apigateway.amazonaws.com` for the method's ARN, so that its own policy decides; or as the integration's
//! role, if there is one. A client that hangs up does not end the invocation.

use std::time::Duration;

use ::http::{HeaderValue, Response};
use kernel::exchange::OutBody;
use kernel::functions::{Answer, FunctionCall, Invocation};
use kernel::identity::{AssumeRole, Principal, PrincipalKind};
use kernel::{Clock, Failure};
use plan::Integration;

use crate::Gateway;
use crate::event::proxy_event;
use crate::exchange::Exchange;
use crate::proxy_answer;
use crate::response::{GatewayResponse, Kind};

/// How API Gateway names itself to Lambda.
pub(crate) const SERVICE: &str = "apigateway.amazonaws.com";
/// How long the session of an integration's role is good for, in seconds.
const ROLE_SESSION_S: i64 = 900;

/// Invokes the function of a method.
pub(crate) async fn invoke(
    gateway: &Gateway,
    exchange: &mut Exchange,
) -> Result<Response<OutBody>, GatewayResponse> {
    let Integration::Lambda { function, credentials, is_event } = &exchange.method().integration else {
        return Err(Kind::ApiConfigurationError.into());
    };
    let failed = |failure: &Failure| {
        tracing::info!(api = exchange.plan.stage.api_id, function, %failure, "a function could not be invoked");
        match failure.code() {
            // A request that API Gateway takes may still be too large for Lambda.
            Some("RequestTooLargeException" | "RequestEntityTooLargeException") => Kind::RequestTooLarge,
            _ => Kind::ApiConfigurationError,
        }
    };
    let caller = match credentials {
        None => Principal::service(SERVICE),
        Some(role) => {
            let caller = assume(gateway, role, &exchange.plan.stage.region)
                .await
                .map_err(|failure| failed(&failure))?;
            let asked = ("lambda:InvokeFunction", std::slice::from_ref(function));
            let decided = gateway.guard.check(&gateway.host, &caller, asked, |_| {}).await;
            decided.map_err(|failure| failed(&failure))?.map_err(|access::Denied(text)| {
                tracing::info!(
                    api = exchange.plan.stage.api_id,
                    function,
                    text,
                    "an integration's role may not invoke its function"
                );
                Kind::ApiConfigurationError
            })?;
            caller
        }
    };
    let call = FunctionCall {
        function: function.clone(),
        caller,
        // What the function's policy may name as its source.
        source_arn: Some(exchange.arn(&exchange.method().resource_path)),
        source_account: Some(exchange.plan.stage.account.clone()),
        is_event: *is_event,
        invocation: Invocation {
            // AWS: the function's request id is its own, not that of the API's request.
            request_id: gateway.host.entropy.uuid(),
            payload: proxy_event(exchange),
            trace_id: Some(exchange.ids.trace.clone()),
            split_answer: true,
            ..Invocation::default()
        },
    };
    let clock: &dyn Clock = &*gateway.host.clock;
    let timeout = clock.sleep(Duration::from_millis(exchange.method().timeout_ms));
    let answer = tokio::select! {
        answer = gateway.host.rooms().functions.call(call) => answer.map_err(|failure| failed(&failure))?,
        () = timeout => return Err(Kind::IntegrationTimeout.into()),
    };
    respond(exchange, *is_event, answer)
}

fn respond(
    exchange: &Exchange,
    is_event: bool,
    answer: Answer,
) -> Result<Response<OutBody>, GatewayResponse> {
    let mut response = match (is_event, answer.is_error) {
        (true, _) => Response::new(OutBody::Full(Default::default())),
        (false, true) => return Err(Kind::MalformedProxyAnswer.into()),
        (false, false) => {
            let accept =
                exchange.inbound.headers.get(::http::header::ACCEPT).and_then(|value| value.to_str().ok());
            proxy_answer::read(answer, exchange.plan.binary.is_accepted(accept))?
        }
    };
    if let Ok(trace) = HeaderValue::from_str(&exchange.ids.trace) {
        response.headers_mut().entry("x-amzn-trace-id").or_insert(trace);
    }
    Ok(response)
}

/// A session of a role that API Gateway may assume.
pub(crate) async fn assume(gateway: &Gateway, role_arn: &str, region: &str) -> Result<Principal, Failure> {
    let session = "BackplaneAssumeRoleSession".to_owned();
    let request = AssumeRole {
        role_arn: role_arn.to_owned(),
        session: session.clone(),
        by: Principal::service(SERVICE),
        duration_s: ROLE_SESSION_S,
        session_policies: Vec::new(),
        external_id: None,
    };
    let credentials = gateway.host.rooms().identities.assume_role(request).await?;
    let missing =
        || kernel::Internal::because(format!("the integration's role {role_arn} does not exist in {region}"));
    let credentials = credentials.ok_or_else(missing)?;
    let account = credentials.arn.split(':').nth(4).unwrap_or_default().to_owned();
    Ok(Principal {
        arn: credentials.arn,
        account,
        user_id: credentials.user_id,
        access_key: credentials.access_key,
        kind: PrincipalKind::Role { role_arn: role_arn.to_owned(), session, session_policies: Vec::new() },
    })
}
