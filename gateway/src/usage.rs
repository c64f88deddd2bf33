//! What API keys use of their plans: counted in memory, written down in groups, read back at the first request after a start.
//!
//! Counters of a key in a plan are a [`Ledger`]. What is not written yet is kept apart from what the store said, and is added to the
//! stored record when it is written, so that several writers (other nodes, `UpdateUsage`) lose nothing of each other. A watch on the
//! records makes the next request read again what somebody else wrote. Counts are written at most [`FLUSH_EVERY`] after the request; what
//! is younger is lost when the process is killed, never when it is stopped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::store::Store;
use kernel::{Failure, Fault, Host, Internal, Key, Task, Tx};
use plan::definition::{PUBLISHED_SERVICE, Quota, UsageRecord, published_scope, usage_key};

use crate::limits::{FLUSH_EVERY, LEDGERS_MAX, USAGE_BATCH_MAX, USAGE_RETRIES_MAX};

mod period;

/// Name of the task that writes usage down, and of its signal.
pub(crate) const TASK: &str = "execute-api/usage";

/// What one key used of one plan.
pub(crate) struct Ledger {
    plan_id: String,
    key_id: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    quota: Option<Quota>,
    /// The day that `used` and `left` are of; `None` before anything was read.
    day: Option<i32>,
    /// Requests of that day, as stored.
    used: i64,
    /// What the period has left, as stored; `None` without a quota.
    left: Option<i64>,
    /// Requests that are not stored yet, by day.
    pending: Vec<(i32, i64)>,
    /// Somebody else wrote, or the quota changed: read again.
    is_stale: bool,
    /// Pending counts are being written: what is stored is not read until that is done.
    is_flushing: bool,
    is_queued: bool,
    /// Times that a record changed in the store.
    changes: u64,
}

/// How a request stands with its quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// It is counted.
    Admitted,
    /// The quota is used up.
    Exceeded,
    /// The stored records must be read first.
    Unknown,
}

impl State {
    fn take(&mut self, day: i32) -> Taken {
        if self.day != Some(day) || (self.is_stale && !self.is_flushing) {
            return Taken::Unknown;
        }
        let start = self.quota.as_ref().map_or(day, |quota| period::start(quota, day));
        let pending = self.pending.iter().filter(|(of, _)| (start..=day).contains(of));
        if self.left.is_some_and(|left| left - pending.map(|(_, count)| count).sum::<i64>() <= 0) {
            return Taken::Exceeded;
        }
        match self.pending.iter_mut().find(|(of, _)| *of == day) {
            Some((_, count)) => *count += 1,
            None => self.pending.push((day, 1)),
        }
        Taken::Admitted
    }
}

impl Ledger {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All ledgers.
#[derive(Default)]
pub(crate) struct Usage {
    /// By plan, then by key.
    ledgers: Mutex<HashMap<String, HashMap<String, Arc<Ledger>>>>,
    /// Those with something to write.
    queue: Mutex<Vec<Arc<Ledger>>>,
    /// One writes at a time; holds when it last did, on the monotonic clock.
    writing: tokio::sync::Mutex<Option<Duration>>,
}

impl Usage {
    /// The ledger of a key in a plan with this quota.
    pub(crate) fn ledger(&self, plan_id: &str, key_id: &str, quota: Option<&Quota>) -> Arc<Ledger> {
        let mut ledgers = self.ledgers.lock().unwrap_or_else(PoisonError::into_inner);
        if ledgers.values().map(HashMap::len).sum::<usize>() >= LEDGERS_MAX {
            for keys in ledgers.values_mut() {
                keys.retain(|_, ledger| Arc::strong_count(ledger) > 1);
            }
            ledgers.retain(|_, keys| !keys.is_empty());
        }
        let ledger = ledgers.entry(plan_id.to_owned()).or_default().entry(key_id.to_owned());
        let fresh = || {
            Arc::new(Ledger {
                plan_id: plan_id.to_owned(),
                key_id: key_id.to_owned(),
                state: Mutex::default(),
            })
        };
        let ledger = Arc::clone(ledger.or_insert_with(fresh));
        drop(ledgers);
        let mut state = ledger.state();
        if state.quota.as_ref() != quota {
            state.quota = quota.cloned();
            state.is_stale = true;
        }
        drop(state);
        ledger
    }

