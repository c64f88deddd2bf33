//! An optimistic transaction over typed records.
//!
//! It remembers the version of everything it got by key; the commit requires that none of it changed. Listed records are of the
//! transaction's snapshot and are *not* checked: what must not change beneath a handler is got by key. Records are our own structs,
//! stored with a format number, never wire types. A record longer than one value may be is split over several keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Fault, Internal};
use crate::key::Key;
use crate::limits::VALUE_BYTES_MAX;
use crate::store::{Batch, Entry, Event, Expect, Range, Snapshot, Store, Version};

/// A struct that is stored in a table.
pub trait Record: Serialize + DeserializeOwned + Send + Sync {
    /// Name of its table within the service; never changes.
    const TABLE: &'static str;
    /// Number of the stored form; a newer one than the program knows is an error, never guessed at.
    const FORMAT: u16 = 1;
    /// Its key within the table.
    fn key(&self) -> Key;
}

/// A transaction. Dropping it without [`Tx::commit`] changes nothing.
pub struct Tx {
    store: Arc<dyn Store>,
    snapshot: Arc<dyn Snapshot>,
    space: Key,
    checks: BTreeMap<Key, Expect>,
    writes: BTreeMap<Key, Option<Bytes>>,
    /// How many pieces a record has in the store, where that is known.
    pieces: BTreeMap<Key, u16>,
    events: Vec<Event>,
}

