//! Remembers the heads of HTTP/1 requests as they pass, for the case in which clients write header names.
//!
//! API Gateway hands header names to functions as they were sent; hyper, rightly, forgets them. The tap follows the framing just far
//! enough to find where each head begins. It decides nothing: names are looked up in it by the lower-case names that hyper parsed, so
//! that a tap which lost its way (it then switches itself off) costs the original case and nothing else.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Longest head that is remembered, in bytes; hyper refuses longer ones anyway.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Heads of pipelined requests that may wait for their handlers.
const HEADS_WAITING_MAX: usize = 64;

/// A connection whose request heads are remembered.
pub(crate) struct Tapped<T> {
    inner: T,
    heads: Heads,
}

/// Where the handler finds the heads, in the order of the requests.
#[derive(Clone, Default)]
pub(crate) struct Heads(Arc<Mutex<Framing>>);

impl<T> Tapped<T> {
    pub(crate) fn new(inner: T) -> (Tapped<T>, Heads) {
        let heads = Heads::default();
        (Tapped { inner, heads: heads.clone() }, heads)
    }
}

impl Heads {
    /// The head of the next request that has none yet.
    pub(crate) fn next(&self) -> Option<Bytes> {
        let mut framing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if framing.heads.is_empty() { None } else { Some(framing.heads.remove(0)) }
    }
}

#[derive(Default)]
struct Framing {
    heads: Vec<Bytes>,
    partial: BytesMut,
    state: State,
}

#[derive(Default, PartialEq)]
enum State {
    #[default]
    Head,
    /// So many bytes of body to pass over.
    Body(u64),
    ChunkSize,
    /// So many bytes of a chunk and its line end to pass over.
    Chunk(u64),
    Trailers,
    /// Lost, upgraded, or HTTP/2: nothing is remembered any more.
    Off,
}

impl Framing {
    fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.state != State::Off {
            match self.state {
                State::Off => return,
                State::Body(left) | State::Chunk(left) => {
                    let passed = left.min(bytes.len() as u64);
                    bytes = &bytes[passed as usize..];
                    let is_chunk = matches!(self.state, State::Chunk(_));
                    self.state = match (left - passed, is_chunk) {
                        (0, false) => State::Head,
                        (0, true) => State::ChunkSize,
                        (left, false) => State::Body(left),
                        (left, true) => State::Chunk(left),
                    };
                }
                State::Head => bytes = self.collect(bytes, b"\r\n\r\n", Framing::end_head),
                State::ChunkSize => bytes = self.collect(bytes, b"\r\n", Framing::end_chunk_size),
                State::Trailers => bytes = self.collect(bytes, b"\r\n", Framing::end_trailer),
            }
        }
    }

    /// Collects up to and including `end`, then lets `then` look at it; gives what is left.
    fn collect<'a>(&mut self, bytes: &'a [u8], end: &[u8], then: fn(&mut Framing, Bytes)) -> &'a [u8] {
        let before = self.partial.len();
        self.partial.extend_from_slice(bytes);
        let from = before.saturating_sub(end.len() - 1);
        match self.partial[from..].windows(end.len()).position(|window| window == end) {
            Some(at) => {
                let whole = self.partial.split_to(from + at + end.len()).freeze();
                let left = self.partial.len();
                self.partial.clear();
                then(self, whole);
                &bytes[bytes.len() - left..]
            }
            None => {
                if self.partial.len() > HEAD_BYTES_MAX {
                    self.switch_off();
                }
                &[]
            }
        }
    }

    fn switch_off(&mut self) {
        self.state = State::Off;
        self.partial = BytesMut::new();
    }

    fn end_head(&mut self, head: Bytes) {
        if head.starts_with(b"PRI * HTTP/2") || self.heads.len() >= HEADS_WAITING_MAX {
            return self.switch_off();
        }
        self.state = match body_of(&head) {
            Some(next) => next,
            None => return self.switch_off(),
        };
        self.heads.push(head);
    }

    fn end_chunk_size(&mut self, line: Bytes) {
        let digits = line.split(|&byte| byte == b';' || byte == b'\r').next().unwrap_or_default();
        let size =
            std::str::from_utf8(digits).ok().and_then(|text| u64::from_str_radix(text.trim(), 16).ok());
        match size {
            Some(0) => self.state = State::Trailers,
            Some(size) => self.state = State::Chunk(size.saturating_add(2)),
            None => self.switch_off(),
        }
    }

    fn end_trailer(&mut self, line: Bytes) {
        if line.as_ref() == b"\r\n" {
            self.state = State::Head;
        }
    }
}

/// What follows a head.
fn body_of(head: &[u8]) -> Option<State> {
    let mut next = State::Head;
    for line in head.split(|&byte| byte == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { continue };
        let value = std::str::from_utf8(&line[colon + 1..]).ok().map(str::trim);
        if line[..colon].eq_ignore_ascii_case(b"transfer-encoding") {
            return Some(State::ChunkSize);
        }
        if line[..colon].eq_ignore_ascii_case(b"content-length") {
            let length: u64 = value?.parse().ok()?;
            next = if length == 0 { State::Head } else { State::Body(length) };
        }
    }
    Some(next)
}

impl<T: AsyncRead + Unpin> AsyncRead for Tapped<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = polled {
            let mut framing = self.heads.0.lock().unwrap_or_else(PoisonError::into_inner);
            framing.see(&buf.filled()[before..]);
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Tapped<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests;