    /// Counts a request; false if the quota is used up.
    pub(crate) async fn take(&self, host: &Host, ledger: &Arc<Ledger>) -> Result<bool, Fault> {
        let day = today(host);
        loop {
            let (taken, is_new) = {
                let mut state = ledger.state();
                let taken = state.take(day);
                (taken, taken == Taken::Admitted && !std::mem::replace(&mut state.is_queued, true))
            };
            if is_new {
                self.queue.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(ledger));
                host.signals.wake(TASK);
            }
            match taken {
                Taken::Admitted => return Ok(true),
                Taken::Exceeded => return Ok(false),
                Taken::Unknown => load(&host.store, ledger, day).await?,
            }
        }
    }

    /// Notes that a stored record changed.
    pub(crate) fn changed(&self, plan_id: &str, key_id: &str) {
        let ledgers = self.ledgers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ledger) = ledgers.get(plan_id).and_then(|keys| keys.get(key_id)) {
            let mut state = ledger.state();
            state.is_stale = true;
            state.changes += 1;
        }
    }

    /// Writes everything that was counted until now.
    pub(crate) async fn flush(&self, host: &Host) -> Result<(), Fault> {
        let mut writing = self.writing.lock().await;
        let queue = std::mem::take(&mut *self.queue.lock().unwrap_or_else(PoisonError::into_inner));
        let mut outcome = Ok(());
        for some in queue.chunks(USAGE_BATCH_MAX) {
            if let Err(fault) = self.flush_some(&host.store, some).await {
                outcome = Err(fault);
            }
        }
        *writing = Some(host.clock.monotonic());
        outcome
    }

    async fn flush_some(&self, store: &Arc<dyn Store>, some: &[Arc<Ledger>]) -> Result<(), Fault> {
        let written = write(store, some).await;
        let mut again = Vec::new();
        for (at, ledger) in some.iter().enumerate() {
            let mut state = ledger.state();
            state.is_flushing = false;
            if let Ok(records) = &written {
                state.settle(&records[at]);
            }
            state.is_queued = !state.pending.is_empty();
            if state.is_queued {
                again.push(Arc::clone(ledger));
            }
        }
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).append(&mut again);
        written.map(|_| ())
    }
}

/// A record as it was written, and what of it was pending.
struct Written {
    record: UsageRecord,
    count: i64,
    /// Changes that had been seen before.
    changes: u64,
}

impl State {
    /// What was pending is stored now.
    fn settle(&mut self, written: &Option<Written>) {
        let Some(Written { record, count, changes }) = written else { return };
        if let Some(pending) = self.pending.iter_mut().find(|(day, _)| *day == record.day) {
            pending.1 -= count;
        }
        self.pending.retain(|(_, count)| *count > 0);
        if self.day == Some(record.day) {
            (self.used, self.left) = (record.used, record.remaining);
            // Nobody else wrote meanwhile, and the quota is the one that was reckoned with.
            let is_same = record.limit == self.quota.as_ref().map(|quota| quota.limit);
            if self.changes == changes + 1 && is_same {
                self.is_stale = false;
            }
        } else {
            self.is_stale = true;
        }
    }
}

