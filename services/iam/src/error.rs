//! What IAM refuses, with AWS's codes and texts.
//!
//! Texts were recorded on AWS unless a comment where they are made says "inferred".

use kernel::{Exception, Failure, Fault};

/// Why an operation does not succeed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// `NoSuchEntity`, 404.
    #[error("{0}")]
    NoSuchEntity(String),
    /// `EntityAlreadyExists`, 409.
    #[error("{0}")]
    EntityAlreadyExists(String),
    /// `DeleteConflict`, 409.
    #[error("Cannot delete {0}")]
    DeleteConflict(&'static str),
    /// A managed policy has other versions than its default one: `DeleteConflict`, 409.
    #[error(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy."
    )]
    PolicyHasVersions,
    /// `LimitExceeded`, 409.
    #[error("{0}")]
    LimitExceeded(String),
    /// `MalformedPolicyDocument`, 400.
    #[error("{0}")]
    Malformed(String),
    /// `ValidationError`, 400.
    #[error("{0}")]
    Validation(String),
    /// `InvalidInput`, 400.
    #[error("{0}")]
    InvalidInput(String),
    /// `UnmodifiableEntity`, 400.
    #[error("{0}")]
    Unmodifiable(String),
    /// `AccessDenied`, 403.
    #[error("{0}")]
    AccessDenied(String),
    /// Not the client's fault.
    #[error(transparent)]
    Fault(Fault),
}

impl Error {
    /// `Cannot exceed quota for …`.
    pub fn quota(name: &str, limit: usize) -> Error {
        Error::LimitExceeded(format!("Cannot exceed quota for {name}: {limit}"))
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
        let (code, status) = match error {
            Error::NoSuchEntity(_) => ("NoSuchEntity", 404),
            Error::EntityAlreadyExists(_) => ("EntityAlreadyExists", 409),
            Error::DeleteConflict(_) | Error::PolicyHasVersions => ("DeleteConflict", 409),
            Error::LimitExceeded(_) => ("LimitExceeded", 409),
            Error::Malformed(_) => ("MalformedPolicyDocument", 400),
            Error::Validation(_) => ("ValidationError", 400),
            Error::InvalidInput(_) => ("InvalidInput", 400),
            Error::Unmodifiable(_) => ("UnmodifiableEntity", 400),
            Error::AccessDenied(_) => ("AccessDenied", 403),
            Error::Fault(fault) => return Failure::Fault(fault),
        };
        Exception::new(code, status, text).into()
    }
}
