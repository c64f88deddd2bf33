//! Where measurements gather before they are written, and where readers find those that are not.
//!
//! Rooms and `PutMetricData` add to [`State`]s; a task writes what has changed about once a second, in commits of a bounded size, so that a
//! killed server loses about that much. Readers see everything at once. Memory is bounded: beyond [`SERIES_MAX`] metrics those that were
//! silent longest are forgotten (what they have is written first, and they come back with their next value), beyond [`STRETCHES_MAX`]
//! stretches of time values are dropped. Both are counted and said in the log.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use kernel::metrics::{Metric, Metrics, Series};
use kernel::store::{Batch, Store};
use kernel::{Clock, Fault, Host, Scope};
use tokio::sync::Semaphore;

use crate::aggregate::Aggregate;
use crate::rows::{Id, Listed, RowKey, Tier, listed_key};
use crate::series::State;
use crate::tasks::FLUSH;
use crate::units::Unit;

/// How long values gather before they are written.
pub const GATHER: Duration = Duration::from_secs(1);
/// Most metrics that are kept in memory.
pub const SERIES_MAX: usize = 50_000;
/// Most stretches of time that are kept in memory, of all metrics together.
pub const STRETCHES_MAX: usize = 400_000;
/// Above so many stretches clients wait until some are written.
pub const STRETCHES_HIGH: usize = STRETCHES_MAX / 2;
/// Most series written in one commit.
const COMMIT_SERIES_MAX: usize = 2_000;
/// How often the directory hears that a metric still has values, in milliseconds.
const NOTE_MS: i64 = 10 * 60 * 1000;

/// What all series of a hub share.
pub struct Shared {
    host: Weak<Host>,
    clock: Arc<dyn Clock>,
    changed: Mutex<Vec<Arc<State>>>,
    next_part: AtomicU64,
    stretches: AtomicUsize,
    dropped: AtomicU64,
}

