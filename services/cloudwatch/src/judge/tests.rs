//! AWS's tables of missing data: `X` breaches, `0` does not, `-` is missing; then the state for each way to treat missing data.

use super::*;

/// What becomes of an alarm that was OK, for `missing`, `ignore`, `breaching` and `notBreaching`; `=` stays.
fn check(needed: Option<i64>, points: &str, expect: [&str; 4]) {
    for (treat, expect) in ["missing", "ignore", "breaching", "notBreaching"].into_iter().zip(expect) {
        let alarm = alarm(needed, treat);
        let range: Vec<_> = points.split(' ').enumerate().map(|(at, point)| period(at, point)).collect();
        let found = judge(&alarm, &range, 300_000).map(|verdict| verdict.state.name());
        assert_eq!(found.unwrap_or("="), expect, "{points} of {needed:?}, {treat}");
    }
}

fn alarm(needed: Option<i64>, treat: &str) -> Alarm {
    Alarm {
        evaluation_periods: 3,
        datapoints_to_alarm: needed,
        threshold: 1.0,
        comparison: "GreaterThanThreshold".to_owned(),
        treat_missing: Some(treat.to_owned()),
        state: State::Ok,
        ..Alarm::default()
    }
}

fn period(at: usize, point: &str) -> (i64, Option<Point>) {
    let at_s = at as i64 * 60;
    let value = match point {
        "X" => Some(2.0),
        "0" => Some(0.0),
        _ => None,
    };
    (at_s, value.map(|value| Point { at_s, value, samples: Some(1.0) }))
}

const NONE: &str = "INSUFFICIENT_DATA";

#[test]
fn three_of_three() {
    check(None, "0 - X - X", ["OK", "OK", "OK", "OK"]);
    check(None, "0 - - - -", ["OK", "OK", "OK", "OK"]);
    check(None, "- - - - -", [NONE, "=", "ALARM", "OK"]);
    check(None, "0 X X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]);
    check(None, "- - X - -", ["ALARM", "=", "ALARM", "OK"]);
}

#[test]
fn two_of_three() {
    check(Some(2), "0 - X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]);
    check(Some(2), "0 0 X 0 X", ["ALARM", "ALARM", "ALARM", "ALARM"]);
    check(Some(2), "0 - X - -", ["OK", "OK", "ALARM", "OK"]);
    check(Some(2), "- - - - 0", ["OK", "OK", "ALARM", "OK"]);
    check(Some(2), "- - - - X", ["ALARM", "=", "ALARM", "OK"]);
}

fn check_reason(needed: Option<i64>, treat: &str, points: &str, expect: &str) {
    let range: Vec<_> = points.split(' ').enumerate().map(|(at, point)| period(at, point)).collect();
    let verdict = judge(&alarm(needed, treat), &range, 300_000).unwrap();
    assert_eq!(verdict.reason, expect);
    assert!(
        verdict.data.starts_with("{\"version\":\"1.0\",\"queryDate\":\"1970-01-01T00:05:00.000+0000\""),
        "{}",
        verdict.data
    );
}

#[test]
fn reasons() {
    check_reason(
        None,
        "missing",
        "X X X",
        "Threshold Crossed: 3 datapoints [2.0 (01/01/70 00:02:00), 2.0 (01/01/70 00:01:00), 2.0 (01/01/70 00:00:00)] were greater than the threshold (1.0).",
    );
    check_reason(
        Some(2),
        "missing",
        "0 0 X",
        "Threshold Crossed: 2 out of the last 3 datapoints [0.0 (01/01/70 00:01:00), 0.0 (01/01/70 00:00:00)] were not greater than the threshold (1.0) (minimum 2 datapoints for ALARM -> OK transition).",
    );
    check_reason(
        None,
        "breaching",
        "- - -",
        "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].",
    );
    check_reason(None, "missing", "- - -", "Insufficient Data: 3 datapoints were unknown.");
}
