//! The engine, fjall: how pairs are laid out in it, and every call of it.
//!
//! One keyspace. A pair's value is its version, eight big-endian bytes, then the bytes. The number of the last commit stands under a key
//! that sorts before every key of the store, and is written with every group.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use fjall::{AbstractTree, Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable, UserValue};
use kernel::key::Key;
use kernel::store::{Entry, Version};

use crate::Options;
use crate::committer::{Disk, Writes};
use crate::folder::Lock;

/// Where the number of the last commit stands. No part of a [`Key`] begins with this byte.
const LAST_VERSION_KEY: [u8; 1] = [0];
/// Where the keys of the store begin.
pub(crate) const FIRST_KEY: [u8; 1] = [1];
const VERSION_BYTES: usize = 8;
/// Most bytes of journals, which hold what is not yet in sorted files; the engine's least.
const JOURNAL_BYTES_MAX: u64 = 64 << 20;
/// Threads that sort recent writes into files. A second one would spin while the first works.
const WORKERS: usize = 1;
const OPEN_FILES_MAX: usize = 200;

/// When recent writes in memory are so many times the size of one memtable, commits wait until files are written.
const MEMTABLES_MAX: u64 = 4;
/// How long a commit looks whether it may go on, and how often it looks before it goes on all the same.
const PRESSURE_STEP: Duration = Duration::from_millis(1);
const PRESSURE_STEPS_MAX: u32 = 2000;

/// An open engine, for the committer and for every snapshot.
pub(crate) struct Engine {
    // In order of their ends: the folder is let go last.
    pairs: Keyspace,
    database: Database,
    is_ephemeral: bool,
    memtable_bytes: u64,
    _lock: Lock,
}

impl Engine {
    /// Makes the files of an empty engine.
    pub(crate) fn create(folder: &Path, options: &Options) -> Result<(), fjall::Error> {
        open(folder, options).map(drop)
    }

    /// Opens the engine's folder.
    pub(crate) fn open(folder: &Path, options: &Options, lock: Lock) -> Result<Engine, fjall::Error> {
        let (database, pairs) = open(folder, options)?;
        Ok(Engine {
            pairs,
            database,
            is_ephemeral: options.ephemeral,
            memtable_bytes: options.memtable_bytes,
            _lock: lock,
        })
    }

    /// The number of the last commit; 0 before the first.
    pub(crate) fn last_version(&self) -> Result<Version, String> {
        match self.pairs.get(LAST_VERSION_KEY).map_err(describe("reading the last version"))? {
            Some(value) => split(&value).map(|(version, _)| version),
            None => Ok(0),
        }
    }

    /// Keeps memory bounded. The engine lets its memtable grow while its worker is busy, and when four wait it sleeps in long steps;
    /// so the memtable is closed here as soon as it is full, and commits wait here, in short steps.
    fn yield_to_worker(&self) -> Result<(), String> {
        if self.database.write_buffer_size() < self.memtable_bytes {
            return Ok(());
        }
        if self.pairs.tree.active_memtable().size() >= self.memtable_bytes {
            self.pairs.rotate_memtable().map_err(describe("closing a memtable"))?;
        }
        for _ in 0..PRESSURE_STEPS_MAX {
            if self.database.write_buffer_size() < MEMTABLES_MAX * self.memtable_bytes {
                return Ok(());
            }
            std::thread::sleep(PRESSURE_STEP);
        }
        tracing::warn!("the disk does not keep up with what is written to the store");
        Ok(())
    }

    /// A view of this moment.
    pub(crate) fn snapshot(&self) -> fjall::Snapshot {
        self.database.snapshot()
    }

    pub(crate) fn get(&self, snapshot: &fjall::Snapshot, key: &Key) -> Result<Option<Entry>, String> {
        // The engine has no empty key, and refuses it by panicking.
        if key.as_bytes() < FIRST_KEY.as_slice() {
            return Ok(None);
        }
        match snapshot.get(&self.pairs, key.as_bytes()).map_err(describe("reading a key"))? {
            Some(value) => entry(key.as_bytes(), &value).map(Some),
            None => Ok(None),
        }
    }

