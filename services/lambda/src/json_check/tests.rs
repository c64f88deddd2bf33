//! Mistakes and their texts.

use super::*;

fn check(input: &str, expected: Option<&str>) {
    assert_eq!(fault(input.as_bytes()).as_deref(), expected, "{input}");
}

#[test]
fn what_is_json() {
    for good in ["{}", "null", "3", "\"text\"", " [1, {\"a\": true}] "] {
        check(good, None);
    }
}

#[test]
fn what_is_not() {
    check(
        "test",
        Some(
            "Unrecognized token 'test': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at \
             [Source: (byte[])\"test\"; line: 1, column: 5]",
        ),
    );
    check(
        "'test'",
        Some(
            "Unexpected character (''' (code 39)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' \
             or 'false')\n at [Source: (byte[])\"'test'\"; line: 1, column: 2]",
        ),
    );
    assert!(fault(b"{\"a\":").is_some_and(|text| text.starts_with("Unexpected end-of-input\n at")));
    assert!(fault(b"\xb5").is_some_and(|text| text.starts_with("Invalid UTF-8 start byte 0xb5\n at")));
}
