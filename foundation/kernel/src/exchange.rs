//! A request as the edge hands it on, and the answer it sends back: what the data plane and the edge share.
//!
//! Whatever tells who the client is (address, TLS) is of the real connection, never of a header.

use std::collections::BTreeMap;
use std::net::IpAddr;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use http::{HeaderMap, Method, Response, Version};

use crate::error::Fault;

/// A whole request.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// Method.
    pub method: Method,
    /// True if it came over TLS.
    pub is_tls: bool,
    /// `Host` or `:authority`, with its port if it has one; empty if the client sent none.
    pub host: String,
    /// Path as sent, percent-encoded.
    pub path: String,
    /// Query as sent, without the `?`.
    pub query: Option<String>,
    /// Protocol version.
    pub version: Version,
    /// Headers.
    pub headers: HeaderMap,
    /// The names of the headers as the client wrote them.
    pub names: HeaderNames,
    /// Body.
    pub body: Bytes,
    /// Address of the peer.
    pub peer: IpAddr,
    /// UUID, also in the answer's headers.
    pub request_id: String,
    /// When the head had been read, in milliseconds since the epoch.
    pub received_ms: i64,
}

/// Names of headers in the case in which they were sent. Empty for HTTP/2, where all names are lower-case.
#[derive(Clone, Debug, Default)]
pub struct HeaderNames {
    head: Bytes,
    /// Where the names lie in the head, in the order of the lines.
    names: Vec<std::ops::Range<u32>>,
}

impl HeaderNames {
    /// The names in a request's head as it was on the wire.
    pub fn of_head(head: Bytes) -> HeaderNames {
        let mut names = Vec::with_capacity(16);
        let mut at = 0;
        for (number, line) in head.split(|&byte| byte == b'\n').enumerate() {
            // The first line is the request's.
            if let Some(length) = line.iter().position(|&byte| byte == b':').filter(|_| number > 0) {
                names.push(at as u32..(at + length) as u32);
            }
            at += line.len() + 1;
        }
        HeaderNames { head, names }
    }

    /// How the client wrote this name. `name` itself (lower-case) if it did not.
    pub fn original<'a>(&'a self, name: &'a str) -> &'a str {
        let written = self.names.iter().map(|range| &self.head[range.start as usize..range.end as usize]);
        let found = written.into_iter().find(|written| written.eq_ignore_ascii_case(name.as_bytes()));
        found.and_then(|written| std::str::from_utf8(written).ok()).unwrap_or(name)
    }
}

/// Which API a request is for, as far as its host name and path tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiAddress {
    /// API id.
    pub api_id: String,
    /// Stage, where the form of the URL names it apart from the path.
    pub stage: Option<String>,
    /// Path after the stage if `stage` is there, else the whole path whose first segment may be the stage. Percent-encoded, begins with `/`.
    pub path: String,
}

/// Body of an answer.
pub enum OutBody {
    /// All of it.
    Full(Bytes),
    /// Sent as it comes; an error ends the connection.
    Stream(BoxStream<'static, Result<Bytes, std::io::Error>>),
}

impl From<Bytes> for OutBody {
    fn from(bytes: Bytes) -> OutBody {
        OutBody::Full(bytes)
    }
}

/// A method to try without a deployment, as `TestInvokeMethod` does: its authorization, keys and throttling do not take part.
#[derive(Clone, Debug, Default)]
pub struct TestMethod {
    /// JSON of a `plan::definition::PublishedDeployment`: the API as it is now.
    pub snapshot: String,
    /// Stage variables.
    pub stage_variables: BTreeMap<String, String>,
    /// Resource.
    pub resource_id: String,
    /// Which of its methods; for `ANY` the one that the client sends.
    pub http_method: String,
    /// Path after the stage, with its query; the resource's own path if there is none.
    pub path_with_query: Option<String>,
    /// Headers, a pair for each value.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Bytes,
}

/// How a tried method fared.
#[derive(Clone, Debug, Default)]
pub struct Tested {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// The execution log.
    pub log: String,
    /// How long it took, in milliseconds.
    pub latency_ms: i64,
}

/// An authorizer to try without a deployment, as `TestInvokeAuthorizer` does: nothing is remembered, nothing of it is looked up.
#[derive(Clone, Debug, Default)]
pub struct TestAuthorizer {
    /// JSON of a `plan::definition::PublishedDeployment`: the API as it is now.
    pub snapshot: String,
    /// Stage variables.
    pub stage_variables: BTreeMap<String, String>,
    /// Authorizer.
    pub authorizer_id: String,
    /// Path after the stage, with its query; `/` if there is none.
    pub path_with_query: Option<String>,
    /// Headers, a pair for each value.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Bytes,
    /// `$context` variables that the caller sets.
    pub additional_context: BTreeMap<String, String>,
}

/// How a tried authorizer fared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestedAuthorizer {
    /// Status that a client would have got from authorization alone: 200, 401, 500.
    pub client_status: u16,
    /// The execution log.
    pub log: String,
    /// How long it took, in milliseconds.
    pub latency_ms: i64,
    /// Whom a Lambda authorizer named.
    pub principal_id: Option<String>,
    /// The policy of a Lambda authorizer, as JSON.
    pub policy: Option<String>,
    /// The `context` of a Lambda authorizer, a list for each key.
    pub authorization: BTreeMap<String, Vec<String>>,
    /// A token's claims.
    pub claims: BTreeMap<String, String>,
}

