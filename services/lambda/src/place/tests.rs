//! Names in all their forms.

use super::*;

fn check(text: &str, expected: Option<&str>) {
    let found = Place::parse(text, "000000000000", "us-east-1").map(|place| place.to_string());
    assert_eq!(found.as_deref(), expected, "{text}");
}

#[test]
fn every_form_of_a_name() {
    check("hello", Some("arn:aws:lambda:us-east-1:000000000000:function:hello"));
    check("hello:prod", Some("arn:aws:lambda:us-east-1:000000000000:function:hello:prod"));
    check("function:hello", Some("arn:aws:lambda:us-east-1:000000000000:function:hello"));
    check("123456789012:function:hello", Some("arn:aws:lambda:us-east-1:123456789012:function:hello"));
    check("123456789012:function:hello:7", Some("arn:aws:lambda:us-east-1:123456789012:function:hello:7"));
    check(
        "eu-west-1:123456789012:function:hello",
        Some("arn:aws:lambda:eu-west-1:123456789012:function:hello"),
    );
    check(
        "arn:aws:lambda:eu-west-1:123456789012:function:hello:$LATEST",
        Some("arn:aws:lambda:eu-west-1:123456789012:function:hello:$LATEST"),
    );
}

#[test]
fn what_is_no_name() {
    check("", None);
    check("arn:aws:sqs:eu-west-1:123456789012:function:hello", None);
    check("arn:aws:lambda:eu-west-1", None);
    check("hello:", None);
    check("a:b:c:d", None);
}
