//! Dates, periods and rows.

use plan::definition::{Quota, UsageRecord};

use super::{date, fill, parse, period_start, range};

#[test]
fn dates() {
    for (text, day) in [
        ("1970-01-01", Some(0)),
        ("2016-02-29", Some(16_860)),
        ("2024-12-31", Some(20_088)),
        ("2100-03-01", Some(47_541)),
        ("2015-02-29", None),
        ("2016-13-01", None),
        ("2016-1", None),
        ("2016/01/01", None),
        ("", None),
    ] {
        assert_eq!(parse(text), day, "{text}");
        if let Some(day) = day {
            assert_eq!(date(day), text);
        }
    }
}

#[test]
fn ranges() {
    let check = |start: &str, end: &str| range(start, end).map_err(|error| error.to_string());
    assert_eq!(check("2016-08-01", "2016-08-03"), Ok((17_014, 17_016)));
    assert!(check("2016-08-02", "2016-08-01").is_err());
    assert!(check("2016-08-01", "2016-10-29").is_ok());
    assert!(check("2016-08-01", "2016-10-30").is_err());
}

#[test]
fn periods_begin() {
    let day = |text: &str| parse(text).unwrap();
    for (period, text, start) in [
        ("DAY", "2016-08-03", "2016-08-03"),
        ("WEEK", "2016-08-03", "2016-07-31"),
        ("WEEK", "2016-07-31", "2016-07-31"),
        ("MONTH", "2016-08-03", "2016-08-01"),
    ] {
        assert_eq!(date(period_start(period, day(text))), start, "{period} {text}");
    }
}

#[test]
fn rows() {
    let quota = Quota { limit: 100, offset: 0, period: "WEEK".into() };
    let record = |day, used, remaining| UsageRecord { day, used, remaining, ..UsageRecord::default() };
    // A week begins on day 3, a Sunday.
    let records = [record(4, 10, Some(90)), record(6, 5, Some(85))];
    assert_eq!(fill(&records, Some(&quota), Some(4), (3, 5, 7)), [[0, 90], [5, 85], [0, 85]]);
    assert_eq!(fill(&records, Some(&quota), Some(4), (3, 9, 10)), [[0, 85], [0, 100]]);
    assert_eq!(fill(&[record(4, 10, None)], None, Some(4), (4, 4, 5)), [[10, 0], [0, 0]]);
    assert_eq!(fill(&[record(4, 10, None)], Some(&quota), Some(4), (3, 4, 5)), [[10, 90], [0, 90]]);
    // The offset counts in the first period of use.
    let less = Quota { offset: 5, ..quota };
    assert_eq!(fill(&[record(4, 10, None)], Some(&less), Some(4), (3, 4, 10)).len(), 7);
    assert_eq!(fill(&[record(4, 10, None)], Some(&less), Some(4), (3, 4, 4)), [[10, 85]]);
    assert_eq!(fill(&[], Some(&less), Some(4), (10, 10, 10)), [[0, 100]]);
    assert_eq!(fill(&[], Some(&less), None, (3, 3, 3)), [[0, 95]]);
}
