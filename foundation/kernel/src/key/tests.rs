//! Order and prefix laws of keys.

use super::*;

fn key(parts: &[Part]) -> Key {
    parts.iter().fold(Key::new(), |key, part| match part {
        Part::Text(text) => key.text(text),
        Part::Number(number) => key.number(*number),
    })
}

fn check(smaller: Key, greater: Key) {
    assert!(smaller < greater, "{smaller:?} is not below {greater:?}");
}

#[test]
fn order_is_the_order_of_the_parts() {
    check(Key::new().text("a"), Key::new().text("a\0"));
    check(Key::new().text("a").text("z"), Key::new().text("a\0").text("a"));
    check(Key::new().text("a").text("z"), Key::new().text("aa"));
    check(Key::new().number(9), Key::new().number(10));
    check(Key::new().number(255), Key::new().number(256));
    check(Key::new().text("zz"), Key::new().number(0));
}

#[test]
fn parts_come_back() {
    let parts =
        [Part::Text("a\0b".into()), Part::Number(7), Part::Text(String::new()), Part::Text("ü".into())];
    assert_eq!(key(&parts).parts(), parts);
}

#[test]
fn a_prefix_ends_before_its_sibling() {
    let prefix = Key::new().text("ab");
    assert!(prefix.clone().text("x").starts_with(&prefix));
    assert!(!Key::new().text("abc").starts_with(&prefix));
    let end = prefix.after_prefix().expect("text never ends in 0xFF");
    assert!(prefix.clone().number(u64::MAX) < end);
    assert!(Key::new().text("ac") >= end);
}
