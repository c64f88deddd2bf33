//! A house with nothing but Lambda in it: stores in memory, a clock that is moved by hand, and a fleet that plays functions.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use kernel::blobs::{BlobError, Blobs};
use kernel::clock::SystemEntropy;
use kernel::ctx::Rooms as Furniture;
use kernel::functions::{
    Answer, CodeFacts, CodeRefused, Compute, ComputeError, FunctionCall, FunctionVersion, Functions,
    Invocation,
};
use kernel::identity::{
    AssumeRole, Credential, Identities, Principal, PrincipalPolicies, SessionCredentials,
};
use kernel::log_sink::{LogEvent, LogSink};
use kernel::store::{Batch, Snapshot, Store, StoreError, Version, WatchGuard, Watcher};
use kernel::{Call, Clock, Endpoints, Exception, Failure, Host, Key, Scope, Task};
use store_memory::MemoryStore;
use tokio::sync::watch;
use wire::{Request, Shape};

use crate::Lambda;

pub(super) const ACCOUNT: &str = "000000000000";
pub(super) const REGION: &str = "us-east-1";
pub(super) const ROLE: &str = "arn:aws:iam::000000000000:role/lambda-role";

/// A clock that stands still until it is moved.
pub(super) struct HandClock(watch::Sender<Duration>);

impl HandClock {
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now += by);
    }
}

impl Clock for HandClock {
    fn now_ms(&self) -> i64 {
        1_700_000_000_000 + self.0.borrow().as_millis() as i64
    }
    fn monotonic(&self) -> Duration {
        *self.0.borrow()
    }
    fn sleep_until(&self, until: Duration) -> BoxFuture<'static, ()> {
        let mut now = self.0.subscribe();
        async move {
            let _ = now.wait_for(|now| *now >= until).await;
        }
        .boxed()
    }
}

/// A store that counts how often it is looked at.
pub(super) struct Counted {
    inner: MemoryStore,
    pub snapshots: AtomicUsize,
}

impl Store for Counted {
    fn snapshot(&self) -> Arc<dyn Snapshot> {
        self.snapshots.fetch_add(1, Ordering::Relaxed);
        self.inner.snapshot()
    }
    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<Version, StoreError>> {
        self.inner.commit(batch)
    }
    fn watch(&self, prefix: Key, watcher: Watcher) -> WatchGuard {
        self.inner.watch(prefix, watcher)
    }
}

#[derive(Default)]
pub(super) struct MemoryBlobs(pub Mutex<BTreeMap<String, Bytes>>);

impl Blobs for MemoryBlobs {
    fn put<'a>(&'a self, name: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<(), BlobError>> {
        self.0.lock().unwrap().insert(name.to_owned(), bytes);
        ready(Ok(())).boxed()
    }
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, BlobError>> {
        ready(Ok(self.0.lock().unwrap().get(name).cloned())).boxed()
    }
    fn get_range<'a>(
        &'a self,
        name: &'a str,
        start: u64,
        end: u64,
    ) -> BoxFuture<'a, Result<Option<Bytes>, BlobError>> {
        let whole = self.0.lock().unwrap().get(name).cloned();
        ready(Ok(whole
            .map(|bytes| bytes.slice((start as usize).min(bytes.len())..(end as usize).min(bytes.len())))))
        .boxed()
    }
    fn delete<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), BlobError>> {
        self.0.lock().unwrap().remove(name);
        ready(Ok(())).boxed()
    }
    fn list<'a>(
        &'a self,
        _: &'a str,
        _: Option<&'a str>,
        _: usize,
    ) -> BoxFuture<'a, Result<Vec<String>, BlobError>> {
        ready(Ok(self.0.lock().unwrap().keys().cloned().collect())).boxed()
    }
}

