//! The periods of quotas, in days of UTC, and what a period has left.
//!
//! AWS: QuotaSettings: `DAY`, `WEEK` or `MONTH`; `offset` requests are taken off the first period in which a key is used. A week begins on
//! Sunday, a month on its first day; where AWS is silent, that is what its console shows.

use plan::definition::{Quota, UsageRecord};

/// Most days of a period.
pub(super) const DAYS_MAX: usize = 31;

/// The first day of the period that `day` lies in.
pub(super) fn start(quota: &Quota, day: i32) -> i32 {
    match quota.period.as_str() {
        // 1970-01-01 was a Thursday, the fifth day of its week.
        "WEEK" => day - (day + 4).rem_euclid(7),
        "MONTH" => {
            let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(day));
            day - date.map_or(0, |date| i32::from(date.day()) - 1)
        }
        _ => day,
    }
}

/// What a period has left after these days of it, the last of which may be going on.
pub(super) fn left(quota: &Quota, days: &[UsageRecord], is_first: bool) -> i64 {
    match days.iter().rposition(|day| day.remaining.is_some()) {
        Some(at) => {
            let known = &days[at];
            let before = known.remaining.unwrap_or_default();
            // What the plan allows more (or less) since then, and days without a quota.
            let raised = quota.limit - known.limit.unwrap_or(quota.limit);
            before + raised - used(&days[at + 1..])
        }
        None => quota.limit - if is_first { quota.offset } else { 0 } - used(days),
    }
}

fn used(days: &[UsageRecord]) -> i64 {
    days.iter().map(|day| day.used).sum()
}

#[cfg(test)]
mod tests;
