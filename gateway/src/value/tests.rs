//! Where mapped values come from, one source at a time.

use std::collections::BTreeMap;

use plan::definition::IntegrationDefinition;

use super::*;
use crate::event::tests::exchange;

const JSON: &[u8] = br#"{"a": {"b": "text", "n": 7, "list": [1, {"c": true}], "none": null}}"#;

/// The value of an expression in a request with this body and an answer with that one; `!` if it is refused.
fn value(expression: &str, body: &[u8], answer: &[u8]) -> Option<String> {
    let headers: [(&str, &[u8]); 4] =
        [("X-Two", b"one"), ("X-Two", b"two"), ("TE", b"x"), ("X-Forwarded-For", b"10.0.0.1")];
    let mut exchange = exchange("/pets/{id}", IntegrationDefinition::default(), &headers);
    exchange.inbound.body = Bytes::copy_from_slice(body);
    let headers = [("x-back", "one"), ("x-back", "two")].map(|(name, value)| {
        (name.parse::<http::HeaderName>().unwrap(), http::HeaderValue::from_static(value))
    });
    let answer = EndpointAnswer {
        status: 200,
        headers: HeaderMap::from_iter(headers),
        body: Bytes::copy_from_slice(answer),
    };
    let source = Source::compile(expression, &BTreeMap::from([("color".to_owned(), "blue".to_owned())]));
    match Values::of_answer(&exchange, &answer).get(&source) {
        Ok(value) => value.map(Cow::into_owned),
        Err(refused) => Some(format!("! {} {}", refused.status(), refused.message())),
    }
}

fn check(expression: &str, expect: Option<&str>) {
    assert_eq!(value(expression, JSON, JSON).as_deref(), expect, "{expression}");
}

#[test]
fn requests() {
    check("'text'", Some("text"));
    check("stageVariables.color", Some("blue"));
    check("stageVariables.none", None);
    check("method.request.path.id", Some("7"));
    check("method.request.querystring.b", Some("3"));
    check("method.request.multivaluequerystring.b", Some("[2, 3]"));
    check("method.request.querystring.none", None);
    check("method.request.header.X-Two", Some("two"));
    check("method.request.header.x-two", Some("two"));
    check("method.request.multivalueheader.X-Two", Some("one,two"));
    check("method.request.header.Host", Some("api0000001.execute-api.localhost"));
    check("method.request.header.X-Forwarded-For", Some("10.0.0.1, 127.0.0.1"));
    // What no integration sees has no value.
    check("method.request.header.TE", None);
    check("method.request.header.not a name", None);
    check("context.stage", Some("prod"));
    check("context.identity.sourceIp", Some("127.0.0.1"));
    check("context.none", None);
    check("nonsense", None);
}

#[test]
fn bodies() {
    check("method.request.body", Some(std::str::from_utf8(JSON).unwrap()));
    check("method.request.body.a.b", Some("text"));
    check("method.request.body.a.n", Some("7"));
    check("method.request.body.$.a.list[1].c", Some("true"));
    check("method.request.body.a.list", Some("[1,{\"c\":true}]"));
    check("method.request.body.a.none", None);
    check("method.request.body.a.missing", None);
    check("method.request.body.$..c", Some("[true]"));
    check("integration.response.body.a.b", Some("text"));
    check("integration.response.body", Some(std::str::from_utf8(JSON).unwrap()));
    check("integration.response.header.x-back", Some("two"));
    check("integration.response.multivalueheader.X-Back", Some("one,two"));
    check("integration.response.header.none", None);
}

#[test]
fn bodies_that_are_no_json() {
    let request = |body: &[u8]| value("method.request.body.a", body, b"");
    assert_eq!(request(b"{\"a\": ").as_deref(), Some("! 400 Invalid JSON in request body"));
    assert_eq!(request(b"plain text"), None);
    assert_eq!(request(b""), None);
    let answer = |body: &[u8]| value("integration.response.body.a", b"", body);
    assert_eq!(answer(b"{broken").as_deref(), Some("! 500 Internal server error"));
    assert_eq!(answer(b"<html>"), None);
}
