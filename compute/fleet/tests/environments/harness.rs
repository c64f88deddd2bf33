//! A fleet of its own for each test: real sandboxes and interpreters, a clock that can be moved on, everything else in memory.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::HashMap;
use std::io::{Cursor, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use fleet::{Fleet, FleetConfig};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::blobs::{BlobError, Blobs};
use kernel::clock::SystemEntropy;
use kernel::ctx::Rooms;
use kernel::exchange::NoApis;
use kernel::functions::{
    Answer, CodeRef, Compute, ComputeError, FunctionCall, FunctionVersion, Functions, Invocation, Payload,
};
use kernel::identity::{
    AssumeRole, Credential, Identities, Principal, PrincipalPolicies, SessionCredentials,
};
use kernel::key::Key;
use kernel::log_sink::{LogEvent, LogSink};
use kernel::store::{Batch, Snapshot, Store, StoreError, Version, WatchGuard, Watcher};
use kernel::{Clock, Endpoints, Failure, Host, Scope};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use zip::write::{SimpleFileOptions, ZipWriter};

/// Real time, and whatever a test adds to it.
pub struct MovableClock {
    started: Instant,
    added_ms: AtomicU64,
    moved: Arc<Notify>,
}

impl MovableClock {
    pub fn advance(&self, by: Duration) {
        self.added_ms.fetch_add(u64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
        self.moved.notify_waiters();
    }
}

struct ClockHandle(Arc<MovableClock>);

impl Clock for ClockHandle {
    fn now_ms(&self) -> i64 {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        i64::try_from(now.as_millis()).unwrap()
            + i64::try_from(self.0.added_ms.load(Ordering::SeqCst)).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.0.started.elapsed() + Duration::from_millis(self.0.added_ms.load(Ordering::SeqCst))
    }

    fn sleep_until(&self, until: Duration) -> BoxFuture<'static, ()> {
        let clock = ClockHandle(Arc::clone(&self.0));
        async move {
            loop {
                let moved = clock.0.moved.notified();
                let now = clock.monotonic();
                if now >= until {
                    return;
                }
                let _ = tokio::time::timeout(until - now, moved).await;
            }
        }
        .boxed()
    }
}

struct NoStore;

impl Store for NoStore {
    fn snapshot(&self) -> Arc<dyn Snapshot> {
        unreachable!("the fleet keeps nothing in a store")
    }

    fn commit(&self, _: Batch) -> BoxFuture<'_, Result<Version, StoreError>> {
        unreachable!("the fleet keeps nothing in a store")
    }

    fn watch(&self, _: Key, _: Watcher) -> WatchGuard {
        unreachable!("the fleet keeps nothing in a store")
    }
}

#[derive(Default)]
struct MemoryBlobs(Mutex<HashMap<String, Bytes>>);

impl Blobs for MemoryBlobs {
    fn put<'a>(&'a self, name: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<(), BlobError>> {
        self.0.lock().unwrap().insert(name.to_owned(), bytes);
        std::future::ready(Ok(())).boxed()
    }

    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, BlobError>> {
        std::future::ready(Ok(self.0.lock().unwrap().get(name).cloned())).boxed()
    }

    fn get_range<'a>(
        &'a self,
        _: &'a str,
        _: u64,
        _: u64,
    ) -> BoxFuture<'a, Result<Option<Bytes>, BlobError>> {
        unreachable!("packages are read whole")
    }

    fn delete<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), BlobError>> {
        unreachable!("the fleet deletes no packages")
    }

    fn list<'a>(
        &'a self,
        _: &'a str,
        _: Option<&'a str>,
        _: usize,
    ) -> BoxFuture<'a, Result<Vec<String>, BlobError>> {
        unreachable!("the fleet lists no packages")
    }
}

/// Knows one role, `…:role/known`.
struct OneRole;

impl Identities for OneRole {
    fn find<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Credential>, Failure>> {
        unreachable!("the fleet verifies nobody")
    }

    fn policies<'a>(&'a self, _: &'a Principal) -> BoxFuture<'a, Result<PrincipalPolicies, Failure>> {
        unreachable!("the fleet authorizes nobody")
    }

