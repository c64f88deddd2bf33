//! What can go wrong, in three kinds: an AWS exception the client is meant to see, a conflict that is tried again, and our own fault.
//!
//! `Display` never prints its source; the whole chain goes to the log once, where the request ends.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use wire::{Mismatch, Value};

use crate::blobs::BlobError;
use crate::store::StoreError;

/// An error shape of AWS, as a client sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exception {
    /// The shape's name, such as `ResourceNotFoundException`.
    pub code: Cow<'static, str>,
    /// HTTP status.
    pub status: u16,
    /// AWS's text.
    pub message: String,
    /// Further members of the shape, such as `Type` or `Reason`.
    pub fields: Vec<(&'static str, Value)>,
}

impl Exception {
    /// An exception without further members.
    pub fn new(code: impl Into<Cow<'static, str>>, status: u16, message: impl Into<String>) -> Exception {
        Exception { code: code.into(), status, message: message.into(), fields: Vec::new() }
    }

    /// Adds a member.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Exception {
        self.fields.push((name, Value::String(value.into())));
        self
    }
}

/// Something that AWS does not list: the client gets a 500 and a request id, the log gets the chain.
#[derive(Clone, Debug)]
pub struct Internal {
    /// What was being done, to what.
    pub context: String,
    /// Why it did not work.
    pub source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Internal {
    /// A fault with a cause.
    pub fn new(context: impl Into<String>, source: impl StdError + Send + Sync + 'static) -> Internal {
        Internal { context: context.into(), source: Some(Arc::new(source)) }
    }

    /// A fault that was found here.
    pub fn because(context: impl Into<String>) -> Internal {
        Internal { context: context.into(), source: None }
    }
}

impl fmt::Display for Internal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)
    }
}

impl StdError for Internal {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as _)
    }
}

/// What every service's `Error` holds beside its own variants.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// Another commit came first: the handler runs again.
    #[error("another commit came first")]
    Conflict,
    /// Our own fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        match error {
            StoreError::Conflict => Fault::Conflict,
            other => Fault::Internal(Internal::new("using the store", other)),
        }
    }
}

impl From<BlobError> for Fault {
    fn from(error: BlobError) -> Fault {
        Fault::Internal(Internal::new("using the blob store", error))
    }
}

impl From<Mismatch> for Fault {
    fn from(error: Mismatch) -> Fault {
        Fault::Internal(Internal::new("converting a value of the wire", error))
    }
}

/// How an operation ends when it does not succeed.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The client is told.
    Exception(Exception),
    /// The handler runs again, or the client hears of our fault.
    Fault(Fault),
}

impl Failure {
    /// The exception's code, for matching on it.
    pub fn code(&self) -> Option<&str> {
        match self {
            Failure::Exception(exception) => Some(&exception.code),
            Failure::Fault(_) => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Exception(exception) => write!(f, "{}: {}", exception.code, exception.message),
            Failure::Fault(fault) => fault.fmt(f),
        }
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Failure::Exception(_) | Failure::Fault(Fault::Conflict) => None,
            Failure::Fault(Fault::Internal(internal)) => internal.source(),
        }
    }
}

impl From<Exception> for Failure {
    fn from(exception: Exception) -> Failure {
        Failure::Exception(exception)
    }
}

impl<T: Into<Fault>> From<T> for Failure {
    fn from(fault: T) -> Failure {
        Failure::Fault(fault.into())
    }
}

/// An error and its sources, joined by `: `, for one line of a log.
pub fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}
