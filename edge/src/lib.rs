//! The front of the house: one port, and for each request the room it is meant for.
//!
//! The way of a request: `listen` (bytes to a request, within limits) -> `route` (a closed list) -> a deployed API's data plane, or
//! `control`: `authenticate` -> decode -> `operate` (validate, authorize, run) -> encode. Identity and address come from the signature
//! and the connection, never from a header that says so.

mod authenticate;
mod body;
mod control;
mod directory;
mod head_tap;
mod limits;
mod listen;
mod own;
pub mod route;
mod unpack;

use std::net::IpAddr;
use std::sync::Arc;

use access::Guard;
use bytes::Bytes;
use futures_util::TryStreamExt;
use http::header::{CONNECTION, HOST, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use kernel::Host;
use kernel::exchange::{DataPlane, HeaderNames, Inbound, OutBody};
use kernel::limits::{CONTROL_BODY_BYTES_MAX, GATEWAY_BODY_BYTES_MAX};
use sigv4::KeyCache;

pub use authenticate::IamMode;
pub use listen::serve;
pub use own::Page;

use crate::body::BodyError;
use crate::directory::Models;
use crate::own::Metrics;
use crate::route::{Facts, Route, route};

type ResponseBody = http_body_util::Either<Full<Bytes>, UnsyncBoxBody<Bytes, std::io::Error>>;

/// Everything the front needs to answer.
pub struct Edge {
    host: Arc<Host>,
    data_plane: Arc<dyn DataPlane>,
    mode: IamMode,
    keys: KeyCache,
    guard: Guard,
    pages: Vec<(&'static str, Page)>,
    metrics: Metrics,
}

impl Edge {
    /// A front for a furnished host. `pages` are pages of other rooms below `/_loggia`, by prefix.
    pub fn new(
        host: Arc<Host>,
        data_plane: Arc<dyn DataPlane>,
        mode: IamMode,
        pages: Vec<(&'static str, Page)>,
    ) -> Edge {
        let keys = KeyCache::new(access::KEYS_REMEMBERED);
        Edge { host, data_plane, mode, keys, guard: Guard::default(), pages, metrics: Metrics::default() }
    }

    /// Answers one request of a connection.
    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
        head: Option<Bytes>,
        peer: IpAddr,
        is_tls: bool,
    ) -> Response<ResponseBody> {
        let (parts, body) = request.into_parts();
        let problem = head.as_deref().and_then(ambiguous);
        let host = parts.headers.get(HOST).and_then(|value| value.to_str().ok());
        let host =
            parts.uri.authority().map(|authority| authority.as_str()).or(host).unwrap_or_default().to_owned();
        let inbound = Inbound {
            is_tls,
            host,
            path: if parts.uri.path().is_empty() { "/".to_owned() } else { parts.uri.path().to_owned() },
            query: parts.uri.query().map(str::to_owned),
            method: parts.method,
            version: parts.version,
            headers: parts.headers,
            names: head.map(HeaderNames::of_head).unwrap_or_default(),
            body: Bytes::new(),
            peer: peer.to_canonical(),
            request_id: self.host.entropy.uuid(),
            received_ms: self.host.clock.now_ms(),
        };
        let (plane, response) = match problem {
            None => self.dispatch(inbound, body).await,
            Some(problem) => ("refused", closing(problem, &inbound.request_id)),
        };
        self.metrics.count(plane, response.status());
        response.map(|body| match body {
            OutBody::Full(bytes) => http_body_util::Either::Left(Full::new(bytes)),
            OutBody::Stream(stream) => {
                http_body_util::Either::Right(StreamBody::new(stream.map_ok(Frame::data)).boxed_unsync())
            }
        })
    }

    async fn dispatch(&self, mut inbound: Inbound, body: Incoming) -> (&'static str, Response<OutBody>) {
        let mut early = self.route(&inbound);
        if self.may_be_for_domain(&early, &inbound) && self.data_plane.is_domain(&inbound.host).await {
            early = Route::Domain;
        }
        let limit = if matches!(early, Route::Execute(_) | Route::Domain) {
            GATEWAY_BODY_BYTES_MAX
        } else {
            CONTROL_BODY_BYTES_MAX
        };
        inbound.body = match body::read(body, limit).await {
            Ok(bytes) => bytes,
            Err(error) => return ("refused", refused(&error, limit, &inbound.request_id)),
        };
        // A query-protocol request shows its action only in its body.
        let route = if matches!(early, Route::Unknown) { self.route(&inbound) } else { early };
        match route {
            Route::Execute(address) => ("execute-api", self.data_plane.execute(address, inbound).await),
            Route::Domain => ("execute-api", self.data_plane.execute_domain(inbound).await),
            Route::Service(id) => match models::get(&id) {
                Some(row) => ("control", control::answer(self, row, inbound).await),
                None => (
                    "unknown",
                    unknown(&format!("Loggia does not know the service {id}."), &inbound.request_id),
                ),
            },
            Route::Own(path) => ("own", own::answer(self, &inbound.method, &path).await),
            Route::LocalStackHealth => ("own", own::localstack_health(self)),
            Route::Unknown => {
                let text = "Nothing in this request (signature, X-Amz-Target, Action, host, path) names an AWS service or a deployed API.";
                ("unknown", unknown(text, &inbound.request_id))
            }
        }
    }

    /// Whether the host may be a custom domain name. A request that is signed for a service is that service's whatever its host is, so
    /// that nobody takes the control plane away by giving an API its name; our own pages stay where they are.
    fn may_be_for_domain(&self, early: &Route, inbound: &Inbound) -> bool {
        let authorization = inbound.headers.get("authorization").and_then(|value| value.to_str().ok());
        let service = signing_service(authorization, inbound.query.as_deref().unwrap_or_default());
        !matches!(early, Route::Execute(_) | Route::Own(_))
            && service.is_none_or(|service| service == "execute-api")
            && route::may_be_domain(&inbound.host)
    }

    fn route(&self, inbound: &Inbound) -> Route {
        let header = |name: &str| inbound.headers.get(name).and_then(|value| value.to_str().ok());
        let query = inbound.query.as_deref().unwrap_or_default();
        let action = form_field(query.as_bytes(), "Action=").or_else(|| form_field(&inbound.body, "Action="));
        let facts = Facts {
            host: &inbound.host,
            path: &inbound.path,
            signing_service: signing_service(header("authorization"), query),
            target: header("x-amz-target"),
            action,
        };
        let endpoints = &self.host.rooms().endpoints;
        route(facts, &Models { endpoints, path: &inbound.path, method: &inbound.method })
    }
}

/// The service in a signing scope, wherever the signature stands; nothing is verified here.
fn signing_service<'a>(authorization: Option<&'a str>, query: &'a str) -> Option<&'a str> {
    let credential = match authorization.filter(|value| value.starts_with("AWS4-")) {
        Some(value) => value.split_once("Credential=")?.1.split([',', ' ']).next()?,
        None => form_field(query.as_bytes(), "X-Amz-Credential=")?,
    };
    let mut parts = credential.split("%2F").flat_map(|part| part.split('/'));
    // key, date, region, service
    parts.nth(3).filter(|service| !service.is_empty())
}

/// The value of a field of a form, undecoded.
fn form_field<'a>(form: &'a [u8], field: &str) -> Option<&'a str> {
    const LOOKED_AT_MAX: usize = 64 * 1024;
    let form = std::str::from_utf8(&form[..form.len().min(LOOKED_AT_MAX)]).ok()?;
    form.split('&').find_map(|pair| pair.strip_prefix(field))
}

