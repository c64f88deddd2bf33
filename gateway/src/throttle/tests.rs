//! Buckets over time, alone and among threads.

use std::thread;
use std::time::Instant;

use super::*;

/// Sends requests at these moments (milliseconds) to a bucket of this rate and burst; `1` was let in, `0` refused.
fn check(rate: f64, burst: i64, moments: &[u64], expect: &str) {
    let bucket = Bucket::new(rate, burst);
    let admitted = moments.iter().map(|ms| bucket.admit(Duration::from_millis(*ms)));
    let shown: String = admitted.map(|admitted| if admitted { '1' } else { '0' }).collect();
    assert_eq!(shown, expect, "{rate} a second, burst {burst}, at {moments:?}");
}

#[test]
fn rate_and_burst() {
    check(1.0, 2, &[0, 0, 0, 999, 1000, 1000, 2000], "1100101");
    check(10.0, 1, &[0, 50, 100, 100, 200], "10101");
    check(1.0, 3, &[0, 0, 0, 0, 1_000_000, 1_000_000, 1_000_000, 1_000_000], "11101110");
    check(0.5, 1, &[0, 1000, 2000], "101");
    check(0.0, 1, &[0, 0, 1_000_000], "100");
    check(0.0, 3, &[0, 0, 0, 0, 1_000_000], "11100");
    check(5.0, 0, &[0, 1000], "00");
    check(5.0, -1, &[0, 1000], "00");
    check(0.0, 0, &[0], "0");
    // Moments out of order, as threads bring them, give no tokens twice.
    check(1.0, 1, &[2000, 1000, 2000, 1000, 3000], "10001");
}

#[test]
fn a_token_given_back_is_there_again() {
    let bucket = Bucket::new(1.0, 1);
    assert!(bucket.admit(Duration::ZERO) && !bucket.admit(Duration::ZERO));
    bucket.give_back();
    assert!(bucket.admit(Duration::ZERO) && !bucket.admit(Duration::ZERO));
}

#[test]
fn buckets_do_not_share() {
    let buckets = Buckets::default();
    let admit = |name: &str, burst: i64| {
        buckets.get(name.to_owned(), (0.001, burst), Duration::ZERO).admit(Duration::ZERO)
    };
    assert!(admit("a", 1) && !admit("a", 1));
    assert!(admit("b", 1) && !admit("a", 1));
    assert!(admit("a", 2), "other limits begin a new bucket");
}

#[test]
fn full_buckets_are_forgotten() {
    let buckets = Buckets::default();
    let get = |name: String, at_s: u64| buckets.get(name, (1.0, 1), Duration::from_secs(at_s));
    let held = get("held".to_owned(), 0);
    for number in 1..BUCKETS_MAX {
        get(number.to_string(), 0).admit(Duration::ZERO);
    }
    assert!(!get("1".to_owned(), 0).admit(Duration::ZERO));
    get("new".to_owned(), 2);
    assert_eq!(buckets.0.lock().unwrap().len(), 2);
    assert!(Arc::ptr_eq(&held, &get("held".to_owned(), 2)), "what a plan holds stays");
}

/// Offers ten times what a bucket lets through, from many threads, over some seconds of a clock that each request moves.
fn check_admitted(rate: f64, burst: i64, threads: u64) {
    const SECONDS: u64 = 5;
    let bucket = Bucket::new(rate, burst);
    let clock = AtomicU64::new(0);
    let step = (1e8 / rate) as u64;
    let requests = SECONDS * 1_000_000_000 / step;
    let one = || {
        let offers = (0..requests / threads).filter(|_| {
            let now = clock.fetch_add(step, Ordering::Relaxed);
            bucket.admit(Duration::from_nanos(now))
        });
        offers.count()
    };
    let admitted: usize = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let expected = rate * SECONDS as f64 + burst as f64;
    let off = (admitted as f64 - expected).abs() / expected;
    assert!(off < 0.02, "{threads} threads: {admitted} let in, {expected} expected");
}

#[test]
fn the_rate_holds_among_threads() {
    check_admitted(1000.0, 100, 1);
    check_admitted(1000.0, 1, 16);
    check_admitted(10_000.0, 5000, 16);
    check_admitted(333.0, 7, 8);
}

#[test]
#[ignore = "a measurement: prints what a token costs among threads"]
fn what_a_token_costs() {
    const TOKENS: u32 = 1_000_000;
    for threads in [1, 2, 4] {
        let bucket = Bucket::new(1e9, i64::from(TOKENS));
        let started = Instant::now();
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    (0..TOKENS).for_each(|at| assert!(bucket.admit(Duration::from_micros(at.into()))))
                });
            }
        });
        println!("{threads} threads: {:?} a token", started.elapsed() / (TOKENS * threads));
    }
}