/// A fleet whose functions answer with their event. A zip is whatever begins with `PK`; a function with `fail` in its name fails.
#[derive(Default)]
pub(super) struct Fleet {
    pub calls: Mutex<Vec<(String, Invocation)>>,
    pub prepared: Mutex<Vec<Arc<FunctionVersion>>>,
    /// While set, code is never ready.
    pub is_stuck: Arc<std::sync::atomic::AtomicBool>,
    pub big_answer: Mutex<Option<usize>>,
}

impl Compute for Fleet {
    fn invoke(
        &self,
        version: Arc<FunctionVersion>,
        invocation: Invocation,
    ) -> BoxFuture<'static, Result<Answer, ComputeError>> {
        let answer = Answer {
            payload: match *self.big_answer.lock().unwrap() {
                Some(bytes) => vec![b'x'; bytes].into(),
                None => invocation.payload.event.clone(),
            },
            body: None,
            is_error: version.name.contains("fail"),
            log_tail: invocation.wants_log_tail.then(|| Bytes::from_static(b"START\nEND\n")),
            version: version.version.clone(),
        };
        self.calls.lock().unwrap().push((version.version.clone(), invocation));
        ready(Ok(answer)).boxed()
    }
    fn inspect(&self, zip: Bytes) -> BoxFuture<'static, Result<CodeFacts, CodeRefused>> {
        let text = "Could not unzip uploaded file. Please check your file, then try to upload again.";
        let facts = match zip.starts_with(b"PK") {
            true => Ok(CodeFacts {
                unzipped_bytes: if zip.ends_with(b"bomb") { 262_144_000 } else { 10 },
                entries: 1,
            }),
            false => Err(CodeRefused(text.to_owned())),
        };
        ready(facts).boxed()
    }
    fn prepare(&self, version: Arc<FunctionVersion>) -> BoxFuture<'static, Result<(), ComputeError>> {
        self.prepared.lock().unwrap().push(version);
        match self.is_stuck.load(Ordering::Relaxed) {
            true => futures_util::future::pending().boxed(),
            false => ready(Ok(())).boxed(),
        }
    }
    fn retire(&self, _: &str, _: &str, _: Option<&str>) {}
    fn concurrency(&self, _: &str, _: &str) -> (u32, u32) {
        (0, 1000)
    }
}

struct Nobody;

impl Identities for Nobody {
    fn find<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Credential>, Failure>> {
        ready(Ok(None)).boxed()
    }
    fn policies<'a>(&'a self, _: &'a Principal) -> BoxFuture<'a, Result<PrincipalPolicies, Failure>> {
        ready(Ok(PrincipalPolicies::default())).boxed()
    }
    fn assume_role(&self, request: AssumeRole) -> BoxFuture<'_, Result<Option<SessionCredentials>, Failure>> {
        let denied = request.role_arn.ends_with("/untrusting");
        ready(if denied { Err(Exception::new("AccessDenied", 403, "no").into()) } else { Ok(None) }).boxed()
    }
    fn user_session<'a>(
        &'a self,
        _: &'a Principal,
        _: i64,
        _: Vec<String>,
    ) -> BoxFuture<'a, Result<SessionCredentials, Failure>> {
        ready(Err(Exception::new("AccessDenied", 403, "no").into())).boxed()
    }
}

impl LogSink for Nobody {
    fn append(&self, _: &Scope, _: &str, _: &str, _: Vec<LogEvent>) {}
}

pub(super) struct House {
    pub host: Arc<Host>,
    pub clock: Arc<HandClock>,
    pub store: Arc<Counted>,
    pub blobs: Arc<MemoryBlobs>,
    pub fleet: Arc<Fleet>,
    pub functions: Arc<dyn Functions>,
    pub tasks: Vec<Arc<dyn Task>>,
    pub state: Arc<Lambda>,
}

impl House {
    pub fn new() -> House {
        House::over(
            Arc::new(Counted { inner: MemoryStore::new(), snapshots: AtomicUsize::new(0) }),
            Arc::default(),
        )
    }

