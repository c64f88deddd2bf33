//! What CloudWatch Logs refuses, with AWS's codes and texts.
//!
//! Every exception of this service has status 400. Texts marked "inferred" below are not shown in AWS's documentation or recordings.

use kernel::{Exception, Failure, Fault};

/// Why an operation does not succeed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// No such log group.
    #[error("The specified log group does not exist.")]
    GroupNotFound,
    /// No such log stream.
    #[error("The specified log stream does not exist.")]
    StreamNotFound,
    /// The log group is there.
    #[error("The specified log group already exists")]
    GroupExists,
    /// The log stream is there.
    #[error("The specified log stream already exists")]
    StreamExists,
    /// A parameter is out of its range, with AWS's text.
    #[error("{0}")]
    InvalidParameter(String),
    /// Parameters that do not go together, with AWS's text.
    #[error("{0}")]
    Validation(String),
    /// More than 50 tags.
    #[error("The resource cannot have more than 50 tags.")]
    TooManyTags {
        /// ARN of the log group.
        resource: String,
    },
    /// Not the client's fault.
    #[error(transparent)]
    Fault(Fault),
}

impl Error {
    /// `InvalidParameterException` with a text.
    pub fn invalid(text: impl Into<String>) -> Error {
        Error::InvalidParameter(text.into())
    }
}

impl<T: Into<Fault>> From<T> for Error {
    fn from(fault: T) -> Error {
        Error::Fault(fault.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let text = error.to_string();
        match error {
            Error::GroupNotFound | Error::StreamNotFound => {
                Exception::new("ResourceNotFoundException", 400, text).into()
            }
            Error::GroupExists | Error::StreamExists => {
                Exception::new("ResourceAlreadyExistsException", 400, text).into()
            }
            Error::InvalidParameter(_) => Exception::new("InvalidParameterException", 400, text).into(),
            Error::Validation(_) => Exception::new("ValidationException", 400, text).into(),
            Error::TooManyTags { resource } => {
                Exception::new("TooManyTagsException", 400, text).with("resourceName", resource).into()
            }
            Error::Fault(fault) => Failure::Fault(fault),
        }
    }
}
