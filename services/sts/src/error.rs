//! What STS refuses, with AWS's codes and texts.

use kernel::{Exception, Failure, Fault};

/// Why an operation does not succeed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// `AccessDenied`, 403.
    #[error("{0}")]
    AccessDenied(String),
    /// `ValidationError`, 400.
    #[error("{0}")]
    Validation(String),
    /// `InvalidParameterValue`, 400.
    #[error("{0}")]
    InvalidParameter(&'static str),
    /// `PackedPolicyTooLarge`, 400.
    #[error("Packed policy consumes {0}% of allotted space, please use smaller policy.")]
    PackedPolicyTooLarge(i64),
    /// What IAM answered.
    #[error("{0}")]
    Identities(Failure),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        Error::Identities(failure)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Error {
        Error::Identities(Failure::Fault(fault))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let text = error.to_string();
        let (code, status) = match error {
            Error::AccessDenied(_) => ("AccessDenied", 403),
            Error::Validation(_) => ("ValidationError", 400),
            Error::InvalidParameter(_) => ("InvalidParameterValue", 400),
            Error::PackedPolicyTooLarge(_) => ("PackedPolicyTooLarge", 400),
            Error::Identities(failure) => return failure,
        };
        Exception::new(code, status, text).into()
    }
}
