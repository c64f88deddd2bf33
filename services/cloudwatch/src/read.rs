//! Reading measurements: what is in memory and what is stored, put into periods.
//!
//! Periods begin at the start of the span that is asked for, after it was rounded down as AWS does (AWS: GetMetricStatistics, StartTime).
//! Rows of a coarser tier than the period are left out, as AWS gives nothing for a period shorter than what it kept; only minutes are
//! given for shorter periods, as recorded on AWS.

use std::collections::BTreeMap;

use kernel::{Fault, Host};

use crate::aggregate::Aggregate;
use crate::hub::Hub;
use crate::rows::{self, Id, TIERS};
use crate::units::Unit;

/// The periods that are asked for: each `period_s` long, the first begins at `start_s`, the last one before `end_s`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Seconds since the epoch.
    pub start_s: i64,
    /// Seconds since the epoch, excluded.
    pub end_s: i64,
    /// Length of a period, in seconds.
    pub period_s: i64,
}

/// Aggregates by the start of their period, in seconds since the epoch.
pub type Periods = BTreeMap<i64, Aggregate>;

impl Window {
    /// A window whose start is rounded as AWS does: the older, the coarser.
    pub fn rounded(start_ms: i64, end_ms: i64, period_s: i64, now_ms: i64) -> Window {
        const DAY_MS: i64 = 86_400_000;
        let age_ms = now_ms - start_ms;
        let grain_s = if age_ms < 3 * 3_600_000 && period_s < 60 {
            period_s
        } else if age_ms < 15 * DAY_MS {
            60
        } else if age_ms < 63 * DAY_MS {
            300
        } else {
            3600
        };
        let start_s = start_ms.div_euclid(1000);
        let end_s = -(-end_ms).div_euclid(1000);
        Window { start_s: start_s - start_s.rem_euclid(grain_s), end_s, period_s }
    }

    /// Where the period begins in which a second lies.
    pub fn period_of(&self, second: i64) -> i64 {
        second - (second - self.start_s).rem_euclid(self.period_s)
    }

    /// Where all periods begin.
    pub fn starts(&self) -> impl DoubleEndedIterator<Item = i64> + use<> {
        let Window { start_s, end_s, period_s } = *self;
        (0..)
            .map(move |at| start_s + at * period_s)
            .take_while(move |start| *start < end_s)
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// The values of a metric, by unit and period; of one unit if `unit` is given.
pub async fn read(
    (host, hub): (&Host, &Hub),
    id: Id,
    unit: Option<Unit>,
    window: Window,
) -> Result<BTreeMap<Unit, Periods>, Fault> {
    let coarsest = window.period_s.max(60);
    let tiers = TIERS.iter().map(|(tier, _)| *tier).filter(|tier| i64::from(*tier) <= coarsest);
    let span = (window.start_s, window.end_s);
    let tiers: Vec<_> = tiers.collect();
    // Memory first: what leaves it afterwards is in the store by then.
    let waiting: Vec<_> = tiers.iter().map(|tier| hub.rows(id, *tier, span)).collect();
    let snapshot = host.telemetry.snapshot();
    let mut units: BTreeMap<Unit, Periods> = BTreeMap::new();
    for (tier, waiting) in tiers.into_iter().zip(waiting) {
        let mut found = rows::read(&*snapshot, (id, tier), span).await?;
        for (key, aggregate) in waiting {
            // A row that is in both places grew between the two looks.
            let stored = found.entry(key).or_default();
            if aggregate.count > stored.count {
                *stored = aggregate;
            }
        }
        for (key, aggregate) in found {
            if unit.is_none_or(|unit| unit == key.unit) {
                let periods = units.entry(key.unit).or_default();
                periods.entry(window.period_of(key.start_s)).or_default().merge(&aggregate);
            }
        }
    }
    Ok(units)
}
