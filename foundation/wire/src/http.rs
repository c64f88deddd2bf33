//! Requests and responses as the protocols see them: whole, in memory, with nothing of a connection.

use ::http::header::{HeaderName, HeaderValue};
use ::http::{HeaderMap, Method};
use bytes::Bytes;

/// A request, borrowed from whoever read it.
#[derive(Clone, Copy, Debug)]
pub struct HttpRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path as it was sent, still percent-encoded.
    pub path: &'a str,
    /// The query as it was sent, without the question mark; empty if there is none.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The whole body, decompressed.
    pub body: &'a Bytes,
}

impl HttpRequest<'_> {
    /// A header's text; nothing if it is absent or not text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A response, ready to be sent.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The headers, without those of the connection.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl HttpResponse {
    pub(crate) fn new(status: u16) -> HttpResponse {
        HttpResponse { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> HttpResponse {
        self.set(name, value);
        self
    }

    /// Sets a header. Characters that a header may not hold are left out, so that no value can forge another header.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { return };
        let value = HeaderValue::from_bytes(value.as_bytes()).or_else(|_| {
            let clean: Vec<u8> = value.bytes().filter(|c| *c >= 32 && *c != 127).collect();
            HeaderValue::from_bytes(&clean)
        });
        if let Ok(value) = value {
            self.headers.insert(name, value);
        }
    }
}
