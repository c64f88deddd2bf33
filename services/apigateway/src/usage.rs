//! What keys used of a plan: days, periods of a quota, and the rows that are shown.
//!
//! A row is `[used, remaining]`. A day on which a key was not used has nothing used, and remaining what the days before in the same period
//! left. Without a quota nothing is counted down, and 0 stands for what remains. Periods begin at midnight UTC: of the day, of Sunday,
//! or of the first of the month, which AWS does not tell.

use kernel::Tx;
use plan::definition::{Quota, UsageRecord, usage_key};

use crate::Cx;
use crate::error::Error;
use crate::published;

/// AWS keeps the usage of so many days.
pub(crate) const DAYS_MAX: i32 = 90;

const DAY_MS: i64 = 86_400_000;

/// The day of a moment, in days since the epoch.
pub(crate) fn day_of(now_ms: i64) -> i32 {
    i32::try_from(now_ms.div_euclid(DAY_MS)).unwrap_or(i32::MAX)
}

/// The first and last day of a range.
pub(crate) fn range(start: &str, end: &str) -> Result<(i32, i32), Error> {
    let day = |text: &str| parse(text).ok_or_else(|| Error::UsageDate(text.to_owned()));
    let (start, end) = (day(start)?, day(end)?);
    if end < start {
        return Err(Error::UsageOrder);
    }
    if end - start >= DAYS_MAX { Err(Error::UsageRange) } else { Ok((start, end)) }
}

/// `2016-08-01` of a day.
pub(crate) fn date(day: i32) -> String {
    let (year, month, of_month) = civil(day);
    format!("{year:04}-{month:02}-{of_month:02}")
}

/// The first day of the quota's period that `day` is in.
pub(crate) fn period_start(period: &str, day: i32) -> i32 {
    match period {
        // 1970-01-01 was a Thursday.
        "WEEK" => day - (day + 4).rem_euclid(7),
        "MONTH" => day - civil(day).2 + 1,
        _ => day,
    }
}

/// A row of each day from `start` to `end`.
pub(crate) async fn rows(
    cx: &Cx,
    tx: &mut Tx,
    (plan_id, key_id): (&str, &str),
    quota: Option<&Quota>,
    (start, end): (i32, i32),
) -> Result<Vec<Vec<i64>>, Error> {
    let first = quota.map_or(start, |quota| period_start(&quota.period, start));
    let prefix = kernel::Key::new().text(plan_id).text(key_id);
    // Days are written so that their order is that of time.
    let after = usage_key(plan_id, key_id, first - 1);
    let days = usize::try_from(end - first + 1).unwrap_or_default();
    let records = published::list::<UsageRecord>(cx, tx, &prefix, Some(&after), days).await?;
    let oldest = published::list::<UsageRecord>(cx, tx, &prefix, None, 1).await?;
    Ok(fill(&records, quota, oldest.first().map(|record| record.day), (first, start, end)))
}

/// Rows of the days from `start` to `end`, reckoned from `first`, where a period begins; the offset is taken off the period that the
/// `oldest` record is in (or the first one, if there is none).
fn fill(
    records: &[UsageRecord],
    quota: Option<&Quota>,
    oldest: Option<i32>,
    (first, start, end): (i32, i32, i32),
) -> Vec<Vec<i64>> {
    let mut remaining = 0;
    let mut rows = Vec::new();
    for day in first..=end {
        if let Some(quota) = quota.filter(|quota| period_start(&quota.period, day) == day) {
            let initial = oldest.map_or(first, |oldest| period_start(&quota.period, oldest));
            remaining = quota.limit - if initial == day { quota.offset } else { 0 };
        }
        let record = records.iter().find(|record| record.day == day);
        match record.map(|record| (record.remaining, record.used)) {
            Some((Some(left), _)) => remaining = left,
            Some((None, used)) if quota.is_some() => remaining = (remaining - used).max(0),
            _ => {}
        }
        if day >= start {
            rows.push(vec![record.map_or(0, |record| record.used), remaining]);
        }
    }
    rows
}

/// A date as `yyyy-mm-dd`, in days since the epoch.
fn parse(text: &str) -> Option<i32> {
    let mut parts = text.splitn(3, '-').map(|part| {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<i32>().ok()).flatten()
    });
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let found = days(year, month, day);
    (civil(found) == (year, month, day)).then_some(found)
}

/// Days since the epoch of a date in the Gregorian calendar (Howard Hinnant's algorithm: years begin in March).
fn days(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day since the epoch.
fn civil(day: i32) -> (i32, i32, i32) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i32::from(month <= 2);
    (year, month, of_month)
}

#[cfg(test)]
mod tests;
