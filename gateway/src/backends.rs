//! Connections to HTTP backends, kept while they are good.
//!
//! A connection is driven by the request that uses it, not by a task of its own: an answer costs no change of tasks. While it is idle
//! nobody looks at it; whoever takes it from the pool looks first whether the backend has closed it. One that misbehaved, or whose
//! answer was not read to its end, is not used again. A request that a kept connection did not take is sent once more on a new one.

pub(crate) mod tls;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::Stream;
use futures_util::{FutureExt, future};
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use kernel::Clock;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::backends::tls::Way;
use crate::limits::{
    BACKEND_HEADERS_MAX, BACKEND_IDLE, BACKEND_IDLE_MAX, BACKEND_WAYS_MAX, BACKENDS_MAX, CONNECT_TIME,
};

type Wire = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Why a backend did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackendError {
    /// The URL has no host, or is neither http nor https.
    #[error("the endpoint is no URL of HTTP")]
    Url,
    /// The client certificate or its key cannot be used.
    #[error("{0}")]
    Tls(String),
    /// No connection.
    #[error("no connection: {0}")]
    Connect(Box<dyn std::error::Error + Send + Sync>),
    /// The connection broke, or what came over it is no HTTP.
    #[error("the connection failed: {0}")]
    Broken(#[from] hyper::Error),
}

/// Whom a connection is to and how: connections are shared only where all of it is the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Peer {
    scheme: Scheme,
    authority: Authority,
    /// `None`: the ordinary way.
    way: Option<Arc<Way>>,
}

/// All connections to backends.
pub(crate) struct Backends {
    clock: Arc<dyn Clock>,
    tcp: HttpConnector,
    connector: HttpsConnector<HttpConnector>,
    ways: Mutex<HashMap<Arc<Way>, HttpsConnector<HttpConnector>>>,
    idle: Arc<Mutex<HashMap<Peer, Vec<Kept>>>>,
}

struct Kept {
    link: Link,
    since: Duration,
}

/// A connection, with the half that takes requests.
struct Link {
    sender: SendRequest<Full<Bytes>>,
    connection: Pin<Box<Connection<Wire, Full<Bytes>>>>,
}

