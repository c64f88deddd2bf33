//! Request bodies that clients have compressed: SDKs do so from 10 KB on for operations whose model says so, such as `PutMetricData`.
//!
//! Only for protocols in which a body is nothing but the operation's input; elsewhere (S3) the encoding belongs to what is stored. What a
//! body unpacks to is bounded before it is there.

use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use kernel::exchange::Inbound;
use wire::Protocol;

use crate::limits::UNPACKED_BYTES_MAX;

/// The unpacked body; `None` if it is not packed. The error is for the client.
pub(crate) fn unpack(inbound: &Inbound, protocol: Protocol) -> Result<Option<Bytes>, String> {
    let encoding = inbound.headers.get(http::header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    let is_input = !matches!(protocol, Protocol::RestJson | Protocol::RestXml);
    if !is_input || !encoding.is_some_and(|encoding| encoding.trim().eq_ignore_ascii_case("gzip")) {
        return Ok(None);
    }
    gunzip(&inbound.body, UNPACKED_BYTES_MAX).map(Some)
}

fn gunzip(packed: &[u8], limit: usize) -> Result<Bytes, String> {
    let mut bytes = Vec::new();
    let mut reader = MultiGzDecoder::new(packed).take(limit as u64 + 1);
    reader
        .read_to_end(&mut bytes)
        .map_err(|_| "The request's body is not gzip, as its Content-Encoding says".to_owned())?;
    if bytes.len() > limit {
        return Err(format!("The request's body unpacks to more than {limit} bytes"));
    }
    Ok(bytes.into())
}

#[cfg(test)]
mod tests;