    fn assume_role(&self, request: AssumeRole) -> BoxFuture<'_, Result<Option<SessionCredentials>, Failure>> {
        assert_eq!(request.by.arn, "lambda.amazonaws.com");
        let session = request.role_arn.ends_with("/known").then(|| SessionCredentials {
            access_key: "ASIAKNOWN".to_owned(),
            secret: "secret".to_owned(),
            token: "token".to_owned(),
            expires_ms: i64::MAX,
            user_id: "AROA:x".to_owned(),
            arn: "arn:aws:sts::000000000000:assumed-role/known/x".to_owned(),
        });
        std::future::ready(Ok(session)).boxed()
    }

    fn user_session<'a>(
        &'a self,
        _: &'a Principal,
        _: i64,
        _: Vec<String>,
    ) -> BoxFuture<'a, Result<SessionCredentials, Failure>> {
        unreachable!("the fleet acts for roles only")
    }
}

struct NoFunctions;

impl Functions for NoFunctions {
    fn call(&self, _: FunctionCall) -> BoxFuture<'_, Result<Answer, Failure>> {
        unreachable!("the fleet calls nobody")
    }
}

/// Keeps what was logged: `(stream, message)`.
#[derive(Default)]
pub struct Logs(Mutex<Vec<(String, String)>>);

impl LogSink for Logs {
    fn append(&self, _: &Scope, _: &str, stream: &str, events: Vec<LogEvent>) {
        let mut kept = self.0.lock().unwrap();
        kept.extend(events.into_iter().map(|event| (stream.to_owned(), event.message)));
    }
}

impl Logs {
    /// What was logged since the last time.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap()).into_iter().map(|(_, message)| message).collect()
    }

    /// What was logged since the last time, each stream apart.
    pub fn take_by_stream(&self) -> Vec<Vec<String>> {
        let mut streams: HashMap<String, Vec<String>> = HashMap::new();
        for (stream, message) in std::mem::take(&mut *self.0.lock().unwrap()) {
            streams.entry(stream).or_default().push(message);
        }
        streams.into_values().collect()
    }

    /// The streams that were written to since the last [`Logs::take`].
    pub fn streams(&self) -> Vec<String> {
        let mut streams: Vec<String> =
            self.0.lock().unwrap().iter().map(|(stream, _)| stream.clone()).collect();
        streams.dedup();
        streams
    }
}

/// A fleet and what it was given.
pub struct World {
    pub fleet: Arc<Fleet>,
    pub logs: Arc<Logs>,
    pub clock: Arc<MovableClock>,
    blobs: Arc<MemoryBlobs>,
    _folder: tempfile::TempDir,
}

static WORLDS: AtomicU64 = AtomicU64::new(0);
static FUNCTIONS: AtomicU64 = AtomicU64::new(0);

