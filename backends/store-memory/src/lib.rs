//! A store that lives in memory: for tests, thousands of them, each made in a microsecond.
//!
//! It keeps what `kernel::store` promises, durability excepted: a value stays readable for every snapshot that can see it, and is let go with
//! the first commit after the last such snapshot is gone. Nothing here waits: every future is ready at its first poll.
//! [`check_limits`] and [`Watchers`] are what every store of one process needs; the embedded store uses them too.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use kernel::key::Key;
use kernel::store::{
    Batch, Entry, Expect, Position, Range, Snapshot, Store, StoreError, Version, WatchGuard, Watcher,
    event_key,
};

pub use crate::checks::{batch_bytes, check_limits, event_position, events_range, into_event};
pub use crate::watchers::Watchers;

mod checks;
mod watchers;

/// A [`Store`] in memory. Clones are the same store.
#[derive(Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    pairs: RwLock<Pairs>,
    /// Versions that snapshots look at, with the number of these snapshots. Locked after `pairs`.
    live: Mutex<BTreeMap<Version, usize>>,
    /// Held for the whole of a commit, so that watchers hear of commits in their order.
    committing: Mutex<()>,
    watchers: Watchers,
}

#[derive(Default)]
struct Pairs {
    version: Version,
    /// What each key held, oldest first; `None` for deleted. Never empty.
    history: BTreeMap<Key, Vec<(Version, Option<Bytes>)>>,
    /// Keys whose value was replaced at a version, in order of these versions: what to look through for values that nobody can see.
    replaced: VecDeque<(Version, Key)>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// How many values are held, those that only snapshots still see included.
    pub fn values_held(&self) -> usize {
        self.shared.pairs().history.values().map(Vec::len).sum()
    }
}

impl Store for MemoryStore {
    fn snapshot(&self) -> Arc<dyn Snapshot> {
        let pairs = self.shared.pairs();
        let version = pairs.version;
        // Counted before the lock on the pairs is let go: no commit may clean up between.
        *self.shared.live.lock().unwrap_or_else(PoisonError::into_inner).entry(version).or_default() += 1;
        Arc::new(MemorySnapshot { shared: self.shared.clone(), version })
    }

    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<Version, StoreError>> {
        async move { self.shared.commit(batch) }.boxed()
    }

    fn watch(&self, prefix: Key, watcher: Watcher) -> WatchGuard {
        self.shared.watchers.add(prefix, watcher)
    }
}

impl Shared {
    // A panic while one of these locks is held leaves nothing half done: changes are made by calls that do not panic.
    fn pairs(&self) -> RwLockReadGuard<'_, Pairs> {
        self.pairs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit(&self, batch: Batch) -> Result<Version, StoreError> {
        check_limits(&batch)?;
        let _in_order = self.committing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut keys = Vec::with_capacity(batch.puts.len() + batch.deletes.len() + batch.events.len());
        let version = {
            let mut pairs = self.pairs.write().unwrap_or_else(PoisonError::into_inner);
            if !batch.checks.iter().all(|(key, expect)| pairs.holds(key, *expect)) {
                return Err(StoreError::Conflict);
            }
            if batch.is_empty() {
                return Ok(pairs.version);
            }
            let version = pairs.version + 1;
            for key in batch.deletes {
                pairs.delete(&key, version);
                keys.push(key);
            }
            for (key, value) in batch.puts {
                pairs.put(key.clone(), version, value);
                keys.push(key);
            }
            for (index, event) in batch.events.into_iter().enumerate() {
                let key = event_key(&event.topic, event_position(version, index));
                pairs.put(key.clone(), version, event.payload);
                keys.push(key);
            }
            pairs.version = version;
            let oldest_seen = {
                let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
                live.first_key_value().map_or(version, |(&oldest, _)| oldest)
            };
            pairs.forget_before(oldest_seen);
            version
        };
        keys.sort_unstable();
        self.watchers.notify(&keys);
        Ok(version)
    }
}

