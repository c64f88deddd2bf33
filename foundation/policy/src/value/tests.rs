//! Dates, numbers and address ranges: what is one and what is not.

use super::{AddressRange, format_date, parse_date, parse_number};

#[test]
fn dates() {
    for (text, millis) in [
        ("0", Some(0)),
        ("1563278400", Some(1_563_278_400_000)),
        ("2019-07-16T12:00:00Z", Some(1_563_278_400_000)),
        ("2019-07-16t12:00:00.5z", Some(1_563_278_400_500)),
        ("2019-07-16T14:00:00+02:00", Some(1_563_278_400_000)),
        ("2019-07-16T10:00-0200", Some(1_563_278_400_000)),
        ("2019-07-16", Some(1_563_235_200_000)),
        ("2019-07", Some(1_561_939_200_000)),
        ("", None),
        ("sdfdsf", None),
        ("234-13", None),
        ("2016-12-13t2:00:00.593194+1", None),
        ("2016-12-13t2:00:00.1999999999+10:59", None),
        ("9223372036854775808", None),
        ("2019-07-16T25:00:00Z", None),
        ("2019-07-16T12:00:00Zx", None),
        ("2019-07-16T12:00:00é", None),
    ] {
        assert_eq!(parse_date(text), millis, "{text}");
    }
    assert_eq!(format_date(1_563_278_400), "2019-07-16T12:00:00Z");
}

#[test]
fn addresses() {
    for (range, address, expect) in [
        ("203.0.113.0/24", "203.0.113.7", true),
        ("203.0.113.0/24", "203.0.114.7", false),
        ("203.0.113.7/24", "203.0.113.1", true),
        ("203.0.113.7", "203.0.113.7", true),
        ("0.0.0.0/0", "8.8.8.8", true),
        ("0.0.0.0/0", "::1", false),
        ("::/0", "2001:db8::1", true),
        ("2001:db8:1234:5678::/64", "2001:db8:1234:5678::9", true),
        ("2001:db8:1234:5678::/64", "2001:db8:1234:5679::9", false),
        ("127.0.0.0/8", "::ffff:127.0.0.1", true),
        ("127.0.0.0/8", "nonsense", false),
    ] {
        assert_eq!(AddressRange::parse(range).unwrap().contains(address), expect, "{range} {address}");
    }
    for text in ["", "1.2.3.4/33", "1.2.3/8", "::/129", "1.2.3.4/+8", "1.2.3.4/"] {
        assert_eq!(AddressRange::parse(text), None, "{text}");
    }
}

#[test]
fn numbers() {
    for (text, expect) in [
        ("10", Some(10.0)),
        ("-1.5", Some(-1.5)),
        ("", None),
        ("ten", None),
        ("inf", None),
        ("1e2", Some(100.0)),
    ] {
        assert_eq!(parse_number(text), expect, "{text}");
    }
}
