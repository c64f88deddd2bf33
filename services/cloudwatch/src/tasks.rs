//! What happens by itself: measurements are written, rolled up and removed, alarms are evaluated.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use kernel::error::chain;
use kernel::store::{Batch, Entry, Expect, Range};
use kernel::{Failure, Fault, Host, Key, Task};

use crate::aggregate::Aggregate;
use crate::alarm::{Alarm, HISTORY_MS, Happened, begin};
use crate::hub::{GATHER, Hub};
use crate::rows::{self, Id, Listed, RowKey, TIERS, Tier, listed_id, listed_prefix};
use crate::watch;

/// Name and signal of the task that writes measurements.
pub const FLUSH: &str = "cloudwatch/flush";
/// Name and signal of the task that rolls up.
pub const SWEEP: &str = "cloudwatch/sweep";
/// Name and signal of the task that evaluates alarms.
pub const ALARMS: &str = "cloudwatch/alarms";
/// Shortest time between two evaluations of all alarms.
const ALARMS_PAUSE: Duration = Duration::from_secs(1);
/// Most rows, metrics or entries of history that the sweep reads at once.
const SWEEP_MAX: usize = 2_000;

/// Writes measurements.
pub struct Flush(pub Arc<Hub>);

impl Task for Flush {
    fn name(&self) -> &'static str {
        FLUSH
    }

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn run<'a>(&'a self, host: &'a Arc<Host>) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        Box::pin(async move {
            if self.0.has_waiting() {
                host.clock.sleep(GATHER).await;
                self.0.flush().await?;
            }
            self.0.close();
            Ok(None)
        })
    }
}

/// Evaluates alarms.
pub struct Alarms {
    hub: Arc<Hub>,
    last: Mutex<Option<Duration>>,
}

impl Alarms {
    /// Nothing is evaluated yet.
    pub fn new(hub: &Arc<Hub>) -> Alarms {
        Alarms { hub: Arc::clone(hub), last: Mutex::default() }
    }
}

impl Task for Alarms {
    fn name(&self) -> &'static str {
        ALARMS
    }

    fn period(&self) -> Duration {
        Duration::from_secs(10)
    }

    fn run<'a>(&'a self, host: &'a Arc<Host>) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        Box::pin(async move {
            let now = host.clock.monotonic();
            let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever signals often does not make alarms be evaluated more often.
            if let Some(left) = last.and_then(|last| (last + ALARMS_PAUSE).checked_sub(now))
                && !left.is_zero()
            {
                host.clock.sleep(left).await;
            }
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(host.clock.monotonic());
            let alarms = begin(host).list::<Alarm>(&Key::new(), None, usize::MAX).await?;
            for alarm in alarms {
                let name = alarm.arn();
                match watch::tend(host, &self.hub, alarm).await {
                    // Another process was first.
                    Ok(()) | Err(Fault::Conflict) => {}
                    Err(fault) => {
                        tracing::error!(
                            alarm = name,
                            error = chain(&fault),
                            "an alarm could not be evaluated"
                        );
                    }
                }
            }
            Ok(None)
        })
    }
}

/// Rolls up rows that are old, and removes those that are too old, metrics without any, and old history.
pub struct Sweep;

impl Task for Sweep {
    fn name(&self) -> &'static str {
        SWEEP
    }

    fn period(&self) -> Duration {
        Duration::from_secs(1800)
    }

    fn run<'a>(&'a self, host: &'a Arc<Host>) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        Box::pin(async move {
            let mut range = Range::prefix(&listed_prefix(None, None, None), SWEEP_MAX);
            loop {
                let metrics = host.telemetry.snapshot().range(range.clone()).await?;
                let Some(last) = metrics.last() else { break };
                let mut next = last.key.as_bytes().to_vec();
                next.push(0);
                range.start = Key::from_bytes(next);
                for entry in metrics {
                    sweep_metric(host, entry).await?;
                }
            }
            sweep_history(host).await?;
            Ok(None)
        })
    }
}

