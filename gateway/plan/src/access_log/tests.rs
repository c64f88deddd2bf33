//! Destinations and formats.

use super::*;

fn check(format: &str, expect: &[&str]) {
    let log = AccessLog::compile("arn:aws:logs:us-east-1:000000000000:log-group:access", format);
    let pieces = log.expect("the destination is a log group").pieces;
    let shown: Vec<String> = pieces
        .iter()
        .map(|piece| match piece {
            LogPiece::Text(text) => text.clone(),
            LogPiece::Variable(name) => format!("<{name}>"),
        })
        .collect();
    assert_eq!(shown, expect, "{format}");
}

#[test]
fn formats() {
    check(
        r#"{"id":"$context.requestId","ip":"$context.identity.sourceIp"}"#,
        &[r#"{"id":""#, "<requestId>", r#"","ip":""#, "<identity.sourceIp>", r#""}"#],
    );
    check("$context.requestId", &["<requestId>"]);
    check(
        "$context.identity.sourceIp - - [$context.requestTime].",
        &["<identity.sourceIp>", " - - [", "<requestTime>", "]."],
    );
    check("at $context.stage.", &["at ", "<stage>", "."]);
    check("$context.authorizer.my-key_1,$context.", &["<authorizer.my-key_1>", ",", "<>"]);
    check("no variable", &["no variable"]);
    check("", &[]);
}

#[test]
fn destinations() {
    let group = |arn: &str| AccessLog::compile(arn, "").map(|log| log.group);
    assert_eq!(group("arn:aws:logs:us-east-1:0:log-group:a/b").as_deref(), Some("a/b"));
    assert_eq!(group("arn:aws:logs:us-east-1:0:log-group:a:*").as_deref(), Some("a"));
    assert_eq!(group("arn:aws:firehose:us-east-1:0:deliverystream/amazon-apigateway-x"), None);
}