impl World {
    pub fn new() -> World {
        World::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut FleetConfig)) -> World {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(MovableClock {
            started: Instant::now(),
            added_ms: AtomicU64::new(0),
            moved: Arc::default(),
        });
        let (logs, blobs) = (Arc::new(Logs::default()), Arc::new(MemoryBlobs::default()));
        let stores: (Arc<dyn Store>, Arc<dyn Store>, Arc<dyn Blobs>) =
            (Arc::new(NoStore), Arc::new(NoStore), Arc::clone(&blobs) as _);
        let time = (Arc::new(ClockHandle(Arc::clone(&clock))) as _, Arc::new(SystemEntropy) as _);
        let host = Arc::new(Host::new(time, stores, "000000000000"));
        host.port.set(4566).unwrap();
        let instance = format!("fleet-test-{}-{}", std::process::id(), WORLDS.fetch_add(1, Ordering::SeqCst));
        let mut config = FleetConfig::new(folder.path().join("fleet"), &instance, sandbox::Mode::Auto);
        // What is slow on purpose would only make these tests slow.
        config.cpu = fleet::CpuRule::Free;
        change(&mut config);
        let fleet = Arc::new(Fleet::open(Arc::clone(&host), config).unwrap());
        let unused = Arc::new(Unused);
        host.furnish(Rooms {
            endpoints: Endpoints::default(),
            functions: Arc::new(NoFunctions),
            compute: unused,
            logs: Arc::clone(&logs) as _,
            metrics: Arc::new(kernel::metrics::Unmeasured),
            identities: Arc::new(OneRole),
            data_plane: Arc::new(NoApis),
        });
        World { fleet, logs, clock, blobs, _folder: folder }
    }

    /// A function of these files; `change` may set what else matters.
    pub fn function(
        &self,
        runtime: &str,
        files: &[(&str, &str)],
        change: impl FnOnce(&mut FunctionVersion),
    ) -> Arc<FunctionVersion> {
        let mut version = FunctionVersion {
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            name: "hello".to_owned(),
            version: "$LATEST".to_owned(),
            revision: "1".to_owned(),
            runtime: runtime.to_owned(),
            handler: "app.handler".to_owned(),
            role: "arn:aws:iam::000000000000:role/nobody".to_owned(),
            timeout_ms: 20_000,
            memory_mb: 256,
            ephemeral_mb: 64,
            code: self.package(files),
            log_group: "/aws/lambda/hello".to_owned(),
            architecture: "x86_64".to_owned(),
            ..FunctionVersion::default()
        };
        let number = FUNCTIONS.fetch_add(1, Ordering::SeqCst);
        version.arn = format!("arn:aws:lambda:us-east-1:000000000000:function:hello-{number}");
        change(&mut version);
        Arc::new(version)
    }

    pub fn python(&self, code: &str) -> Arc<FunctionVersion> {
        self.function("python3.11", &[("app.py", code)], |_| {})
    }

    /// A deployment package; files named `bootstrap` can be executed.
    pub fn package(&self, files: &[(&str, &str)]) -> CodeRef {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            let mode = if name.ends_with("bootstrap") { 0o755 } else { 0o600 };
            writer.start_file(*name, SimpleFileOptions::default().unix_permissions(mode)).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        let zip = Bytes::from(writer.finish().unwrap().into_inner());
        let sha256 = format!("{:064x}", FUNCTIONS.fetch_add(1, Ordering::SeqCst));
        let blob = format!("code/{sha256}");
        self.blobs.0.lock().unwrap().insert(blob.clone(), zip);
        CodeRef { blob, sha256 }
    }

    /// Lets the background work look at the moved clock.
    pub async fn settle(&self) {
        self.clock.advance(Duration::from_secs(1));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    pub async fn invoke(&self, version: &Arc<FunctionVersion>, event: &str) -> Answer {
        self.try_invoke(version, event).await.unwrap()
    }

    /// Begins an invocation that runs beside the test.
    pub fn spawn(&self, version: &Arc<FunctionVersion>, event: &str) -> JoinHandle<Answer> {
        let call = self.fleet.invoke(Arc::clone(version), invocation(event));
        tokio::spawn(async move { call.await.unwrap() })
    }

    pub async fn try_invoke(
        &self,
        version: &Arc<FunctionVersion>,
        event: &str,
    ) -> Result<Answer, ComputeError> {
        self.fleet.invoke(Arc::clone(version), invocation(event)).await
    }
}

pub fn invocation(event: &str) -> Invocation {
    Invocation {
        request_id: REQUEST_ID.to_owned(),
        invoked_arn: "arn:aws:lambda:us-east-1:000000000000:function:hello".to_owned(),
        payload: Payload { event: Bytes::from(event.to_owned()), body: None },
        ..Invocation::default()
    }
}

pub const REQUEST_ID: &str = "8f507cfc-0000-4697-b07a-ac58fc914c95";

pub fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.payload).unwrap()
}

/// An answer without an error, as JSON.
pub fn good(answer: &Answer) -> Value {
    assert!(!answer.is_error, "{:?}", answer.payload);
    json(answer)
}

/// `(errorType, errorMessage)` of an error.
pub fn bad(answer: &Answer) -> (String, String) {
    assert!(answer.is_error, "{:?}", answer.payload);
    let value = json(answer);
    (value["errorType"].as_str().unwrap().to_owned(), value["errorMessage"].as_str().unwrap().to_owned())
}

struct Unused;

impl Compute for Unused {
    fn invoke(
        &self,
        _: Arc<FunctionVersion>,
        _: Invocation,
    ) -> BoxFuture<'static, Result<Answer, ComputeError>> {
        unreachable!("the fleet is asked itself")
    }

    fn inspect(
        &self,
        _: Bytes,
    ) -> BoxFuture<'static, Result<kernel::functions::CodeFacts, kernel::functions::CodeRefused>> {
        unreachable!("the fleet is asked itself")
    }

    fn prepare(&self, _: Arc<FunctionVersion>) -> BoxFuture<'static, Result<(), ComputeError>> {
        unreachable!("the fleet is asked itself")
    }

    fn retire(&self, _: &str, _: &str, _: Option<&str>) {}

    fn concurrency(&self, _: &str, _: &str) -> (u32, u32) {
        (0, 0)
    }
}
