//! What Lambda answers when it does not succeed: one variant per text of AWS, with the shape it comes in.
//!
//! Most shapes carry `Type: User` besides their message. A text that AWS does not document is marked where it is written.

use kernel::{Exception, Failure, Fault};

/// An error of Lambda.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The operation acts on a function that is not there (ARN as it was asked for).
    #[error("function not found")]
    FunctionNotFound(String),
    /// The alias is not there (its ARN).
    #[error("alias not found")]
    AliasNotFound(String),
    /// The alias to change is not there (its ARN).
    #[error("alias to update not found")]
    AliasToUpdateNotFound(String),
    /// The ARN names another region than the one that was asked: that one, this one.
    #[error("function of another region")]
    WrongRegion(String, String),
    /// Nobody may do this: who, action, ARN.
    #[error("not authorized")]
    AccessDenied(String, &'static str, String),
    /// A function of this name exists.
    #[error("function exists")]
    FunctionExists(String),
    /// An alias of this name exists (its ARN).
    #[error("alias exists")]
    AliasExists(String),
    /// The function (ARN) is being changed.
    #[error("an update is in progress")]
    UpdateInProgress(String),
    /// The function is in a state in which it cannot be used.
    #[error("the function is {0}")]
    NotActive(&'static str),
    /// The version is what these aliases point to.
    #[error("version in use")]
    VersionInUse(Vec<String>),
    /// The statement id is taken.
    #[error("statement exists")]
    StatementExists(String),
    /// The statement is not in the policy.
    #[error("statement not found")]
    StatementNotFound(String),
    /// There is no policy to remove a statement from.
    #[error("no policy")]
    NoPolicy,
    /// There is no policy to show, or no function: AWS says no more.
    #[error("no such resource")]
    NoSuchResource,
    /// RemovePermission on a function (ARN) that is not there.
    #[error("no policy found")]
    NoPolicyFound(String),
    /// The policy would become too long (bytes).
    #[error("policy too long")]
    PolicyTooLong(usize),
    /// The revision is not the current one.
    #[error("revision does not match")]
    RevisionMismatch,
    /// There is no code signing configuration, because none can be made.
    #[error("no code signing configuration")]
    NoCodeSigningConfig(String),
    /// The version of a layer (ARN) is not there.
    #[error("layer version not found")]
    LayerVersionNotFound(String),
    /// The revision of a layer's policy is not the current one.
    #[error("revision of the layer's policy does not match")]
    LayerRevisionMismatch,
    /// What settings for events are meant for is not there: the function, or what its qualifier names.
    #[error("no such function")]
    NoSuchFunction,
    /// There is no event-invoke configuration (ARN).
    #[error("no event invoke configuration")]
    NoEventInvokeConfig(String),
    /// `InvalidParameterValueException` with this text.
    #[error("{0}")]
    InvalidParameter(String),
    /// A setting that exists on AWS and not here yet.
    #[error("{0} is not implemented")]
    Unsupported(&'static str),
    /// A constraint of the service that its model does not have: the text after `1 validation error detected: `.
    #[error("{0}")]
    Validation(String),
    /// The body of an invocation or its context is not what it should be.
    #[error("{0}")]
    InvalidContent(String),
    /// Something is larger than it may be.
    #[error("{0}")]
    TooLarge(String),
    /// No more invocations now, and why.
    #[error("rate exceeded")]
    Throttled(&'static str),
    /// The machine cannot run the function's runtime.
    #[error("{0}")]
    InvalidRuntime(String),
    /// The handler runs again, or our own fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// `InvalidParameterValueException` with a text.
pub(crate) fn invalid(text: impl Into<String>) -> Error {
    Error::InvalidParameter(text.into())
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        if let Error::Fault(fault) = error {
            return Failure::Fault(fault);
        }
        let (code, status, text) = error.describe();
        let exception = Exception::new(code, status, text);
        match error {
            Error::AccessDenied(..) | Error::Validation(_) | Error::TooLarge(_) => exception.into(),
            Error::Throttled(reason) => exception.with("Type", "User").with("Reason", reason).into(),
            _ => exception.with("Type", "User").into(),
        }
    }
}

impl Error {
    /// Code, status and text.
    fn describe(&self) -> (&'static str, u16, String) {
        const INVALID: &str = "InvalidParameterValueException";
        const NOT_FOUND: &str = "ResourceNotFoundException";
        const CONFLICT: &str = "ResourceConflictException";
        match self {
            Error::FunctionNotFound(arn) => (NOT_FOUND, 404, format!("Function not found: {arn}")),
            Error::AliasNotFound(arn) => (NOT_FOUND, 404, format!("Cannot find alias arn: {arn}")),
            Error::AliasToUpdateNotFound(arn) => (NOT_FOUND, 404, format!("Alias not found: {arn}")),
            Error::WrongRegion(that, this) => (
                NOT_FOUND,
                404,
                format!("Functions from '{that}' are not reachable in this region ('{this}')"),
            ),
            Error::AccessDenied(who, action, arn) => {
                let action = format!("lambda:{action}");
                let because = format!("because no resource-based policy allows the {action} action");
                (
                    "AccessDeniedException",
                    403,
                    format!(
                        "User: {who} is not authorized to perform: {action} on resource: {arn} {because}"
                    ),
                )
            }
            Error::FunctionExists(name) => (CONFLICT, 409, format!("Function already exist: {name}")),
            Error::AliasExists(arn) => (CONFLICT, 409, format!("Alias already exists: {arn}")),
            Error::UpdateInProgress(arn) => {
                let text =
                    "The operation cannot be performed at this time. An update is in progress for resource";
                (CONFLICT, 409, format!("{text}: {arn}"))
            }
            Error::NotActive(state) => {
                let text = "The operation cannot be performed at this time. The function is currently in the following state";
                (CONFLICT, 409, format!("{text}: {state}"))
            }
            Error::VersionInUse(aliases) => {
                let text = "Unable to delete version because the following aliases reference it";
                (CONFLICT, 409, format!("{text}: [{}]", aliases.join(", ")))
            }
            Error::StatementExists(id) => {
                let hint = "Please provide a new statement id, or remove the existing statement.";
                (CONFLICT, 409, format!("The statement id ({id}) provided already exists. {hint}"))
            }
            Error::StatementNotFound(id) => {
                (NOT_FOUND, 404, format!("Statement {id} is not found in resource policy."))
            }
            Error::NoPolicy => {
                (NOT_FOUND, 404, "No policy is associated with the given resource.".to_owned())
            }
            Error::NoSuchResource => {
                (NOT_FOUND, 404, "The resource you requested does not exist.".to_owned())
            }
            Error::NoPolicyFound(arn) => (NOT_FOUND, 404, format!("No policy found for: {arn}")),
            Error::PolicyTooLong(bytes) => (
                "PolicyLengthExceededException",
                400,
                format!("The final policy size ({bytes}) is bigger than the limit (20480)."),
            ),
            Error::RevisionMismatch => {
                let hint = "Call the GetFunction/GetAlias API to retrieve the latest Revision Id";
                (
                    "PreconditionFailedException",
                    412,
                    format!("The Revision Id provided does not match the latest Revision Id. {hint}"),
                )
            }
            Error::NoCodeSigningConfig(arn) => {
                let hint = "Check that the provided configuration is not deleted";
                (
                    "CodeSigningConfigNotFoundException",
                    404,
                    format!("The code signing configuration cannot be found. {hint}: {arn}."),
                )
            }
            Error::NoEventInvokeConfig(arn) => {
                (NOT_FOUND, 404, format!("The function {arn} doesn't have an EventInvokeConfig"))
            }
            Error::LayerVersionNotFound(arn) => {
                (NOT_FOUND, 404, format!("Layer version {arn} does not exist."))
            }
            Error::LayerRevisionMismatch => {
                let hint = "Call the GetLayerPolicy API to retrieve the latest Revision Id";
                let text = "The Revision Id provided does not match the latest Revision Id.";
                ("PreconditionFailedException", 412, format!("{text} {hint}"))
            }
            Error::NoSuchFunction => (NOT_FOUND, 404, "The function doesn't exist.".to_owned()),
            Error::InvalidParameter(text) => (INVALID, 400, text.clone()),
            Error::Unsupported(what) => {
                (INVALID, 400, format!("{what} is not implemented by this Lambda endpoint."))
            }
            Error::Validation(text) => {
                ("ValidationException", 400, format!("1 validation error detected: {text}"))
            }
            Error::InvalidContent(text) => ("InvalidRequestContentException", 400, text.clone()),
            // The model calls it RequestTooLargeException; what clients have met since 2017 is this code.
            Error::TooLarge(text) => ("RequestEntityTooLargeException", 413, text.clone()),
            Error::Throttled(_) => ("TooManyRequestsException", 429, "Rate Exceeded.".to_owned()),
            Error::InvalidRuntime(text) => ("InvalidRuntimeException", 502, text.clone()),
            Error::Fault(fault) => ("ServiceException", 500, fault.to_string()),
        }
    }
}