    /// The house as it stands after a crash: what was stored is there, nothing else is.
    pub fn again(&self) -> House {
        House::over(Arc::clone(&self.store), Arc::clone(&self.blobs))
    }

    fn over(store: Arc<Counted>, blobs: Arc<MemoryBlobs>) -> House {
        let clock = Arc::new(HandClock(watch::channel(Duration::ZERO).0));
        let fleet = Arc::new(Fleet::default());
        let time = (Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy) as _);
        let stores = (
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::new(MemoryStore::new()) as _,
            Arc::clone(&blobs) as _,
        );
        let host = Arc::new(Host::new(time, stores, ACCOUNT));
        let crate::Rooms { service, state, functions, tasks } = crate::service(&host);
        host.furnish(Furniture {
            endpoints: Endpoints::new(vec![Arc::new(service)]),
            functions: Arc::clone(&functions),
            compute: Arc::clone(&fleet) as _,
            logs: Arc::new(Nobody),
            identities: Arc::new(Nobody),
            metrics: Arc::new(kernel::metrics::Unmeasured),
            data_plane: Arc::new(kernel::exchange::NoApis),
        });
        House { host, clock, store, blobs, fleet, functions, tasks, state }
    }

    pub async fn call<R: Request>(&self, req: R) -> Result<R::Response, Failure> {
        self.call_as(Principal::root(ACCOUNT, ""), req).await
    }

    pub async fn call_as<R: Request>(&self, principal: Principal, req: R) -> Result<R::Response, Failure> {
        let scope = Scope::new(&principal.account, REGION);
        let call = Call {
            scope,
            region: REGION.to_owned(),
            principal,
            request_id: self.host.entropy.uuid(),
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            base_url: "http://127.0.0.1:4566".to_owned(),
            user_agent: String::new(),
        };
        let endpoint = Arc::clone(self.host.rooms().endpoints.get("lambda").unwrap());
        let value = endpoint
            .run(&self.host, call, R::OPERATION, req.into_value())
            .await
            .expect("the operation exists")?;
        Ok(R::Response::from_value(value).unwrap())
    }

    /// Makes a function and waits until it is active.
    pub async fn function(&self, name: &str) {
        self.call(create(name)).await.unwrap();
        self.settle().await;
    }

    /// Lets everything run that can run.
    pub async fn settle(&self) {
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
    }

    /// Runs the background tasks once, and what they start.
    pub async fn tick(&self) {
        for task in &self.tasks {
            task.run(&self.host).await.unwrap();
        }
        self.settle().await;
    }

    pub async fn gateway_call(&self, function: &str, is_event: bool) -> Result<Answer, Failure> {
        let call = FunctionCall {
            function: function.to_owned(),
            caller: Principal::service("apigateway.amazonaws.com"),
            source_arn: Some("arn:aws:execute-api:us-east-1:000000000000:abc123/prod/GET/".to_owned()),
            source_account: Some(ACCOUNT.to_owned()),
            is_event,
            invocation: Invocation {
                request_id: "11111111-2222-3333-4444-555555555555".to_owned(),
                payload: kernel::functions::Payload { event: Bytes::from_static(b"{\"a\":1}"), body: None },
                ..Invocation::default()
            },
        };
        self.functions.call(call).await
    }

    pub fn versions_called(&self) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for (version, _) in self.fleet.calls.lock().unwrap().iter() {
            *counts.entry(version.clone()).or_default() += 1;
        }
        counts
    }
}

pub(super) fn create(name: &str) -> crate::generated::CreateFunctionRequest {
    crate::generated::CreateFunctionRequest {
        function_name: name.to_owned(),
        runtime: Some("python3.12".to_owned()),
        handler: Some("index.handler".to_owned()),
        role: ROLE.to_owned(),
        code: crate::generated::FunctionCode {
            zip_file: Some(Bytes::from_static(b"PK first")),
            ..Default::default()
        },
        ..Default::default()
    }
}

pub(super) fn arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}
