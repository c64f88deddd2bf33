//! Dates: known points, refusals, and the round trip.

use super::{format_amz_date, parse_amz_date, parse_http_date};

#[test]
fn known_points() {
    for (text, epoch_s) in [
        ("19700101T000000Z", 0),
        ("20150830T123600Z", 1_440_938_160),
        ("20000229T235959Z", 951_868_799),
        ("19691231T235959Z", -1),
    ] {
        assert_eq!(parse_amz_date(text), Some(epoch_s), "{text}");
        assert_eq!(format_amz_date(epoch_s), text);
    }
    assert_eq!(parse_http_date("Sun, 30 Aug 2015 12:36:00 GMT"), Some(1_440_938_160));
    assert_eq!(parse_http_date("Sun, 30 Aug 2015 12:36:00 +0000"), Some(1_440_938_160));
}

#[test]
fn refused() {
    for text in [
        "",
        "201",
        "20150230T000000Z",
        "20151301T000000Z",
        "20150830T250000Z",
        "2015083éT12360",
        "20150830T123600",
    ] {
        assert_eq!(parse_amz_date(text), None, "{text}");
    }
    for text in [
        "",
        "Sun",
        "Sun, 30 Aug 2015 12:36 GMT",
        "Sun, 30 Aug 15 12:36:00 GMT",
        "Sun, 30 Aug 2015 12:36:00 PST",
    ] {
        assert_eq!(parse_http_date(text), None, "{text}");
    }
}

#[test]
fn round_trip() {
    for epoch_s in (-62_167_219_200..253_402_300_799).step_by(9_999_999_937) {
        assert_eq!(parse_amz_date(&format_amz_date(epoch_s)), Some(epoch_s));
    }
}