fn refused(error: &BodyError, limit: usize, request_id: &str) -> Response<OutBody> {
    let too_large = format!("HTTP content length exceeded {limit} bytes.");
    let (status, text) = match error {
        BodyError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, too_large.as_str()),
        BodyError::Slow => (StatusCode::REQUEST_TIMEOUT, "The request's body did not arrive in time"),
        BodyError::Broken => (StatusCode::BAD_REQUEST, "The request's body broke off"),
    };
    message(status, text, request_id)
}

/// What makes a request mean different things to different servers: two hosts, or two framings of its body (RFC 9112, sections 3.2 and
/// 6.1). `head` is as it was on the wire.
fn ambiguous(head: &[u8]) -> Option<&'static str> {
    let (mut hosts, mut lengths, mut codings) = (0, 0, 0);
    for line in head.split(|byte| *byte == b'\n').skip(1) {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        let counter = match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => &mut hosts,
            14 if name.eq_ignore_ascii_case(b"content-length") => &mut lengths,
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => &mut codings,
            _ => continue,
        };
        *counter += 1;
    }
    match (hosts, lengths, codings) {
        (2.., _, _) => Some("The request names two hosts"),
        (_, _, 2..) => Some("The request has two Transfer-Encodings"),
        (_, 1.., 1..) => Some("The request's body has two framings: Content-Length and Transfer-Encoding"),
        _ => None,
    }
}

/// A refusal after which the connection ends, because what follows on it may be part of the body.
fn closing(problem: &str, request_id: &str) -> Response<OutBody> {
    let mut response = message(StatusCode::BAD_REQUEST, problem, request_id);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn unknown(text: &str, request_id: &str) -> Response<OutBody> {
    message(StatusCode::NOT_FOUND, text, request_id)
}

fn message(status: StatusCode, text: &str, request_id: &str) -> Response<OutBody> {
    let mut response =
        own::page(status, "application/json", serde_json::json!({ "message": text }).to_string());
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-amzn-requestid", value);
    }
    response
}
