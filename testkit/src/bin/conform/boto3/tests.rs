//! What is put into lines and taken out of answers.

use serde_json::json;

use super::*;

#[test]
fn numbers_are_replaced_whole() {
    let check = |text: &str, expect: &str| {
        assert_eq!(replace_number(text, ACCOUNT, "730000000001"), expect, "{text}")
    };
    check("arn:aws:iam::000000000000:root", "arn:aws:iam::730000000001:root");
    check("\"000000000000\"", "\"730000000001\"");
    check("%22000000000000%22", "%22730000000001%22");
    check("0000000000000", "0000000000000");
    check("000000000000000000000000", "000000000000000000000000");
    check("1000000000000 000000000000", "1000000000000 730000000001");
    check("é000000000000é", "é730000000001é");
    check("", "");
}

#[test]
fn moments_are_shifted_there_and_back() {
    let mut json = json!({ "a": [START_MS, START_MS + 5, 1000], "b": { "c": START_MS - 86_400_000 }, "d": "1704067200000", "e": 1.5 });
    let before = json.clone();
    shift(&mut json, START_MS, 90 * 1_000_000_000);
    assert_eq!(json["a"], json!([START_MS + 90_000_000_000_i64, START_MS + 90_000_000_005_i64, 1000]));
    shift(&mut json, START_MS + 90 * 1_000_000_000, -90 * 1_000_000_000);
    assert_eq!(json, before);
}
