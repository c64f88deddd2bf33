//! What the unit tests of this service share: a host over stores in memory, with a clock that stands still until it is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use kernel::blobs::{BlobError, Blobs};
use kernel::clock::{Clock, Entropy};
use kernel::{Host, Scope};
use store_memory::MemoryStore;

/// 2026-01-01T00:00:00Z.
pub const NOW_MS: i64 = 1_767_225_600_000;

pub struct Still(AtomicI64);

impl Still {
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Still {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.now_ms().unsigned_abs())
    }
    fn sleep_until(&self, _until: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[derive(Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| (self.0.fetch_add(1, Ordering::SeqCst) * 167 % 251) as u8);
    }
}

struct NoBlobs;

impl Blobs for NoBlobs {
    fn put<'a>(&'a self, name: &'a str, _: bytes::Bytes) -> BoxFuture<'a, Result<(), BlobError>> {
        Box::pin(async move { Err(BlobError::BadName(name.to_owned())) })
    }
    fn get<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<bytes::Bytes>, BlobError>> {
        Box::pin(async { Ok(None) })
    }
    fn get_range<'a>(
        &'a self,
        _: &'a str,
        _: u64,
        _: u64,
    ) -> BoxFuture<'a, Result<Option<bytes::Bytes>, BlobError>> {
        Box::pin(async { Ok(None) })
    }
    fn delete<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), BlobError>> {
        Box::pin(async { Ok(()) })
    }
    fn list<'a>(
        &'a self,
        _: &'a str,
        _: Option<&'a str>,
        _: usize,
    ) -> BoxFuture<'a, Result<Vec<String>, BlobError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// A new host, and its clock.
pub fn host() -> (Arc<Host>, Arc<Still>) {
    let clock = Arc::new(Still(AtomicI64::new(NOW_MS)));
    let stores =
        (Arc::new(MemoryStore::new()) as _, Arc::new(MemoryStore::new()) as _, Arc::new(NoBlobs) as _);
    (Arc::new(Host::new((clock.clone(), Arc::new(Counting::default())), stores, "000000000000")), clock)
}

pub fn scope() -> Scope {
    Scope::new("000000000000", "us-east-1")
}
