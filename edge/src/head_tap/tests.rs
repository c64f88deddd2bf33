//! Heads are found whatever the framing between them, and however the bytes are cut.

use kernel::exchange::HeaderNames;

use super::*;

/// Feeds `wire` in pieces of every size and checks the original case of `name` in each head.
fn check(wire: &str, name: &str, expect: &[&str]) {
    for size in 1..=wire.len() {
        let mut framing = Framing::default();
        for piece in wire.as_bytes().chunks(size) {
            framing.see(piece);
        }
        let found: Vec<String> = framing
            .heads
            .iter()
            .map(|head| HeaderNames::of_head(head.clone()).original(name).to_owned())
            .collect();
        assert_eq!(found, expect, "in pieces of {size}");
    }
}

#[test]
fn heads_follow_each_other() {
    check("GET / HTTP/1.1\r\nX-aB: 1\r\n\r\nGET / HTTP/1.1\r\nx-AB: 2\r\n\r\n", "x-ab", &["X-aB", "x-AB"]);
    check(
        "POST / HTTP/1.1\r\nContent-Length: 9\r\nX-AB: 1\r\n\r\n\r\n\r\nX-ab:GET / HTTP/1.1\r\nx-Ab: 2\r\n\r\n",
        "x-ab",
        &["X-AB", "x-Ab"],
    );
    check(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX-AB: 1\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\nGET / HTTP/1.1\r\nx-Ab: 2\r\n\r\n",
        "x-ab",
        &["X-AB", "x-Ab"],
    );
    check("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "x-ab", &["x-ab"]);
}

#[test]
fn what_is_not_understood_switches_it_off() {
    check("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "x", &[]);
    check("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "x", &[]);
}
