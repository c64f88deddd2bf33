//! The HTTP Runtime API for custom runtimes: one small server for each environment. AWS: "Using the Lambda runtime API for custom runtimes".
//!
//! What always holds: an environment can reach only its own invocations. Each server listens on a random address of 127.0.0.0/8 and a
//! port of its own, which only its environment is told; and where sandboxes run under user ids of their own (the server is root), a
//! connection from any other user than the environment's is closed unread. As an ordinary user all sandboxes share one id, and the
//! unguessable address is the barrier. Heads and bodies are bounded; the server ends with its environment.
//!
//! Known differences from AWS: no response streaming, no X-Ray error cause.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use kernel::functions::Invocation;
use kernel::{Entropy, spawn};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, watch};

use crate::environment::Said;
use crate::limits::RUNTIME_API_BODY_LEN_MAX;
use crate::peer;
use crate::report::error_object;

/// Connections that one environment may have open.
const CONNECTIONS_MAX: usize = 64;
/// Tries to find a free address.
const BIND_TRIES: u32 = 8;
/// What was said and not heard yet; a runtime can say one thing for each invocation, and an error at any time.
const SAID_MAX: usize = 16;

/// The fleet's end.
pub struct Session {
    shared: Arc<Shared>,
    said: mpsc::Receiver<Said>,
    /// Dropped with the session, which ends the server.
    _open: watch::Sender<()>,
    pub address: SocketAddr,
}

struct Shared {
    state: Mutex<State>,
    offered: Notify,
    said: mpsc::Sender<Said>,
}

#[derive(Default)]
struct State {
    is_ready: bool,
    offered: VecDeque<Offer>,
    /// Request id of the invocation that the runtime works on, and whether its answer is to be split.
    current: Option<(String, bool)>,
    /// User id that connections must have.
    user: Option<u32>,
}

struct Offer {
    request_id: String,
    is_split: bool,
    headers: Vec<(&'static str, String)>,
    event: Bytes,
}

impl Session {
    /// Opens a server; it answers from now on.
    ///
    /// # Errors
    /// No free address.
    pub async fn open(entropy: &dyn Entropy) -> std::io::Result<Session> {
        let listener = bind(entropy).await?;
        let address = listener.local_addr()?;
        let (said, receiver) = mpsc::channel(SAID_MAX);
        let (open, closed) = watch::channel(());
        let shared = Arc::new(Shared { state: Mutex::default(), offered: Notify::new(), said });
        spawn("fleet/runtime-api", serve(listener, Arc::clone(&shared), closed));
        Ok(Session { shared, said: receiver, _open: open, address })
    }

    /// From now on only this user may connect.
    pub fn allow_only(&self, user: u32) {
        self.shared.lock().user = Some(user);
    }

    /// Puts an invocation up for the runtime's next request.
    pub fn offer(&mut self, invocation: &Invocation, deadline_ms: u64) {
        let mut headers = vec![
            ("lambda-runtime-aws-request-id", invocation.request_id.clone()),
            ("lambda-runtime-deadline-ms", deadline_ms.to_string()),
            ("lambda-runtime-invoked-function-arn", invocation.invoked_arn.clone()),
        ];
        if let Some(trace_id) = &invocation.trace_id {
            headers.push(("lambda-runtime-trace-id", trace_id.clone()));
        }
        if let Some(context) = &invocation.client_context {
            headers.push(("lambda-runtime-client-context", context.clone()));
        }
        let offer = Offer {
            request_id: invocation.request_id.clone(),
            is_split: invocation.split_answer,
            headers,
            event: whole_event(invocation),
        };
        // What came for an invocation before this one has nobody to go to.
        while self.said.try_recv().is_ok() {}
        let mut state = self.shared.lock();
        state.offered.clear();
        state.offered.push_back(offer);
        drop(state);
        self.shared.offered.notify_one();
    }

