//! Loggia's own pages below `/_loggia`, and the health page in the form that LocalStack's wrappers ask for.

use std::sync::atomic::AtomicU64;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};
use kernel::exchange::OutBody;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::Edge;

/// A page of another room: given the path after its prefix, its content type and bytes, or `None` for 404.
pub type Page = Box<dyn Fn(String) -> BoxFuture<'static, Option<(&'static str, Bytes)>> + Send + Sync>;

/// Counters that `/_loggia/metrics` shows.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter<u64, AtomicU64>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    plane: &'static str,
    status: u16,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::default();
        let requests = Family::default();
        registry.register("loggia_requests", "Requests answered, by plane and status", requests.clone());
        Metrics { registry, requests }
    }
}

impl Metrics {
    pub(crate) fn count(&self, plane: &'static str, status: StatusCode) {
        self.requests.get_or_create(&Labels { plane, status: status.as_u16() }).inc();
    }

    fn text(&self) -> String {
        let mut text = String::new();
        match prometheus_client::encoding::text::encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(std::fmt::Error) => String::new(),
        }
    }
}

/// Answers `GET /_loggia{path}`.
pub(crate) async fn answer(edge: &Edge, method: &Method, path: &str) -> Response<OutBody> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return page(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "Only GET and HEAD are served here.\n");
    }
    match path {
        "/health" => page(StatusCode::OK, "application/json", health(edge)),
        "/metrics" => page(
            StatusCode::OK,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            edge.metrics.text(),
        ),
        _ => {
            for (prefix, serve) in &edge.pages {
                if let Some(rest) = path.strip_prefix(prefix)
                    && let Some((media, bytes)) = serve(rest.to_owned()).await
                {
                    return page(StatusCode::OK, media, bytes);
                }
            }
            page(StatusCode::NOT_FOUND, "text/plain", "There is no such page.\n")
        }
    }
}

/// `/_localstack/health`.
pub(crate) fn localstack_health(edge: &Edge) -> Response<OutBody> {
    let services = edge.host.rooms().endpoints.all();
    let services: serde_json::Map<_, _> =
        services.iter().map(|service| (service.id().to_owned(), "available".into())).collect();
    let json = serde_json::json!({ "services": services, "edition": "community", "version": env!("CARGO_PKG_VERSION") });
    page(StatusCode::OK, "application/json", json.to_string())
}

fn health(edge: &Edge) -> String {
    let services: Vec<&str> = edge.host.rooms().endpoints.all().iter().map(|service| service.id()).collect();
    serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "services": services })
        .to_string()
}

pub(crate) fn page(status: StatusCode, media: &'static str, body: impl Into<Bytes>) -> Response<OutBody> {
    let mut response = Response::new(OutBody::Full(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response
}
