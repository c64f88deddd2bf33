//! The three spellings of a time that signatures use, to and from seconds since the epoch.
//!
//! Always holds: what `format_amz_date` writes, `parse_amz_date` reads back; impossible dates are refused, not wrapped.

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `20150830T123600Z`, from seconds since the epoch (clamped to years 0 to 9999).
pub fn format_amz_date(epoch_s: i64) -> String {
    // 9999-12-31T23:59:59Z and 0000-01-01T00:00:00Z.
    let epoch_s = epoch_s.clamp(-62_167_219_200, 253_402_300_799);
    let (days, second) = (epoch_s.div_euclid(86_400), epoch_s.rem_euclid(86_400));
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Seconds since the epoch of `20150830T123600Z` (ISO 8601 basic format, UTC); `None` for anything else.
pub fn parse_amz_date(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    seconds(
        digits(&bytes[0..4])?,
        digits(&bytes[4..6])?,
        digits(&bytes[6..8])?,
        digits(&bytes[9..11])?,
        digits(&bytes[11..13])?,
        digits(&bytes[13..15])?,
    )
}

/// Seconds since the epoch of an HTTP `Date` such as `Sun, 30 Aug 2015 12:36:00 GMT` (also with `+0000`).
pub fn parse_http_date(text: &str) -> Option<i64> {
    let (_weekday, rest) = text.trim().split_once(", ")?;
    let mut words = rest.split_ascii_whitespace();
    let day = digits(words.next()?.as_bytes())?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(name))? as i64 + 1;
    let year = words.next().filter(|y| y.len() == 4)?;
    let mut clock = words.next()?.split(':');
    let (hour, minute, second) = (clock.next()?, clock.next()?, clock.next()?);
    let zone = words.next()?;
    if clock.next().is_some() || words.next().is_some() || !matches!(zone, "GMT" | "UTC" | "+0000" | "Z") {
        return None;
    }
    seconds(
        digits(year.as_bytes())?,
        month,
        day,
        digits(hour.as_bytes())?,
        digits(minute.as_bytes())?,
        digits(second.as_bytes())?,
    )
}

fn digits(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 4 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(bytes.iter().fold(0, |sum, b| sum * 10 + i64::from(b - b'0')))
}

fn seconds(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_in_month = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days_in_month).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests;
