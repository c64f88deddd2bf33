//! Decodes an aws-chunked body piece by piece, verifying the signature of each chunk and of the trailers.
//!
//! Always holds: data comes out without being copied, and before its chunk is verified, so a caller throws away what it
//! has as soon as `push` or `finish` fails; lines and trailers have limits; no more comes out than
//! `x-amz-decoded-content-length` says.
//!
//! AWS: Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks; Including
//! Trailing Headers. Known differences: whether a trailer was announced in `x-amz-trailer`, and whether a checksum in it
//! is right, is the caller's to see; `STREAMING-AWS4-ECDSA-…` is refused with an error that says so.

use aws_lc_rs::digest;
use bytes::Bytes;

use crate::encode::hex;
use crate::key::{SigningKey, sha256};
use crate::parse::{Payload, Signed};
use crate::reply::Reply;

/// The longest line of a chunk's head, in bytes.
pub const HEAD_BYTES_MAX: usize = 1024;
/// All trailers together, in bytes.
pub const TRAILER_BYTES_MAX: usize = 16 * 1024;
/// Every chunk but the last has at least this many bytes.
pub const CHUNK_BYTES_MIN: u64 = 8192;

/// What can be wrong with a chunked body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChunkError {
    /// Not the framing of aws-chunked.
    Malformed,
    /// The body ends before its last chunk, or has another length than was declared.
    Incomplete,
    /// The signature of a chunk or of the trailers is wrong.
    Signature { signature: String, string_to_sign: String },
    /// A chunk that is not the last is too small.
    TooSmall { bytes: u64 },
    /// The trailers cannot be read.
    MalformedTrailer,
    /// A way of signing chunks that is not implemented.
    Unsupported(&'static str),
}

/// The state of decoding one body.
pub struct Decoder {
    signing: Option<Signing>,
    has_trailer: bool,
    state: State,
    line: Vec<u8>,
    chunk_bytes: u64,
    decoded_bytes: u64,
    declared_bytes: Option<u64>,
    last_was_small: bool,
    trailer_bytes: usize,
    trailers: Vec<(String, String)>,
    trailer_signature: Option<String>,
}

struct Signing {
    key: SigningKey,
    date: String,
    scope: String,
    previous: String,
    current: String,
    hash: digest::Context,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    Data { left: u64 },
    DataEnd,
    LastEnd,
    Trailer,
    Done,
}

impl Decoder {
    /// A decoder for the body of a verified request; `None` when its payload is not chunked.
    /// `declared_bytes` is `x-amz-decoded-content-length`.
    pub fn new(
        signed: &Signed,
        key: &SigningKey,
        declared_bytes: Option<u64>,
    ) -> Result<Option<Decoder>, ChunkError> {
        let (is_signed, has_trailer) = match signed.payload {
            Payload::Body | Payload::Sha256(_) | Payload::Unsigned => return Ok(None),
            Payload::Streaming => (true, false),
            Payload::StreamingTrailer => (true, true),
            Payload::StreamingUnsignedTrailer => (false, true),
            Payload::StreamingEcdsa | Payload::StreamingEcdsaTrailer => {
                return Err(ChunkError::Unsupported(signed.payload.word().unwrap_or_default()));
            }
        };
        let signing = is_signed.then(|| Signing {
            key: key.clone(),
            date: signed.date_text(),
            scope: signed.scope.to_text(),
            previous: signed.signature.clone(),
            current: String::new(),
            hash: digest::Context::new(&digest::SHA256),
        });
        Ok(Some(Decoder {
            signing,
            has_trailer,
            state: State::Head,
            line: Vec::new(),
            chunk_bytes: 0,
            decoded_bytes: 0,
            declared_bytes,
            last_was_small: false,
            trailer_bytes: 0,
            trailers: Vec::new(),
            trailer_signature: None,
        }))
    }

