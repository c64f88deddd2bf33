//! Every operator, on present, absent and several values.

use super::{Condition, OPERATORS, is_operator};
use crate::context::Context;

fn context() -> Context {
    let mut context = Context::default();
    for (key, values) in [
        ("s", vec!["Queen"]),
        ("user", vec!["ann"]),
        ("n", vec!["10"]),
        ("d", vec!["2019-07-16T12:00:00Z"]),
        ("b", vec!["true"]),
        ("bin", vec!["QmluYXJ5"]),
        ("ip", vec!["203.0.113.7"]),
        ("arn", vec!["arn:aws:sns:eu-west-1:123456789012:topic"]),
        ("tags", vec!["a", "b"]),
    ] {
        context.set(key, values);
    }
    context
}

fn check(operator: &str, key: &str, values: &[&str], expect: Option<bool>) {
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    let condition = Condition::compile(operator, key, &values, true).unwrap();
    assert_eq!(condition.holds(&context()), expect, "{operator} {key} {values:?}");
}

#[test]
fn single_values() {
    // AWS: IAM JSON policy elements: Condition operators.
    for (operator, key, value, expect) in [
        ("StringEquals", "S", "Queen", true),
        ("StringEquals", "s", "queen", false),
        ("StringEquals", "s", "Q*", false),
        ("StringNotEquals", "s", "queen", true),
        ("StringEqualsIgnoreCase", "s", "queen", true),
        ("StringNotEqualsIgnoreCase", "s", "queen", false),
        ("StringLike", "s", "Q?e*", true),
        ("StringNotLike", "s", "Q*", false),
        ("StringEquals", "user", "${user}", true),
        ("NumericEquals", "n", "10.0", true),
        ("NumericNotEquals", "n", "10", false),
        ("NumericLessThan", "n", "10", false),
        ("NumericLessThanEquals", "n", "10", true),
        ("NumericGreaterThan", "n", "9.5", true),
        ("NumericGreaterThanEquals", "n", "11", false),
        ("NumericEquals", "s", "10", false),
        ("NumericEquals", "n", "ten", false),
        ("DateEquals", "d", "1563278400", true),
        ("DateNotEquals", "d", "2019-07-16T12:00:00Z", false),
        ("DateLessThan", "d", "2020-01-01", true),
        ("DateLessThanEquals", "d", "2019-07-16T12:00:00Z", true),
        ("DateGreaterThan", "d", "2019-07-16T12:00:00Z", false),
        ("DateGreaterThanEquals", "d", "2019-07-16T12:00:00Z", true),
        ("Bool", "b", "TRUE", true),
        ("Bool", "b", "false", false),
        ("BinaryEquals", "bin", "QmluYXJ5", true),
        ("BinaryEquals", "bin", "qmluYXJ5", false),
        ("IpAddress", "ip", "203.0.113.0/24", true),
        ("NotIpAddress", "ip", "203.0.113.0/24", false),
        ("ArnEquals", "arn", "arn:aws:sns:*:123456789012:*", true),
        ("ArnLike", "arn", "arn:aws:sns:*:*:other", false),
        ("ArnNotEquals", "arn", "arn:aws:sns:*:*:topic", false),
        ("ArnNotLike", "arn", "arn:aws:sqs:*:*:*", true),
        ("Null", "s", "false", true),
        ("Null", "s", "true", false),
        ("Null", "absent", "true", true),
        ("Null", "absent", "false", false),
    ] {
        check(operator, key, &[value], Some(expect));
    }
    check("StringEquals", "s", &["x", "Queen"], Some(true));
    check("StringNotEquals", "s", &["x", "Queen"], Some(false));
    check("StringEquals", "s", &[], Some(false));
    check("StringEquals", "s", &["${absent}"], None);
    check("StringEquals", "s", &["${absent}", "Queen"], Some(true));
}

#[test]
fn absent_keys() {
    for (name, _, negated) in OPERATORS.iter().filter(|(name, ..)| *name != "Null") {
        check(name, "absent", &["1"], Some(*negated));
        check(&format!("{name}IfExists"), "absent", &["1"], Some(true));
        check(&format!("ForAllValues:{name}"), "absent", &["1"], Some(true));
        check(&format!("ForAnyValue:{name}"), "absent", &["1"], Some(false));
        check(&format!("ForAnyValue:{name}IfExists"), "absent", &["1"], Some(true));
    }
}

#[test]
fn several_values() {
    // AWS: Set operators for multivalued context keys.
    for (operator, values, expect) in [
        ("ForAllValues:StringEquals", vec!["a", "b", "c"], true),
        ("ForAllValues:StringEquals", vec!["a"], false),
        ("ForAnyValue:StringEquals", vec!["b", "z"], true),
        ("ForAnyValue:StringEquals", vec!["z"], false),
        ("ForAllValues:StringNotEquals", vec!["z"], true),
        ("ForAllValues:StringNotEquals", vec!["a"], false),
        ("ForAnyValue:StringNotEquals", vec!["a"], true),
        ("ForAnyValue:StringNotEquals", vec!["a", "b"], false),
        ("StringEquals", vec!["b"], true),
        ("StringNotEquals", vec!["b"], false),
    ] {
        check(operator, "tags", &values, Some(expect));
    }
}

#[test]
fn names() {
    for name in ["StringEquals", "ForAnyValue:ArnLikeIfExists", "Null"] {
        assert!(is_operator(name), "{name}");
    }
    for name in
        ["stringequals", "x", "ForAnyValue::StringEquals", "NullIfExists", "ForSome:StringEquals", "é"]
    {
        assert!(!is_operator(name), "{name}");
    }
}