impl Shared {
    /// Milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Counts a stretch and gives its part number; `None` if there are too many.
    pub fn open_stretch(&self) -> Option<u64> {
        if self.stretches.fetch_add(1, Ordering::Relaxed) >= STRETCHES_MAX {
            self.stretches.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(self.next_part.fetch_add(1, Ordering::Relaxed))
    }

    /// Uncounts stretches.
    pub fn close_stretches(&self, count: usize) {
        self.stretches.fetch_sub(count, Ordering::Relaxed);
    }

    /// Counts a value that could not be kept.
    pub fn drop_value(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Puts a series on the list of those to be written.
    pub fn list(&self, state: Arc<State>) {
        let mut changed = lock(&self.changed);
        let is_first = changed.is_empty();
        changed.push(state);
        drop(changed);
        if is_first && let Some(host) = self.host.upgrade() {
            host.signals.wake(FLUSH);
        }
    }
}

/// The hub.
pub struct Hub {
    shared: Arc<Shared>,
    known: Mutex<Known>,
    series_max: usize,
    writing: Semaphore,
}

#[derive(Default)]
struct Known {
    /// The series of a metric, one for each unit.
    series: HashMap<Id, Vec<Arc<State>>>,
    count: usize,
    evicted: u64,
}

impl Hub {
    /// An empty hub. It does not keep the host alive, which holds it.
    pub fn new(host: &Arc<Host>) -> Hub {
        Hub::with_room(host, SERIES_MAX)
    }

    /// An empty hub that keeps at most `series_max` metrics in memory.
    fn with_room(host: &Arc<Host>, series_max: usize) -> Hub {
        let mut start = [0; 8];
        host.entropy.fill(&mut start);
        let shared = Shared {
            host: Arc::downgrade(host),
            clock: Arc::clone(&host.clock),
            changed: Mutex::default(),
            // A random start, so that no two processes, nor one before and after a restart, give the same number.
            next_part: AtomicU64::new(u64::from_le_bytes(start)),
            stretches: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
        };
        Hub { shared: Arc::new(shared), known: Mutex::default(), series_max, writing: Semaphore::new(1) }
    }

    /// The series of a metric and unit.
    pub fn state(&self, scope: &Scope, metric: &Metric) -> Arc<State> {
        let (id, unit) = (Id::of(scope, metric), Unit::of(&metric.unit));
        let mut known = lock(&self.known);
        if let Some(found) = known.series.get(&id).and_then(|units| units.iter().find(|one| one.unit == unit))
        {
            return Arc::clone(found);
        }
        if known.count >= self.series_max {
            known.evict();
        }
        let state = State::new(&self.shared, scope, metric, id, unit);
        known.series.entry(id).or_default().push(Arc::clone(&state));
        known.count += 1;
        state
    }

    /// What is in memory of a metric, tier and span of time.
    pub fn rows(&self, id: Id, tier: Tier, span: (i64, i64)) -> Vec<(RowKey, Aggregate)> {
        let states = lock(&self.known).series.get(&id).cloned().unwrap_or_default();
        states.iter().flat_map(|state| state.rows(tier, span)).collect()
    }

    /// The metrics in memory that have had a value, of an account and region.
    pub fn listed(&self, scope: &Scope) -> Vec<(Id, Listed)> {
        let known = lock(&self.known);
        let states = known.series.values().flatten().filter(|state| state.scope == *scope);
        states
            .filter_map(|state| {
                let (last_ms, _) = state.last_ms();
                (last_ms > 0).then(|| (state.id, listed(&state.metric, last_ms)))
            })
            .collect()
    }

    /// True if something waits to be written.
    pub fn has_waiting(&self) -> bool {
        !lock(&self.shared.changed).is_empty()
    }

    /// True if clients should wait for a flush before they add more.
    pub fn is_crowded(&self) -> bool {
        self.shared.stretches.load(Ordering::Relaxed) > STRETCHES_HIGH
    }

    /// Writes everything that was added before, durably. Call it before a process ends.
    pub async fn flush(&self) -> Result<(), Fault> {
        let Some(host) = self.shared.host.upgrade() else { return Ok(()) };
        let _permit = self.writing.acquire().await.expect("the semaphore is never closed");
        let waiting = std::mem::take(&mut *lock(&self.shared.changed));
        let mut failed = None;
        for states in waiting.chunks(COMMIT_SERIES_MAX) {
            // What cannot be written goes back, also when an earlier commit has failed already.
            if let Err(fault) = self.write(&host.telemetry, states, failed.is_some()).await {
                failed = failed.or(Some(fault));
            }
        }
        let now_s = self.shared.now_ms().div_euclid(1000);
        waiting.iter().for_each(|state| {
            state.close(now_s);
        });
        let dropped = self.shared.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(
                values = dropped,
                "measurements were dropped: they are too old, or too many stretches of time are open"
            );
        }
        failed.map_or(Ok(()), Err)
    }

    async fn write(
        &self,
        store: &Arc<dyn Store>,
        states: &[Arc<State>],
        is_failing: bool,
    ) -> Result<(), Fault> {
        let mut batch = Batch::default();
        let mut announced = HashSet::new();
        let mut taken = Vec::with_capacity(states.len());
        for state in states {
            let rows = state.take_changed();
            for (row, aggregate) in &rows {
                batch.puts.push((row.key(), aggregate.encode().into()));
            }
            let (last_ms, noted_ms) = state.last_ms();
            let is_news = last_ms - noted_ms >= NOTE_MS;
            // Two units of one metric may be written together.
            if is_news && announced.insert(state.id) {
                let key = listed_key(&state.scope, &state.metric, state.id);
                batch.puts.push((key, listed(&state.metric, last_ms).encode()?.into()));
            }
            let keys: Vec<RowKey> = rows.into_iter().map(|(row, _)| row).collect();
            taken.push((state, keys, is_news.then_some(last_ms)));
        }
        let written = match (is_failing, batch.is_empty()) {
            (true, _) => Err(Fault::Conflict),
            (false, true) => Ok(()),
            (false, false) => store.commit(batch).await.map(|_| ()).map_err(Fault::from),
        };
        for (state, keys, noted) in taken {
            match (&written, noted) {
                (Ok(()), Some(last_ms)) => state.noted(last_ms),
                (Ok(()), None) => {}
                (Err(_), _) => state.give_back(&keys),
            }
        }
        written
    }

    /// Forgets the stretches that are written and over, of all series.
    pub fn close(&self) {
        let now_s = self.shared.now_ms().div_euclid(1000);
        let states: Vec<_> = lock(&self.known).series.values().flatten().cloned().collect();
        for state in states {
            state.close(now_s);
        }
    }
}

impl Known {
    /// Forgets the eighth of the series that was silent longest. Whatever of them waits to be written still will be.
    fn evict(&mut self) {
        let mut ages: Vec<i64> = self.series.values().flatten().map(|state| state.last_ms().0).collect();
        let (_, limit, _) = ages.select_nth_unstable(self.count / 8);
        let limit = *limit;
        let before = self.count;
        for states in self.series.values_mut() {
            states.retain(|state| state.last_ms().0 > limit);
        }
        self.series.retain(|_, states| !states.is_empty());
        self.count = self.series.values().map(Vec::len).sum();
        self.evicted += (before - self.count) as u64;
        tracing::warn!(evicted = self.evicted, "metrics were forgotten in memory: there are too many");
    }
}

impl Metrics for Hub {
    fn series(&self, scope: &Scope, metric: &Metric) -> Arc<dyn Series> {
        self.state(scope, metric)
    }
}

fn listed(metric: &Metric, last_ms: i64) -> Listed {
    let Metric { namespace, name, dimensions, .. } = metric.clone();
    Listed { namespace, name, dimensions, last_ms }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while one is held leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
