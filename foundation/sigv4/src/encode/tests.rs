//! Paths by rule, query strings, hex.

use super::{canonical_path, canonical_query, hex, hex_decode, query_pairs};
use crate::rules::PathRule::{self, DoubleEncoded, NormalizedDoubleEncoded, SingleEncoded};

fn check(rule: PathRule, raw: &str, expect: &str) {
    assert_eq!(canonical_path(raw, rule), expect, "{rule:?} {raw}");
}

#[test]
fn paths() {
    for (raw, single, double, normalized) in [
        ("", "/", "/", "/"),
        ("/", "/", "/", "/"),
        ("/a//b/", "/a//b/", "/a//b/", "/a/b/"),
        ("/a%20b", "/a%20b", "/a%2520b", "/a%2520b"),
        ("/a b+c", "/a%20b%2Bc", "/a%20b%2Bc", "/a%20b%2Bc"),
        ("/a/./b/../c", "/a/./b/../c", "/a/./b/../c", "/a/c"),
        ("/../..", "/../..", "/../..", "/"),
        ("/a/..", "/a/..", "/a/..", "/"),
        ("/a/b/.", "/a/b/.", "/a/b/.", "/a/b/"),
        ("/%zz%", "/%25zz%25", "/%25zz%25", "/%25zz%25"),
        ("/%e1%88%b4", "/%E1%88%B4", "/%25e1%2588%25b4", "/%25e1%2588%25b4"),
        (
            "/2015-03-31/functions/arn%3Aaws",
            "/2015-03-31/functions/arn%3Aaws",
            "/2015-03-31/functions/arn%253Aaws",
            "/2015-03-31/functions/arn%253Aaws",
        ),
    ] {
        check(SingleEncoded, raw, single);
        check(DoubleEncoded, raw, double);
        check(NormalizedDoubleEncoded, raw, normalized);
    }
}

#[test]
fn queries() {
    for (raw, expect) in [
        ("", ""),
        ("b=2&a=1", "a=1&b=2"),
        ("a=2&a=1&a", "a=&a=1&a=2"),
        ("acl", "acl="),
        ("a=b=c", "a=b%3Dc"),
        ("a=x+y", "a=x%20y"),
        ("a=x%2By", "a=x%2By"),
        ("&&a&", "a="),
        ("B=1&a=1&A=1", "A=1&B=1&a=1"),
        ("a=%e1%88%b4", "a=%E1%88%B4"),
        ("a-b=1&a=1&ab=1", "a=1&a-b=1&ab=1"),
    ] {
        assert_eq!(canonical_query(query_pairs(raw).iter()), expect, "{raw}");
    }
}

#[test]
fn hex_both_ways() {
    assert_eq!(hex(&[0, 255, 16]), "00ff10");
    assert_eq!(hex_decode("00fF10"), Some(vec![0, 255, 16]));
    assert_eq!(hex_decode("0"), None);
    assert_eq!(hex_decode("0g"), None);
    assert_eq!(hex_decode("+1"), None);
}
