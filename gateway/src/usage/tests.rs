//! Counters over days, restarts and other writers.

use std::time::Duration;

use super::*;
use crate::tests::{FIRST_DAY, World};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn quota(limit: i64, period: &str) -> Quota {
    Quota { limit, offset: 0, period: period.to_owned() }
}

/// Sends so many requests and says how many the quota let through.
async fn admitted(world: &World, quota: Option<&Quota>, requests: usize) -> usize {
    let usage = &world.gateway.usage;
    let mut admitted = 0;
    for _ in 0..requests {
        let ledger = usage.ledger("plan", "key", quota);
        admitted += usize::from(usage.take(&world.host, &ledger).await.unwrap());
    }
    admitted
}

async fn stored(world: &World, day: i32) -> Option<(i64, Option<i64>)> {
    let record = world.tx().peek::<UsageRecord>(&usage_key("plan", "key", FIRST_DAY + day)).await.unwrap();
    record.map(|record| (record.used, record.remaining))
}

#[tokio::test]
async fn a_quota_holds_and_survives_a_restart() {
    let world = World::new();
    let day = quota(5, "DAY");
    assert_eq!(admitted(&world, Some(&day), 3).await, 3);
    world.gateway.usage.flush(&world.host).await.unwrap();
    assert_eq!(stored(&world, 0).await, Some((3, Some(2))));
    let after = World::over(Arc::clone(&world.store));
    assert_eq!(admitted(&after, Some(&day), 10).await, 2);
    after.gateway.usage.flush(&after.host).await.unwrap();
    assert_eq!(stored(&after, 0).await, Some((5, Some(0))));
    after.pass(DAY);
    assert_eq!(admitted(&after, Some(&day), 10).await, 5);
}

#[tokio::test]
async fn periods_go_over_days() {
    let world = World::new();
    // 2024-01-01 was a Monday.
    let week = quota(10, "WEEK");
    for (day, expect) in [(0, 4), (1, 4), (2, 2), (3, 0), (4, 0), (5, 0), (6, 4)] {
        assert_eq!(admitted(&world, Some(&week), 4).await, expect, "day {day}");
        if day != 1 {
            world.gateway.usage.flush(&world.host).await.unwrap();
        }
        world.pass(DAY);
    }
    // Of the day that was not written at its end nothing is lost: one flush writes one day.
    assert_eq!(stored(&world, 1).await, Some((4, Some(2))));
    world.gateway.usage.flush(&world.host).await.unwrap();
    assert_eq!(stored(&world, 2).await, Some((2, Some(0))));
    assert_eq!(stored(&world, 6).await, Some((4, Some(6))));
}

#[tokio::test]
async fn without_a_quota_requests_are_counted_all_the_same() {
    let world = World::new();
    assert_eq!(admitted(&world, None, 7).await, 7);
    world.gateway.usage.flush(&world.host).await.unwrap();
    assert_eq!(stored(&world, 0).await, Some((7, None)));
    assert_eq!(
        admitted(&world, Some(&quota(10, "DAY")), 10).await,
        3,
        "a quota that comes later counts them"
    );
}

#[tokio::test]
async fn what_others_write_is_taken_over() {
    let world = World::new();
    let day = quota(5, "DAY");
    assert_eq!(admitted(&world, Some(&day), 9).await, 5);
    world.gateway.usage.flush(&world.host).await.unwrap();
    // As UpdateUsage does it.
    let mut tx = world.tx();
    let mut record = tx.get::<UsageRecord>(&usage_key("plan", "key", FIRST_DAY)).await.unwrap().unwrap();
    record.remaining = Some(3);
    tx.put(&record).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(admitted(&world, Some(&day), 9).await, 3);
    // The plan allows more.
    assert_eq!(admitted(&world, Some(&quota(7, "DAY")), 9).await, 2);
    world.gateway.usage.flush(&world.host).await.unwrap();
    assert_eq!(stored(&world, 0).await, Some((10, Some(0))));
}

#[tokio::test]
async fn two_writers_lose_nothing() {
    let one = World::new();
    let two = World::over(Arc::clone(&one.store));
    let day = quota(100, "DAY");
    for _ in 0..3 {
        assert_eq!(admitted(&one, Some(&day), 5).await + admitted(&two, Some(&day), 7).await, 12);
        let (first, second) =
            tokio::join!(one.gateway.usage.flush(&one.host), two.gateway.usage.flush(&two.host));
        first.and(second).unwrap();
    }
    assert_eq!(stored(&one, 0).await, Some((36, Some(64))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_count_is_lost_among_threads() {
    const TASKS: usize = 8;
    const EACH: usize = 500;
    let world = Arc::new(World::new());
    let day = quota((TASKS * EACH / 2) as i64, "DAY");
    let mut running = Vec::new();
    for _ in 0..TASKS {
        let (world, day) = (Arc::clone(&world), day.clone());
        running.push(tokio::spawn(async move {
            let mut sum = 0;
            for _ in 0..EACH / 10 {
                sum += admitted(&world, Some(&day), 10).await;
                world.gateway.usage.flush(&world.host).await.unwrap();
            }
            sum
        }));
    }
    let mut sum = 0;
    for task in running {
        sum += task.await.unwrap();
    }
    world.gateway.usage.flush(&world.host).await.unwrap();
    assert_eq!(sum, TASKS * EACH / 2);
    assert_eq!(stored(&world, 0).await, Some((sum as i64, Some(0))));
}

#[tokio::test]
async fn the_task_writes_in_groups() {
    let world = World::new();
    let task = Flush(Arc::clone(&world.gateway.usage));
    assert_eq!(task.run(&world.host).await.unwrap(), None, "nothing to write");
    admitted(&world, None, 1).await;
    assert_eq!(task.run(&world.host).await.unwrap(), None);
    assert_eq!(stored(&world, 0).await, Some((1, None)));
    admitted(&world, None, 1).await;
    world.pass(Duration::from_millis(300));
    assert_eq!(task.run(&world.host).await.unwrap(), Some(Duration::from_millis(700)));
    assert_eq!(stored(&world, 0).await, Some((1, None)));
    world.pass(Duration::from_millis(700));
    assert_eq!(task.run(&world.host).await.unwrap(), None);
    assert_eq!(stored(&world, 0).await, Some((2, None)));
}
