//! What CloudWatch answers when it does not do what it is asked. Codes are the model's shapes; clients of the query protocol, and SDKs, see
//! the shorter ones that the model gives with them (`InvalidParameterValue`, `ValidationError`, …).

use kernel::{Exception, Failure, Fault};
use wire::{Shape, Value};

use crate::generated::DashboardValidationMessage;

/// Why an operation does not succeed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A value is not allowed, with AWS's text.
    #[error("{0}")]
    InvalidValue(String),
    /// Parameters do not go together, with AWS's text.
    #[error("{0}")]
    InvalidCombination(String),
    /// A parameter is missing, with AWS's text.
    #[error("{0}")]
    Missing(String),
    /// The alarms' and `GetMetricData`'s way to say that a value is not allowed.
    #[error("{0}")]
    Validation(String),
    /// A token that this service did not make. AWS sends no text.
    #[error("")]
    NextToken,
    /// `StateReasonData` is no JSON.
    #[error("{0}")]
    Format(String),
    /// No such alarm.
    #[error("{0}")]
    NotFound(String),
    /// Nothing with this ARN can have tags, or it is not there.
    #[error("")]
    NoResource {
        /// What kind of resource.
        kind: &'static str,
        /// Its name.
        id: String,
    },
    /// No such dashboard.
    #[error("Dashboard {0} does not exist")]
    NoDashboard(String),
    /// A dashboard's body is none.
    #[error("{text}")]
    BadDashboard {
        /// AWS's text.
        text: String,
        /// What is wrong where.
        messages: Vec<DashboardValidationMessage>,
    },
    /// Too many alarms.
    #[error("{0}")]
    Limit(String),
    /// What Loggia does not have yet, named.
    #[error("Loggia does not implement {0} yet")]
    NotImplemented(&'static str),
    /// Not the client's fault.
    #[error(transparent)]
    Fault(Fault),
}

impl Error {
    /// `InvalidParameterValue`.
    pub fn value(text: impl Into<String>) -> Error {
        Error::InvalidValue(text.into())
    }

    /// `ValidationError`.
    pub fn validation(text: impl Into<String>) -> Error {
        Error::Validation(text.into())
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
        let (code, status) = match &error {
            Error::InvalidValue(_) => ("InvalidParameterValueException", 400),
            Error::InvalidCombination(_) => ("InvalidParameterCombinationException", 400),
            Error::Missing(_) => ("MissingRequiredParameterException", 400),
            Error::Validation(_) => ("ValidationException", 400),
            Error::NextToken => ("InvalidNextToken", 400),
            Error::Format(_) => ("InvalidFormatFault", 400),
            Error::NotFound(_) => ("ResourceNotFound", 404),
            Error::NoResource { .. } => ("ResourceNotFoundException", 404),
            Error::NoDashboard(_) => ("DashboardNotFoundError", 404),
            Error::BadDashboard { .. } => ("DashboardInvalidInputError", 400),
            Error::Limit(_) => ("LimitExceededFault", 400),
            Error::NotImplemented(_) => ("NotImplemented", 501),
            Error::Fault(_) => ("InternalServiceFault", 500),
        };
        let exception = Exception::new(code, status, text);
        match error {
            Error::Fault(fault) => Failure::Fault(fault),
            Error::NoResource { kind, id } => {
                exception.with("ResourceType", kind).with("ResourceId", id).into()
            }
            Error::BadDashboard { messages, .. } => {
                let mut exception = exception;
                let list = messages.into_iter().map(Shape::into_value).collect();
                exception.fields.push(("dashboardValidationMessages", Value::List(list)));
                exception.into()
            }
            _ => exception.into(),
        }
    }
}
