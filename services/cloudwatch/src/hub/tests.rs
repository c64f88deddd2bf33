//! Measurements are seen at once, survive a restart, age as AWS says, and stay within bounds.

use std::time::Instant;

use kernel::store::Range;

use super::*;
use crate::read::{Window, read};
use crate::rows::{TIERS, listed_prefix};
use crate::statistic::Statistic;
use crate::tasks::Sweep;
use crate::testing::{NOW_MS, Still, host, scope};

const NOW_S: i64 = NOW_MS / 1000;

fn metric() -> Metric {
    Metric::new("App", "Latency", "Milliseconds").with("Stage", "prod")
}

/// Count and sum of every period that has values, from the epoch on.
async fn periods(host: &Arc<Host>, hub: &Hub, period_s: i64) -> Vec<(i64, f64, f64)> {
    let end_s = host.clock.now_ms() / 1000 + 3600;
    let window = Window { start_s: 0, end_s, period_s };
    let units = read((host, hub), Id::of(&scope(), &metric()), None, window).await.unwrap();
    units.into_values().flatten().map(|(at_s, aggregate)| (at_s, aggregate.count, aggregate.sum)).collect()
}

async fn rows_of_tier(host: &Host, tier: Tier) -> usize {
    let span = (0, i64::MAX);
    crate::rows::entries(&*host.telemetry.snapshot(), (Id::of(&scope(), &metric()), tier), span, usize::MAX)
        .await
        .unwrap()
        .len()
}

async fn sweep(host: &Arc<Host>) {
    kernel::Task::run(&Sweep, host).await.unwrap();
}

fn pass(clock: &Still, seconds: i64) {
    clock.advance(seconds * 1000);
}

#[tokio::test]
async fn seen_at_once_and_after_a_restart() {
    let (host, clock) = host();
    let hub = Hub::new(&host);
    let series = hub.series(&scope(), &metric());
    series.record(10.0);
    assert_eq!(periods(&host, &hub, 60).await, [(NOW_S, 1.0, 10.0)]);
    hub.flush().await.unwrap();
    series.record(20.0);
    // One row in the store, and the same, grown, in memory.
    assert_eq!(periods(&host, &hub, 60).await, [(NOW_S, 2.0, 30.0)]);
    hub.flush().await.unwrap();
    assert_eq!(rows_of_tier(&host, 60).await, 1);
    let later = Hub::new(&host);
    assert_eq!(periods(&host, &later, 60).await, [(NOW_S, 2.0, 30.0)]);
    // Another process, or the next one, writes the same minute.
    later.series(&scope(), &metric()).record(30.0);
    later.flush().await.unwrap();
    assert_eq!(periods(&host, &Hub::new(&host), 60).await, [(NOW_S, 3.0, 60.0)]);
    pass(&clock, 60);
    series.record(1.0);
    series.record_at(NOW_MS, 5.0);
    assert_eq!(periods(&host, &hub, 60).await, [(NOW_S, 4.0, 65.0), (NOW_S + 60, 1.0, 1.0)]);
    assert!(later.listed(&scope()).iter().any(|(_, listed)| listed.name == "Latency"));
}

#[tokio::test]
async fn what_is_over_leaves_memory() {
    let (host, clock) = host();
    let hub = Hub::new(&host);
    let series = hub.series(&scope(), &metric());
    for _ in 0..10 {
        series.record(1.0);
        pass(&clock, 60);
        hub.flush().await.unwrap();
    }
    assert!(hub.shared.stretches.load(Ordering::Relaxed) <= 4);
    pass(&clock, 600);
    hub.close();
    assert_eq!(hub.shared.stretches.load(Ordering::Relaxed), 0);
    // A late value opens its minute again, beside what is stored.
    series.record_at(NOW_MS, 2.0);
    hub.flush().await.unwrap();
    assert_eq!(periods(&host, &hub, 60).await[0], (NOW_S, 2.0, 3.0));
    assert_eq!(rows_of_tier(&host, 60).await, 11);
}

#[tokio::test]
async fn rows_are_rolled_up_and_removed() {
    let (host, clock) = host();
    let hub = Hub::new(&host);
    let state = hub.state(&scope(), &metric());
    for second in 0..600 {
        state.add(NOW_MS + second * 1000, 1, crate::series::Values::Value(1.0, 1.0));
    }
    hub.flush().await.unwrap();
    let mut age_s = 0;
    for ((tier, kept_s), rows) in TIERS.into_iter().zip([600, 10, 2, 1]) {
        sweep(&host).await;
        assert_eq!(rows_of_tier(&host, tier).await, rows, "rows of {tier} s");
        assert_eq!(periods(&host, &hub, 3600).await, [(NOW_S, 600.0, 600.0)]);
        pass(&clock, kept_s + 7200 - age_s);
        hub.close();
        age_s = kept_s + 7200;
    }
    sweep(&host).await;
    assert_eq!(periods(&host, &hub, 3600).await, []);
    let metrics = Range::prefix(&listed_prefix(None, None, None), 10);
    assert_eq!(host.telemetry.snapshot().range(metrics).await.unwrap().len(), 0);
}

#[tokio::test]
async fn memory_is_bounded() {
    let (host, _) = host();
    const ROOM: usize = 1_000;
    let hub = Hub::with_room(&host, ROOM);
    for number in 0..ROOM + 10 {
        let metric = Metric::new("Many", &number.to_string(), "Count");
        hub.series(&scope(), &metric).record_at(NOW_MS + number as i64, 1.0);
    }
    assert!(lock(&hub.known).count <= ROOM);
    assert!(lock(&hub.known).evicted > 0);
    // What was forgotten is written all the same.
    hub.flush().await.unwrap();
    let snapshot = host.telemetry.snapshot();
    let rows = snapshot.range(Range::prefix(&listed_prefix(None, None, None), usize::MAX));
    assert_eq!(rows.await.unwrap().len(), ROOM + 10);
}

/// Run by hand, in release: `cargo test -p cloudwatch --release -- --ignored --nocapture cost`.
#[tokio::test]
#[ignore = "a measurement, not a test"]
async fn cost_of_a_record() {
    let (host, _) = host();
    let hub = Arc::new(Hub::new(&host));
    const VALUES: u32 = 4_000_000;
    for threads in [1, 4] {
        let series = hub.series(&scope(), &metric());
        let started = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| (0..VALUES / threads).for_each(|at| series.record(f64::from(at % 500))));
            }
        });
        println!("{threads} threads: {:?} a value", started.elapsed() / VALUES);
    }
    let started = Instant::now();
    (0..100_000).for_each(|_| drop(hub.series(&scope(), &metric())));
    println!("finding a series: {:?}", started.elapsed() / 100_000);
    assert!(
        Statistic::SampleCount.of(&hub.rows(Id::of(&scope(), &metric()), 60, (0, i64::MAX))[0].1).is_some()
    );
}
