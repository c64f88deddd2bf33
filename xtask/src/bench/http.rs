//! The smallest HTTP/1.1 client that measures honestly: keep-alive, answers with `content-length`, nothing pipelined.
//!
//! It shares the machine with what it measures, so it does as little as it can; and it signs requests once, before they are timed.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail, ensure};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use sigv4::{Credentials, Payload, RequestView, Rules, SecretKey, Signer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest answer that is read, in bytes.
const ANSWER_LEN_MAX: usize = 1 << 20;
/// Longest wait for the answer to one request of the preparations.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);
/// Where the functions live.
pub const REGION: &str = "us-east-1";

/// A kept connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    head_len: usize,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: Vec::with_capacity(4096), head_len: 0 })
    }

    /// Sends a request and reads its answer; the answer's status.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).await.context("sending a request")?;
        self.buffer.clear();
        let mut searched = 0;
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await.context("reading an answer")?;
            ensure!(
                read > 0,
                "the server closed the connection after {} bytes of an answer",
                self.buffer.len()
            );
            if let Some(at) = memchr::memmem::find(&self.buffer[searched..], b"\r\n\r\n") {
                self.head_len = searched + at + 4;
                break;
            }
            ensure!(self.buffer.len() < ANSWER_LEN_MAX, "an endless head");
            searched = self.buffer.len().saturating_sub(3);
        }
        let head = &self.buffer[..self.head_len];
        let status = head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        let status = status.context("this is no HTTP")?;
        let is_empty = matches!(status, 204 | 304);
        let length = if is_empty { Some(0) } else { content_length(head) };
        let whole = self.head_len + length.context("an answer without a length")?;
        ensure!(whole < ANSWER_LEN_MAX, "a long answer: {whole} bytes");
        while self.buffer.len() < whole {
            let read = self.stream.read_buf(&mut self.buffer).await.context("reading an answer's body")?;
            ensure!(read > 0, "the server closed the connection within an answer");
        }
        Ok(status)
    }

    pub fn body(&self) -> &[u8] {
        &self.buffer[self.head_len..]
    }

    pub fn head(&self) -> &[u8] {
        &self.buffer[..self.head_len]
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let (name, value) = line.split_at_checked(NAME.len())?;
        let is_it = name.eq_ignore_ascii_case(NAME);
        if is_it { std::str::from_utf8(value).ok()?.trim().parse().ok() } else { None }
    })
}

/// A plain `GET`.
pub fn get(host: &str, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\n\r\n").into_bytes()
}

/// The AWS APIs of a server, called as the account's root.
pub struct Aws {
    pub address: SocketAddr,
    credentials: Credentials,
}

impl Aws {
    pub fn new(address: SocketAddr) -> Aws {
        let secret = SecretKey::new("test");
        Aws {
            address,
            credentials: Credentials { access_key: "test".to_owned(), secret, session_token: None },
        }
    }

    /// A whole signed request. It is good for some minutes.
    pub fn signed(&self, service: &str, method: &str, path: &str, body: &[u8]) -> Result<Vec<u8>> {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_str(&self.address.to_string())?);
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() as i64;
        let rules = Rules::for_service(service);
        let signer = Signer { credentials: &self.credentials, region: REGION, service, now_s, rules: &rules };
        let view = RequestView { method, path, query: "", headers: &headers, authority: None };
        let added = sigv4::sign(&view, Payload::Sha256(sigv4::sha256(body)), &signer)?;
        let mut request = format!("{method} {path} HTTP/1.1\r\n").into_bytes();
        let added = added.iter().map(|(name, value)| (name, value));
        for (name, value) in headers.iter().chain(added) {
            request.extend_from_slice(name.as_str().as_bytes());
            request.extend_from_slice(b": ");
            request.extend_from_slice(value.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        request.extend_from_slice(body);
        Ok(request)
    }

    /// Calls an operation on a connection of its own.
    pub async fn call(&self, service: &str, method: &str, path: &str, body: &Value) -> Result<Value> {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = self.signed(service, method, path, &body)?;
        let mut connection = Connection::open(self.address).await?;
        let status = tokio::time::timeout(CALL_TIMEOUT, connection.exchange(&request)).await;
        let status = status.map_err(|_| anyhow!("no answer to {method} {path}"))??;
        if !(200..300).contains(&status) {
            bail!("{method} {path}: {status} {}", String::from_utf8_lossy(connection.body()));
        }
        match connection.body() {
            b"" => Ok(Value::Null),
            body => {
                serde_json::from_slice(body).with_context(|| format!("reading the answer to {method} {path}"))
            }
        }
    }
}