async fn sweep_metric(host: &Host, entry: Entry) -> Result<(), Fault> {
    let Some(id) = listed_id(&entry.key) else { return Ok(()) };
    let now_s = host.clock.now_ms().div_euclid(1000);
    for (at, (tier, kept_s)) in TIERS.into_iter().enumerate() {
        let next = TIERS.get(at + 1).map(|(next, _)| *next);
        // Whole rows of the next tier only, so that one of them is not made of two halves.
        let before_s = now_s - kept_s;
        let before_s = before_s - before_s.rem_euclid(i64::from(next.unwrap_or(tier)));
        while roll_up(host, (id, tier), next, before_s).await? {}
    }
    let (_, kept_s) = TIERS[TIERS.len() - 1];
    if Listed::decode(&entry)?.last_ms.div_euclid(1000) < now_s - kept_s {
        let checks = vec![(entry.key.clone(), Expect::At(entry.version))];
        let batch = Batch { checks, deletes: vec![entry.key], ..Batch::default() };
        commit(host, batch).await?;
    }
    Ok(())
}

/// Moves rows that begin before `before_s` into the next tier, or removes them; true if there may be more.
async fn roll_up(
    host: &Host,
    (id, tier): (Id, Tier),
    next: Option<Tier>,
    before_s: i64,
) -> Result<bool, Fault> {
    let snapshot = host.telemetry.snapshot();
    let mut entries = rows::entries(&*snapshot, (id, tier), (0, before_s), SWEEP_MAX).await?;
    let is_full = entries.len() == SWEEP_MAX;
    let mut batch = Batch::default();
    if let Some(next) = next {
        let start_of = |key: &RowKey| key.start_s - key.start_s.rem_euclid(i64::from(next));
        // The last one may go on in the next bite.
        if is_full && let Some(last) = entries.last().map(|(key, _)| start_of(key)) {
            let whole = entries.partition_point(|(key, _)| start_of(key) < last);
            if whole > 0 {
                entries.truncate(whole);
            }
        }
        let mut sums: std::collections::BTreeMap<RowKey, Aggregate> = std::collections::BTreeMap::new();
        for (key, entry) in &entries {
            // A part number of one of the rows is one that no row of the next tier has.
            let place = RowKey { tier: next, start_s: start_of(key), part: 0, ..*key };
            sums.entry(place).or_default().merge(&rows::decode(entry)?);
        }
        for (place, sum) in sums {
            let part = entries
                .iter()
                .find(|(key, _)| start_of(key) == place.start_s && key.unit == place.unit)
                .map_or(0, |(key, _)| key.part);
            batch.puts.push((RowKey { part, ..place }.key(), sum.encode().into()));
        }
    }
    for (_, entry) in entries {
        batch.checks.push((entry.key.clone(), Expect::At(entry.version)));
        batch.deletes.push(entry.key);
    }
    commit(host, batch).await?;
    Ok(is_full)
}

/// A conflict means that another process does the same.
async fn commit(host: &Host, batch: Batch) -> Result<(), Fault> {
    if batch.is_empty() {
        return Ok(());
    }
    match host.telemetry.commit(batch).await.map_err(Fault::from) {
        Ok(_) | Err(Fault::Conflict) => Ok(()),
        Err(fault) => Err(fault),
    }
}

async fn sweep_history(host: &Host) -> Result<(), Fault> {
    let before_ms = host.clock.now_ms() - HISTORY_MS;
    let mut after: Option<Key> = None;
    loop {
        let mut tx = begin(host);
        let history = tx.list::<Happened>(&Key::new(), after.as_ref(), SWEEP_MAX).await?;
        let Some(last) = history.last() else { return Ok(()) };
        after = Some(kernel::Record::key(last));
        for happened in history.iter().filter(|happened| happened.at_ms < before_ms) {
            tx.delete::<Happened>(&kernel::Record::key(happened));
        }
        tx.commit().await?;
    }
}
