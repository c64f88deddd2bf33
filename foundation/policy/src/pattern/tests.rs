//! Wildcards, variables, ARNs by parts; nothing slow, nothing that panics.

use proptest::prelude::*;

use super::{ArnPattern, Case, Pattern, Reading};
use crate::context::Context;

const FULL: Reading = Reading { wildcards: true, variables: true };

fn context() -> Context {
    let mut context = Context::default();
    context.set("aws:username", ["ann"]);
    context.set("aws:star", ["*"]);
    context.set("aws:many", ["a", "b"]);
    context
}

fn check(pattern: &str, text: &str, expect: Option<bool>) {
    assert_eq!(
        Pattern::compile(pattern, FULL).matches(text, &context(), Case::Exact),
        expect,
        "{pattern} {text}"
    );
}

#[test]
fn wildcards() {
    for (pattern, text, expect) in [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("**", "abc", true),
        ("a*c", "abbc", true),
        ("a*c", "abbcd", false),
        ("*bc*", "abcd", true),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("?", "é", true),
        ("??", "é", false),
        ("*?", "é", true),
        ("*ab", "aab", true),
        ("a*b*c", "a-b-b-c", true),
        ("A", "a", false),
    ] {
        check(pattern, text, Some(expect));
    }
    let ignoring = Pattern::compile("S3:Get*", FULL).matches("s3:getObject", &context(), Case::Ignored);
    assert_eq!(ignoring, Some(true));
}

#[test]
fn variables() {
    // AWS: IAM policy elements: Variables and tags.
    for (pattern, text, expect) in [
        ("home/${aws:username}/*", "home/ann/x", Some(true)),
        ("home/${AWS:UserName}/*", "home/bob/x", Some(false)),
        ("${aws:nobody}", "", None),
        ("*${aws:nobody}", "x", None),
        ("${aws:nobody, 'default'}", "default", Some(true)),
        ("${aws:username, 'default'}", "ann", Some(true)),
        ("${aws:many}", "a", None),
        ("${aws:star}", "*", Some(true)),
        ("${aws:star}", "x", Some(false)),
        ("a${*}b", "a*b", Some(true)),
        ("a${*}b", "axb", Some(false)),
        ("${?}${$}", "?$", Some(true)),
        ("${unfinished", "${unfinished", Some(true)),
    ] {
        check(pattern, text, expect);
    }
    let literal = Pattern::compile("${aws:username}", Reading { wildcards: true, variables: false });
    assert_eq!(literal.matches("${aws:username}", &context(), Case::Exact), Some(true));
}

#[test]
fn arns() {
    // AWS: IAM JSON policy elements: Resource, "incomplete ARNs"; a wildcard stays within its part.
    for (pattern, arn, expect) in [
        ("*", "anything", Some(true)),
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a:b/c", Some(true)),
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::other/a", Some(false)),
        ("arn:aws:sqs", "arn:aws:sqs:us-east-1:1:q", Some(true)),
        ("arn:aws:lambda:*:1:function:f", "arn:aws:lambda:eu-west-1:1:function:f", Some(true)),
        ("arn:aws:lambda:*:function:f", "arn:aws:lambda:eu-west-1:1:function:f", Some(false)),
        ("arn:aws:iam::*:role/${aws:username}", "arn:aws:iam::1:role/ann", Some(true)),
        ("arn:aws:iam::*:role/${aws:nobody}", "arn:aws:iam::1:role/ann", None),
        ("arn:aws:s3:::*", "*", Some(false)),
    ] {
        assert_eq!(ArnPattern::compile(pattern, FULL).matches(arn, &context()), expect, "{pattern} {arn}");
    }
}

#[test]
fn no_blow_up() {
    let pattern = Pattern::compile(&"a*".repeat(1000), FULL);
    assert_eq!(pattern.matches(&format!("{}b", "a".repeat(900)), &context(), Case::Exact), Some(false));
}

proptest! {
    #[test]
    fn agrees_with_a_plain_matcher(pattern in "[ab*?é]{0,8}", text in "[abé]{0,8}") {
        fn plain(pattern: &[char], text: &[char]) -> bool {
            match (pattern.first(), text.first()) {
                (None, None) => true,
                (Some('*'), _) => plain(&pattern[1..], text) || (!text.is_empty() && plain(pattern, &text[1..])),
                (Some('?'), Some(_)) => plain(&pattern[1..], &text[1..]),
                (Some(p), Some(t)) => p == t && plain(&pattern[1..], &text[1..]),
                _ => false,
            }
        }
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let expect = plain(&chars(&pattern), &chars(&text));
        prop_assert_eq!(Pattern::compile(&pattern, FULL).matches(&text, &context(), Case::Exact), Some(expect));
    }

    #[test]
    fn nothing_panics(pattern in "(\\$\\{|\\}|,|'|\\*|:|arn:|\\PC){0,20}", text in "\\PC{0,20}") {
        let _ = Pattern::compile(&pattern, FULL).matches(&text, &context(), Case::Ignored);
        let _ = ArnPattern::compile(&format!("arn:{pattern}"), FULL).matches(&text, &context());
    }
}
