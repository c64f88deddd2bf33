//! Periods of the calendar, and sums over them.

use super::*;

fn quota(period: &str) -> Quota {
    Quota { limit: 100, offset: 5, period: period.to_owned() }
}

fn day(text: &str) -> i32 {
    let date: jiff::civil::Date = text.parse().unwrap();
    let since = date - jiff::civil::date(1970, 1, 1);
    since.get_days()
}

#[test]
fn where_periods_begin() {
    let check = |period: &str, of: &str, expect: &str| {
        assert_eq!(start(&quota(period), day(of)), day(expect), "{period} of {of}");
    };
    check("DAY", "2024-02-29", "2024-02-29");
    check("WEEK", "1970-01-01", "1969-12-28");
    check("WEEK", "2024-01-06", "2023-12-31");
    check("WEEK", "2024-01-07", "2024-01-07");
    check("WEEK", "1969-12-31", "1969-12-28");
    check("MONTH", "2024-02-29", "2024-02-01");
    check("MONTH", "2024-03-01", "2024-03-01");
    check("MONTH", "1969-12-31", "1969-12-01");
}

#[test]
fn what_is_left() {
    let check = |days: &[(i64, Option<i64>, Option<i64>)], is_first: bool, expect: i64| {
        let record = |&(used, remaining, limit): &(i64, Option<i64>, Option<i64>)| UsageRecord {
            used,
            remaining,
            limit,
            ..UsageRecord::default()
        };
        let days: Vec<UsageRecord> = days.iter().map(record).collect();
        assert_eq!(left(&quota("MONTH"), &days, is_first), expect, "{days:?}");
    };
    check(&[], false, 100);
    check(&[], true, 95);
    check(&[(10, Some(90), Some(100)), (20, Some(70), Some(100))], false, 70);
    // Extended by UpdateUsage, which knows no limit.
    check(&[(10, Some(500), None)], false, 500);
    // The plan's limit was 50 when that was written.
    check(&[(10, Some(40), Some(50))], false, 90);
    // The plan had no quota on these days.
    check(&[(10, None, None)], false, 90);
    check(&[(10, Some(80), Some(100)), (7, None, None)], false, 73);
}
