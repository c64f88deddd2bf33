//! Log groups and streams as they are stored, and where they are stored.
//!
//! Everything is in the telemetry store. Events are kept below a stream's `uid`, never below its name, so that a stream of the same name
//! that is made later starts empty while a task still clears away the old one's events.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::store::{Batch, Expect, Range, Snapshot, Store, Version};
use kernel::{Fault, Internal, Key, Scope};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A log group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Creation, in milliseconds since the epoch.
    pub created_ms: i64,
    /// How long events are kept, in days; `None`: for ever.
    pub retention_days: Option<i64>,
    /// `STANDARD`, `INFREQUENT_ACCESS`, `ESSENTIALS` or `DELIVERY`.
    pub class: String,
    /// KMS key that was named at creation.
    pub kms_key: Option<String>,
    /// Deletion is refused.
    pub is_protected: bool,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Group {
    /// A new group with AWS's defaults.
    pub fn new(name: &str, now_ms: i64) -> Group {
        Group { name: name.to_owned(), created_ms: now_ms, class: "STANDARD".to_owned(), ..Group::default() }
    }

    /// The oldest moment whose events are still there, in milliseconds since the epoch.
    pub fn kept_since_ms(&self, now_ms: i64) -> i64 {
        self.retention_days.map_or(0, |days| now_ms.saturating_sub(days.saturating_mul(DAY_MS)).max(0))
    }

    /// `arn:aws:logs:region:account:log-group:name`, without the final `:*`.
    pub fn arn(&self, scope: &Scope) -> String {
        format!("arn:aws:logs:{}:{}:log-group:{}", scope.region, scope.account, self.name)
    }
}

/// One day, in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// A log stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stream {
    /// Name.
    pub name: String,
    /// What its events are kept under; never used again.
    pub uid: String,
    /// Creation, in milliseconds since the epoch.
    pub created_ms: i64,
    /// Lowest timestamp of an event, if there ever was one.
    pub first_ms: Option<i64>,
    /// Highest timestamp of an event.
    pub last_ms: Option<i64>,
    /// When the last events came in.
    pub ingested_ms: Option<i64>,
    /// What is stored, as AWS counts it: UTF-8 bytes plus 26 for each event.
    pub bytes: u64,
    /// The sequence token that was handed out last; nobody has to send it.
    pub token: Option<String>,
}

fn base(table: &str) -> Key {
    Key::new().text("logs").text(table)
}

/// Where a group is; with an empty name, the prefix of all groups of the scope.
pub fn group_key(scope: &Scope, name: &str) -> Key {
    groups_of(scope).text(name)
}

/// The prefix of a scope's groups.
pub fn groups_of(scope: &Scope) -> Key {
    base("groups").text(&scope.account).text(&scope.region)
}

/// The prefix of all groups of all scopes.
pub fn all_groups() -> Key {
    base("groups")
}

/// The prefix of a group's streams.
pub fn streams_of(scope: &Scope, group: &str) -> Key {
    base("streams").text(&scope.account).text(&scope.region).text(group)
}

/// Where a stream is.
pub fn stream_key(scope: &Scope, group: &str, name: &str) -> Key {
    streams_of(scope, group).text(name)
}

/// The prefix of a stream's segments of events.
pub fn events_of(uid: &str) -> Key {
    base("events").text(uid)
}

/// The prefix of the pieces of a stream's long events.
pub fn pieces_of(uid: &str) -> Key {
    base("pieces").text(uid)
}

/// The note that a stream's events are to be cleared away.
pub fn garbage_key(uid: &str) -> Key {
    garbage().text(uid)
}

/// The prefix of these notes.
pub fn garbage() -> Key {
    base("garbage")
}

/// Number of the stored form of groups and streams.
const FORMAT: u8 = 1;

/// Reads one record and the commit that put it there.
pub async fn load<R: DeserializeOwned>(
    snapshot: &dyn Snapshot,
    key: &Key,
) -> Result<Option<(R, Version)>, Fault> {
    match snapshot.get(key).await? {
        Some(entry) => Ok(Some((decode(key, &entry.value)?, entry.version))),
        None => Ok(None),
    }
}

/// Reads the records of a range, in its order.
pub async fn list<R: DeserializeOwned>(
    snapshot: &dyn Snapshot,
    range: Range,
) -> Result<Vec<(Key, R)>, Fault> {
    let entries = snapshot.range(range).await?;
    entries.into_iter().map(|entry| Ok((entry.key.clone(), decode(&entry.key, &entry.value)?))).collect()
}

fn decode<R: DeserializeOwned>(key: &Key, value: &[u8]) -> Result<R, Fault> {
    match value.split_first() {
        Some((&FORMAT, json)) => serde_json::from_slice(json)
            .map_err(|error| Internal::new(format!("reading the record {key:?}"), error).into()),
        Some((format, _)) => {
            Err(Internal::because(format!("the record {key:?} has format {format}, not {FORMAT}")).into())
        }
        None => Err(Internal::because(format!("the record {key:?} is empty")).into()),
    }
}

/// A commit in the making: what it relies on, and what it writes.
#[derive(Default)]
pub struct Change {
    checks: BTreeMap<Key, Expect>,
    batch: Batch,
}

impl Change {
    /// The commit is only made while the key is as `found`.
    pub fn rely(&mut self, key: Key, found: Option<Version>) {
        self.checks.insert(key, found.map_or(Expect::Absent, Expect::At));
    }

    /// Writes a record.
    pub fn put<R: Serialize>(&mut self, key: Key, record: &R) -> Result<(), Fault> {
        let mut value = vec![FORMAT];
        serde_json::to_writer(&mut value, record)
            .map_err(|error| Internal::new(format!("storing the record {key:?}"), error))?;
        self.batch.puts.push((key, value.into()));
        Ok(())
    }

    /// Writes bytes.
    pub fn put_bytes(&mut self, key: Key, value: Vec<u8>) {
        self.batch.puts.push((key, value.into()));
    }

    /// Removes a key.
    pub fn delete(&mut self, key: Key) {
        self.batch.deletes.push(key);
    }

    /// Commits; `Conflict` if something it relies on is no longer so.
    pub async fn commit(mut self, store: &Arc<dyn Store>) -> Result<(), Fault> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.batch.checks = self.checks.into_iter().collect();
        store.commit(self.batch).await?;
        Ok(())
    }
}