impl Tx {
    /// A transaction over the records below `space`.
    pub fn new(store: Arc<dyn Store>, space: Key) -> Tx {
        let snapshot = store.snapshot();
        Tx {
            store,
            snapshot,
            space,
            checks: BTreeMap::new(),
            writes: BTreeMap::new(),
            pieces: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// Reads one record, and makes the commit depend on it (or on its absence).
    pub async fn get<R: Record>(&mut self, key: &Key) -> Result<Option<R>, Fault> {
        let full = self.full::<R>(key);
        match self.writes.get(&full) {
            Some(Some(bytes)) => return self.decode::<R>(bytes.clone(), &full).await.map(Some),
            Some(None) => return Ok(None),
            None => {}
        }
        let Some(entry) = self.snapshot.get(&full).await? else {
            self.pieces.insert(full.clone(), 0);
            self.checks.entry(full).or_insert(Expect::Absent);
            return Ok(None);
        };
        self.checks.entry(full.clone()).or_insert(Expect::At(entry.version));
        self.pieces.insert(full.clone(), Header::pieces_of(&entry.value));
        self.decode(entry.value, &full).await.map(Some)
    }

    /// Reads one record without making the commit depend on it.
    pub async fn peek<R: Record>(&self, key: &Key) -> Result<Option<R>, Fault> {
        let full = self.full::<R>(key);
        match self.snapshot.get(&full).await? {
            Some(entry) => self.decode(entry.value, &full).await.map(Some),
            None => Ok(None),
        }
    }

    /// Lists records whose key within the table starts with `prefix`, in key order, after the key `after` (excluded), at most `limit`.
    /// Writes of this transaction are not seen.
    pub async fn list<R: Record>(
        &self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<R>, Fault> {
        let mut range = Range::prefix(&self.full::<R>(prefix), limit);
        if let Some(after) = after {
            let mut start = self.full::<R>(after).as_bytes().to_vec();
            start.push(0);
            range.start = range.start.max(Key::from_bytes(start));
        }
        let mut records = Vec::new();
        for Entry { key, value, .. } in self.snapshot.range(range).await? {
            records.push(self.decode(value, &key).await?);
        }
        Ok(records)
    }

    /// Writes a record.
    pub fn put<R: Record>(&mut self, record: &R) -> Result<(), Fault> {
        let full = self.full::<R>(&record.key());
        let json = serde_json::to_vec(record)
            .map_err(|error| Internal::new(format!("storing a record of {}", R::TABLE), error))?;
        let room = VALUE_BYTES_MAX - Header::BYTES;
        let pieces = if json.len() <= room { 0 } else { json.len().div_ceil(room) };
        let pieces = u16::try_from(pieces)
            .map_err(|_| Internal::because(format!("a record of {} has {} bytes", R::TABLE, json.len())))?;
        let mut value = Header { format: R::FORMAT, pieces }.write();
        if pieces == 0 {
            value.extend(&json);
        }
        for (index, chunk) in json.chunks(room).enumerate().filter(|_| pieces > 0) {
            self.writes.insert(piece_key(&full, index), Some(Bytes::copy_from_slice(chunk)));
        }
        self.writes.insert(full, Some(value.into()));
        Ok(())
    }

    /// Removes a record; one that is not there is no error.
    pub fn delete<R: Record>(&mut self, key: &Key) {
        let full = self.full::<R>(key);
        self.writes.insert(full, None);
    }

    /// Adds an event to the commit.
    pub fn emit(&mut self, topic: impl Into<String>, payload: impl Into<Bytes>) {
        self.events.push(Event { topic: topic.into(), payload: payload.into() });
    }

    /// Goes on with the records below another space (another account, region or service) in the same commit.
    pub fn enter(&mut self, space: Key) {
        self.space = space;
    }

    /// Writes everything, or nothing and says `Conflict`.
    pub async fn commit(mut self) -> Result<Version, Fault> {
        self.drop_old_pieces().await?;
        let mut batch =
            Batch { checks: self.checks.into_iter().collect(), events: self.events, ..Batch::default() };
        for (key, write) in self.writes {
            match write {
                Some(value) => batch.puts.push((key, value)),
                None => batch.deletes.push(key),
            }
        }
        if batch.is_empty() {
            return Ok(0);
        }
        Ok(self.store.commit(batch).await?)
    }

    fn full<R: Record>(&self, key: &Key) -> Key {
        self.space.clone().text(R::TABLE).then(key)
    }

    /// Removes the pieces that a record had and will have no more. Asks the store, once, for records that were written unread.
    async fn drop_old_pieces(&mut self) -> Result<(), Fault> {
        let pieces = Key::new().text(PIECES);
        let records = || self.writes.keys().filter(|key| !key.starts_with(&pieces));
        let unread: Vec<Key> = records().filter(|key| !self.pieces.contains_key(key)).cloned().collect();
        if !unread.is_empty() {
            let stored = self.snapshot.get_many(&unread).await?;
            let counts =
                stored.iter().map(|entry| entry.as_ref().map_or(0, |entry| Header::pieces_of(&entry.value)));
            self.pieces.extend(unread.into_iter().zip(counts));
        }
        let mut gone = Vec::new();
        for (key, had) in self.pieces.iter().filter(|(_, had)| **had > 0) {
            let Some(write) = self.writes.get(key) else { continue };
            let kept = write.as_ref().map_or(0, |value| Header::pieces_of(value));
            gone.extend((kept..*had).map(|index| piece_key(key, usize::from(index))));
        }
        self.writes.extend(gone.into_iter().map(|key| (key, None)));
        Ok(())
    }

    async fn decode<R: Record>(&self, value: Bytes, full: &Key) -> Result<R, Fault> {
        let fault = |what: &str| Internal::because(format!("the record {full:?} {what}"));
        let header = Header::read(&value).ok_or_else(|| fault("is cut short"))?;
        if header.format > R::FORMAT {
            let text = format!(
                "has format {}, newer than {}: it was written by a later version",
                header.format,
                R::FORMAT
            );
            return Err(fault(&text).into());
        }
        let mut json = value.slice(Header::BYTES..).to_vec();
        let keys: Vec<Key> = (0..header.pieces).map(|index| piece_key(full, usize::from(index))).collect();
        for (key, stored) in keys.iter().zip(self.snapshot.get_many(&keys).await?) {
            match (self.writes.get(key), stored) {
                (Some(Some(piece)), _) => json.extend(piece),
                (None, Some(entry)) => json.extend(&entry.value),
                _ => return Err(fault("lacks a piece").into()),
            }
        }
        serde_json::from_slice(&json)
            .map_err(|error| Internal::new(format!("reading the record {full:?}"), error).into())
    }
}

/// The four bytes before a record's JSON.
struct Header {
    format: u16,
    pieces: u16,
}

impl Header {
    const BYTES: usize = 4;

    fn write(&self) -> Vec<u8> {
        [self.format.to_be_bytes(), self.pieces.to_be_bytes()].concat()
    }

    fn pieces_of(value: &[u8]) -> u16 {
        Header::read(value).map_or(0, |header| header.pieces)
    }

    fn read(value: &[u8]) -> Option<Header> {
        let (head, _) = value.split_first_chunk::<4>()?;
        Some(Header {
            format: u16::from_be_bytes([head[0], head[1]]),
            pieces: u16::from_be_bytes([head[2], head[3]]),
        })
    }
}

/// First part of the keys of pieces.
const PIECES: &str = "\u{1}pieces";

fn piece_key(full: &Key, index: usize) -> Key {
    Key::new().text(PIECES).then(full).number(index as u64)
}
