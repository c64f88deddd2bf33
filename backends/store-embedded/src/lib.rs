//! The store that needs nothing installed: fjall, a log-structured engine, behind one thread that commits.
//!
//! The thread takes every commit that is waiting, checks them in order, writes all that hold as one engine batch with one fdatasync, tells
//! the watchers, and answers. So a group is visible and durable before any of it is acknowledged, and many writers share one sync. A write
//! or sync that fails poisons the store: nothing is acknowledged after it, until the folder is opened again.
//!
//! A data folder may hold several databases, each in a folder of its name with a format number, a lock and the engine's files.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::key::Key;
use kernel::limits::BATCH_BYTES_MAX;
use kernel::store::{Batch, Snapshot, Store, StoreError, Version, WatchGuard, Watcher};
use store_memory::{Watchers, batch_bytes, check_limits};
use tokio::sync::{Semaphore, mpsc, oneshot};

pub use crate::folder::{FORMAT, OpenError};

mod committer;
mod engine;
mod folder;
mod reads;

use crate::committer::{Committer, Message, Request};
use crate::engine::Engine;
use crate::reads::EmbeddedSnapshot;

/// Most commits that wait for the committing thread; more wait in their own task.
pub const QUEUE_COMMITS_MAX: usize = 4096;
/// Most bytes of the commits that wait for the committing thread; more wait in their own task.
pub const QUEUE_BYTES_MAX: usize = 2 * BATCH_BYTES_MAX;

/// What a database is opened with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name of the database, and of its folder within the data folder: one segment of `[a-z0-9-]`.
    pub name: String,
    /// Acknowledges without waiting for the disk. What a killed process or a power failure leaves is undefined. Default false.
    pub ephemeral: bool,
    /// Bytes of recent writes that are kept in memory before they are sorted into files; kept from the first open of the database on.
    /// Default 4 MiB; up to four times as much while the disk does not keep up.
    pub memtable_bytes: u64,
    /// Bytes of blocks of these files that are kept in memory. Default 4 MiB.
    pub cache_bytes: u64,
}

impl Options {
    /// A durable database of that name, with the defaults.
    pub fn new(name: &str) -> Options {
        Options { name: name.to_owned(), ephemeral: false, memtable_bytes: 4 << 20, cache_bytes: 4 << 20 }
    }

    /// The same, not waiting for the disk.
    pub fn ephemeral(self) -> Options {
        Options { ephemeral: true, ..self }
    }
}

/// An open database. Dropping it commits what was already handed to it and ends its threads; a few milliseconds.
pub struct EmbeddedStore {
    engine: Arc<Engine>,
    watchers: Arc<Watchers>,
    /// Why nothing more is acknowledged.
    poison: Arc<OnceLock<Arc<str>>>,
    queue_bytes: Arc<Semaphore>,
    /// `None` only while being dropped.
    queue: Option<mpsc::Sender<Message>>,
    thread: Option<JoinHandle<()>>,
}

impl EmbeddedStore {
    /// Opens or creates the database of that name in the data folder `path`. Blocks, usually for some milliseconds.
    pub fn open(path: &Path, options: Options) -> Result<EmbeddedStore, OpenError> {
        let engine = Arc::new(folder::open(path, &options)?);
        let (queue, requests) = mpsc::channel(QUEUE_COMMITS_MAX);
        let watchers = Arc::new(Watchers::default());
        let poison = Arc::new(OnceLock::new());
        let last = engine
            .last_version()
            .map_err(|reason| OpenError::failed(path, "reading the last version", reason))?;
        let committer = Committer::new(engine.clone(), last, watchers.clone(), poison.clone());
        let thread = std::thread::Builder::new()
            .name(format!("store-{}", options.name))
            .spawn(move || committer.run(requests))
            .map_err(|error| OpenError::failed(path, "starting the committing thread", error.to_string()))?;
        Ok(EmbeddedStore {
            engine,
            watchers,
            poison,
            queue_bytes: Arc::new(Semaphore::new(QUEUE_BYTES_MAX / QUEUE_UNIT_BYTES)),
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Commits what is waiting, syncs it (an ephemeral store does not), and refuses every later commit. Reads go on.
    pub async fn close(&self) -> Result<(), StoreError> {
        let (answer, closed) = oneshot::channel();
        self.sender()?.send(Message::Close(answer)).await.map_err(|_| self.closed())?;
        closed.await.map_err(|_| self.closed())?
    }

    /// Why the store acknowledges nothing more, if it does not: for the health of the server.
    pub fn poisoned(&self) -> Option<Arc<str>> {
        self.poison.get().cloned()
    }

    fn sender(&self) -> Result<&mpsc::Sender<Message>, StoreError> {
        self.queue.as_ref().ok_or_else(|| self.closed())
    }

    fn closed(&self) -> StoreError {
        StoreError::Failed(self.poisoned().unwrap_or_else(|| "the store is closed".into()))
    }

    async fn hand_over(&self, batch: Batch) -> Result<Version, StoreError> {
        check_limits(&batch)?;
        let units = u32::try_from(batch_bytes(&batch) / QUEUE_UNIT_BYTES + 1).unwrap_or(u32::MAX);
        let room = self.queue_bytes.clone().acquire_many_owned(units).await.map_err(|_| self.closed())?;
        let (answer, outcome) = oneshot::channel();
        self.sender()?
            .send(Message::Commit(Request { batch, answer, room }))
            .await
            .map_err(|_| self.closed())?;
        outcome.await.map_err(|_| self.closed())?
    }
}

/// In what the bytes of the queue are counted: the semaphore counts to less than their number.
const QUEUE_UNIT_BYTES: usize = 1024;

impl Store for EmbeddedStore {
    fn snapshot(&self) -> Arc<dyn Snapshot> {
        Arc::new(EmbeddedSnapshot::new(self.engine.clone()))
    }

    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<Version, StoreError>> {
        self.hand_over(batch).boxed()
    }

    fn watch(&self, prefix: Key, watcher: Watcher) -> WatchGuard {
        self.watchers.add(prefix, watcher)
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        // The thread ends when the queue is empty and nobody can send any more.
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the committing thread of the store panicked");
        }
    }
}
