//! The frames between the fleet and a bootstrap, over a unix stream socket and a mailbox: encoder and decoder of the fleet's side.
//!
//! What always holds: a frame is an 8-byte header and a payload, at most [`FRAME_LEN_MAX`] bytes together; numbers are little-endian;
//! a frame that breaks a rule is a [`FrameError`], never a panic; nothing is copied that can be sliced. **The bootstrap's end of the
//! socket must be blocking**, the fleet's end may be either (the flag belongs to each end), and its descriptor below 16: Node.js marks
//! those it inherits close-on-exec one by one and stops at the first gap above.
//!
//! The mailbox, where INIT names one, is a socket of whole messages (`SOCK_SEQPACKET`) by which invocations come, a frame a message. The
//! bootstrap takes a message only when it has answered the one before, so that one which still lies there has not begun, and the fleet
//! may take it back. A frame over [`MESSAGE_LEN_MAX`] comes on the stream, after an ON_STREAM in the mailbox. Everything else, and all
//! that a bootstrap says, is on the stream.
//!
//! ```text
//! header   u32 length of the whole frame | u8 kind | u8 flags | u16 number of a message in a mailbox, else zero
//!
//! fleet -> bootstrap
//! 0x01 INIT    JSON {"handler", "task_root"?, "layers_root"?, "env"?, "mailbox"?}; once, first. `env` is added to the environment; the
//!              folders are `LAMBDA_TASK_ROOT` and `/opt` unless given; `mailbox` is a descriptor.
//! 0x02 INVOKE  u64 deadline (ms since the epoch) | u32 event length | u32 body length | u32 client context length
//!              | u32 identity length | u16 request id length | u16 trace id length | u16 ARN length | u16 zero
//!              | request id | trace id | ARN | client context JSON | identity JSON | event JSON | body
//!              flags: 1 = body is text, 2 = body is to be shown as base64 (raw bytes on the wire), 4 = split answers wanted.
//!              With 1 or 2 the bootstrap assigns the body to the event's member `body`, which the event holds as null.
//! 0x03 ON_STREAM  nothing; the next INVOKE is on the stream
//!
//! bootstrap -> fleet
//! 0x11 READY       the handler is loaded
//! 0x12 INIT_ERROR  JSON of the error; the process ends
//! 0x13 RESULT      u32 JSON length | JSON | body; flags: 1 = split: the JSON lacks its member `body`, whose text follows as UTF-8
//! 0x14 ERROR       JSON of the error; flags: 1 = the process ends (an exception that nobody caught); 2 = it ends between invocations,
//!                  and an INVOKE that is on its way was not read
//! 0x15 LOG         u64 ms since the epoch | UTF-8; one log event as it stands; flags = the level, 0 none, 1 TRACE … 6 FATAL
//! 0x16 OUT         bytes written to a stream, to be cut into lines; flags = 1 stdout, 2 stderr
//! ```
//!
//! The two standard streams' descriptors stay ordinary pipes, for child processes and native code. What was written to them before
//! an answer is in the pipe when the answer arrives, so reading a pipe empty at RESULT or ERROR loses nothing.

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// Bytes of every frame's header.
pub const HEADER_LEN: usize = 8;
/// Bytes of an INVOKE frame before its strings, header included.
pub const INVOKE_FIXED_LEN: usize = 40;
/// Largest response of a synchronous invocation, in bytes. AWS: Lambda quotas, as the error text of `Function.ResponseSizeTooLarge` has it.
pub const RESPONSE_LEN_MAX: usize = 6_291_556;
/// Largest frame, in bytes: the largest payload, with room for the members beside it.
pub const FRAME_LEN_MAX: usize = 8 * 1024 * 1024;
/// Largest message of a mailbox, in bytes. A bootstrap's buffer is larger.
pub const MESSAGE_LEN_MAX: usize = 32 * 1024;
/// Where the number of a message stands in its frame, little-endian. Bootstraps do not look at it.
pub const NUMBER_AT: std::ops::Range<usize> = 6..8;
/// Largest single log event or chunk of output that a bootstrap sends, in bytes.
pub const LOG_LEN_MAX: usize = 256 * 1024;
/// Most bytes that a request id, trace id or ARN may have.
pub const NAME_LEN_MAX: usize = u16::MAX as usize;

const INIT: u8 = 0x01;
const INVOKE: u8 = 0x02;
const ON_STREAM: u8 = 0x03;
const READY: u8 = 0x11;
const INIT_ERROR: u8 = 0x12;
const RESULT: u8 = 0x13;
const ERROR: u8 = 0x14;
const LOG: u8 = 0x15;
const OUT: u8 = 0x16;

const FLAG_BODY_TEXT: u8 = 1;
const FLAG_BODY_BINARY: u8 = 2;
const FLAG_SPLIT: u8 = 4;
const FLAG_RESULT_SPLIT: u8 = 1;
const FLAG_ERROR_LAST: u8 = 1;
const FLAG_ERROR_BETWEEN: u8 = 2;

