//! Buckets over time.

use super::*;

/// Sends requests at these moments (milliseconds) to a bucket of this rate and burst; `1` was let in, `0` refused.
fn check(rate: f64, burst: f64, moments: &[u64], expect: &str) {
    let buckets = Buckets::default();
    let throttle = Throttle { bucket: "*/*".to_owned(), rate, burst };
    let admitted =
        moments.iter().map(|ms| buckets.admit(("api", "prod"), &throttle, Duration::from_millis(*ms)));
    let shown: String = admitted.map(|admitted| if admitted { '1' } else { '0' }).collect();
    assert_eq!(shown, expect, "{rate} a second, burst {burst}, at {moments:?}");
}

#[test]
fn rate_and_burst() {
    check(1.0, 2.0, &[0, 0, 0, 999, 1000, 1000, 2000], "1100101");
    check(10.0, 1.0, &[0, 50, 100, 100, 200], "10101");
    check(1.0, 3.0, &[0, 0, 0, 0, 1_000_000, 1_000_000, 1_000_000, 1_000_000], "11101110");
    check(0.5, 1.0, &[0, 1000, 2000], "101");
    check(0.0, 1.0, &[0, 0, 1_000_000], "100");
    check(5.0, 0.0, &[0, 1000], "00");
    // Moments out of order, as threads bring them, give no tokens twice.
    check(1.0, 1.0, &[2000, 1000, 2000, 1000, 3000], "10001");
}

#[test]
fn buckets_do_not_share() {
    let buckets = Buckets::default();
    let throttle = |bucket: &str, burst: f64| Throttle { bucket: bucket.to_owned(), rate: 0.001, burst };
    let admit = |stage: (&str, &str), throttle: &Throttle| buckets.admit(stage, throttle, Duration::ZERO);
    let (all, own) = (throttle("*/*", 1.0), throttle("/pets/GET", 1.0));
    assert!(admit(("a", "prod"), &all) && !admit(("a", "prod"), &all));
    assert!(admit(("a", "prod"), &own) && admit(("a", "test"), &all) && admit(("b", "prod"), &all));
    assert!(admit(("a", "prod"), &throttle("*/*", 2.0)), "other limits begin a new bucket");
}

#[test]
fn full_buckets_are_forgotten() {
    let buckets = Buckets::default();
    let throttle = Throttle { bucket: "*/*".to_owned(), rate: 1.0, burst: 1.0 };
    for stage in 0..BUCKETS_MAX {
        buckets.admit((&stage.to_string(), "prod"), &throttle, Duration::ZERO);
    }
    assert!(!buckets.admit(("0", "prod"), &throttle, Duration::ZERO));
    assert!(buckets.admit(("new", "prod"), &throttle, Duration::from_secs(2)));
    assert_eq!(buckets.0.lock().unwrap().len(), 1);
}
