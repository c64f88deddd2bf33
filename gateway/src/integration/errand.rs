//! A request to a backend and its answer: in time, whole or streamed, and what a backend that misbehaves does to it.
//!
//! No answer takes more memory than API Gateway's payload limit. AWS: the integration's timeout holds until the answer is whole; a
//! streamed answer goes on as it comes, and may be longer than 10 MB.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderMap, Request, StatusCode};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt};
use http_body_util::Full;
use kernel::Clock;
use kernel::exchange::OutBody;

use crate::backends::tls::{self, Way};
use crate::backends::{self, BackendError, Backends};
use crate::limits::ANSWER_BYTES_MAX;

/// What to send, and how.
pub(crate) struct Errand {
    pub(crate) request: Request<Full<Bytes>>,
    /// `None`: the ordinary way.
    pub(crate) way: Option<Arc<Way>>,
    /// False: the body is whole before anything goes on.
    pub(crate) is_streamed: bool,
    pub(crate) timeout: Duration,
}

/// A backend's answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: OutBody,
    /// Until the head was there.
    pub(crate) latency: Duration,
}

/// Why there is no answer.
#[derive(Debug, PartialEq)]
pub(crate) enum Trouble {
    /// It took too long.
    Timeout,
    /// Refused, reset, garbage, too much.
    Network(String),
    /// No such host, or TLS that cannot work: it will not help to try again.
    Configuration(String),
}

/// Sends a request and waits for its answer.
pub(crate) async fn run(backends: &Backends, clock: &dyn Clock, errand: Errand) -> Result<Answer, Trouble> {
    let Errand { request, way, is_streamed, timeout } = errand;
    let started = clock.monotonic();
    let mut timeout = clock.sleep(timeout);
    let head = tokio::select! {
        head = backends.send_by(way, request) => head.map_err(|error| trouble(&error))?,
        () = &mut timeout => return Err(Trouble::Timeout),
    };
    let latency = clock.monotonic().saturating_sub(started);
    let (parts, body) = head.into_parts();
    let body = match is_streamed {
        true => OutBody::Stream(body.map_err(std::io::Error::other).boxed()),
        false => tokio::select! {
            body = collect(body) => OutBody::Full(body?),
            () = &mut timeout => return Err(Trouble::Timeout),
        },
    };
    Ok(Answer { status: parts.status, headers: parts.headers, body, latency })
}

/// All of a body, unless it is too long.
async fn collect(mut body: backends::Answer) -> Result<Bytes, Trouble> {
    let too_long = || Trouble::Network(format!("the answer is longer than {ANSWER_BYTES_MAX} bytes"));
    if body.size_hint().lower() > ANSWER_BYTES_MAX {
        return Err(too_long());
    }
    let mut whole = BytesMut::new();
    let mut first = None;
    while let Some(part) = body.try_next().await.map_err(|error| Trouble::Network(error.to_string()))? {
        // Most answers come in one piece, which needs no copy.
        match first.is_none() && whole.is_empty() {
            true => first = Some(part),
            false => {
                whole.extend_from_slice(&first.take().unwrap_or_default());
                whole.extend_from_slice(&part);
            }
        }
        if whole.len() as u64 > ANSWER_BYTES_MAX {
            return Err(too_long());
        }
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}

/// What went wrong on the way to a backend.
pub(super) fn trouble(error: &BackendError) -> Trouble {
    let connecting = match error {
        BackendError::Tls(why) => return Trouble::Configuration(why.clone()),
        BackendError::Url => return Trouble::Configuration("Invalid endpoint address".to_owned()),
        BackendError::Broken(error) => return Trouble::Network(error.to_string()),
        BackendError::Connect(error) => error,
    };
    let mut text = String::new();
    let mut next: Option<&(dyn Error + 'static)> = Some(&**connecting);
    while let Some(source) = next {
        let shown = source.to_string();
        if shown.starts_with("dns error") {
            return Trouble::Configuration("Invalid endpoint address".to_owned());
        }
        if let Some(why) = of_tls(source).and_then(tls::told) {
            return Trouble::Configuration(why);
        }
        text.push_str(if text.is_empty() { "" } else { ": " });
        text.push_str(&shown);
        next = source.source();
    }
    Trouble::Network(text)
}

/// An error of TLS, which lies in errors of input and output.
fn of_tls<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    match error.downcast_ref::<std::io::Error>() {
        Some(outer) => of_tls(outer.get_ref()?),
        None => error.downcast_ref(),
    }
}