/// Why bytes are not a frame, or a value cannot become one. The connection is of no use afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Longer than [`FRAME_LEN_MAX`], or a member longer than its length field can say.
    #[error("a frame of {0} bytes is over the limit")]
    TooLong(usize),
    /// Shorter than its own header or fixed members.
    #[error("a frame of kind {kind:#04x} is cut short at {len} bytes")]
    TooShort { kind: u8, len: usize },
    /// A kind that a bootstrap does not send.
    #[error("a frame of unknown kind {0:#04x}")]
    UnknownKind(u8),
    /// A length inside the frame points outside it, or a reserved bit is set.
    #[error("a frame of kind {0:#04x} contradicts itself")]
    Malformed(u8),
}

/// What goes into the event's member `body`, sent beside the event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RequestBody {
    /// The event stands as it is.
    #[default]
    None,
    /// UTF-8 text; what is not UTF-8 becomes U+FFFD.
    Text(Bytes),
    /// Any bytes; the handler sees them as base64.
    Base64(Bytes),
}

/// One invocation, as the fleet hands it to a bootstrap.
#[derive(Clone, Debug, Default)]
pub struct Invoke<'a> {
    /// Lambda's request id; ASCII.
    pub request_id: &'a str,
    /// When the function's time is over, in milliseconds since the epoch.
    pub deadline_ms: u64,
    /// The X-Ray trace header; empty for none.
    pub trace_id: &'a str,
    /// The ARN the caller used, alias or version included.
    pub invoked_arn: &'a str,
    /// JSON of the client context; empty for none.
    pub client_context: &'a [u8],
    /// JSON of the Cognito identity, `{"cognitoIdentityId", "cognitoIdentityPoolId"}`; empty for none.
    pub identity: &'a [u8],
    /// JSON of the event.
    pub event: &'a [u8],
    /// The event's body, when it goes beside it.
    pub body: RequestBody,
    /// Is an answer that looks like a proxy response to come back with its body apart?
    pub wants_split: bool,
}

impl Invoke<'_> {
    /// Appends everything before the event: the frame is then `out`, `event`, `body`, to be written in that order.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] when a member or the frame is over its limit; `out` is then as before.
    pub fn encode_head(&self, out: &mut BytesMut) -> Result<(), FrameError> {
        let (body_flag, body) = match &self.body {
            RequestBody::None => (0, &[][..]),
            RequestBody::Text(body) => (FLAG_BODY_TEXT, &body[..]),
            RequestBody::Base64(body) => (FLAG_BODY_BINARY, &body[..]),
        };
        for name in [self.request_id, self.trace_id, self.invoked_arn] {
            if name.len() > NAME_LEN_MAX {
                return Err(FrameError::TooLong(name.len()));
            }
        }
        let head_len = INVOKE_FIXED_LEN
            + self.request_id.len()
            + self.trace_id.len()
            + self.invoked_arn.len()
            + self.client_context.len()
            + self.identity.len();
        let len = head_len + self.event.len() + body.len();
        let flags = body_flag | if self.wants_split { FLAG_SPLIT } else { 0 };
        out.reserve(head_len);
        put_header(out, len, INVOKE, flags)?;
        out.put_u64_le(self.deadline_ms);
        out.put_u32_le(short(self.event.len()));
        out.put_u32_le(short(body.len()));
        out.put_u32_le(short(self.client_context.len()));
        out.put_u32_le(short(self.identity.len()));
        for name in [self.request_id, self.trace_id, self.invoked_arn] {
            out.put_u16_le(name.len() as u16);
        }
        out.put_u16_le(0);
        for part in [
            self.request_id.as_bytes(),
            self.trace_id.as_bytes(),
            self.invoked_arn.as_bytes(),
            self.client_context,
            self.identity,
        ] {
            out.put_slice(part);
        }
        Ok(())
    }

    /// The bytes of the body that follow the event on the wire.
    pub fn body_bytes(&self) -> &[u8] {
        match &self.body {
            RequestBody::None => &[],
            RequestBody::Text(body) | RequestBody::Base64(body) => body,
        }
    }
}

/// The frame that says, in a mailbox, that the next one is on the stream.
pub fn on_stream(number: u16) -> [u8; HEADER_LEN] {
    let [low, high] = number.to_le_bytes();
    [HEADER_LEN as u8, 0, 0, 0, ON_STREAM, 0, low, high]
}

/// Appends an INIT frame around its JSON.
///
/// # Errors
/// [`FrameError::TooLong`].
pub fn encode_init(json: &[u8], out: &mut BytesMut) -> Result<(), FrameError> {
    put_header(out, HEADER_LEN + json.len(), INIT, 0)?;
    out.put_slice(json);
    Ok(())
}

fn put_header(out: &mut BytesMut, len: usize, kind: u8, flags: u8) -> Result<(), FrameError> {
    if len > FRAME_LEN_MAX {
        return Err(FrameError::TooLong(len));
    }
    out.put_u32_le(short(len));
    out.put_u8(kind);
    out.put_u8(flags);
    out.put_u16_le(0);
    Ok(())
}

