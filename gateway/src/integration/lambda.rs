//! `AWS_PROXY`: the request becomes an event, the function's answer becomes the response. `AWS` with a function: the mapped body is the
//! event, and the function's result or error is mapped to the response.
//!
//! The function is called as `apigateway.amazonaws.com` for the method's ARN, so that its own policy decides; or as the integration's
//! role, if there is one. A client that hangs up does not end the invocation.

use std::time::Duration;

use ::http::header::{CONTENT_TYPE, HeaderMap};
use ::http::{HeaderValue, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use kernel::exchange::OutBody;
use kernel::functions::{Answer, FunctionCall, Invocation, Payload};
use kernel::identity::Principal;
use kernel::{Clock, Failure};
use plan::{Function, Mapping};

use crate::Gateway;
use crate::event::proxy_event;
use crate::exchange::Exchange;
use crate::integration::credentials::{self, SERVICE};
use crate::request_mapping::{self, failed};
use crate::response::{GatewayResponse, Kind};
use crate::value::{EndpointAnswer, Values};
use crate::{proxy_answer, response_mapping, shown};

/// Invokes the function of a proxy integration.
pub(crate) async fn proxy(
    gateway: &Gateway,
    exchange: &mut Exchange,
    function: &Function,
) -> Result<Response<OutBody>, GatewayResponse> {
    let is_event = match &function.invocation_type {
        None => false,
        Some(source) => Values::of_request(exchange).get(source)?.as_deref() == Some("Event"),
    };
    let payload = proxy_event(exchange);
    note_request(exchange, function, &payload.event);
    let call = Call { payload, is_event, client_context: None, split_answer: true };
    let answer = match invoke(gateway, exchange, function, call).await? {
        Ok(answer) => answer,
        Err(failure) => return Err(refused(exchange, &failure)),
    };
    note_answer(exchange, if is_event { 202 } else { 200 }, &answer);
    let mut response = match (is_event, answer.is_error) {
        (true, _) => Response::new(OutBody::Full(Bytes::new())),
        (false, true) => return Err(malformed(exchange, "Malformed Lambda proxy response")),
        (false, false) => {
            let accepts_binary = exchange.plan.binary.is_accepted(exchange.header("accept"));
            match proxy_answer::read(answer, accepts_binary) {
                Ok(response) => response,
                Err(refused) if refused.kind == Kind::MalformedProxyAnswer => {
                    return Err(malformed(exchange, "Malformed Lambda proxy response"));
                }
                Err(refused) => return Err(refused),
            }
        }
    };
    if let OutBody::Full(body) = response.body() {
        exchange.trail.data(|| {
            format!("Method response body after transformations: {}", String::from_utf8_lossy(body))
        });
    }
    trace(exchange, &mut response);
    Ok(response)
}

/// Invokes the function of a custom integration.
pub(crate) async fn custom(
    gateway: &Gateway,
    exchange: &mut Exchange,
    function: &Function,
    mapping: &Mapping,
) -> Result<Response<OutBody>, GatewayResponse> {
    let request = request_mapping::map(exchange, mapping)?;
    note_request(exchange, function, &request.body);
    let header = |name: &str| {
        let mut values = request.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        values.next().map(|(_, value)| value.as_str())
    };
    let is_event = header("X-Amz-Invocation-Type") == Some("Event");
    let client_context = header("X-Amz-Client-Context").and_then(|text| STANDARD.decode(text).ok());
    // Recorded on AWS: nothing in, an empty object in the function's hands.
    let event = match request.body.trim_ascii().is_empty() {
        true => Bytes::from_static(b"{}"),
        false => request.body.clone(),
    };
    let (answer, selection) = match serde_json::from_slice::<serde::de::IgnoredAny>(&event) {
        Err(error) => {
            let text = format!("Could not parse request body into json: {error}");
            (told("InvalidRequestContentException", 400, &text), "400".to_owned())
        }
        Ok(_) => {
            let call = Call {
                payload: Payload { event, body: None },
                is_event,
                client_context: client_context.and_then(|context| String::from_utf8(context).ok()),
                split_answer: false,
            };
            match invoke(gateway, exchange, function, call).await? {
                Ok(answer) => {
                    note_answer(exchange, if is_event { 202 } else { 200 }, &answer);
                    // AWS: patterns are compared with the error's text; a success has none.
                    let selection = match answer.is_error {
                        true => error_message(&answer.payload).unwrap_or_default(),
                        false => String::new(),
                    };
                    (endpoint_answer(is_event, answer), selection)
                }
                // What the definition of the API is to blame for is not told to its clients.
                Err(Failure::Exception(error))
                    if error.status < 500
                        && !matches!(&*error.code, "AccessDeniedException" | "ResourceNotFoundException") =>
                {
                    exchange.integration.status = Some(error.status);
                    (told(&error.code, error.status, &error.message), error.status.to_string())
                }
                Err(failure) => return Err(refused(exchange, &failure)),
            }
        }
    };
    let mut response = response_mapping::map(exchange, mapping, &answer, &selection)?;
    trace(exchange, &mut response);
    Ok(response)
}

struct Call {
    payload: Payload,
    is_event: bool,
    client_context: Option<String>,
    split_answer: bool,
}

/// The function's answer, or Lambda's refusal to call it.
async fn invoke(
    gateway: &Gateway,
    exchange: &mut Exchange,
    function: &Function,
    call: Call,
) -> Result<Result<Answer, Failure>, GatewayResponse> {
    let caller = match &function.credentials {
        None => Principal::service(SERVICE),
        Some(role) => {
            let caller = credentials::principal(gateway, exchange, role).await?;
            let asked = ("lambda:InvokeFunction", std::slice::from_ref(&function.arn));
            let decided = gateway.guard.check(&gateway.host, &caller, asked, |_| {}).await;
            let decided = decided.map_err(|failure| refused(exchange, &failure))?;
            decided.map_err(|access::Denied(text)| failed(exchange, text))?;
            caller
        }
    };
    let call = FunctionCall {
        function: function.arn.clone(),
        caller,
        // What the function's policy may name as its source.
        source_arn: Some(exchange.arn(&exchange.method().resource_path)),
        source_account: Some(exchange.plan.stage.account.clone()),
        is_event: call.is_event,
        invocation: Invocation {
            // AWS: the function's request id is its own, not that of the API's request.
            request_id: gateway.host.entropy.uuid(),
            payload: call.payload,
            client_context: call.client_context,
            trace_id: Some(exchange.ids.trace.clone()),
            split_answer: call.split_answer,
            ..Invocation::default()
        },
    };
    exchange.integration.request_id = Some(call.invocation.request_id.clone());
    let clock: &dyn Clock = &*gateway.host.clock;
    let started = clock.monotonic();
    let timeout = clock.sleep(Duration::from_millis(exchange.method().timeout_ms));
    let answer = tokio::select! {
        answer = gateway.host.rooms().functions.call(call) => answer,
        () = timeout => {
            exchange.integration.latency = Some(clock.monotonic().saturating_sub(started));
            return Err(timed_out(exchange));
        }
    };
    exchange.integration.latency = Some(clock.monotonic().saturating_sub(started));
    Ok(answer)
}

/// AWS's 504 for an integration that takes too long.
pub(crate) fn timed_out(exchange: &mut Exchange) -> GatewayResponse {
    exchange.trail.error(|| "Execution failed due to a timeout error");
    exchange.integration.error = Some("Endpoint request timed out".to_owned());
    Kind::IntegrationTimeout.into()
}

/// What becomes of a call that Lambda did not make.
fn refused(exchange: &mut Exchange, failure: &Failure) -> GatewayResponse {
    tracing::info!(api = exchange.plan.stage.api_id, %failure, "a function could not be invoked");
    match failure.code() {
        // A request that API Gateway takes may still be too large for Lambda.
        Some("RequestTooLargeException" | "RequestEntityTooLargeException") => {
            exchange.integration.error = Some(failure.to_string());
            Kind::RequestTooLarge.into()
        }
        Some("AccessDeniedException" | "ResourceNotFoundException") => {
            failed(exchange, "Invalid permissions on Lambda function")
        }
        _ => failed(exchange, failure),
    }
}

fn malformed(exchange: &mut Exchange, why: &str) -> GatewayResponse {
    exchange.trail.error(|| format!("Execution failed due to configuration error: {why}"));
    exchange.integration.error = Some(why.to_owned());
    Kind::MalformedProxyAnswer.into()
}

fn note_request(exchange: &mut Exchange, function: &Function, event: &Bytes) {
    // Made only where somebody reads it.
    let uri = || {
        let region = function.arn.split(':').nth(3).unwrap_or_default();
        format!("https://lambda.{region}.amazonaws.com/2015-03-31/functions/{}/invocations", function.arn)
    };
    exchange.trail.line(|| format!("Endpoint request URI: {}", uri()));
    exchange.trail.data(|| {
        let api = exchange.plan.stage.api_id.as_str();
        let headers = [
            ("x-amzn-lambda-integration-tag", exchange.inbound.request_id.as_str()),
            ("x-amzn-apigateway-api-id", api),
            ("Accept", "application/json"),
            ("User-Agent", &format!("AmazonAPIGateway_{api}")),
            ("X-Amzn-Trace-Id", &exchange.ids.trace),
            ("Content-Type", "application/json"),
        ];
        format!("Endpoint request headers: {}", shown::map(&headers))
    });
    exchange
        .trail
        .data(|| format!("Endpoint request body after transformations: {}", String::from_utf8_lossy(event)));
    exchange.trail.line(|| format!("Sending request to {}", uri()));
}

fn note_answer(exchange: &mut Exchange, status: u16, answer: &Answer) {
    let latency = exchange.integration.latency.unwrap_or_default().as_millis();
    exchange.integration.status = Some(status);
    exchange.trail.line(|| format!("Received response. Status: {status}, Integration latency: {latency} ms"));
    exchange.trail.data(|| {
        let id = exchange.integration.request_id.as_deref().unwrap_or_default();
        let mut headers = vec![("x-amzn-RequestId", id), ("X-Amz-Executed-Version", &answer.version)];
        if answer.is_error {
            headers.push(("X-Amz-Function-Error", "Unhandled"));
        }
        format!("Endpoint response headers: {}", shown::map(&headers))
    });
    exchange.trail.data(|| {
        format!("Endpoint response body before transformations: {}", String::from_utf8_lossy(&answer.payload))
    });
}

fn endpoint_answer(is_event: bool, answer: Answer) -> EndpointAnswer {
    let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let body = if is_event { Bytes::new() } else { answer.payload };
    EndpointAnswer { status: if is_event { 202 } else { 200 }, headers: HeaderMap::from_iter(json), body }
}

/// What Lambda's API says instead of calling the function.
fn told(code: &str, status: u16, message: &str) -> EndpointAnswer {
    let body = serde_json::json!({ "Type": "User", "message": message }).to_string();
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    if let Ok(code) = HeaderValue::from_str(code) {
        headers.insert("x-amzn-errortype", code);
    }
    EndpointAnswer { status, headers, body: body.into() }
}

/// The `errorMessage` of a function's error.
fn error_message(payload: &[u8]) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(payload).ok()?;
    json.get("errorMessage")?.as_str().map(str::to_owned)
}

fn trace(exchange: &Exchange, response: &mut Response<OutBody>) {
    if let Ok(trace) = HeaderValue::from_str(&exchange.ids.trace) {
        response.headers_mut().entry("x-amzn-trace-id").or_insert(trace);
    }
}
