//! What was recorded on AWS of headers on their way back.

use super::*;

fn check(rule: fn(HeaderName) -> Option<HeaderName>, name: &str, expect: Option<&str>) {
    let found = rule(HeaderName::try_from(name).expect("a header's name"));
    assert_eq!(found.as_ref().map(HeaderName::as_str), expect, "{name}");
}

#[test]
fn answers_of_proxies() {
    check(of_proxy, "Content-Type", Some("content-type"));
    check(of_proxy, "Set-Cookie", Some("set-cookie"));
    check(of_proxy, "Connection", Some("x-amzn-remapped-connection"));
    check(of_proxy, "Content-Length", Some("x-amzn-remapped-content-length"));
    check(of_proxy, "x-amzn-RequestId", Some("x-amzn-remapped-x-amzn-requestid"));
    check(of_proxy, "Authorization", Some("authorization"));
    check(of_proxy, "Transfer-Encoding", None);
}

#[test]
fn answers_of_mappings() {
    check(of_mapping, "Authorization", Some("x-amzn-remapped-authorization"));
    check(of_mapping, "Content-MD5", Some("x-amzn-remapped-content-md5"));
    check(of_mapping, "TE", Some("te"));
    check(of_mapping, "Age", Some("age"));
    check(of_mapping, "Content-Encoding", Some("content-encoding"));
    check(of_mapping, "Transfer-Encoding", None);
}

#[test]
fn requests() {
    for name in ["connection", "content-length", "te", "www-authenticate"] {
        assert!(is_dropped(name), "{name}");
    }
    for name in ["accept", "authorization", "content-encoding", "via", "x-mine"] {
        assert!(!is_dropped(name), "{name}");
    }
    assert!(is_dropped_towards_http("via") && !is_dropped_towards_http("server"));
}
