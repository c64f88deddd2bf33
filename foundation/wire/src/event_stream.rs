//! Event streams: messages with typed headers and checksums, as `application/vnd.amazon.eventstream` carries them.
//!
//! AWS: Amazon Transcribe Developer Guide, "Event stream encoding": total length, length of the headers, checksum of these two,
//! headers, payload, checksum of all before it; big-endian, CRC-32.

#[cfg(test)]
mod tests;

use bytes::{BufMut, Bytes, BytesMut};

use crate::model::{EventPart, Kind, Model, Structure};
use crate::protocol;
use crate::value::Value;

/// The content type of a body that is such a stream.
pub const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";
/// Greatest length of all headers of a message.
pub const HEADERS_BYTES_MAX: usize = 128 * 1024;
/// Greatest length of a message's payload.
pub const PAYLOAD_BYTES_MAX: usize = 24 * 1024 * 1024;

const PRELUDE: usize = 12;
const CHECKSUM: usize = 4;

/// One message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// In order. Names are at most 255 bytes.
    pub headers: Vec<(String, HeaderValue)>,
    /// What it carries.
    pub payload: Bytes,
}

/// The value of a header.
#[derive(Clone, Debug, PartialEq)]
pub enum HeaderValue {
    /// true or false.
    Bool(bool),
    /// 8 bits.
    Byte(i8),
    /// 16 bits.
    Short(i16),
    /// 32 bits.
    Int(i32),
    /// 64 bits.
    Long(i64),
    /// At most 32767 bytes.
    Bytes(Bytes),
    /// At most 32767 bytes.
    String(String),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// A UUID.
    Uuid([u8; 16]),
}

/// Bytes that are no message, or a message that has no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventStreamError {
    /// A length that no message may have.
    #[error("a length in the message is out of range")]
    Length,
    /// The bytes were changed on the way.
    #[error("a checksum does not match")]
    Checksum,
    /// A header that ends too early, or is of an unknown type.
    #[error("a header is malformed")]
    Header,
}

impl Message {
    /// A message that tells an event of a modelled stream; `name` is the union's member.
    pub fn event(model: &Model, stream: &Structure, name: &str, value: &Value) -> Message {
        let mut message = Message::default();
        message.header(":message-type", "event");
        message.header(":event-type", name);
        let event = stream.member(name).map(|member| model.schema(member.schema));
        if let Some(Kind::Structure(event)) = event.map(|schema| &schema.kind) {
            message.fill(model, event, value);
        }
        message
    }

    /// A message that ends a stream with an exception.
    pub fn exception(code: &str, text: &str) -> Message {
        let mut message = Message::default();
        message.header(":message-type", "exception");
        message.header(":exception-type", code);
        message.header(":content-type", "application/json");
        message.payload = serde_json::json!({ "message": text }).to_string().into();
        message
    }

    fn header(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), HeaderValue::String(value.to_owned())));
    }

    /// Puts an event's members where the model says: headers, the payload, or a JSON payload of the rest.
    fn fill(&mut self, model: &Model, event: &Structure, value: &Value) {
        let mut rest = Vec::new();
        let mut has_payload = false;
        let Value::Map(members) = value else { return };
        for (name, value) in members {
            match (event.member(name).and_then(|member| member.event), value) {
                (Some(EventPart::Payload), Value::Blob(bytes)) => {
                    self.header(":content-type", "application/octet-stream");
                    self.payload = bytes.clone();
                    has_payload = true;
                }
                (Some(EventPart::Payload), Value::String(text)) => {
                    self.header(":content-type", "text/plain");
                    self.payload = text.clone().into();
                    has_payload = true;
                }
                (Some(EventPart::Header), Value::Bool(flag)) => {
                    self.headers.push((name.clone(), HeaderValue::Bool(*flag)));
                }
                (Some(EventPart::Header), Value::Int(number)) => {
                    self.headers.push((name.clone(), HeaderValue::Long(*number)));
                }
                (Some(EventPart::Header), Value::Timestamp(ms)) => {
                    self.headers.push((name.clone(), HeaderValue::Timestamp(*ms)));
                }
                (Some(EventPart::Header), Value::Blob(bytes)) => {
                    self.headers.push((name.clone(), HeaderValue::Bytes(bytes.clone())));
                }
                (Some(EventPart::Header), Value::String(text)) => self.header(name, text),
                _ => rest.push((name.clone(), value.clone())),
            }
        }
        if !has_payload {
            self.header(":content-type", "application/json");
            self.payload = protocol::structure_as_json(model, event, &Value::Map(rest));
        }
    }

    /// The message's bytes.
    pub fn encode(&self) -> Result<Bytes, EventStreamError> {
        let mut headers = BytesMut::new();
        for (name, value) in &self.headers {
            let length = u8::try_from(name.len()).map_err(|_| EventStreamError::Length)?;
            headers.put_u8(length);
            headers.put_slice(name.as_bytes());
            value.encode(&mut headers)?;
        }
        if headers.len() > HEADERS_BYTES_MAX || self.payload.len() > PAYLOAD_BYTES_MAX {
            return Err(EventStreamError::Length);
        }
        let total = PRELUDE + headers.len() + self.payload.len() + CHECKSUM;
        let mut out = BytesMut::with_capacity(total);
        out.put_u32(total as u32);
        out.put_u32(headers.len() as u32);
        out.put_u32(checksum(&out));
        out.put_slice(&headers);
        out.put_slice(&self.payload);
        out.put_u32(checksum(&out));
        Ok(out.freeze())
    }

    /// The first message in `bytes` and its length, or `None` if more bytes are needed.
    pub fn decode(bytes: &[u8]) -> Result<Option<(Message, usize)>, EventStreamError> {
        let Some(prelude) = bytes.get(..PRELUDE) else { return Ok(None) };
        let number =
            |at: usize| u32::from_be_bytes([prelude[at], prelude[at + 1], prelude[at + 2], prelude[at + 3]]);
        if checksum(&prelude[..8]) != number(8) {
            return Err(EventStreamError::Checksum);
        }
        let (total, headers) = (number(0) as usize, number(4) as usize);
        let least = PRELUDE + headers.min(HEADERS_BYTES_MAX) + CHECKSUM;
        if headers > HEADERS_BYTES_MAX || total < least || total - least > PAYLOAD_BYTES_MAX {
            return Err(EventStreamError::Length);
        }
        let Some(whole) = bytes.get(..total) else { return Ok(None) };
        let (body, told) = whole.split_at(total - CHECKSUM);
        if checksum(body).to_be_bytes() != told {
            return Err(EventStreamError::Checksum);
        }
        let (headers, payload) = body[PRELUDE..].split_at(headers);
        let headers = decode_headers(headers).ok_or(EventStreamError::Header)?;
        Ok(Some((Message { headers, payload: Bytes::copy_from_slice(payload) }, total)))
    }
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

