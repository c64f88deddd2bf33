//! Writing events: into a stream that must be there (`PutLogEvents`), or into one that is made when it is not (functions' logs).
//!
//! All appends of one call share commits of a bounded size. A conflict with another writer is tried again here, because nothing else was done.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};

use kernel::limits::CONFLICT_RETRIES_MAX;
use kernel::log_sink::LogEvent;
use kernel::store::Version;
use kernel::{Fault, Host, Key, Scope};

use crate::error::Error;
use crate::segment;
use crate::tables::{Change, Group, Stream, group_key, load, stream_key};

/// What AWS adds to each event's bytes (AWS: PutLogEvents).
pub const EVENT_OVERHEAD_BYTES: usize = 26;
/// Most bytes of messages in one commit.
const COMMIT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Events for one stream, in order of time.
#[derive(Clone, Debug)]
pub struct Append {
    /// Account and region.
    pub scope: Scope,
    /// Log group.
    pub group: String,
    /// Log stream.
    pub stream: String,
    /// Events.
    pub events: Vec<LogEvent>,
    /// The sequence token to show from now on, if it changes.
    pub token: Option<String>,
}

impl Append {
    /// The same stream, without events.
    fn without_events(&self) -> Append {
        let Append { scope, group, stream, token, .. } = self;
        let (scope, group, stream) = (scope.clone(), group.clone(), stream.clone());
        Append { scope, group, stream, events: Vec::new(), token: token.clone() }
    }

    /// Bytes as AWS counts them.
    pub fn bytes(&self) -> usize {
        self.events.iter().map(|event| event.message.len() + EVENT_OVERHEAD_BYTES).sum()
    }
}

/// What becomes of an append whose group or stream is not there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Missing {
    /// It is made.
    Create,
    /// It is an error.
    Refuse,
}

/// Gives ingestion numbers: the time, then a count, so that events of the same millisecond keep the order in which they came.
#[derive(Default)]
pub struct Numbers(AtomicU64);

impl Numbers {
    fn next(&self, now_ms: i64, host: &Host) -> u64 {
        let floor = now_ms.max(0).unsigned_abs() << 20;
        let before = self.0.fetch_max(floor, Ordering::Relaxed);
        if before < floor {
            // A random start, so that two processes that write in the same millisecond rarely meet.
            let mut start = [0; 2];
            host.entropy.fill(&mut start);
            self.0.fetch_max(floor + u64::from(u16::from_be_bytes(start)), Ordering::Relaxed);
        }
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Writes all appends, durably when it returns.
pub async fn append(
    host: &Host,
    numbers: &Numbers,
    appends: &[Append],
    missing: Missing,
) -> Result<(), Error> {
    let parts: Vec<Append>;
    let mut rest = appends;
    if appends.iter().any(|append| append.bytes() > COMMIT_BYTES_MAX) {
        parts = appends.iter().flat_map(split).collect();
        rest = &parts;
    }
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |append: &&Append| {
            bytes += append.bytes();
            bytes <= COMMIT_BYTES_MAX
        };
        let (now, later) = rest.split_at(rest.iter().take_while(fits).count().max(1));
        commit(host, numbers, now, missing).await?;
        rest = later;
    }
    Ok(())
}

/// Parts of an append, each of at most [`COMMIT_BYTES_MAX`].
fn split(append: &Append) -> Vec<Append> {
    let mut parts = vec![append.without_events()];
    let mut bytes = 0;
    for event in &append.events {
        bytes += event.message.len() + EVENT_OVERHEAD_BYTES;
        if bytes > COMMIT_BYTES_MAX {
            parts.push(append.without_events());
            bytes = event.message.len() + EVENT_OVERHEAD_BYTES;
        }
        let last = parts.last_mut().expect("there is always one part");
        last.events.push(event.clone());
    }
    parts
}

async fn commit(host: &Host, numbers: &Numbers, appends: &[Append], missing: Missing) -> Result<(), Error> {
    for _ in 0..CONFLICT_RETRIES_MAX {
        match try_commit(host, numbers, appends, missing).await {
            Err(Error::Fault(Fault::Conflict)) => tokio::task::yield_now().await,
            other => return other,
        }
    }
    Err(Error::Fault(Fault::Conflict))
}

async fn try_commit(
    host: &Host,
    numbers: &Numbers,
    appends: &[Append],
    missing: Missing,
) -> Result<(), Error> {
    let snapshot = host.telemetry.snapshot();
    let now_ms = host.clock.now_ms();
    let mut change = Change::default();
    let mut groups: BTreeMap<Key, Option<Version>> = BTreeMap::new();
    let mut streams: BTreeMap<Key, Stream> = BTreeMap::new();
    for append in appends {
        let Append { scope, group, stream, events, token } = append;
        let key = group_key(scope, group);
        if let Entry::Vacant(vacant) = groups.entry(key) {
            let key = vacant.key().clone();
            let found = load::<Group>(&*snapshot, &key).await?;
            if found.is_none() {
                if missing == Missing::Refuse {
                    return Err(Error::GroupNotFound);
                }
                change.put(key, &Group::new(group, now_ms))?;
            }
            vacant.insert(found.map(|(_, version)| version));
        }
        let key = stream_key(scope, group, stream);
        if !streams.contains_key(&key) {
            let found = load::<Stream>(&*snapshot, &key).await?;
            change.rely(key.clone(), found.as_ref().map(|(_, version)| *version));
            let record = match (found, missing) {
                (Some((record, _)), _) => record,
                (None, Missing::Refuse) => return Err(Error::StreamNotFound),
                (None, Missing::Create) => new_stream(host, stream, now_ms),
            };
            streams.insert(key.clone(), record);
        }
        let record = streams.get_mut(&key).expect("it was inserted above");
        segment::write(&mut change, &record.uid, events, now_ms, || numbers.next(now_ms, host));
        if let (Some(first), Some(last)) = (events.first(), events.last()) {
            record.first_ms = Some(record.first_ms.unwrap_or(i64::MAX).min(first.timestamp_ms));
            record.last_ms = Some(record.last_ms.unwrap_or(0).max(last.timestamp_ms));
            record.ingested_ms = Some(now_ms);
            record.bytes += append.bytes() as u64;
        }
        record.token = token.clone().or(record.token.take());
    }
    for (key, version) in groups {
        change.rely(key, version);
    }
    for (key, record) in &streams {
        change.put(key.clone(), record)?;
    }
    Ok(change.commit(&host.telemetry).await?)
}

/// A new, empty stream.
pub fn new_stream(host: &Host, name: &str, now_ms: i64) -> Stream {
    Stream { name: name.to_owned(), uid: host.entropy.uuid(), created_ms: now_ms, ..Stream::default() }
}
