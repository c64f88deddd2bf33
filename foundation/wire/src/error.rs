//! What goes wrong between bytes and values, and what a client is told.

use std::borrow::Cow;

use crate::model::Protocol;
use crate::value::Value;

/// An AWS error as it is to be written: borrowed from whoever raised it.
#[derive(Clone, Copy, Debug)]
pub struct Exception<'a> {
    /// The shape's name, or a code that no shape has.
    pub code: &'a str,
    /// HTTP status.
    pub status: u16,
    /// The text; some AWS errors have none.
    pub message: Option<&'a str>,
    /// Further members.
    pub fields: &'a [(&'static str, Value)],
}

/// A request that was turned away before any handler saw it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code}: {}", message.as_deref().unwrap_or_default())]
pub struct Rejection {
    /// In which protocol to answer.
    pub protocol: Protocol,
    /// The operation, if it was recognised.
    pub operation: Option<Box<str>>,
    /// AWS's code.
    pub code: Cow<'static, str>,
    /// HTTP status.
    pub status: u16,
    /// AWS's text; some have none.
    pub message: Option<String>,
}

impl Rejection {
    /// The error to write.
    pub fn exception(&self) -> Exception<'_> {
        Exception { code: &self.code, status: self.status, message: self.message.as_deref(), fields: &[] }
    }
}

/// Input that does not have the types the model says, with AWS's text where it has one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Malformed(pub(crate) Option<String>);

impl Malformed {
    /// AWS says nothing about it.
    pub(crate) const SILENT: Malformed = Malformed(None);

    pub(crate) fn text(text: impl Into<String>) -> Malformed {
        Malformed(Some(text.into()))
    }

    pub(crate) fn list() -> Malformed {
        Malformed::text("Start of list found where not expected")
    }

    pub(crate) fn structure() -> Malformed {
        Malformed::text("Start of structure or map found where not expected.")
    }
}