impl Backends {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Backends {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT_TIME));
        let tls = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http();
        let connector = tls.enable_http1().wrap_connector(tcp.clone());
        Backends { clock, tcp, connector, ways: Mutex::default(), idle: Arc::default() }
    }

    /// Sends a request, whose URI is absolute, and waits for the head of the answer.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Answer>, BackendError> {
        self.send_by(None, request).await
    }

    /// The same, over connections that are made this way.
    pub(crate) async fn send_by(
        &self,
        way: Option<Arc<Way>>,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Answer>, BackendError> {
        let (mut parts, body) = request.into_parts();
        let uri = std::mem::take(&mut parts.uri);
        let address = uri.clone();
        let uri = uri.into_parts();
        let (Some(scheme), Some(authority)) = (uri.scheme, uri.authority) else {
            return Err(BackendError::Url);
        };
        parts.uri = uri.path_and_query.map_or_else(|| Uri::from_static("/"), Uri::from);
        let peer = Peer { scheme, authority, way };
        let mut request = Request::from_parts(parts, body);
        while let Some(link) = self.take(&peer) {
            match self.exchange(link, &peer, request).await {
                Err((_, Some(unsent))) => request = unsent,
                Err((error, None)) => return Err(error.into()),
                Ok(response) => return Ok(response),
            }
        }
        let link = self.connect(address, peer.way.as_ref()).await?;
        self.exchange(link, &peer, request).await.map_err(|(error, _)| error.into())
    }

    /// A kept connection that is still open.
    fn take(&self, peer: &Peer) -> Option<Link> {
        let now = self.clock.monotonic();
        loop {
            let Kept { mut link, since } = {
                let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.get_mut(peer)?.pop()?
            };
            let is_fresh = now.saturating_sub(since) < BACKEND_IDLE;
            let mut nobody = Context::from_waker(futures_util::task::noop_waker_ref());
            if is_fresh && link.connection.poll_unpin(&mut nobody).is_pending() && link.sender.is_ready() {
                return Some(link);
            }
        }
    }

    async fn connect(&self, address: Uri, way: Option<&Arc<Way>>) -> Result<Link, BackendError> {
        let mut connector = match way {
            None => self.connector.clone(),
            Some(way) => self.connector_of(way)?,
        };
        let wire = connector.call(address).await.map_err(BackendError::Connect)?;
        let mut settings = http1::Builder::new();
        settings.max_headers(BACKEND_HEADERS_MAX).preserve_header_case(false);
        let (sender, connection) = settings.handshake(wire).await?;
        Ok(Link { sender, connection: Box::pin(connection) })
    }

    fn connector_of(&self, way: &Arc<Way>) -> Result<HttpsConnector<HttpConnector>, BackendError> {
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connector) = ways.get(way) {
            return Ok(connector.clone());
        }
        if ways.len() >= BACKEND_WAYS_MAX {
            ways.clear();
        }
        let config = tls::config(way).map_err(BackendError::Tls)?;
        let tls = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http();
        let connector = tls.enable_http1().wrap_connector(self.tcp.clone());
        ways.insert(Arc::clone(way), connector.clone());
        Ok(connector)
    }

    /// Sends on this connection; a request that it did not take comes back with the error.
    async fn exchange(
        &self,
        link: Link,
        peer: &Peer,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Answer>, (hyper::Error, Option<Request<Full<Bytes>>>)> {
        let Link { mut sender, mut connection } = link;
        let mut response = std::pin::pin!(sender.try_send_request(request));
        let mut has_ended = false;
        let answered = future::poll_fn(|cx| {
            if !has_ended {
                // How it ended is told by the answer, or by its absence.
                has_ended = connection.poll_unpin(cx).is_ready();
            }
            response.as_mut().poll(cx)
        });
        let response = answered.await.map_err(|mut error| {
            let unsent = error.take_message();
            (error.into_error(), unsent)
        })?;
        let (parts, body) = response.into_parts();
        let link = (!has_ended).then_some(Link { sender, connection });
        let home = Home { idle: Arc::clone(&self.idle), clock: Arc::clone(&self.clock), peer: peer.clone() };
        Ok(Response::from_parts(parts, Answer { body, link, home }))
    }
}

/// Where a connection goes back to.
struct Home {
    idle: Arc<Mutex<HashMap<Peer, Vec<Kept>>>>,
    clock: Arc<dyn Clock>,
    peer: Peer,
}

impl Home {
    fn keep(&self, link: Link) {
        let since = self.clock.monotonic();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() >= BACKENDS_MAX && !idle.contains_key(&self.peer) {
            idle.retain(|_, kept| {
                kept.retain(|kept| since.saturating_sub(kept.since) < BACKEND_IDLE);
                !kept.is_empty()
            });
            if idle.len() >= BACKENDS_MAX {
                return;
            }
        }
        let kept = idle.entry(self.peer.clone()).or_default();
        if kept.len() < BACKEND_IDLE_MAX {
            kept.push(Kept { link, since });
        }
    }
}

/// The body of a backend's answer. Dropped before its end, it takes the connection with it.
pub(crate) struct Answer {
    body: Incoming,
    link: Option<Link>,
    home: Home,
}

impl Answer {
    /// Bytes that are still to come, as far as they are known.
    pub(crate) fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }

    /// Lets the connection be used again, once the body is read and the connection is ready for more.
    fn finish(&mut self, cx: &mut Context<'_>) {
        let Some(mut link) = self.link.take() else { return };
        if link.connection.poll_unpin(cx).is_pending() && link.sender.is_ready() {
            self.home.keep(link);
        }
    }
}

impl Stream for Answer {
    type Item = Result<Bytes, hyper::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(link) = &mut this.link
                && link.connection.poll_unpin(cx).is_ready()
            {
                this.link = None;
            }
            match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => return Poll::Ready(Some(Ok(data))),
                    // Trailers are not for the client.
                    Err(_) => continue,
                },
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => {
                    this.finish(cx);
                    return Poll::Ready(None);
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

#[cfg(test)]
mod tests;
