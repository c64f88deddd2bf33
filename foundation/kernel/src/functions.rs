//! Running functions: what other rooms ask of Lambda ([`Functions`]), and what Lambda asks of the fleet ([`Compute`]).

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::error::{Failure, Internal};
use crate::identity::Principal;

/// An event on its way to a function. A request body travels beside the event as raw bytes, so that it is neither escaped nor copied:
/// the runtime puts it into the event's `body` member.
#[derive(Clone, Debug, Default)]
pub struct Payload {
    /// The event as JSON.
    pub event: Bytes,
    /// What belongs into the event's top-level `body` member, which is `null` in `event`.
    pub body: Option<Body>,
}

/// Raw bytes for a `body` member.
#[derive(Clone, Debug)]
pub struct Body {
    /// The bytes.
    pub bytes: Bytes,
    /// True if the member is to be their base64 form, false if they are UTF-8 text.
    pub is_base64: bool,
}

/// One invocation.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// UUID, also `x-amzn-RequestId`.
    pub request_id: String,
    /// The ARN as it was called, with its qualifier.
    pub invoked_arn: String,
    /// The event.
    pub payload: Payload,
    /// `X-Amz-Client-Context`, decoded JSON.
    pub client_context: Option<String>,
    /// `X-Amzn-Trace-Id`.
    pub trace_id: Option<String>,
    /// The last 4 KB of the log are wanted.
    pub wants_log_tail: bool,
    /// If the answer is an object with a string `body`, give the body beside it as raw bytes in [`Answer::body`].
    pub split_answer: bool,
}

/// What a function gave back.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// JSON: the function's result, or its error object.
    pub payload: Bytes,
    /// The answer's `body` member as UTF-8 text, then absent from `payload`; only if asked for.
    pub body: Option<Bytes>,
    /// True if the function failed; `X-Amz-Function-Error: Unhandled`.
    pub is_error: bool,
    /// The last 4 KB of the log, if asked for.
    pub log_tail: Option<Bytes>,
    /// Version that ran: `$LATEST` or a number.
    pub version: String,
}

/// A call of a function by another room.
#[derive(Clone, Debug)]
pub struct FunctionCall {
    /// ARN of the function, with its qualifier if there is one.
    pub function: String,
    /// Who calls; the function's policy must let a service or another account in.
    pub caller: Principal,
    /// ARN of what the call is made for, such as a method of an API; for `AWS:SourceArn` conditions.
    pub source_arn: Option<String>,
    /// Account of the source; for `AWS:SourceAccount` conditions.
    pub source_account: Option<String>,
    /// False: wait for the answer. True: queue it, durably, and answer at once.
    pub is_event: bool,
    /// The event. `invoked_arn` is filled in by Lambda.
    pub invocation: Invocation,
}

/// Lambda, as other rooms see it.
pub trait Functions: Send + Sync + 'static {
    /// Invokes a function. Errors are Lambda's own exceptions: `ResourceNotFoundException`, `AccessDeniedException`, `TooManyRequestsException`, …
    fn call(&self, call: FunctionCall) -> BoxFuture<'_, Result<Answer, Failure>>;
}

/// Everything the fleet needs to run one version of a function. Immutable: a change of code or configuration makes a new one, with another `revision`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunctionVersion {
    /// ARN without a qualifier.
    pub arn: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Function name.
    pub name: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// Changes with every change of code or configuration.
    pub revision: String,
    /// Runtime identifier, such as `python3.12`.
    pub runtime: String,
    /// Handler as configured.
    pub handler: String,
    /// Execution role's ARN.
    pub role: String,
    /// Timeout, in milliseconds.
    pub timeout_ms: u64,
    /// Memory, in MB (MiB).
    pub memory_mb: u32,
    /// Size of `/tmp`, in MB (MiB).
    pub ephemeral_mb: u32,
    /// The function's own environment variables.
    pub environment: Vec<(String, String)>,
    /// The deployment package.
    pub code: CodeRef,
    /// Layers, in merge order.
    pub layers: Vec<CodeRef>,
    /// Log group.
    pub log_group: String,
    /// True for `LogFormat: JSON`.
    pub logs_json: bool,
    /// `ApplicationLogLevel` for JSON logs.
    pub log_level: Option<String>,
    /// Reserved concurrency, if any.
    pub reserved_concurrency: Option<u32>,
    /// `x86_64` or `arm64`.
    pub architecture: String,
}

/// A zip in the blob store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodeRef {
    /// Name of the blob.
    pub blob: String,
    /// SHA-256 of the zip, lower-case hexadecimal.
    pub sha256: String,
}

/// What a zip holds, found by reading its directory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodeFacts {
    /// Bytes of all files when unpacked.
    pub unzipped_bytes: u64,
    /// Number of entries.
    pub entries: u64,
}

/// Why an invocation did not reach a function.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ComputeError {
    /// No environment may be started: Lambda answers 429 with this `Reason`.
    #[error("the concurrency limit is reached")]
    Throttled {
        /// `ConcurrentInvocationLimitExceeded` or `ReservedFunctionConcurrentInvocationLimitExceeded`.
        reason: &'static str,
    },
    /// The machine has no interpreter for the runtime, or refuses to isolate: Lambda answers 502 or 500 with this text.
    #[error("{0}")]
    Unavailable(String),
    /// Our own fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

/// Why a zip cannot be a deployment package; the text is AWS's.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct CodeRefused(pub String);

/// The fleet, as Lambda sees it.
pub trait Compute: Send + Sync + 'static {
    /// Runs one invocation to its end, whether or not the returned future is kept.
    fn invoke(
        &self,
        version: Arc<FunctionVersion>,
        invocation: Invocation,
    ) -> BoxFuture<'static, Result<Answer, ComputeError>>;
    /// Checks a zip before it is stored: paths stay inside, links too, sizes within Lambda's quotas. Nothing is written.
    fn inspect(&self, zip: Bytes) -> BoxFuture<'static, Result<CodeFacts, CodeRefused>>;
    /// Unpacks code ahead of the first invocation, so that a function becomes `Active` ready to start.
    fn prepare(&self, version: Arc<FunctionVersion>) -> BoxFuture<'static, Result<(), ComputeError>>;
    /// Stops idle environments of a function (ARN without qualifier) whose revision is not `keep`; busy ones stop after their invocation.
    fn retire(&self, arn: &str, version: &str, keep: Option<&str>);
    /// Invocations running now in an account and region, and how many may.
    fn concurrency(&self, account: &str, region: &str) -> (u32, u32);
}