/// Lengths are below [`FRAME_LEN_MAX`] wherever this is used on a frame that is sent.
fn short(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Which standard stream a chunk was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// The level of a log event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Unset,
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

const LEVELS: [Level; 7] =
    [Level::Unset, Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal];

/// What a bootstrap says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromBootstrap {
    /// The handler is loaded.
    Ready,
    /// The handler could not be loaded: JSON `{errorType, errorMessage, trace | stackTrace}`.
    InitError(Bytes),
    /// The function's answer. With a body, `json` is the answer's object without its member `body`.
    Result { json: Bytes, body: Option<Bytes> },
    /// The function failed: JSON `{errorType, errorMessage, trace | stackTrace}`. After the last one the process ends by itself.
    Error { json: Bytes, is_last: bool },
    /// The process ends because of something that belongs to no invocation; one that was sent meanwhile has not begun.
    Ending(Bytes),
    /// One log event.
    Log { time_ms: u64, level: Level, message: Bytes },
    /// A chunk of a stream, whole UTF-8 or not, with or without ends of lines.
    Out { stream: Stream, data: Bytes },
}

/// Cuts a byte stream into frames. Read into [`Decoder::buffer`], then call [`Decoder::next_frame`] until it has none.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: BytesMut,
}

impl Decoder {
    /// Where bytes from the socket are appended. There is room for what the current frame still lacks, so that a long one is not moved
    /// while it grows; short ones take as much memory as they have bytes.
    pub fn buffer(&mut self) -> &mut BytesMut {
        let missing = match self.frame_len() {
            Ok(Some(len)) => len.saturating_sub(self.buffer.len()),
            _ => 0,
        };
        self.buffer.reserve(missing);
        &mut self.buffer
    }

    /// The next whole frame, or `None` until more bytes came.
    ///
    /// # Errors
    /// [`FrameError`]: the peer does not speak this protocol (user code can write to the socket); end the process.
    pub fn next_frame(&mut self) -> Result<Option<FromBootstrap>, FrameError> {
        let Some(len) = self.frame_len()? else { return Ok(None) };
        if self.buffer.len() < len {
            return Ok(None);
        }
        let frame = self.buffer.split_to(len).freeze();
        parse(frame).map(Some)
    }

    /// Is a frame only partly here?
    pub fn is_partial(&self) -> bool {
        !self.buffer.is_empty()
    }

    fn frame_len(&self) -> Result<Option<usize>, FrameError> {
        if self.buffer.len() < HEADER_LEN {
            return Ok(None);
        }
        let mut head = &self.buffer[..HEADER_LEN];
        let len = head.get_u32_le() as usize;
        if len > FRAME_LEN_MAX {
            return Err(FrameError::TooLong(len));
        }
        if len < HEADER_LEN {
            return Err(FrameError::TooShort { kind: head.get_u8(), len });
        }
        Ok(Some(len))
    }
}

fn parse(frame: Bytes) -> Result<FromBootstrap, FrameError> {
    let kind = frame[4];
    let flags = frame[5];
    let payload = frame.slice(HEADER_LEN..);
    match kind {
        READY => Ok(FromBootstrap::Ready),
        INIT_ERROR => Ok(FromBootstrap::InitError(payload)),
        ERROR if flags == FLAG_ERROR_BETWEEN => Ok(FromBootstrap::Ending(payload)),
        ERROR if flags > FLAG_ERROR_LAST => Err(FrameError::Malformed(kind)),
        ERROR => Ok(FromBootstrap::Error { json: payload, is_last: flags == FLAG_ERROR_LAST }),
        RESULT => parse_result(payload, flags, frame.len()),
        LOG => {
            if payload.len() < 8 {
                return Err(FrameError::TooShort { kind, len: frame.len() });
            }
            let level = *LEVELS.get(usize::from(flags)).ok_or(FrameError::Malformed(kind))?;
            let time_ms = (&payload[..8]).get_u64_le();
            Ok(FromBootstrap::Log { time_ms, level, message: payload.slice(8..) })
        }
        OUT => {
            let stream = match flags {
                1 => Stream::Stdout,
                2 => Stream::Stderr,
                _ => return Err(FrameError::Malformed(kind)),
            };
            Ok(FromBootstrap::Out { stream, data: payload })
        }
        _ => Err(FrameError::UnknownKind(kind)),
    }
}

fn parse_result(payload: Bytes, flags: u8, len: usize) -> Result<FromBootstrap, FrameError> {
    if payload.len() < 4 {
        return Err(FrameError::TooShort { kind: RESULT, len });
    }
    let json_len = (&payload[..4]).get_u32_le() as usize;
    let rest = payload.slice(4..);
    if json_len > rest.len() || flags > FLAG_RESULT_SPLIT {
        return Err(FrameError::Malformed(RESULT));
    }
    if flags == FLAG_RESULT_SPLIT {
        return Ok(FromBootstrap::Result {
            json: rest.slice(..json_len),
            body: Some(rest.slice(json_len..)),
        });
    }
    if json_len != rest.len() {
        return Err(FrameError::Malformed(RESULT));
    }
    Ok(FromBootstrap::Result { json: rest, body: None })
}

#[cfg(test)]
mod tests;
