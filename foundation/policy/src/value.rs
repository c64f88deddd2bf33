//! The values that conditions compare: dates, numbers, truth values, address ranges.
//!
//! Always holds: a text that is not of the type has no value (`None`), it is never guessed at.
//!
//! AWS: IAM JSON policy elements: Condition operators (W3C's profile of ISO 8601, or seconds since the epoch).

use std::net::IpAddr;

/// A range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    base: u128,
    mask: u128,
    is_v6: bool,
}

impl AddressRange {
    /// `203.0.113.0/24`, `2001:db8::/32`, or one address.
    pub fn parse(text: &str) -> Option<AddressRange> {
        let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let address: IpAddr = address.trim().parse().ok()?;
        let (bits, width) = bits(address);
        let length = match length {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse::<u32>().ok()?,
            Some(_) => return None,
            None => width,
        };
        if length > width {
            return None;
        }
        let all = if width == 128 { u128::MAX } else { u128::from(u32::MAX) };
        let mask = all & all.checked_shl(width - length).unwrap_or(0);
        Some(AddressRange { base: bits & mask, mask, is_v6: width == 128 })
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        text.trim().parse::<IpAddr>().is_ok_and(|address| self.has(address))
    }

    /// Whether an address is in the range.
    pub fn has(&self, address: IpAddr) -> bool {
        let (bits, width) = bits(address);
        (width == 128) == self.is_v6 && bits & self.mask == self.base
    }
}

// An IPv4 address that came over IPv6 is an IPv4 address.
fn bits(address: IpAddr) -> (u128, u32) {
    match address.to_canonical() {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    }
}

/// A decimal number.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    if plain { text.parse().ok() } else { None }
}

/// `true` or `false`, in any case.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Milliseconds since the epoch, of seconds or of `2019-07-16[T12:00[:00[.123]](Z|+01:00)]`.
pub(crate) fn parse_date(text: &str) -> Option<i128> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse::<i64>().ok().map(|seconds| i128::from(seconds) * 1000);
    }
    let (date, time) = text.split_once(['T', 't']).map_or((text, None), |(d, t)| (d, Some(t)));
    let (date, sign) = date.strip_prefix('-').map_or((date, 1), |rest| (rest, -1));
    let mut fields = date.split('-');
    let year = sign * digits(fields.next()?, 1..=9)?;
    let month = fields.next().map_or(Some(1), |text| digits(text, 1..=2))?;
    let day = fields.next().map_or(Some(1), |text| digits(text, 1..=2))?;
    if fields.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let days = days_from_civil(year, month, day);
    Some(i128::from(days) * 86_400_000 + i128::from(time.map_or(Some(0), parse_time)?))
}

// Milliseconds since midnight UTC.
fn parse_time(text: &str) -> Option<i64> {
    let zone_at = text.find(['Z', 'z', '+', '-']);
    let (clock, zone) = text.split_at(zone_at.unwrap_or(text.len()));
    let mut fields = clock.split(':');
    let hour = digits(fields.next()?, 1..=2).filter(|hour| *hour < 24)?;
    let minute = fields.next().map_or(Some(0), |text| digits(text, 1..=2)).filter(|minute| *minute < 60)?;
    let (second, fraction) = match fields.next() {
        None => (0, 0),
        Some(text) => {
            let (whole, part) = text.split_once('.').map_or((text, None), |(w, p)| (w, Some(p)));
            let millis = match part {
                None => 0,
                Some(part) => digits(part, 1..=9)? * 1000 / 10_i64.pow(u32::try_from(part.len()).ok()?),
            };
            (digits(whole, 1..=2).filter(|second| *second < 60)?, millis)
        }
    };
    if fields.next().is_some() {
        return None;
    }
    Some(((hour * 60 + minute - zone_minutes(zone)?) * 60 + second) * 1000 + fraction)
}

// Minutes east of UTC.
fn zone_minutes(zone: &str) -> Option<i64> {
    let (sign, rest) = match zone.chars().next() {
        None => return Some(0),
        Some('Z' | 'z') => return (zone.len() == 1).then_some(0),
        Some('-') => (-1, &zone[1..]),
        Some(_) => (1, &zone[1..]),
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some(both) => both,
        None if rest.len() == 4 && rest.is_ascii() => rest.split_at(2),
        None => (rest, "00"),
    };
    let hours = digits(hours, 2..=2).filter(|hours| *hours < 24)?;
    let minutes = digits(minutes, 2..=2).filter(|minutes| *minutes < 60)?;
    Some(sign * (hours * 60 + minutes))
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<i64> {
    if !length.contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

// Days since 1970-01-01 in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// `2019-07-16T12:00:00Z`, of seconds since the epoch.
pub(crate) fn format_date(epoch_s: i64) -> String {
    // Years 0 to 9999.
    let epoch_s = epoch_s.clamp(-62_167_219_200, 253_402_300_799);
    let (days, second) = (epoch_s.div_euclid(86_400) + 719_468, epoch_s.rem_euclid(86_400));
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests;
