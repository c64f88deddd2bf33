//! For tests: a data plane over a store in memory, with a clock that stands until it is moved, and requests without a network.
//!
//! No function and nobody is known, and nothing is measured: methods are mocks.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use blobs::MemoryBlobs;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Version};
use kernel::ctx::Rooms;
use kernel::exchange::{AccountThrottle, ApiAddress, DataPlane, HeaderNames, Inbound, OutBody};
use kernel::{Clock, Entropy, Host, Record, Tx};
use plan::definition::{
    ApiDefinition, IntegrationDefinition, IntegrationResponseDefinition, MethodDefinition, PUBLISHED_SERVICE,
    PublishedDeployment, PublishedStage, ResourceDefinition, published_scope,
};
use store_memory::MemoryStore;

use crate::{Gateway, Settings};

/// The API's id.
pub(crate) const API: &str = "api";
/// The stage's name.
pub(crate) const STAGE: &str = "prod";
/// The owner.
pub(crate) const ACCOUNT: &str = "000000000000";
/// The region.
pub(crate) const REGION: &str = "us-east-1";
/// 2024-01-01T00:00:00Z, in days.
pub(crate) const FIRST_DAY: i32 = 19_723;

/// A clock that stands, in milliseconds since 2024 began.
#[derive(Default)]
pub(crate) struct Standing(AtomicU64);

impl Clock for Standing {
    fn now_ms(&self) -> i64 {
        i64::from(FIRST_DAY) * 86_400_000 + self.0.load(Ordering::SeqCst) as i64
    }
    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
    fn sleep_until(&self, _: Duration) -> BoxFuture<'static, ()> {
        futures_util::future::pending().boxed()
    }
}

/// The same bytes in the same order.
#[derive(Default)]
struct Counting(Mutex<u8>);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let mut next = self.0.lock().unwrap();
        for byte in bytes {
            *next = next.wrapping_add(7);
            *byte = *next;
        }
    }
}

/// A data plane and what is behind it.
pub(crate) struct World {
    pub(crate) clock: Arc<Standing>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) host: Arc<Host>,
    pub(crate) gateway: Gateway,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl World {
    pub(crate) fn new() -> World {
        World::over(Arc::new(MemoryStore::new()))
    }

    /// A data plane that finds these records when it starts.
    pub(crate) fn over(store: Arc<MemoryStore>) -> World {
        let clock = Arc::new(Standing::default());
        let stores =
            (Arc::clone(&store) as _, Arc::new(MemoryStore::new()) as _, Arc::new(MemoryBlobs::new()) as _);
        let host =
            Arc::new(Host::new((Arc::clone(&clock) as _, Arc::new(Counting::default())), stores, ACCOUNT));
        let throttle = AccountThrottle { rate: 1e6, burst: 1_000_000 };
        let gateway = Gateway::with(&host, Settings { throttle, ..Settings::default() });
        host.furnish(Rooms::deserted());
        World { clock, store, host, gateway }
    }

    /// Moves the clock on.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.0.fetch_add(time.as_millis() as u64, Ordering::SeqCst);
    }

    pub(crate) fn tx(&self) -> Tx {
        Tx::new(Arc::clone(&self.store) as _, published_scope().space(PUBLISHED_SERVICE))
    }

    /// Writes a record of the control plane.
    pub(crate) async fn publish(&self, record: &impl Record) {
        let mut tx = self.tx();
        tx.put(record).unwrap();
        tx.commit().await.unwrap();
    }

    /// Publishes an API whose resources have these paths and methods.
    pub(crate) async fn publish_api(&self, stage: PublishedStage, api: ApiDefinition) {
        let id = format!("{}{}", stage.deployment_id, "d");
        self.publish(&PublishedDeployment {
            id: id.clone(),
            api: ApiDefinition { id: API.to_owned(), ..api },
        })
        .await;
        self.publish(&PublishedStage {
            api_id: API.to_owned(),
            stage_name: STAGE.to_owned(),
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            deployment_id: id,
            ..stage
        })
        .await;
    }

    /// Sends `GET /path?query` with headers.
    pub(crate) async fn get(&self, target: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", target, headers, "").await
    }

    /// Sends a request.
    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let (parts, body) = self.response(method, target, headers, body).await.into_parts();
        let OutBody::Full(body) = body else { panic!("mocks do not stream") };
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.into()).unwrap(),
        }
    }

    async fn response(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<OutBody> {
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let inbound = Inbound {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            is_tls: false,
            host: String::new(),
            path: path.to_owned(),
            query: query.map(str::to_owned),
            version: Version::HTTP_11,
            headers: all,
            names: HeaderNames::default(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            request_id: self.host.entropy.uuid(),
            received_ms: self.clock.now_ms(),
        };
        let address =
            ApiAddress { api_id: API.to_owned(), stage: Some(STAGE.to_owned()), path: path.to_owned() };
        self.gateway.execute(address, inbound).await
    }
}

/// A resource with one method.
pub(crate) fn resource(path: &str, verb: &str, method: MethodDefinition) -> ResourceDefinition {
    ResourceDefinition {
        id: format!("id{}", path.len()),
        path: path.to_owned(),
        methods: [(verb.to_owned(), method)].into(),
        ..ResourceDefinition::default()
    }
}

/// A method that answers 200 with the request's id as its body.
pub(crate) fn mock() -> MethodDefinition {
    let json = "application/json".to_owned();
    let response = IntegrationResponseDefinition {
        response_templates: [(json.clone(), "fine".to_owned())].into(),
        response_parameters: [("method.response.header.x-id".to_owned(), "context.requestId".to_owned())]
            .into(),
        ..IntegrationResponseDefinition::default()
    };
    MethodDefinition {
        authorization_type: "NONE".to_owned(),
        integration: Some(IntegrationDefinition {
            kind: "MOCK".to_owned(),
            request_templates: [json, "text/plain".to_owned()]
                .map(|media| (media, r#"{"statusCode": 200}"#.to_owned()))
                .into(),
            responses: [("200".to_owned(), response)].into(),
            timeout_ms: 29_000,
            ..IntegrationDefinition::default()
        }),
        responses: [("200".to_owned(), Default::default())].into(),
        ..MethodDefinition::default()
    }
}