/// The data plane of deployed APIs, as the edge and the control plane see it.
pub trait DataPlane: Send + Sync + 'static {
    /// Answers a request to a deployed API. Never fails: whatever goes wrong is an answer.
    fn execute(&self, address: ApiAddress, inbound: Inbound) -> BoxFuture<'_, Response<OutBody>>;
    /// True if a host, with or without a port, is a custom domain name.
    fn is_domain<'a>(&'a self, host: &'a str) -> BoxFuture<'a, bool>;
    /// Answers a request whose host is a custom domain name. Never fails, as [`DataPlane::execute`].
    fn execute_domain(&self, inbound: Inbound) -> BoxFuture<'_, Response<OutBody>>;
    /// Tries a method. `None` if the snapshot has no such method.
    fn test_method(&self, test: TestMethod) -> BoxFuture<'_, Option<Tested>>;
    /// Tries an authorizer. `None` if the snapshot has no such authorizer.
    fn test_authorizer(&self, test: TestAuthorizer) -> BoxFuture<'_, Option<TestedAuthorizer>>;
    /// Writes down what API keys used until now, so that whoever reads the records of usage next finds it there.
    fn flush_usage(&self) -> BoxFuture<'_, Result<(), Fault>> {
        async { Ok(()) }.boxed()
    }
    /// What an account may ask of all its APIs in a region.
    fn account_throttle(&self) -> AccountThrottle {
        AccountThrottle::default()
    }
}

/// Requests of an account to all its APIs in a region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccountThrottle {
    /// Requests per second; 0 stands for no limit.
    pub rate: f64,
    /// Most requests at once.
    pub burst: i64,
}

impl Default for AccountThrottle {
    /// AWS: Quotas for configuring and running a REST API.
    fn default() -> Self {
        AccountThrottle { rate: 10_000.0, burst: 5_000 }
    }
}

/// A data plane without any API: for tests of rooms that call none.
pub struct NoApis;

impl NoApis {
    fn nothing() -> Response<OutBody> {
        let mut response = Response::new(OutBody::Full(Bytes::new()));
        *response.status_mut() = http::StatusCode::NOT_FOUND;
        response
    }
}

impl DataPlane for NoApis {
    fn execute(&self, _: ApiAddress, _: Inbound) -> BoxFuture<'_, Response<OutBody>> {
        async { NoApis::nothing() }.boxed()
    }
    fn is_domain<'a>(&'a self, _: &'a str) -> BoxFuture<'a, bool> {
        async { false }.boxed()
    }
    fn execute_domain(&self, _: Inbound) -> BoxFuture<'_, Response<OutBody>> {
        async { NoApis::nothing() }.boxed()
    }
    fn test_method(&self, _: TestMethod) -> BoxFuture<'_, Option<Tested>> {
        async { None }.boxed()
    }
    fn test_authorizer(&self, _: TestAuthorizer) -> BoxFuture<'_, Option<TestedAuthorizer>> {
        async { None }.boxed()
    }
}