impl HeaderValue {
    fn encode(&self, out: &mut BytesMut) -> Result<(), EventStreamError> {
        let mut sized = |kind: u8, bytes: &[u8]| {
            let length = i16::try_from(bytes.len()).map_err(|_| EventStreamError::Length)?;
            out.put_u8(kind);
            out.put_i16(length);
            out.put_slice(bytes);
            Ok(())
        };
        match self {
            HeaderValue::Bytes(bytes) => return sized(6, bytes),
            HeaderValue::String(text) => return sized(7, text.as_bytes()),
            HeaderValue::Bool(flag) => out.put_u8(u8::from(!flag)),
            HeaderValue::Byte(number) => {
                out.put_u8(2);
                out.put_i8(*number);
            }
            HeaderValue::Short(number) => {
                out.put_u8(3);
                out.put_i16(*number);
            }
            HeaderValue::Int(number) => {
                out.put_u8(4);
                out.put_i32(*number);
            }
            HeaderValue::Long(number) => {
                out.put_u8(5);
                out.put_i64(*number);
            }
            HeaderValue::Timestamp(ms) => {
                out.put_u8(8);
                out.put_i64(*ms);
            }
            HeaderValue::Uuid(bytes) => {
                out.put_u8(9);
                out.put_slice(bytes);
            }
        }
        Ok(())
    }
}

fn decode_headers(mut bytes: &[u8]) -> Option<Vec<(String, HeaderValue)>> {
    let mut headers = Vec::new();
    let rest = &mut bytes;
    while let Some(length) = take::<1>(rest) {
        let (name, after) = rest.split_at_checked(length[0] as usize)?;
        *rest = after;
        let name = std::str::from_utf8(name).ok()?.to_owned();
        let value = match take::<1>(rest)?[0] {
            0 => HeaderValue::Bool(true),
            1 => HeaderValue::Bool(false),
            2 => HeaderValue::Byte(i8::from_be_bytes(take(rest)?)),
            3 => HeaderValue::Short(i16::from_be_bytes(take(rest)?)),
            4 => HeaderValue::Int(i32::from_be_bytes(take(rest)?)),
            5 => HeaderValue::Long(i64::from_be_bytes(take(rest)?)),
            kind @ (6 | 7) => {
                let length = u16::from_be_bytes(take(rest)?) as usize;
                let (bytes, after) = rest.split_at_checked(length)?;
                *rest = after;
                match kind {
                    6 => HeaderValue::Bytes(Bytes::copy_from_slice(bytes)),
                    _ => HeaderValue::String(std::str::from_utf8(bytes).ok()?.to_owned()),
                }
            }
            8 => HeaderValue::Timestamp(i64::from_be_bytes(take(rest)?)),
            9 => HeaderValue::Uuid(take(rest)?),
            _ => return None,
        };
        headers.push((name, value));
    }
    Some(headers)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}
