//! The service over a store in memory, called as the edge calls it.

use std::future::{Future, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use kernel::blobs::{BlobError, Blobs};
use kernel::clock::SystemEntropy;
use kernel::ctx::Rooms;
use kernel::ctx::{Call, Host, Scope};
use kernel::identity::Principal;
use kernel::{Clock, Endpoint, Failure};
use serde_json::Value as Json;
use store_memory::MemoryStore;

/// The service and what it stands on.
#[derive(Clone)]
pub(super) struct Cloud {
    pub(super) host: Arc<Host>,
    pub(super) clock: Arc<TestClock>,
    service: Arc<dyn Endpoint>,
}

impl Cloud {
    pub(super) fn new() -> Cloud {
        let clock = Arc::new(TestClock(AtomicI64::new(1_700_000_000_000)));
        let stores = (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()), Arc::new(NoBlobs));
        let host = Host::new(
            (clock.clone(), Arc::new(SystemEntropy)),
            (stores.0, stores.1, stores.2),
            "000000000000",
        );
        host.furnish(Rooms::deserted());
        Cloud { host: Arc::new(host), clock, service: Arc::new(crate::service()) }
    }

    /// Calls an operation with parameters in JSON.
    pub(super) async fn call(&self, operation: &str, params: Json) -> Result<Json, Failure> {
        let model = crate::MODEL.get();
        let of = model.operation(operation).expect("the model has the operation");
        let input = match of.input {
            Some(schema) => wire::params::from_json(model, schema, params).expect("parameters fit the model"),
            None => wire::Value::empty(),
        };
        let violations = wire::validate(model, of, &input);
        if !violations.is_empty() {
            return Err(
                kernel::Exception::new("ValidationException", 400, wire::describe(&violations)).into()
            );
        }
        let call = Call {
            scope: Scope::new("000000000000", "eu-west-1"),
            region: "eu-west-1".to_owned(),
            principal: Principal::root("000000000000", "test"),
            request_id: String::new(),
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            base_url: String::new(),
            user_agent: String::new(),
        };
        assert!(self.service.needs(operation, &call.scope, &input).is_some());
        let answer = self
            .service
            .run(&self.host, call, operation, input)
            .await
            .expect("the service has the operation")?;
        Ok(of.output.map_or(Json::Null, |schema| wire::params::to_json(model, schema, &answer)))
    }

    /// Calls an operation that succeeds.
    pub(super) async fn ok(&self, operation: &str, params: Json) -> Json {
        self.call(operation, params).await.unwrap_or_else(|failure| panic!("{operation}: {failure}"))
    }
}

/// A clock that stands until it is moved.
pub(super) struct TestClock(pub(super) AtomicI64);

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep_until(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(ready(()))
    }
}

/// No operation of this service uses blobs.
struct NoBlobs;

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, BlobError>> + Send + 'a>>;

fn refused<'a, T: Send + 'a>() -> Answer<'a, T> {
    Box::pin(ready(Err(BlobError::Failed("there are no blobs here".into()))))
}

impl Blobs for NoBlobs {
    fn put<'a>(&'a self, _: &'a str, _: Bytes) -> Answer<'a, ()> {
        refused()
    }
    fn get<'a>(&'a self, _: &'a str) -> Answer<'a, Option<Bytes>> {
        refused()
    }
    fn get_range<'a>(&'a self, _: &'a str, _: u64, _: u64) -> Answer<'a, Option<Bytes>> {
        refused()
    }
    fn delete<'a>(&'a self, _: &'a str) -> Answer<'a, ()> {
        refused()
    }
    fn list<'a>(&'a self, _: &'a str, _: Option<&'a str>, _: usize) -> Answer<'a, Vec<String>> {
        refused()
    }
}
