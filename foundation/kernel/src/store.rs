//! What every database behind Loggia promises: snapshots, one atomic commit in one round trip, and watching a prefix.
//!
//! No call assumes that this process is the only writer. A commit is all or nothing and durable when it returns (unless the store was
//! opened as ephemeral); everything read from one snapshot is of one moment. Values are opaque bytes of at most
//! [`crate::limits::VALUE_BYTES_MAX`]; the layer above splits larger ones.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::key::Key;

/// Commit number: grows with every commit of a store, never repeats.
pub type Version = u64;

/// A stored pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where it is.
    pub key: Key,
    /// What was put there.
    pub value: Bytes,
    /// The commit that put it there.
    pub version: Version,
}

/// What a commit requires of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Nothing is stored there.
    Absent,
    /// What is stored there was put by exactly this commit.
    At(Version),
}

/// An event for the bus, committed with the state it tells of. The store files it under its topic, in commit order.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Ordered log it belongs to, such as `lambda/async/000000000000/us-east-1/hello`.
    pub topic: String,
    /// Anything; JSON by custom.
    pub payload: Bytes,
}

/// Checks and writes that happen together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// All of these must hold, or nothing is written.
    pub checks: Vec<(Key, Expect)>,
    /// New values; a key appears at most once in `puts` and `deletes` together.
    pub puts: Vec<(Key, Bytes)>,
    /// Keys to remove; removing what is not there is no error.
    pub deletes: Vec<Key>,
    /// Events to append to their topics.
    pub events: Vec<Event>,
}

impl Batch {
    /// True if committing it would change nothing.
    pub fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.deletes.is_empty() && self.events.is_empty()
    }
}

/// Why a store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A check of the batch did not hold: read again and try again.
    #[error("another commit changed what this one read")]
    Conflict,
    /// A key or value is larger than the limits.
    #[error("{what} of {bytes} bytes exceeds the limit of {limit}")]
    TooLarge {
        /// `key` or `value` or `batch`.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The database failed; the text tells what it was doing. Nothing is known of the commit's outcome.
    #[error("{0}")]
    Failed(Arc<str>),
}

/// Which pairs a range read gives.
#[derive(Clone, Debug)]
pub struct Range {
    /// First key, included.
    pub start: Key,
    /// End, excluded; `None` for no end.
    pub end: Option<Key>,
    /// At most so many pairs.
    pub limit: usize,
    /// From the end backwards.
    pub descending: bool,
}

impl Range {
    /// Everything that starts with `prefix`, ascending.
    pub fn prefix(prefix: &Key, limit: usize) -> Range {
        Range { start: prefix.clone(), end: prefix.after_prefix(), limit, descending: false }
    }
}

/// A database.
pub trait Store: Send + Sync + 'static {
    /// A view of this moment (embedded stores) or of one not older than the last commit this process saw acknowledged.
    fn snapshot(&self) -> Arc<dyn Snapshot>;
    /// Checks and writes all of `batch`, durably, and gives its number.
    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<Version, StoreError>>;
    /// Calls `watcher` for each committed change below `prefix`, until the guard is dropped. In the process that commits, it is called
    /// before the commit is acknowledged, so that a cache it invalidates never answers with older state than its client has seen.
    /// It must return quickly and must not call the store.
    fn watch(&self, prefix: Key, watcher: Watcher) -> WatchGuard;
}

/// A view of one moment.
pub trait Snapshot: Send + Sync {
    /// One pair.
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StoreError>>;
    /// Several pairs, in the order asked.
    fn get_many<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Option<Entry>>, StoreError>>;
    /// A range of pairs.
    fn range(&self, range: Range) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>>;
    /// Events of a topic after position `after` (0 for the beginning), at most `limit`, oldest first, each with its position.
    fn events<'a>(
        &'a self,
        topic: &'a str,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<(Position, Bytes)>, StoreError>>;
}

/// Where an event stands in its topic; grows, with gaps.
pub type Position = u64;

/// Called with the keys that a commit put or deleted below the watched prefix.
pub type Watcher = Arc<dyn Fn(&[Key]) + Send + Sync>;

/// Ends a watch when dropped.
pub struct WatchGuard(#[allow(dead_code, reason = "held for its Drop")] Box<dyn std::any::Any + Send + Sync>);

impl WatchGuard {
    /// Wraps whatever ends the watch when it is dropped.
    pub fn new(guard: impl std::any::Any + Send + Sync) -> WatchGuard {
        WatchGuard(Box::new(guard))
    }
}

/// The key under which a store files the event at `position` of `topic`; `position` is the commit's version shifted left by
/// [`EVENTS_PER_COMMIT_BITS`] plus the event's index in the batch.
pub fn event_key(topic: &str, position: Position) -> Key {
    Key::new().text("\u{1}events").text(topic).number(position)
}

/// log2 of how many events one commit can carry.
pub const EVENTS_PER_COMMIT_BITS: u32 = 12;
