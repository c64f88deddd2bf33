//! Expressions over two small series: m1 is 1, 2, 4 at minutes 0, 1 and 3; m2 is 10, 20 at minutes 1 and 2.

use std::collections::HashMap;

use super::evaluate::{Line, Scope, Value, evaluate};
use super::*;

fn line(points: &[(i64, f64)]) -> Line {
    let points = points.iter().map(|(minute, value)| (minute * 60, *value)).collect();
    Line { label: String::new(), period_s: 60, points }
}

fn value(text: &str) -> Result<Value, String> {
    let metrics = [
        ("m1".to_owned(), line(&[(0, 1.0), (1, 2.0), (3, 4.0)])),
        ("m2".to_owned(), line(&[(1, 10.0), (2, 20.0)])),
    ];
    let values: HashMap<_, _> =
        metrics.iter().map(|(id, line)| (id.clone(), Value::Line(line.clone()))).collect();
    let starts: Vec<i64> = (0..4).map(|minute| minute * 60).collect();
    evaluate(&parse(text)?, &Scope { values: &values, metrics: &metrics, starts: &starts, period_s: 60 })
}

fn check(text: &str, expect: &[(i64, f64)]) {
    assert_eq!(value(text), Ok(Value::Line(line(expect))), "{text}");
}

#[test]
fn series() {
    check("m1 + m2", &[(1, 12.0)]);
    check("m1 * 2 + 1", &[(0, 3.0), (1, 5.0), (3, 9.0)]);
    check("-m1", &[(0, -1.0), (1, -2.0), (3, -4.0)]);
    check("10 / (m1 - 1)", &[(1, 10.0), (3, 10.0 / 3.0)]);
    check("m1 > 1", &[(0, 0.0), (1, 1.0), (3, 1.0)]);
    check("m1 > 1 AND m1 < 4", &[(0, 0.0), (1, 1.0), (3, 0.0)]);
    check("SUM(METRICS())", &[(0, 1.0), (1, 12.0), (2, 20.0), (3, 4.0)]);
    check("AVG([m1, m2])", &[(0, 1.0), (1, 6.0), (2, 20.0), (3, 4.0)]);
    check("MAX(METRICS(\"2\"))", &[(1, 10.0), (2, 20.0)]);
    check("FILL(m1, 0)", &[(0, 1.0), (1, 2.0), (2, 0.0), (3, 4.0)]);
    check("FILL(m1, REPEAT)", &[(0, 1.0), (1, 2.0), (2, 2.0), (3, 4.0)]);
    check("FILL(m1, LINEAR)", &[(0, 1.0), (1, 2.0), (2, 3.0), (3, 4.0)]);
    check("FILL(m2, m1)", &[(0, 1.0), (1, 10.0), (2, 20.0), (3, 4.0)]);
    check("RATE(m1)", &[(1, 1.0 / 60.0), (3, 2.0 / 120.0)]);
    check("DIFF(m1)", &[(1, 1.0), (3, 2.0)]);
    check("RUNNING_SUM(m1)", &[(0, 1.0), (1, 3.0), (3, 7.0)]);
    check("IF(m1 > 1, m1, 0)", &[(0, 0.0), (1, 2.0), (3, 4.0)]);
    check("IF(m1 > 1, m1)", &[(1, 2.0), (3, 4.0)]);
    check("m1 / PERIOD(m1)", &[(0, 1.0 / 60.0), (1, 2.0 / 60.0), (3, 4.0 / 60.0)]);
    check("TIME_SERIES(5)", &[(0, 5.0), (1, 5.0), (2, 5.0), (3, 5.0)]);
    check("MINUTE(m1)", &[(0, 0.0), (1, 1.0), (3, 3.0)]);
    check("ABS(0 - m2)", &[(1, 10.0), (2, 20.0)]);
}

#[test]
fn numbers() {
    let table = [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("10 - 4 - 3", 3.0),
        ("1e2 + .5", 100.5),
        ("1 < 2 || 1 > 2 && 0", 1.0),
        ("SUM(m1)", 7.0),
        ("AVG(m2)", 15.0),
        ("STDDEV(m2)", 5.0),
        ("METRIC_COUNT(METRICS())", 2.0),
        ("FIRST(m1) + LAST(m1)", 5.0),
        ("DATAPOINT_COUNT(m1)", 3.0),
        ("SUM(SORT(METRICS(), SUM, DESC, 1))", 0.0),
    ];
    for (text, expect) in table {
        match value(text) {
            Ok(Value::Number(number)) => assert_eq!(number, expect, "{text}"),
            Ok(Value::Line(line)) if text.contains("SORT") => assert_eq!(line.points.len(), 2, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn mistakes() {
    let deep = "(".repeat(100);
    for text in [
        "",
        "m1 +",
        "m1 m2",
        "m3",
        "NOPE(m1)",
        "SEARCH('x')",
        "[m1",
        "1 $ 2",
        "\"x",
        "m1 + 'x'",
        "1 / 0",
        "IF(m1)",
        "[1]",
        "METRICS() + METRICS()",
        &deep,
    ] {
        assert!(value(text).is_err(), "{text}: {:?}", value(text));
    }
}
