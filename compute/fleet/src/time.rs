//! Times as Lambda writes them: ISO timestamps in log lines, dates in the names of log streams.

/// `2026-01-31T09:05:07.042Z`.
pub fn iso(ms: i64) -> String {
    let (year, month, day) = civil(ms.div_euclid(86_400_000));
    let of_day = ms.rem_euclid(86_400_000);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        of_day / 3_600_000,
        of_day / 60_000 % 60,
        of_day / 1_000 % 60,
        of_day % 1_000
    )
}

/// The log stream of an environment: `2026/01/31/[$LATEST]0123456789abcdef0123456789abcdef`.
pub fn log_stream(ms: i64, version: &str, random: [u8; 16]) -> String {
    let (year, month, day) = civil(ms.div_euclid(86_400_000));
    format!("{year:04}/{month:02}/{day:02}/[{version}]{:032x}", u128::from_be_bytes(random))
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years are counted from March, so that the leap day is the last of its year; an era is 400 years.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_lambda_does() {
        let check = |ms, expect: &str| assert_eq!(iso(ms), expect);
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_400_042, "2000-02-29T00:00:00.042Z");
        check(1_709_210_096_789, "2024-02-29T12:34:56.789Z");
        check(1_735_689_599_999, "2024-12-31T23:59:59.999Z");
        check(4_107_542_400_000, "2100-03-01T00:00:00.000Z");
        assert_eq!(log_stream(0, "$LATEST", [1; 16]), "1970/01/01/[$LATEST]01010101010101010101010101010101");
    }
}
