//! https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
//!
//! Runs a function and waits (`RequestResponse`), queues an event for it (`Event`), or only checks (`DryRun`).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use kernel::Ctx;
use kernel::functions::{Answer, Invocation, Payload};
use kernel::limits::INVOKE_BYTES_MAX;

use crate::Lambda;
use crate::error::Error;
use crate::generated::{InvocationRequest, InvocationResponse};
use crate::invoke as calls;
use crate::json_check;
use crate::place::locate;
use crate::queue;

pub(crate) async fn invoke(cx: &Ctx<Lambda>, req: InvocationRequest) -> Result<InvocationResponse, Error> {
    let place = locate(cx, "InvokeFunction", &req.function_name, req.qualifier.as_deref()).await?;
    if req.tenant_id.is_some() {
        return Err(Error::Unsupported("TenantId"));
    }
    if req.durable_execution_name.is_some() {
        return Err(Error::Unsupported("DurableExecutionName"));
    }
    let arn = place.to_string();
    let resolved = match req.invocation_type.as_deref() {
        Some("Event" | "DryRun") => calls::known(&cx.host, &cx.service, &arn, &place).await?,
        _ => calls::ready(&cx.host, &cx.service, &arn, &place).await?,
    };
    let event = payload(req.payload)?;
    let client_context = req.client_context.as_deref().map(client_context).transpose()?;
    let invocation = Invocation {
        request_id: cx.call.request_id.clone(),
        invoked_arn: arn,
        payload: Payload { event, body: None },
        client_context,
        trace_id: None,
        wants_log_tail: req.log_type.as_deref() == Some("Tail"),
        split_answer: false,
    };
    match req.invocation_type.as_deref() {
        Some("DryRun") => Ok(InvocationResponse { status_code: Some(204), ..InvocationResponse::default() }),
        Some("Event") => {
            queue::accept(&cx.host, &cx.service, &resolved, invocation).await?;
            Ok(InvocationResponse { status_code: Some(202), ..InvocationResponse::default() })
        }
        _ => calls::run(&cx.host, &resolved, invocation).await.map(show),
    }
}

fn show(answer: Answer) -> InvocationResponse {
    InvocationResponse {
        status_code: Some(200),
        function_error: answer.is_error.then(|| "Unhandled".to_owned()),
        log_result: answer.log_tail.map(|tail| BASE64_STANDARD.encode(tail)),
        payload: Some(answer.payload),
        executed_version: Some(answer.version),
        durable_execution_arn: None,
    }
}

/// The event: JSON, or nothing, which stands for an empty object.
fn payload(given: Option<Bytes>) -> Result<Bytes, Error> {
    let Some(bytes) = given.filter(|bytes| !bytes.is_empty()) else { return Ok(Bytes::from_static(b"{}")) };
    if bytes.len() > INVOKE_BYTES_MAX {
        let text = "Request must be smaller than";
        return Err(Error::TooLarge(format!(
            "{text} {INVOKE_BYTES_MAX} bytes for the InvokeFunction operation"
        )));
    }
    match json_check::fault(&bytes) {
        None => Ok(bytes),
        Some(fault) => Err(Error::InvalidContent(format!(
            "Could not parse request body into json: Could not parse payload into json: {fault}"
        ))),
    }
}

/// The context's JSON, out of its base64 form.
fn client_context(given: &str) -> Result<String, Error> {
    let decoded = BASE64_STANDARD.decode(given).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let is_object =
        |text: &String| text.trim_start().starts_with('{') && json_check::fault(text.as_bytes()).is_none();
    let refused =
        || Error::InvalidContent("Client context must be a valid Base64-encoded JSON object.".to_owned());
    decoded.filter(is_object).ok_or_else(refused)
}