    /// Takes the next bytes of the body and appends the data in them to `out`.
    pub fn push(&mut self, mut input: Bytes, out: &mut Vec<Bytes>) -> Result<(), ChunkError> {
        while !input.is_empty() {
            match self.state {
                State::Data { left } => {
                    let take = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    let data = input.split_to(take);
                    if let Some(signing) = &mut self.signing {
                        signing.hash.update(&data);
                    }
                    let left = left - take as u64;
                    self.state = if left == 0 { State::DataEnd } else { State::Data { left } };
                    out.push(data);
                }
                State::Done => return Err(ChunkError::Malformed),
                State::Head | State::DataEnd | State::LastEnd | State::Trailer => {
                    if let Some(line) = self.take_line(&mut input)? {
                        self.read_line(&line)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Ends the body: its trailers (lower-case name, value), once everything has been verified.
    pub fn finish(self) -> Result<Vec<(String, String)>, ChunkError> {
        // Some older clients leave out the empty line after the last chunk.
        let is_whole = self.state == State::Done || (self.state == State::LastEnd && self.line.is_empty());
        let is_right_length = self.declared_bytes.is_none_or(|declared| declared == self.decoded_bytes);
        if is_whole && is_right_length { Ok(self.trailers) } else { Err(ChunkError::Incomplete) }
    }

    // A line without its CRLF, once it is complete.
    fn take_line(&mut self, input: &mut Bytes) -> Result<Option<Vec<u8>>, ChunkError> {
        let in_trailer = self.state == State::Trailer;
        let end = memchr::memchr(b'\n', input);
        let part = input.split_to(end.map_or(input.len(), |at| at + 1));
        self.line.extend_from_slice(&part);
        if in_trailer {
            self.trailer_bytes += part.len();
        }
        let limit = if in_trailer { TRAILER_BYTES_MAX } else { HEAD_BYTES_MAX };
        if self.line.len() > limit || self.trailer_bytes > TRAILER_BYTES_MAX {
            return Err(self.malformed());
        }
        if end.is_none() {
            return Ok(None);
        }
        let mut line = std::mem::take(&mut self.line);
        if !line.ends_with(b"\r\n") {
            return Err(self.malformed());
        }
        line.truncate(line.len() - 2);
        Ok(Some(line))
    }

    fn malformed(&self) -> ChunkError {
        if self.state == State::Trailer { ChunkError::MalformedTrailer } else { ChunkError::Malformed }
    }

    fn read_line(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        match self.state {
            State::Head => self.read_head(line),
            State::Trailer if line.is_empty() => self.end_trailers(),
            State::Trailer => self.read_trailer(line),
            _ if !line.is_empty() => Err(ChunkError::Malformed),
            State::DataEnd => {
                self.end_chunk()?;
                self.state = State::Head;
                Ok(())
            }
            _ => {
                self.state = State::Done;
                Ok(())
            }
        }
    }

    fn read_head(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        let line = std::str::from_utf8(line).map_err(|_| ChunkError::Malformed)?;
        let (size, extension) = line.split_once(';').map_or((line, None), |(size, ext)| (size, Some(ext)));
        if size.is_empty() || size.len() > 16 || !size.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ChunkError::Malformed);
        }
        let size = u64::from_str_radix(size, 16).map_err(|_| ChunkError::Malformed)?;
        match (&mut self.signing, extension.and_then(|text| text.strip_prefix("chunk-signature="))) {
            (Some(signing), Some(signature)) => signing.current = signature.to_owned(),
            (Some(_), None) => return Err(ChunkError::Malformed),
            (None, _) => {}
        }
        if size > 0 && self.last_was_small {
            return Err(ChunkError::TooSmall { bytes: self.chunk_bytes });
        }
        self.decoded_bytes = self.decoded_bytes.checked_add(size).ok_or(ChunkError::Malformed)?;
        if self.declared_bytes.is_some_and(|declared| self.decoded_bytes > declared) {
            return Err(ChunkError::Incomplete);
        }
        self.chunk_bytes = size;
        self.last_was_small = size < CHUNK_BYTES_MIN;
        if size > 0 {
            self.state = State::Data { left: size };
            return Ok(());
        }
        self.end_chunk()?;
        self.state = if self.has_trailer { State::Trailer } else { State::LastEnd };
        Ok(())
    }

    fn end_chunk(&mut self) -> Result<(), ChunkError> {
        let Some(signing) = &mut self.signing else { return Ok(()) };
        let hash = std::mem::replace(&mut signing.hash, digest::Context::new(&digest::SHA256)).finish();
        let text = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}",
            signing.date,
            signing.scope,
            signing.previous,
            crate::EMPTY_SHA256,
            hex(hash.as_ref())
        );
        let signature = std::mem::take(&mut signing.current);
        signing.accept(text, signature)
    }

    fn read_trailer(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        let line = std::str::from_utf8(line).map_err(|_| ChunkError::MalformedTrailer)?;
        let (name, value) = line.split_once(':').ok_or(ChunkError::MalformedTrailer)?;
        let name = name.trim().to_ascii_lowercase();
        if name.is_empty() || self.trailer_signature.is_some() {
            return Err(ChunkError::MalformedTrailer);
        }
        let value = value.trim().to_owned();
        if name == "x-amz-trailer-signature" {
            self.trailer_signature = Some(value);
        } else {
            self.trailers.push((name, value));
        }
        Ok(())
    }

    fn end_trailers(&mut self) -> Result<(), ChunkError> {
        self.state = State::Done;
        let Some(signing) = &mut self.signing else { return Ok(()) };
        let signature = self.trailer_signature.take().ok_or(ChunkError::MalformedTrailer)?;
        let lines: String = self.trailers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let text = format!(
            "AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}",
            signing.date,
            signing.scope,
            signing.previous,
            hex(&sha256(lines.as_bytes()))
        );
        signing.accept(text, signature)
    }
}

impl Signing {
    fn accept(&mut self, string_to_sign: String, signature: String) -> Result<(), ChunkError> {
        if !self.key.matches(string_to_sign.as_bytes(), &signature) {
            return Err(ChunkError::Signature { signature, string_to_sign });
        }
        self.previous = signature;
        Ok(())
    }
}

impl ChunkError {
    /// Amazon S3's answer (no other service takes chunked bodies).
    pub fn reply(&self) -> Reply {
        let (code, status, message) = match self {
            ChunkError::Malformed | ChunkError::Incomplete => {
                ("IncompleteBody", 400, "The request body terminated unexpectedly")
            }
            ChunkError::Signature { .. } => (
                "SignatureDoesNotMatch",
                403,
                "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            ),
            ChunkError::TooSmall { .. } => (
                "InvalidChunkSizeError",
                403,
                "Only the last chunk is allowed to have a size less than 8192 bytes",
            ),
            ChunkError::MalformedTrailer => (
                "MalformedTrailerError",
                400,
                "The request contained trailing data that was not well-formed or did not conform to our published schema.",
            ),
            ChunkError::Unsupported(_) => (
                "NotImplemented",
                501,
                "A header you provided implies functionality that is not implemented.",
            ),
        };
        let details = match self {
            ChunkError::Signature { signature, string_to_sign } => {
                vec![("StringToSign", string_to_sign.clone()), ("SignatureProvided", signature.clone())]
            }
            ChunkError::TooSmall { bytes } => vec![("BadChunkSize", bytes.to_string())],
            ChunkError::Unsupported(word) => {
                vec![("Header", "x-amz-content-sha256".to_owned()), ("Value", (*word).to_owned())]
            }
            _ => Vec::new(),
        };
        Reply { code, status, message: message.to_owned(), details }
    }
}

impl std::fmt::Display for ChunkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reply().message)
    }
}

impl std::error::Error for ChunkError {}

#[cfg(test)]
mod tests;