    /// Pairs from `start` on, up to but without `end`.
    pub(crate) fn range(&self, snapshot: &fjall::Snapshot, start: &[u8], end: Option<&[u8]>) -> fjall::Iter {
        let start = start.max(FIRST_KEY.as_slice());
        match end {
            Some(end) => snapshot.range(&self.pairs, start..end),
            None => snapshot.range(&self.pairs, start..),
        }
    }
}

fn open(folder: &Path, options: &Options) -> Result<(Database, Keyspace), fjall::Error> {
    let database = Database::builder(folder)
        .worker_threads(WORKERS)
        .cache_size(options.cache_bytes)
        .max_cached_files(Some(OPEN_FILES_MAX))
        .max_journaling_size(JOURNAL_BYTES_MAX)
        .manual_journal_persist(true)
        .open()?;
    let create = || {
        KeyspaceCreateOptions::default()
            .max_memtable_size(options.memtable_bytes)
            .manual_journal_persist(true)
    };
    let pairs = database.keyspace("pairs", create)?;
    Ok((database, pairs))
}

impl Disk for Engine {
    fn version_at(&self, key: &Key) -> Result<Option<Version>, String> {
        if key.as_bytes() < FIRST_KEY.as_slice() {
            return Ok(None);
        }
        match self.pairs.get(key.as_bytes()).map_err(describe("checking a key"))? {
            Some(value) => split(&value).map(|(version, _)| Some(version)),
            None => Ok(None),
        }
    }

    fn write(&self, writes: &Writes, last: Version) -> Result<(), String> {
        self.yield_to_worker()?;
        // The engine syncs its journal before it makes the batch visible.
        let durability = if self.is_ephemeral { None } else { Some(PersistMode::SyncData) };
        let mut batch = self.database.batch().durability(durability);
        for (key, write) in writes {
            match write {
                Some((version, value)) => batch.insert(&self.pairs, key.as_bytes(), joined(*version, value)),
                None => batch.remove(&self.pairs, key.as_bytes()),
            }
        }
        batch.insert(&self.pairs, LAST_VERSION_KEY, last.to_be_bytes());
        batch.commit().map_err(describe("writing a commit"))
    }

    fn sync(&self) -> Result<(), String> {
        if self.is_ephemeral {
            return Ok(());
        }
        self.database.persist(PersistMode::SyncAll).map_err(describe("syncing the journal"))
    }
}

/// A pair of the engine as an entry of the store.
pub(crate) fn entry(key: &[u8], stored: &[u8]) -> Result<Entry, String> {
    let (version, value) = split(stored)?;
    Ok(Entry { key: Key::from_bytes(key.to_vec()), value: Bytes::copy_from_slice(value), version })
}

/// Says what was being done when the engine failed.
pub(crate) fn describe(doing: &'static str) -> impl Fn(fjall::Error) -> String {
    move |error| match error {
        fjall::Error::Io(error) => format!("{doing}: {error}"),
        fjall::Error::Storage(error) => format!("{doing}: {error:?}"),
        fjall::Error::Poisoned => format!("{doing}: an earlier write to the disk failed"),
        error => format!("{doing}: {error:?}"),
    }
}

fn joined(version: Version, value: &[u8]) -> UserValue {
    let mut stored = Vec::with_capacity(VERSION_BYTES + value.len());
    stored.extend(version.to_be_bytes());
    stored.extend(value);
    stored.into()
}

fn split(stored: &[u8]) -> Result<(Version, &[u8]), String> {
    match stored.split_first_chunk::<VERSION_BYTES>() {
        Some((version, value)) => Ok((Version::from_be_bytes(*version), value)),
        None => {
            Err(format!("a stored value of {} bytes has no version: the database is damaged", stored.len()))
        }
    }
}
