//! Reads from one snapshot.
//!
//! What is in memory or in the page cache, which is nearly everything, is read where it is asked for: that takes microseconds. A range that turns out to be long
//! goes on in the blocking pool.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use kernel::key::Key;
use kernel::store::{Entry, Position, Range, Snapshot, StoreError};
use store_memory::{events_range, into_event};

use crate::engine::{self, Engine, FIRST_KEY};

/// After so many pairs (about 300 µs) a range goes on in the blocking pool.
const PAIRS_INLINE_MAX: usize = 256;

/// A view of one moment; keeps the engine open.
pub(crate) struct EmbeddedSnapshot {
    // The engine's own snapshot first: it must end before the engine.
    view: fjall::Snapshot,
    engine: Arc<Engine>,
}

impl EmbeddedSnapshot {
    pub(crate) fn new(engine: Arc<Engine>) -> EmbeddedSnapshot {
        EmbeddedSnapshot { view: engine.snapshot(), engine }
    }

    fn read_one(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.engine.get(&self.view, key).map_err(failed)
    }

    async fn read_range(&self, range: Range) -> Result<Vec<Entry>, StoreError> {
        let end = range.end.as_ref().map(Key::as_bytes);
        if range.limit == 0
            || end.is_some_and(|end| end <= range.start.as_bytes() || end <= FIRST_KEY.as_slice())
        {
            return Ok(Vec::new());
        }
        let pairs = self.engine.range(&self.view, range.start.as_bytes(), end);
        let mut pairs = Pairs { pairs, descending: range.descending };
        let mut found = Vec::new();
        pairs.take_into(&mut found, range.limit.min(PAIRS_INLINE_MAX))?;
        if found.len() < PAIRS_INLINE_MAX || found.len() == range.limit {
            return Ok(found);
        }
        // The engine stays open as long as something reads from it.
        let engine = self.engine.clone();
        let rest = tokio::task::spawn_blocking(move || {
            let _open = engine;
            let mut pairs = pairs;
            pairs.take_into(&mut found, range.limit).map(|()| found)
        });
        rest.await.map_err(|error| StoreError::Failed(format!("reading a range: {error}").into()))?
    }
}

/// Pairs of a range, from either end.
struct Pairs {
    pairs: fjall::Iter,
    descending: bool,
}

impl Pairs {
    /// Adds pairs until there are `limit` of them, or no more.
    fn take_into(&mut self, found: &mut Vec<Entry>, limit: usize) -> Result<(), StoreError> {
        while found.len() < limit {
            let next = if self.descending { self.pairs.next_back() } else { self.pairs.next() };
            let Some(pair) = next else { break };
            let (key, value) =
                pair.into_inner().map_err(engine::describe("reading a range")).map_err(failed)?;
            found.push(engine::entry(&key, &value).map_err(failed)?);
        }
        Ok(())
    }
}

fn failed(reason: String) -> StoreError {
    StoreError::Failed(reason.into())
}

impl Snapshot for EmbeddedSnapshot {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StoreError>> {
        ready(self.read_one(key)).boxed()
    }

    fn get_many<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Option<Entry>>, StoreError>> {
        ready(keys.iter().map(|key| self.read_one(key)).collect()).boxed()
    }

    fn range(&self, range: Range) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        self.read_range(range).boxed()
    }

    fn events<'a>(
        &'a self,
        topic: &'a str,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<(Position, Bytes)>, StoreError>> {
        let Some(range) = events_range(topic, after, limit) else { return ready(Ok(Vec::new())).boxed() };
        async move { Ok(self.read_range(range).await?.into_iter().map(into_event).collect()) }.boxed()
    }
}
