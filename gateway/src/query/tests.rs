//! Query strings, odd ones too.

use proptest::prelude::*;

use super::*;

fn check(raw: &str, expect: &[(&str, &str)]) {
    let query = Query::parse(Some(raw));
    let found: Vec<(&str, &str)> =
        query.pairs().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(found, expect, "{raw}");
}

#[test]
fn pairs() {
    check("", &[]);
    check("a=1&b=2", &[("a", "1"), ("b", "2")]);
    check("a", &[("a", "")]);
    check("a=", &[("a", "")]);
    check("=a", &[("", "a")]);
    check("a=b=c", &[("a", "b=c")]);
    check("&&a=1&", &[("a", "1")]);
    check("a+b=c+d%2B", &[("a b", "c d+")]);
    check("caf%C3%A9=%E2%82%AC", &[("café", "€")]);
}

#[test]
fn what_is_no_percent_encoding_stays() {
    check("a=%", &[("a", "%")]);
    check("a=%4", &[("a", "%4")]);
    check("a=%zz%41", &[("a", "%zzA")]);
    check("a=%FF", &[("a", "\u{FFFD}")]);
    check("a=%00", &[("a", "\0")]);
}

#[test]
fn grouped_and_last() {
    let query = Query::parse(Some("b=1&a=2&b=3&a=&c"));
    assert_eq!(query.grouped(), [("a", "2"), ("a", ""), ("b", "1"), ("b", "3"), ("c", "")]);
    assert_eq!((query.last("b"), query.last("a"), query.last("none")), (Some("3"), Some(""), None));
    assert_eq!(Query::parse(None).grouped(), []);
}

proptest! {
    #[test]
    fn any_query(raw in "[%=&+a-f0-9\\PC]{0,40}") {
        let query = Query::parse(Some(&raw));
        prop_assert_eq!(query.grouped().len(), raw.split('&').filter(|pair| !pair.is_empty()).count());
    }
}
