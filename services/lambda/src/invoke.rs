//! One call of a function, whoever makes it: resolved in memory, allowed, run by the fleet, or queued.
//!
//! A call that meets code being made ready waits for it, because here that takes milliseconds; AWS lets it fail with
//! `ResourceConflictException`, which here it does only when the wait is over.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use kernel::functions::{Answer, ComputeError, FunctionCall, FunctionVersion, Functions, Invocation};
use kernel::limits::{INVOKE_BYTES_MAX, INVOKE_EVENT_BYTES_MAX};
use kernel::{Failure, Host, Internal};

use crate::Lambda;
use crate::error::Error;
use crate::place::Place;
use crate::queue;
use crate::resolve::{Resolved, Trouble};

/// How long a call waits for code that is being made ready.
const SETTLE_MAX: Duration = Duration::from_secs(10);
/// Largest answer of a function, bytes: 6 MB and a little (AWS's own text names this number).
const ANSWER_BYTES_MAX: usize = 6_291_556;
/// What stops a function whose reserved concurrency is zero, and one that has used up its share.
pub(crate) const RESERVED_REACHED: &str = "ReservedFunctionConcurrentInvocationLimitExceeded";

/// Lambda as other rooms see it.
pub(crate) struct Door {
    pub host: Weak<Host>,
    pub lambda: Arc<Lambda>,
}

impl Functions for Door {
    fn call(&self, call: FunctionCall) -> BoxFuture<'_, Result<Answer, Failure>> {
        Box::pin(async move {
            let host = self.host.upgrade().ok_or_else(|| Internal::because("the house is closed"))?;
            Ok(run_call(&host, &self.lambda, call).await?)
        })
    }
}

async fn run_call(host: &Arc<Host>, lambda: &Arc<Lambda>, mut call: FunctionCall) -> Result<Answer, Error> {
    let resolved = match lambda.cache.get(&call.function) {
        Some(resolved) => resolved,
        None => {
            let place = Place::parse(&call.function, &host.default_account, "")
                .filter(|place| !place.region.is_empty())
                .ok_or_else(|| Error::FunctionNotFound(call.function.clone()))?;
            match call.is_event {
                true => known(host, lambda, &call.function, &place).await?,
                false => ready(host, lambda, &call.function, &place).await?,
            }
        }
    };
    let (caller, source) = (&call.caller, (call.source_arn.as_deref(), call.source_account.as_deref()));
    let is_let_in = caller.account == resolved.place.account && !caller.account.is_empty();
    if !is_let_in && !resolved.policy.allows(caller, "lambda:InvokeFunction", &call.function, source) {
        return Err(Error::AccessDenied(caller.arn.clone(), "InvokeFunction", call.function));
    }
    call.invocation.invoked_arn = call.function;
    match call.is_event {
        true => queue::accept(host, lambda, &resolved, call.invocation).await.map(|()| Answer::default()),
        false => run(host, &resolved, call.invocation).await,
    }
}

/// What `arn` stands for, whether or not its code is ready: enough to queue an event for it.
pub(crate) async fn known(
    host: &Host,
    lambda: &Lambda,
    arn: &str,
    place: &Place,
) -> Result<Arc<Resolved>, Error> {
    let resolved = lambda.cache.resolve(host, arn, place).await?;
    match &resolved.trouble {
        Some(Trouble::Failed(reason)) => Err(Error::InvalidRuntime(reason.clone())),
        _ => Ok(resolved),
    }
}