    /// What the runtime says next.
    pub fn poll_said(&mut self, context: &mut Context<'_>) -> Poll<Said> {
        self.said.poll_recv(context).map(|said| said.unwrap_or(Said::Closed))
    }
}

/// The event with its body where it belongs: a custom runtime gets one JSON document.
fn whole_event(invocation: &Invocation) -> Bytes {
    let event = &invocation.payload.event;
    let Some(body) = &invocation.payload.body else { return event.clone() };
    let Ok(serde_json::Value::Object(mut object)) = serde_json::from_slice(event) else {
        return event.clone();
    };
    let text = if body.is_base64 {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(&body.bytes)
    } else {
        String::from_utf8_lossy(&body.bytes).into_owned()
    };
    object.insert("body".to_owned(), text.into());
    serde_json::Value::Object(object).to_string().into()
}

/// A proxy answer's body apart from the rest, as the bootstraps of managed runtimes do it.
fn split(json: Bytes) -> Said {
    if let Ok(serde_json::Value::Object(mut object)) = serde_json::from_slice(&json)
        && matches!(object.get("body"), Some(serde_json::Value::String(_)))
        && let Some(serde_json::Value::String(body)) = object.shift_remove("body")
    {
        let json = serde_json::Value::Object(object).to_string().into();
        return Said::Result { json, body: Some(body.into()) };
    }
    Said::Result { json, body: None }
}

async fn bind(entropy: &dyn Entropy) -> std::io::Result<TcpListener> {
    let mut last = None;
    for _ in 0..BIND_TRIES {
        let mut bytes = [0; 3];
        entropy.fill(&mut bytes);
        // 127.0.0.x is left to what people run themselves.
        let address = Ipv4Addr::new(127, bytes[0].max(1), bytes[1], bytes[2].clamp(1, 254));
        match TcpListener::bind((address, 0)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(error),
        }
    }
    match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await {
        Ok(listener) => Ok(listener),
        Err(error) => Err(last.unwrap_or(error)),
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>, mut closed: watch::Receiver<()>) {
    let places = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS_MAX));
    loop {
        let stream = tokio::select! {
            _ = closed.changed() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of descriptors: wait for some to come back.
                Err(_) => { tokio::time::sleep(Duration::from_millis(20)).await; continue },
            },
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let (shared, mut closed) = (Arc::clone(&shared), closed.clone());
        spawn("fleet/runtime-api-connection", async move {
            tokio::select! {
                _ = closed.changed() => {},
                () = connection(stream, shared) => {},
            }
            drop(place);
        });
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let user = shared.lock().user;
    if let Some(user) = user {
        let Ok(peer) = stream.peer_addr() else { return };
        let found = tokio::task::spawn_blocking(move || peer::user_of_settled(peer)).await;
        if !matches!(found, Ok(Some(found)) if found == user) {
            tracing::warn!(%peer, "a connection to another environment's Runtime API was refused");
            return;
        }
    }
    // Nagle's algorithm would hold small answers back.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(answer(&shared, request).await) }
    });
    let served =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    if let Err(error) = served {
        tracing::debug!(%error, "a Runtime API connection ended");
    }
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    let Some(path) = path.strip_prefix("/2018-06-01/runtime/") else { return not_found() };
    if request.method() == Method::GET && path == "invocation/next" {
        return next(shared).await;
    }
    if request.method() != Method::POST {
        return not_found();
    }
    let target = match path.strip_prefix("invocation/").and_then(|rest| rest.split_once('/')) {
        _ if path == "init/error" => None,
        Some((id, what @ ("response" | "error"))) => Some((id.to_owned(), what == "error")),
        _ => return not_found(),
    };
    let error_type = request.headers().get("lambda-runtime-function-error-type").cloned();
    let body = Limited::new(request.into_body(), RUNTIME_API_BODY_LEN_MAX).collect().await;
    let Ok(body) = body.map(|body| body.to_bytes()) else {
        if let Some((id, _)) = target {
            let message = format!(
                "Response payload size exceeded maximum allowed payload size ({RUNTIME_API_BODY_LEN_MAX} bytes)."
            );
            let json = error_object("Function.ResponseSizeTooLarge", &message).into();
            shared.finish(&id, Said::Error { json, is_last: false });
        }
        let message = format!("Exceeded maximum allowed payload size ({RUNTIME_API_BODY_LEN_MAX} bytes).");
        return problem(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message);
    };
    match target {
        None => {
            if shared.lock().is_ready {
                let message = "State transition from Ready to InitError failed for runtime. Error: State transition is not allowed";
                return problem(StatusCode::FORBIDDEN, "InvalidStateTransition", message);
            }
            shared.say(Said::InitError(error_payload(body, error_type.as_ref())));
            accepted()
        }
        Some((id, is_error)) => {
            let said = if is_error {
                Said::Error { json: error_payload(body, error_type.as_ref()), is_last: false }
            } else {
                Said::Result { json: body, body: None }
            };
            if shared.finish(&id, said) {
                accepted()
            } else {
                problem(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
            }
        }
    }
}

/// The runtime's own error object, or one made of the header that names the type.
fn error_payload(body: Bytes, error_type: Option<&HeaderValue>) -> Bytes {
    if !body.is_empty() {
        return body;
    }
    let error_type = error_type.and_then(|value| value.to_str().ok()).unwrap_or("Runtime.Unknown");
    error_object(error_type, "").into()
}

async fn next(shared: &Shared) -> Response<Full<Bytes>> {
    let is_first = !std::mem::replace(&mut shared.lock().is_ready, true);
    if is_first {
        shared.say(Said::Ready);
    }
    loop {
        let offered = shared.offered.notified();
        let offer = {
            let mut state = shared.lock();
            let offer = state.offered.pop_front();
            if let Some(offer) = &offer {
                state.current = Some((offer.request_id.clone(), offer.is_split));
            }
            offer
        };
        let Some(offer) = offer else {
            offered.await;
            continue;
        };
        let mut response = Response::new(Full::new(offer.event));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in offer.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        return response;
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, said: Said) {
        // Full: the runtime talks without being asked, and is not heard.
        let _ = self.said.try_send(said);
    }

    /// Ends the invocation `id`; false if that is not the one under way.
    fn finish(&self, id: &str, said: Said) -> bool {
        let mut state = self.lock();
        let Some((_, is_split)) = state.current.take_if(|(current, _)| current == id) else { return false };
        drop(state);
        self.say(match said {
            Said::Result { json, .. } if is_split => split(json),
            other => other,
        });
        true
    }
}

fn accepted() -> Response<Full<Bytes>> {
    json(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.into())
}

fn problem(status: StatusCode, error_type: &str, message: &str) -> Response<Full<Bytes>> {
    json(status, serde_json::json!({"errorMessage": message, "errorType": error_type}).to_string())
}

fn not_found() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"404 page not found\n")));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn json(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
