//! AWS: Lambda proxy integrations in API Gateway, output format and handling of errors.

use proptest::prelude::*;

use super::*;

fn answer(json: &str) -> Answer {
    Answer { payload: Bytes::copy_from_slice(json.as_bytes()), ..Answer::default() }
}

/// Reads an answer and writes the response down: status, sorted headers, body.
fn show(json: &str, accepts_binary: bool) -> String {
    let response = match read(answer(json), accepts_binary) {
        Ok(response) => response,
        Err(refused) => return format!("{:?}", refused.kind),
    };
    let mut headers: Vec<String> = response
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    headers.sort();
    let OutBody::Full(body) = response.body() else { panic!("a proxy answer is whole") };
    format!("{} [{}] {}", response.status().as_u16(), headers.join(" | "), String::from_utf8_lossy(body))
}

fn check(json: &str, expect: &str) {
    assert_eq!(show(json, false), expect, "{json}");
}

#[test]
fn nothing_must_be_there() {
    check("{}", "200 [content-type: application/json] ");
    check(r#"{"body": "x"}"#, "200 [content-type: application/json] x");
    check(r#"{"statusCode": 204}"#, "204 [content-type: application/json] ");
    check(r#"{"statusCode": "201", "body": null, "headers": null}"#, "201 [content-type: application/json] ");
}

#[test]
fn headers_are_merged() {
    check(
        r#"{"headers": {"a": "1", "b": "2", "c": true}, "multiValueHeaders": {"A": ["1", "3"], "b": ["4"]}}"#,
        "200 [a: 1 | a: 3 | b: 2 | b: 4 | c: true | content-type: application/json] ",
    );
    check(r#"{"headers": {"Content-Type": "text/html"}}"#, "200 [content-type: text/html] ");
    check(
        r#"{"headers": {"Content-Length": "999", "Transfer-Encoding": "chunked"}}"#,
        "200 [content-type: application/json | x-amzn-remapped-content-length: 999] ",
    );
}

#[test]
fn too_many_headers() {
    let headers = |count: usize| (0..count).map(|n| format!("\"h{n}\":\"1\"")).collect::<Vec<_>>().join(",");
    let answer = |count| format!(r#"{{"headers": {{{}}}}}"#, headers(count));
    assert!(show(&answer(ANSWER_HEADERS_MAX), false).starts_with("200 "));
    check(&answer(ANSWER_HEADERS_MAX + 1), "MalformedProxyAnswer");
    let values = |count: usize| vec!["\"1\""; count].join(",");
    let answer = |count| format!(r#"{{"multiValueHeaders": {{"a": [{}]}}}}"#, values(count));
    assert!(show(&answer(ANSWER_VALUES_MAX), false).starts_with("200 "));
    check(&answer(ANSWER_VALUES_MAX + 1), "MalformedProxyAnswer");
}

#[test]
fn malformed_answers() {
    for json in [
        "null",
        r#""text""#,
        "[]",
        "7",
        r#"{"statusCode": "abc"}"#,
        r#"{"statusCode": 1000}"#,
        r#"{"statusCode": 200, "body": {"a": 1}}"#,
        r#"{"statusCode": 200, "headers": {"a": {"b": 1}}}"#,
        r#"{"statusCode": 200, "headers": "a"}"#,
        r#"{"statusCode": 200, "headers": {"a": ["b"]}}"#,
        r#"{"statusCode": 200, "headers": {"a b": "c"}}"#,
        r#"{"statusCode": 200, "headers": {"": "c"}}"#,
        r#"{"statusCode": 200, "headers": {"a": "\u0000"}}"#,
        r#"{"statusCode": 200, "multiValueHeaders": {"a": "b"}}"#,
        r#"{"statusCode": 200, "multiValueHeaders": {"a": [["b"]]}}"#,
        r#"{"statusCode": 99}"#,
        r#"{"statusCode": 600}"#,
        r#"{"statusCode": 200.5}"#,
        r#"{"statusCode": true}"#,
        r#"{"statusCode": 200, "headers": {"a": "1\r\nset-cookie: x"}}"#,
        r#"{"statusCode": 200, "isBase64Encoded": "true"}"#,
        r#"{"statusCode": 200, "message": "extra"}"#,
        r#"{"statusCode": 200, "#,
    ] {
        check(json, "MalformedProxyAnswer");
    }
}

#[test]
fn base64_is_decoded_only_for_binary_clients() {
    let json = r#"{"isBase64Encoded": true, "body": "aGk="}"#;
    assert_eq!(show(json, true), "200 [content-type: application/json] hi");
    assert_eq!(show(json, false), "200 [content-type: application/json] aGk=");
    assert_eq!(show(r#"{"isBase64Encoded": true, "body": "*"}"#, true), "ApiConfigurationError");
    assert_eq!(
        show(r#"{"isBase64Encoded": false, "body": "aGk="}"#, true),
        "200 [content-type: application/json] aGk="
    );
}

#[test]
fn scalars_are_texts() {
    check(
        r#"{"headers": {"a": 1, "b": false, "c": null, "d": 1.5}}"#,
        "200 [a: 1 | b: false | content-type: application/json | d: 1.5] ",
    );
    check(r#"{"headers": {"a": "caf\u00e9"}}"#, "200 [a: café | content-type: application/json] ");
}

proptest! {
    #[test]
    fn any_answer(text in "\\PC{0,60}", name in "\\PC{0,8}", value in "[\\PC\r\n\0]{0,8}", status in any::<f64>(), flag: bool) {
        let json = serde_json::json!({
            "statusCode": status, "headers": {&name: &value}, "multiValueHeaders": {&value: [&name]},
            "body": &text, "isBase64Encoded": flag,
        });
        for json in [json.to_string(), text] {
            let Ok(response) = read(answer(&json), flag) else { continue };
            prop_assert!(response.headers().contains_key("content-type"));
            for value in response.headers().values() {
                prop_assert!(!value.as_bytes().iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)), "{json}");
            }
        }
    }
}
