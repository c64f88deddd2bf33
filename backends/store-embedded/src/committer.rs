//! The thread that commits: groups, checks, the one write, watchers, answers.
//!
//! Within a group, a commit sees what those before it will have written. Whatever a group writes is one engine batch, so no reader ever
//! sees part of a commit. Answers are sent last, in one go.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use kernel::clock::{Clock, SystemClock};
use kernel::key::Key;
use kernel::store::{Batch, Expect, StoreError, Version, event_key};
use store_memory::{Watchers, batch_bytes, event_position};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

/// Most commits of one group.
const GROUP_COMMITS_MAX: usize = 1024;
/// When a group has so many bytes, no further commit joins it.
const GROUP_BYTES_MAX: usize = 4 << 20;

/// A group waits for those who were in the last one, who usually come again at once: one sync for all of them is worth more than an early
/// one for the first. It waits at most this part of the time that the last write took, so that a fast disk is not held up.
const LINGER_SHARE: u32 = 16;
/// How often it looks whether they have come.
const LINGER_STEP: Duration = Duration::from_micros(20);

/// What the queue carries.
pub(crate) enum Message {
    /// One commit.
    Commit(Request),
    /// The wish to end.
    Close(oneshot::Sender<Result<(), StoreError>>),
}

/// A commit that waits for its outcome.
pub(crate) struct Request {
    pub(crate) batch: Batch,
    pub(crate) answer: oneshot::Sender<Result<Version, StoreError>>,
    #[allow(dead_code, reason = "given back when the request is dropped")]
    pub(crate) room: OwnedSemaphorePermit,
}

/// What a group writes: per key the new value and the commit it is of, or `None` to delete it.
pub(crate) type Writes = BTreeMap<Key, Option<(Version, Bytes)>>;

/// What the committer writes to. Errors are texts that tell what was being done.
pub(crate) trait Disk: Send + Sync + 'static {
    /// The commit that put what is stored at a key.
    fn version_at(&self, key: &Key) -> Result<Option<Version>, String>;
    /// Writes everything and the number of the last commit, all or nothing; durable and visible when it returns.
    fn write(&self, writes: &Writes, last: Version) -> Result<(), String>;
    /// Makes everything durable.
    fn sync(&self) -> Result<(), String>;
}

/// The state of the thread.
pub(crate) struct Committer<D> {
    disk: Arc<D>,
    last: Version,
    watchers: Arc<Watchers>,
    poison: Arc<OnceLock<Arc<str>>>,
}

impl<D: Disk> Committer<D> {
    pub(crate) fn new(
        disk: Arc<D>,
        last: Version,
        watchers: Arc<Watchers>,
        poison: Arc<OnceLock<Arc<str>>>,
    ) -> Committer<D> {
        Committer { disk, last, watchers, poison }
    }

    /// Works until it is told to close, or nobody can send any more.
    pub(crate) fn run(mut self, mut queue: mpsc::Receiver<Message>) {
        let mut close = None;
        // The disk's time is the real one, also where a test moves the clock.
        let clock = SystemClock::new();
        let mut before = (1, Duration::ZERO);
        while close.is_none() {
            let Some(first) = queue.blocking_recv() else { break };
            linger(&queue, clock.as_ref(), before);
            let mut group = Vec::new();
            let mut bytes = 0;
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Commit(request) => {
                        bytes += batch_bytes(&request.batch);
                        group.push(request);
                    }
                    Message::Close(answer) => {
                        close = Some(answer);
                        break;
                    }
                }
                let is_full = group.len() >= GROUP_COMMITS_MAX || bytes >= GROUP_BYTES_MAX;
                next = if is_full { None } else { queue.try_recv().ok() };
            }
            let (commits, begin) = (group.len(), clock.monotonic());
            self.commit_group(group);
            before = (commits, clock.monotonic().saturating_sub(begin));
        }
        let synced = match self.poison.get() {
            Some(reason) => Err(StoreError::Failed(reason.clone())),
            None => self.disk.sync().map_err(|reason| self.fail(reason)),
        };
        // Whoever still waits hears that the store is closed: the queue is dropped before the answer is sent.
        drop(queue);
        if let Some(answer) = close {
            let _ = answer.send(synced);
        }
    }

    fn commit_group(&mut self, group: Vec<Request>) {
        let mut writes = Writes::new();
        let mut last = self.last;
        let mut answers = Vec::with_capacity(group.len());
        for Request { batch, answer, room } in group {
            let outcome = self.check_and_add(batch, &mut writes, &mut last);
            answers.push((answer, outcome, room));
        }
        let written = match self.poison.get() {
            Some(reason) => Err(StoreError::Failed(reason.clone())),
            None if last == self.last => Ok(()),
            None => self.disk.write(&writes, last).map_err(|reason| self.fail(reason)),
        };
        if written.is_ok() {
            self.last = last;
            let keys: Vec<Key> = writes.into_keys().collect();
            self.watchers.notify(&keys);
        }
        for (answer, outcome, _room) in answers {
            // Nobody waits any more when the caller gave up; the commit stands all the same.
            let _ = answer.send(written.clone().and(outcome));
        }
    }

    /// Adds a commit to the group, if its checks hold. `last` becomes its number, unless it writes nothing.
    fn check_and_add(
        &self,
        batch: Batch,
        writes: &mut Writes,
        last: &mut Version,
    ) -> Result<Version, StoreError> {
        for (key, expect) in &batch.checks {
            let current = match writes.get(key) {
                Some(write) => write.as_ref().map(|(version, _)| *version),
                None => self.disk.version_at(key).map_err(|reason| StoreError::Failed(reason.into()))?,
            };
            let holds = match expect {
                Expect::Absent => current.is_none(),
                Expect::At(version) => current == Some(*version),
            };
            if !holds {
                return Err(StoreError::Conflict);
            }
        }
        if batch.is_empty() {
            return Ok(*last);
        }
        *last += 1;
        let version = *last;
        for key in batch.deletes {
            writes.insert(key, None);
        }
        for (key, value) in batch.puts {
            writes.insert(key, Some((version, value)));
        }
        for (index, event) in batch.events.into_iter().enumerate() {
            writes.insert(
                event_key(&event.topic, event_position(version, index)),
                Some((version, event.payload)),
            );
        }
        Ok(version)
    }

    /// After a write that failed nothing is known of the disk: from now on nothing is acknowledged.
    fn fail(&self, reason: String) -> StoreError {
        tracing::error!(%reason, "the store failed and takes no more commits");
        let text = format!("{reason}; the store takes no more commits until it is opened again");
        StoreError::Failed(self.poison.get_or_init(|| text.into()).clone())
    }
}

/// Waits until as many commits are there as the last group had, or the wait is no longer worth it.
fn linger(
    queue: &mpsc::Receiver<Message>,
    clock: &dyn Clock,
    (commits_before, write_took): (usize, Duration),
) {
    let is_complete = || queue.len() + 1 >= commits_before;
    let wait = write_took / LINGER_SHARE;
    if wait < LINGER_STEP || is_complete() {
        return;
    }
    let until = clock.monotonic() + wait;
    while !is_complete() && clock.monotonic() < until {
        std::thread::sleep(LINGER_STEP);
    }
}

#[cfg(test)]
mod tests;