/// Writes the oldest pending day of each ledger, all in one commit; gives what was written of each.
async fn write(store: &Arc<dyn Store>, some: &[Arc<Ledger>]) -> Result<Vec<Option<Written>>, Fault> {
    for _ in 0..USAGE_RETRIES_MAX {
        let mut tx = published(store);
        let mut written = Vec::with_capacity(some.len());
        for ledger in some {
            let (oldest, quota, changes) = {
                let mut state = ledger.state();
                state.is_flushing = true;
                (state.pending.iter().min().copied(), state.quota.clone(), state.changes)
            };
            let Some((day, count)) = oldest else {
                written.push(None);
                continue;
            };
            let key = usage_key(&ledger.plan_id, &ledger.key_id, day);
            let mut record = tx.get::<UsageRecord>(&key).await?.unwrap_or_default();
            let left = left(&tx, ledger, quota.as_ref(), day, Some(&record)).await?;
            record.plan_id.clone_from(&ledger.plan_id);
            record.key_id.clone_from(&ledger.key_id);
            record.day = day;
            record.used += count;
            record.remaining = left.map(|left| (left - count).max(0));
            record.limit = quota.map(|quota| quota.limit);
            tx.put(&record)?;
            written.push(Some(Written { record, count, changes }));
        }
        match tx.commit().await {
            Ok(_) => return Ok(written),
            Err(Fault::Conflict) => continue,
            Err(fault) => return Err(fault),
        }
    }
    Err(Internal::because("the usage of API keys could not be written: others kept writing it").into())
}

/// Reads what is stored of a ledger's day.
async fn load(store: &Arc<dyn Store>, ledger: &Ledger, day: i32) -> Result<(), Fault> {
    let (quota, changes) = {
        let state = ledger.state();
        (state.quota.clone(), state.changes)
    };
    let tx = published(store);
    let record = tx.peek::<UsageRecord>(&usage_key(&ledger.plan_id, &ledger.key_id, day)).await?;
    let left = left(&tx, ledger, quota.as_ref(), day, record.as_ref()).await?;
    let mut state = ledger.state();
    (state.day, state.used, state.left) = (Some(day), record.map_or(0, |record| record.used), left);
    state.is_stale = state.changes != changes || state.quota != quota;
    Ok(())
}

/// What the period of `day` has left, without what is pending; `None` without a quota.
async fn left(
    tx: &Tx,
    ledger: &Ledger,
    quota: Option<&Quota>,
    day: i32,
    today: Option<&UsageRecord>,
) -> Result<Option<i64>, Fault> {
    let Some(quota) = quota else { return Ok(None) };
    let (mut records, mut is_first) = (Vec::new(), false);
    if today.is_none_or(|record| record.remaining.is_none()) {
        let (plan_id, key_id) = (&ledger.plan_id, &ledger.key_id);
        let prefix = Key::new().text(plan_id).text(key_id);
        let start = period::start(quota, day);
        let before = usage_key(plan_id, key_id, start - 1);
        records = tx.list::<UsageRecord>(&prefix, Some(&before), period::DAYS_MAX).await?;
        records.retain(|record| record.day < day);
        let first = tx.list::<UsageRecord>(&prefix, None, 1).await?;
        is_first = first.first().is_none_or(|first| first.day >= start);
    }
    records.extend(today.cloned());
    Ok(Some(period::left(quota, &records, is_first)))
}

fn published(store: &Arc<dyn Store>) -> Tx {
    Tx::new(Arc::clone(store), published_scope().space(PUBLISHED_SERVICE))
}

/// Days since the epoch, UTC.
fn today(host: &Host) -> i32 {
    i32::try_from(host.clock.now_ms().div_euclid(86_400_000)).unwrap_or(i32::MAX)
}

/// Writes usage down, at most once in [`FLUSH_EVERY`]; sleeps while there is none.
pub(crate) struct Flush(pub(crate) Arc<Usage>);

impl Task for Flush {
    fn name(&self) -> &'static str {
        TASK
    }

    fn period(&self) -> Duration {
        Duration::from_secs(3600)
    }

    fn run<'a>(&'a self, host: &'a Arc<Host>) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        async move {
            let is_idle = || self.0.queue.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
            if is_idle() {
                return Ok(None);
            }
            let since = self.0.writing.lock().await.map(|last| host.clock.monotonic().saturating_sub(last));
            if let Some(wait) =
                since.and_then(|since| FLUSH_EVERY.checked_sub(since)).filter(|wait| !wait.is_zero())
            {
                return Ok(Some(wait));
            }
            if let Err(fault) = self.0.flush(host).await {
                tracing::error!(
                    error = kernel::error::chain(&fault),
                    "usage of API keys could not be written; it is tried again"
                );
            }
            Ok((!is_idle()).then_some(FLUSH_EVERY))
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
