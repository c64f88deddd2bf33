//! One metric in memory: the stretches of time whose values still come in.
//!
//! A stretch is opened by its first value, under a part number that nobody else has; its whole aggregate is written again whenever it has
//! changed, so that writing never reads. It is forgotten when it is written and over. A value costs the clock, one lock and one search.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::Scope;
use kernel::metrics::{Metric, Series};

use crate::aggregate::{Aggregate, Summary};
use crate::hub::Shared;
use crate::rows::{Id, RowKey, Tier};
use crate::units::Unit;

/// How long after its end a stretch stays open for late values, in seconds.
const OPEN_S: i64 = 120;

/// Oldest value that is taken, in seconds: two weeks (AWS: MetricDatum), and a minute that began before.
const AGE_S_MAX: i64 = 14 * 86_400 + 60;

/// One metric, with one unit.
pub struct State {
    /// Account and region.
    pub scope: Scope,
    /// Metric.
    pub metric: Metric,
    /// What it is stored under.
    pub id: Id,
    /// Unit.
    pub unit: Unit,
    shared: Arc<Shared>,
    /// True while it stands in the list of what is to be written.
    is_listed: AtomicBool,
    open: Mutex<Open>,
    this: std::sync::Weak<State>,
}

#[derive(Default)]
struct Open {
    stretches: BTreeMap<(Tier, i64), Stretch>,
    /// Latest timestamp of a value, and what of it the directory knows.
    last_ms: i64,
    noted_ms: i64,
}

struct Stretch {
    part: u64,
    is_changed: bool,
    aggregate: Aggregate,
}

/// What is to be added.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// A value, so many times.
    Value(f64, f64),
    /// Values and how often each.
    Many(&'a [(f64, f64)]),
    /// A statistic set.
    Summary(Summary),
}

impl State {
    /// A metric without values.
    pub fn new(shared: &Arc<Shared>, scope: &Scope, metric: &Metric, id: Id, unit: Unit) -> Arc<State> {
        Arc::new_cyclic(|this| State {
            scope: scope.clone(),
            metric: metric.clone(),
            id,
            unit,
            shared: Arc::clone(shared),
            is_listed: AtomicBool::new(false),
            open: Mutex::default(),
            this: this.clone(),
        })
    }

    /// Adds values to the stretch of `tier` seconds in which `at_ms` lies; false if there is no room for another stretch.
    pub fn add(&self, at_ms: i64, tier: Tier, values: Values<'_>) -> bool {
        let at_s = at_ms.div_euclid(1000);
        let start_s = at_s - at_s.rem_euclid(i64::from(tier));
        let mut open = self.lock();
        open.last_ms = open.last_ms.max(at_ms);
        let stretch = match open.stretches.entry((tier, start_s)) {
            std::collections::btree_map::Entry::Occupied(found) => found.into_mut(),
            std::collections::btree_map::Entry::Vacant(vacant) => {
                // What is old enough to be rolled up is never opened again.
                let is_old = start_s < self.shared.now_ms().div_euclid(1000) - AGE_S_MAX;
                let Some(part) = (!is_old).then(|| self.shared.open_stretch()).flatten() else {
                    return false;
                };
                vacant.insert(Stretch { part, is_changed: false, aggregate: Aggregate::default() })
            }
        };
        stretch.is_changed = true;
        match values {
            Values::Value(value, count) => stretch.aggregate.add(value, count),
            Values::Many(values) => {
                values.iter().for_each(|&(value, count)| stretch.aggregate.add(value, count));
            }
            Values::Summary(summary) => stretch.aggregate.add_summary(summary),
        }
        drop(open);
        if !self.is_listed.swap(true, Ordering::AcqRel)
            && let Some(this) = self.this.upgrade()
        {
            self.shared.list(this);
        }
        true
    }

    /// Takes what has changed since it was last taken. The series may be listed again from now on.
    pub fn take_changed(&self) -> Vec<(RowKey, Aggregate)> {
        self.is_listed.store(false, Ordering::Release);
        let mut open = self.lock();
        let changed = open.stretches.iter_mut().filter(|(_, stretch)| stretch.is_changed);
        changed
            .map(|(&place, stretch)| {
                stretch.is_changed = false;
                (self.row(place, stretch.part), stretch.aggregate.clone())
            })
            .collect()
    }

    /// Says that what was taken was not written: it is to be taken again.
    pub fn give_back(&self, rows: &[RowKey]) {
        let mut open = self.lock();
        for row in rows {
            if let Some(stretch) = open.stretches.get_mut(&(row.tier, row.start_s)) {
                stretch.is_changed = true;
            }
        }
        drop(open);
        if !self.is_listed.swap(true, Ordering::AcqRel)
            && let Some(this) = self.this.upgrade()
        {
            self.shared.list(this);
        }
    }

    /// Forgets what is written and over. True if nothing is left.
    pub fn close(&self, now_s: i64) -> bool {
        let mut open = self.lock();
        let before = open.stretches.len();
        open.stretches.retain(|(tier, start_s), stretch| {
            stretch.is_changed || start_s + i64::from(*tier) + OPEN_S > now_s
        });
        self.shared.close_stretches(before - open.stretches.len());
        open.stretches.is_empty()
    }

    /// What is in memory of a tier and a span of time.
    pub fn rows(&self, tier: Tier, (from_s, to_s): (i64, i64)) -> Vec<(RowKey, Aggregate)> {
        let open = self.lock();
        let span = open.stretches.range((tier, from_s)..(tier, to_s.max(from_s)));
        span.map(|(&place, stretch)| (self.row(place, stretch.part), stretch.aggregate.clone())).collect()
    }

    /// Latest timestamp of a value, and the latest that the directory was told of.
    pub fn last_ms(&self) -> (i64, i64) {
        let open = self.lock();
        (open.last_ms, open.noted_ms)
    }

    /// Remembers what the directory was told.
    pub fn noted(&self, last_ms: i64) {
        self.lock().noted_ms = last_ms;
    }

    fn row(&self, (tier, start_s): (Tier, i64), part: u64) -> RowKey {
        RowKey { id: self.id, tier, start_s, unit: self.unit, part }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        // A panic while it is held leaves at worst one value half counted.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let left = self.lock().stretches.len();
        self.shared.close_stretches(left);
    }
}

impl Series for State {
    fn record(&self, value: f64) {
        self.record_at(self.shared.now_ms(), value);
    }

    fn record_at(&self, at_ms: i64, value: f64) {
        self.record_times(at_ms, value, 1);
    }

    fn record_times(&self, at_ms: i64, value: f64, times: u64) {
        if !value.is_finite() || !self.add(at_ms, 60, Values::Value(value, times as f64)) {
            self.shared.drop_value();
        }
    }
}
