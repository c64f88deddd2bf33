//! Blobs in memory, for tests: every future is ready at its first poll.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use kernel::blobs::{BlobError, Blobs};

use crate::name;

/// A blob store in memory. Clones are the same store.
#[derive(Clone, Default)]
pub struct MemoryBlobs {
    blobs: Arc<RwLock<BTreeMap<String, Bytes>>>,
}

impl MemoryBlobs {
    /// An empty blob store.
    pub fn new() -> MemoryBlobs {
        MemoryBlobs::default()
    }

    // No call panics while it changes the map.
    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, Bytes>> {
        self.blobs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Bytes>> {
        self.blobs.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn list_now(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>, BlobError> {
        let prefix = match name::check_prefix(prefix)? {
            "" => String::new(),
            segments => format!("{segments}/"),
        };
        let start = match after {
            Some(after) if after >= prefix.as_str() => Bound::Excluded(after),
            _ => Bound::Included(prefix.as_str()),
        };
        let blobs = self.read();
        let below = blobs.range::<str, _>((start, Bound::Unbounded)).map(|(name, _)| name);
        Ok(below.take_while(|name| name.starts_with(&prefix)).take(limit).cloned().collect())
    }
}

impl Blobs for MemoryBlobs {
    fn put<'a>(&'a self, name: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<(), BlobError>> {
        let put = name::check(name).map(|()| drop(self.write().insert(name.to_owned(), bytes)));
        ready(put).boxed()
    }

    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, BlobError>> {
        ready(name::check(name).map(|()| self.read().get(name).cloned())).boxed()
    }

    fn get_range<'a>(
        &'a self,
        name: &'a str,
        start: u64,
        end: u64,
    ) -> BoxFuture<'a, Result<Option<Bytes>, BlobError>> {
        let cut = |bytes: Bytes| {
            let at = |position: u64| usize::try_from(position).unwrap_or(usize::MAX).min(bytes.len());
            bytes.slice(at(start)..at(end).max(at(start)))
        };
        ready(name::check(name).map(|()| self.read().get(name).cloned().map(cut))).boxed()
    }

    fn delete<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), BlobError>> {
        ready(name::check(name).map(|()| drop(self.write().remove(name)))).boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<String>, BlobError>> {
        ready(self.list_now(prefix, after, limit)).boxed()
    }
}
