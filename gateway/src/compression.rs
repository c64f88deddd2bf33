//! Compressed bodies: requests are unpacked, answers packed.
//!
//! AWS: Payload compression for REST APIs: `gzip`, `deflate` and `identity`. Requests are unpacked whatever the API says; answers are
//! packed where `minimumCompressionSize` is set and reached, the client asks for it, and the answer has no `Content-Encoding` yet.
//!
//! Known differences from AWS: bodies of binary media types stay packed on their way to the integration. What AWS says of a body that
//! cannot be unpacked is not documented; here it is 400.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};
use http::Response;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue};
use kernel::exchange::OutBody;

use crate::exchange::Exchange;
use crate::limits::ANSWER_BYTES_MAX;
use crate::response::{GatewayResponse, Kind};

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

impl Coding {
    fn parse(name: &str) -> Option<Coding> {
        match name.trim() {
            name if name.eq_ignore_ascii_case("gzip") => Some(Coding::Gzip),
            name if name.eq_ignore_ascii_case("deflate") => Some(Coding::Deflate),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
        }
    }
}

/// Unpacks a request's body.
pub(crate) fn unpack(exchange: &mut Exchange) -> Result<(), GatewayResponse> {
    let inbound = &exchange.inbound;
    let Some(encoding) = inbound.headers.get(CONTENT_ENCODING) else { return Ok(()) };
    let coding = encoding.to_str().ok().and_then(Coding::parse);
    let Some(coding) = coding.filter(|_| !inbound.body.is_empty()) else { return Ok(()) };
    if exchange.plan.binary.is_binary(exchange.header("content-type")) {
        return Ok(());
    }
    match unpacked(coding, &inbound.body) {
        Ok(body) if body.len() as u64 > ANSWER_BYTES_MAX => Err(Kind::RequestTooLarge.into()),
        Ok(body) => {
            exchange.inbound.body = body.into();
            Ok(())
        }
        Err(error) => {
            exchange
                .trail
                .error(|| format!("Execution failed: the request's body is no {}: {error}", coding.name()));
            Err(Kind::BadRequestBody.into())
        }
    }
}

/// The body, or so much of it that it is seen to be too long.
fn unpacked(coding: Coding, body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    match coding {
        Coding::Gzip => GzDecoder::new(body).take(ANSWER_BYTES_MAX + 1).read_to_end(&mut out),
        Coding::Deflate => ZlibDecoder::new(body).take(ANSWER_BYTES_MAX + 1).read_to_end(&mut out),
    }?;
    Ok(out)
}

/// Packs an answer's body if the API and the client want it.
pub(crate) fn pack(exchange: &Exchange, response: &mut Response<OutBody>) {
    let Some(least) = exchange.plan.api.minimum_compression_size else { return };
    let OutBody::Full(body) = response.body() else { return };
    if response.headers().contains_key(CONTENT_ENCODING) || (body.len() as i64) < least || body.is_empty() {
        return;
    }
    let Some(coding) = asked(&exchange.inbound.headers) else { return };
    let Ok(packed) = packed(coding, body) else { return };
    *response.body_mut() = OutBody::Full(packed);
    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    response.headers_mut().remove(CONTENT_LENGTH);
}

/// The first coding that the client names and does not refuse.
fn asked(headers: &HeaderMap) -> Option<Coding> {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).find_map(|one| {
        let (name, rest) = one.split_once(';').unwrap_or((one, ""));
        let weight = rest.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        Coding::parse(name).filter(|_| weight != Some(0.0))
    })
}

fn packed(coding: Coding, body: &[u8]) -> std::io::Result<Bytes> {
    let out = Vec::with_capacity(body.len() / 4);
    match coding {
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(out, Compression::fast());
            encoder.write_all(body)?;
            encoder.finish().map(Bytes::from)
        }
        Coding::Deflate => {
            let mut encoder = ZlibEncoder::new(out, Compression::fast());
            encoder.write_all(body)?;
            encoder.finish().map(Bytes::from)
        }
    }
}

#[cfg(test)]
mod tests;