impl Pairs {
    fn holds(&self, key: &Key, expect: Expect) -> bool {
        let current = self.at(key, self.version).map(|(version, _)| version);
        match expect {
            Expect::Absent => current.is_none(),
            Expect::At(version) => current == Some(version),
        }
    }

    fn at(&self, key: &Key, seen: Version) -> Option<(Version, &Bytes)> {
        visible(self.history.get(key)?, seen)
    }

    fn put(&mut self, key: Key, version: Version, value: Bytes) {
        let history = self.history.entry(key.clone()).or_default();
        history.push((version, Some(value)));
        if history.len() > 1 {
            self.replaced.push_back((version, key));
        }
    }

    fn delete(&mut self, key: &Key, version: Version) {
        if let Some(history) = self.history.get_mut(key)
            && matches!(history.last(), Some((_, Some(_))))
        {
            history.push((version, None));
            self.replaced.push_back((version, key.clone()));
        }
    }

    /// Lets go of all values that no snapshot of version `oldest_seen` or later can see.
    fn forget_before(&mut self, oldest_seen: Version) {
        while self.replaced.front().is_some_and(|(version, _)| *version <= oldest_seen) {
            let Some((version, key)) = self.replaced.pop_front() else { break };
            let Some(history) = self.history.get_mut(&key) else { continue };
            let dead = history.iter().position(|(at, _)| *at >= version).unwrap_or(0);
            history.drain(..dead);
            if matches!(history.as_slice(), [(_, None)]) {
                self.history.remove(&key);
            }
        }
    }
}

/// The value among `history` that a snapshot of version `seen` sees.
fn visible(history: &[(Version, Option<Bytes>)], seen: Version) -> Option<(Version, &Bytes)> {
    let (version, value) = history.iter().rev().find(|(version, _)| *version <= seen)?;
    Some((*version, value.as_ref()?))
}

struct MemorySnapshot {
    shared: Arc<Shared>,
    version: Version,
}

impl MemorySnapshot {
    fn read_one(&self, pairs: &Pairs, key: &Key) -> Option<Entry> {
        let (version, value) = pairs.at(key, self.version)?;
        Some(Entry { key: key.clone(), value: value.clone(), version })
    }

    fn read_range(&self, range: &Range) -> Vec<Entry> {
        // An ordered map refuses such bounds with a panic.
        if range.end.as_ref().is_some_and(|end| *end <= range.start) {
            return Vec::new();
        }
        let pairs = self.shared.pairs();
        let found = match &range.end {
            Some(end) => pairs.history.range(&range.start..end),
            None => pairs.history.range(&range.start..),
        };
        let entry = |(key, history): (&Key, &Vec<(Version, Option<Bytes>)>)| {
            let (version, value) = visible(history, self.version)?;
            Some(Entry { key: key.clone(), value: value.clone(), version })
        };
        if range.descending {
            found.rev().filter_map(entry).take(range.limit).collect()
        } else {
            found.filter_map(entry).take(range.limit).collect()
        }
    }
}

impl Snapshot for MemorySnapshot {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StoreError>> {
        ready(Ok(self.read_one(&self.shared.pairs(), key))).boxed()
    }

    fn get_many<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Option<Entry>>, StoreError>> {
        let pairs = self.shared.pairs();
        ready(Ok(keys.iter().map(|key| self.read_one(&pairs, key)).collect())).boxed()
    }

    fn range(&self, range: Range) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        ready(Ok(self.read_range(&range))).boxed()
    }

    fn events<'a>(
        &'a self,
        topic: &'a str,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<(Position, Bytes)>, StoreError>> {
        let events = match checks::events_range(topic, after, limit) {
            Some(range) => self.read_range(&range).into_iter().map(checks::into_event).collect(),
            None => Vec::new(),
        };
        ready(Ok(events)).boxed()
    }
}

impl Drop for MemorySnapshot {
    fn drop(&mut self) {
        let mut live = self.shared.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = live.get_mut(&self.version) {
            *count -= 1;
            if *count == 0 {
                live.remove(&self.version);
            }
        }
    }
}

#[cfg(test)]
mod tests;
