//! An invocation as a frame, encoded before it is known which environment takes it and when.

use std::io::IoSlice;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use kernel::functions::Invocation;
use runtimes::frame::{FrameError, Invoke, NUMBER_AT, RequestBody};

/// An invocation, ready to be sent.
pub struct Request {
    pub invocation: Arc<Invocation>,
    /// The frame up to the event.
    head: BytesMut,
    body: Bytes,
}

impl Request {
    /// Encodes what does not depend on when the invocation begins.
    ///
    /// # Errors
    /// An event or a member over its limit.
    pub fn new(invocation: Arc<Invocation>) -> Result<Request, FrameError> {
        let body = match &invocation.payload.body {
            None => RequestBody::None,
            Some(body) if body.is_base64 => RequestBody::Base64(body.bytes.clone()),
            Some(body) => RequestBody::Text(body.bytes.clone()),
        };
        let frame = Invoke {
            request_id: &invocation.request_id,
            deadline_ms: 0,
            trace_id: invocation.trace_id.as_deref().unwrap_or_default(),
            invoked_arn: &invocation.invoked_arn,
            client_context: invocation.client_context.as_deref().unwrap_or_default().as_bytes(),
            identity: b"",
            event: &invocation.payload.event,
            body,
            wants_split: invocation.split_answer,
        };
        let mut head = BytesMut::new();
        frame.encode_head(&mut head)?;
        let body = match frame.body {
            RequestBody::None => Bytes::new(),
            RequestBody::Text(bytes) | RequestBody::Base64(bytes) => bytes,
        };
        Ok(Request { invocation, head, body })
    }

    /// Says when the function's time is over, in milliseconds since the epoch.
    pub fn set_deadline(&mut self, deadline_ms: u64) {
        // The deadline is the first member after the header: `frame.rs`.
        self.head[8..16].copy_from_slice(&deadline_ms.to_le_bytes());
    }

    /// Numbers it as a message of a mailbox.
    pub fn set_number(&mut self, number: u16) {
        self.head[NUMBER_AT].copy_from_slice(&number.to_le_bytes());
    }

    /// Bytes of the whole frame.
    pub fn len(&self) -> usize {
        self.head.len() + self.invocation.payload.event.len() + self.body.len()
    }

    /// The parts of the frame from byte `sent` on.
    pub fn rest(&self, mut sent: usize) -> [IoSlice<'_>; 3] {
        [&self.head[..], &self.invocation.payload.event[..], &self.body[..]].map(|part| {
            let skipped = sent.min(part.len());
            sent -= skipped;
            IoSlice::new(&part[skipped..])
        })
    }
}
