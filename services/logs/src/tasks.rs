//! What happens by itself: gathered lines are written, expired events and deleted streams are cleared away, groups are measured.
//!
//! Readers never see expired events, whether or not they are already cleared away.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use kernel::key::Part;
use kernel::store::Range;
use kernel::{Failure, Fault, Host, Key, Scope, Task};

use crate::segment::{expired, numbers};
use crate::sink::{GATHER, Sink};
use crate::tables::{
    Change, Group, Stream, all_groups, events_of, garbage, garbage_key, list, load, pieces_of, stream_key,
    streams_of,
};

/// Name and signal of the task that writes gathered lines.
pub const FLUSH: &str = "logs/flush";
/// Name and signal of the task that clears away.
pub const SWEEP: &str = "logs/sweep";
/// Most keys that one commit of the sweep removes.
const SWEEP_KEYS_MAX: usize = 1_000;

/// Writes gathered lines.
pub struct Flush(pub Arc<Sink>);

impl Task for Flush {
    fn name(&self) -> &'static str {
        FLUSH
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    fn run<'a>(&'a self, host: &'a Arc<Host>) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        Box::pin(async move {
            if self.0.has_waiting() {
                host.clock.sleep(GATHER).await;
                self.0.flush().await?;
            }
            Ok(None)
        })
    }
}

/// Bytes stored in each group, as the last sweep found them.
#[derive(Default)]
pub struct Sizes(Mutex<HashMap<(Scope, String), u64>>);

impl Sizes {
    /// Bytes of a group; 0 for one that is younger than the last sweep.
    pub fn of(&self, scope: &Scope, group: &str) -> i64 {
        let sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sizes
            .get(&(scope.clone(), group.to_owned()))
            .map_or(0, |bytes| i64::try_from(*bytes).unwrap_or(i64::MAX))
    }
}

/// Clears away expired events and deleted streams, and measures groups.
pub struct Sweep(pub Arc<Sizes>);

impl Task for Sweep {
    fn name(&self) -> &'static str {
        SWEEP
    }

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn run<'a>(&'a self, host: &'a Arc<Host>) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        Box::pin(async move {
            clear_garbage(host).await?;
            let mut sizes = HashMap::new();
            let snapshot = host.telemetry.snapshot();
            for (key, group) in list::<Group>(&*snapshot, Range::prefix(&all_groups(), usize::MAX)).await? {
                let Some(scope) = scope_of(&key) else { continue };
                let streams = Range::prefix(&streams_of(&scope, &group.name), usize::MAX);
                let mut bytes = 0;
                for (_, stream) in list::<Stream>(&*snapshot, streams).await? {
                    bytes += stream.bytes;
                    let before_ms = group.kept_since_ms(host.clock.now_ms());
                    if stream.first_ms.is_some_and(|first_ms| first_ms < before_ms) {
                        bytes -= expire(host, &scope, &group.name, &stream, before_ms).await?.min(bytes);
                    }
                }
                sizes.insert((scope, group.name), bytes);
            }
            *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = sizes;
            Ok(None)
        })
    }
}

fn scope_of(group: &Key) -> Option<Scope> {
    match group.parts().as_slice() {
        [_, _, Part::Text(account), Part::Text(region), _] => Some(Scope::new(account, region)),
        _ => None,
    }
}

/// Removes the segments of which every event is older than `before_ms`, and gives their bytes. Two sweeps at once do each other no harm.
async fn expire(
    host: &Host,
    scope: &Scope,
    group: &str,
    stream: &Stream,
    before_ms: i64,
) -> Result<u64, Fault> {
    let mut removed = 0;
    loop {
        let snapshot = host.telemetry.snapshot();
        let key = stream_key(scope, group, &stream.name);
        let Some((mut record, version)) = load::<Stream>(&*snapshot, &key).await? else { return Ok(removed) };
        let mut change = Change::default();
        let (mut keys, mut bytes) = (0, 0);
        let entries = snapshot.range(Range::prefix(&events_of(&record.uid), SWEEP_KEYS_MAX)).await?;
        let mut first_left_ms = record.last_ms;
        for entry in &entries {
            let Some((gone, gone_bytes)) = expired(&record.uid, entry, before_ms) else {
                first_left_ms = numbers(&entry.key).map(|(first_ms, _)| first_ms);
                break;
            };
            keys += 1;
            bytes += gone_bytes;
            gone.into_iter().for_each(|key| change.delete(key));
        }
        if keys == 0 {
            return Ok(removed);
        }
        record.first_ms = first_left_ms;
        record.bytes = record.bytes.saturating_sub(bytes);
        change.rely(key.clone(), Some(version));
        change.put(key, &record)?;
        match change.commit(&host.telemetry).await {
            Ok(()) => removed += bytes,
            Err(Fault::Conflict) => {}
            Err(fault) => return Err(fault),
        }
    }
}

async fn clear_garbage(host: &Host) -> Result<(), Fault> {
    let snapshot = host.telemetry.snapshot();
    for entry in snapshot.range(Range::prefix(&garbage(), usize::MAX)).await? {
        let Some(Part::Text(uid)) = entry.key.parts().pop() else { continue };
        for prefix in [events_of(&uid), pieces_of(&uid)] {
            clear(host, &prefix).await?;
        }
        let mut change = Change::default();
        change.delete(garbage_key(&uid));
        change.commit(&host.telemetry).await?;
    }
    Ok(())
}

async fn clear(host: &Host, prefix: &Key) -> Result<(), Fault> {
    loop {
        let entries = host.telemetry.snapshot().range(Range::prefix(prefix, SWEEP_KEYS_MAX)).await?;
        if entries.is_empty() {
            return Ok(());
        }
        let mut change = Change::default();
        entries.into_iter().for_each(|entry| change.delete(entry.key));
        change.commit(&host.telemetry).await?;
    }
}
