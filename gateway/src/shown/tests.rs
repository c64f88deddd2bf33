//! What may be read of headers in a log.

use super::*;

fn check(name: &str, value: &str, expect: &str) {
    assert_eq!(parameters(&[(name, value)]), format!("{{{name}={expect}}}"));
}

#[test]
fn secrets() {
    check("X-One", "value", "value");
    check("Authorization", "Bearer abcdef123456", "*************123456");
    check("x-api-key", "short", "*****");
    check("X-Amz-Security-Token", "ÄÖÜäöüäöüäöüÄÖÜÄÖÜ", "************ÄÖÜÄÖÜ");
    assert_eq!(map(&[("a", 1), ("b", 2)]), "{a=1, b=2}");
    assert_eq!(parameters::<&str, &str>(&[]), "{}");
}