/// What `arn` stands for, once its code is ready.
pub(crate) async fn ready(
    host: &Host,
    lambda: &Lambda,
    arn: &str,
    place: &Place,
) -> Result<Arc<Resolved>, Error> {
    if let Some(found) = lambda.cache.get(arn) {
        return Ok(found);
    }
    let until = host.clock.monotonic() + SETTLE_MAX;
    let mut changes = lambda.cache.subscribe();
    loop {
        let resolved = lambda.cache.resolve(host, arn, place).await?;
        let is_late = host.clock.monotonic() >= until;
        match &resolved.trouble {
            None => return Ok(resolved),
            // AWS says only that the function has failed; why is what its owner needs.
            Some(Trouble::Failed(reason)) => return Err(Error::InvalidRuntime(reason.clone())),
            Some(Trouble::Pending) if is_late => return Err(Error::NotActive("Pending")),
            // AWS runs the former code until the new one is ready; here the fleet makes it ready as it starts it.
            Some(Trouble::Updating) if is_late => return Ok(resolved),
            Some(_) => {}
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = host.clock.sleep_until(until) => {}
        }
    }
}

/// Runs one call to its end.
pub(crate) async fn run(host: &Host, resolved: &Resolved, invocation: Invocation) -> Result<Answer, Error> {
    let version = resolved.pick(host);
    if version.reserved_concurrency == Some(0) {
        return Err(Error::Throttled(RESERVED_REACHED));
    }
    let bytes =
        invocation.payload.event.len() + invocation.payload.body.as_ref().map_or(0, |body| body.bytes.len());
    if bytes > INVOKE_BYTES_MAX {
        return Err(Error::TooLarge(format!(
            "Request must be smaller than {INVOKE_BYTES_MAX} bytes for the InvokeFunction operation"
        )));
    }
    run_version(host, version, invocation).await
}

async fn run_version(
    host: &Host,
    version: Arc<FunctionVersion>,
    invocation: Invocation,
) -> Result<Answer, Error> {
    let answer = host.rooms().compute.invoke(version, invocation).await.map_err(|error| match error {
        ComputeError::Throttled { reason } => Error::Throttled(reason),
        ComputeError::Unavailable(text) => Error::InvalidRuntime(text),
        ComputeError::Internal(internal) => Error::Fault(internal.into()),
    })?;
    let bytes = answer.payload.len() + answer.body.as_ref().map_or(0, Bytes::len);
    if bytes <= ANSWER_BYTES_MAX {
        return Ok(answer);
    }
    let text = format!(
        "Response payload size ({bytes} bytes) exceeded maximum allowed payload size ({ANSWER_BYTES_MAX} bytes)."
    );
    let payload = format!(r#"{{"errorMessage":"{text}","errorType":"Function.ResponseSizeTooLarge"}}"#);
    Ok(Answer { payload: payload.into(), body: None, is_error: true, ..answer })
}

/// Checks the size of an event that is to be queued.
pub(crate) fn check_event_size(invocation: &Invocation) -> Result<(), Error> {
    let bytes =
        invocation.payload.event.len() + invocation.payload.body.as_ref().map_or(0, |body| body.bytes.len());
    match bytes > INVOKE_EVENT_BYTES_MAX {
        true => {
            let limit = format!("(limit {INVOKE_EVENT_BYTES_MAX} bytes)");
            Err(Error::TooLarge(format!(
                "{bytes} byte payload is too large for the Event invocation type {limit}"
            )))
        }
        false => Ok(()),
    }
}

/// Waits until no change of the function is under way: changes are made one after the other.
pub(crate) async fn settled(host: &Host, lambda: &Lambda, place: &Place) -> Result<(), Error> {
    let place = Place { qualifier: None, ..place.clone() };
    let arn = place.arn();
    let until = host.clock.monotonic() + SETTLE_MAX;
    let mut changes = lambda.cache.subscribe();
    loop {
        let resolved = match lambda.cache.resolve(host, &arn, &place).await {
            Ok(resolved) => resolved,
            // Whoever asked finds out that it is not there.
            Err(Error::FunctionNotFound(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        match &resolved.trouble {
            None | Some(Trouble::Failed(_)) => return Ok(()),
            Some(_) if host.clock.monotonic() >= until => return Err(Error::UpdateInProgress(arn)),
            Some(_) => {}
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = host.clock.sleep_until(until) => {}
        }
    }
}
