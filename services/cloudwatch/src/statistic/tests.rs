//! Which texts are statistics, and what they give for one to a hundred.

use super::*;

fn check(text: &str, expect: Option<f64>) {
    let mut aggregate = Aggregate::default();
    // Fewer different values than are kept exactly.
    (1..=100).for_each(|value| aggregate.add(f64::from(value), 1.0));
    let found = Statistic::parse(text).and_then(|statistic| statistic.of(&aggregate));
    let is_same = match (found, expect) {
        (Some(found), Some(expect)) => (found - expect).abs() < 1e-6,
        (found, expect) => found == expect,
    };
    assert!(is_same, "{text}: {found:?}, not {expect:?}");
}

#[test]
fn of_one_to_a_hundred() {
    let table = [
        ("SampleCount", 100.0),
        ("Sum", 5050.0),
        ("Average", 50.5),
        ("Minimum", 1.0),
        ("Maximum", 100.0),
        ("p0", 1.0),
        ("p50", 50.0),
        ("p90", 90.0),
        ("P99", 99.0),
        ("p99.9", 100.0),
        ("p100", 100.0),
        ("tm90", 45.5),
        ("TM(10%:90%)", 50.5),
        ("TM(:90%)", 45.5),
        ("TM(20:30)", 25.5),
        ("TM(98:)", 99.5),
        ("IQM", 50.5),
        ("wm98", 50.47),
        ("tc90", 90.0),
        ("ts90", 4095.0),
        ("TC(10:20)", 10.0),
        ("PR(:30)", 30.0),
        ("PR(10:30)", 20.0),
    ];
    table.into_iter().for_each(|(text, expect)| check(text, Some(expect)));
}

#[test]
fn no_statistics() {
    for text in [
        "",
        "p",
        "p101",
        "p-1",
        "p1e1",
        "tm",
        "tm200",
        "TM(",
        "TM(:)",
        "TM(90%:10%)",
        "TM(10%:90)",
        "PR(10%:90%)",
        "average",
        "xx90",
    ] {
        check(text, None);
    }
}

#[test]
fn a_summary_has_no_percentiles() {
    let mut aggregate = Aggregate::default();
    aggregate.add_summary(crate::aggregate::Summary { count: 4.0, sum: 10.0, min: 1.0, max: 4.0 });
    assert_eq!(Statistic::Percentile(50.0).of(&aggregate), None);
    assert_eq!(Statistic::Average.of(&aggregate), Some(2.5));
}
