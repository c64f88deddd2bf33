//! Conversion of bodies between text and bytes.
//!
//! AWS: Content type conversions in API Gateway, whose two tables these functions are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use plan::ContentHandling::{self, ToBinary, ToText};

/// A body towards a backend or a client.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Payload {
    /// UTF-8, which templates can work on.
    Text(Bytes),
    /// Anything.
    Binary(Bytes),
}

/// A text that ought to be base64 and is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct NotBase64;

impl Payload {
    /// The bytes, of whichever kind.
    pub(crate) fn into_bytes(self) -> Bytes {
        let (Payload::Text(bytes) | Payload::Binary(bytes)) = self;
        bytes
    }
}

/// A request's body for its integration; `is_binary` tells of the request's content type.
pub(crate) fn of_request(
    body: &Bytes,
    is_binary: bool,
    handling: Option<ContentHandling>,
) -> Result<Payload, NotBase64> {
    match (is_binary, handling) {
        (true, None | Some(ToBinary)) => Ok(Payload::Binary(body.clone())),
        (true, Some(ToText)) => Ok(encode(body)),
        (false, None | Some(ToText)) => Ok(text(body)),
        (false, Some(ToBinary)) => decode(body),
    }
}

/// An answer's body for the client; `is_binary` tells of the answer's content type, `is_accepted` of what the client accepts.
pub(crate) fn of_answer(
    body: &Bytes,
    (is_binary, is_accepted): (bool, bool),
    handling: Option<ContentHandling>,
) -> Result<Payload, NotBase64> {
    match (is_binary, is_accepted, handling) {
        (true, true, None) | (true, _, Some(ToBinary)) => Ok(Payload::Binary(body.clone())),
        (true, false, None) | (true, _, Some(ToText)) => Ok(encode(body)),
        (false, false, None) | (false, _, Some(ToText)) => Ok(text(body)),
        (false, true, None) | (false, _, Some(ToBinary)) => decode(body),
    }
}

fn encode(body: &Bytes) -> Payload {
    Payload::Text(STANDARD.encode(body).into())
}

fn decode(body: &Bytes) -> Result<Payload, NotBase64> {
    STANDARD.decode(body.trim_ascii()).map(|bytes| Payload::Binary(bytes.into())).map_err(|_| NotBase64)
}

/// Text that is not UTF-8 goes on with replacement characters, as on AWS.
fn text(body: &Bytes) -> Payload {
    match std::str::from_utf8(body) {
        Ok(_) => Payload::Text(body.clone()),
        Err(_) => Payload::Text(String::from_utf8_lossy(body).into_owned().into()),
    }
}

#[cfg(test)]
mod tests;
