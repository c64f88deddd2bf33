//! What a custom integration is sent.

use plan::Integration;
use plan::definition::IntegrationDefinition;

use super::*;
use crate::event::tests::exchange;

struct Case<'a> {
    templates: &'a [(&'a str, &'a str)],
    parameters: &'a [(&'a str, &'a str)],
    passthrough: &'a str,
    content: Option<&'a str>,
    media: Option<&'a str>,
    body: &'a [u8],
}

impl Default for Case<'_> {
    fn default() -> Self {
        let (templates, parameters): (&[_], &[_]) = (&[], &[]);
        Case { templates, parameters, passthrough: "", content: None, media: None, body: b"{\"a\": 1}" }
    }
}

fn mapped(case: &Case<'_>) -> Result<IntegrationRequest, GatewayResponse> {
    let owned = |pairs: &[(&str, &str)], prefix: &str| {
        pairs.iter().map(|(name, value)| (format!("{prefix}{name}"), (*value).to_owned())).collect()
    };
    let definition = IntegrationDefinition {
        kind: "HTTP".to_owned(),
        uri: Some("http://x".to_owned()),
        request_templates: owned(case.templates, ""),
        request_parameters: owned(case.parameters, "integration.request."),
        passthrough_behavior: case.passthrough.to_owned(),
        content_handling: case.content.map(str::to_owned),
        ..IntegrationDefinition::default()
    };
    let headers: Vec<(&str, &[u8])> =
        case.media.iter().map(|media| ("Content-Type", media.as_bytes())).collect();
    let mut exchange = exchange("/pets/{id}", definition, &headers);
    exchange.inbound.body = Bytes::copy_from_slice(case.body);
    let method = std::sync::Arc::clone(exchange.method());
    let Integration::Http(_, mapping) = &method.integration else { panic!("{:?}", method.integration) };
    map(&mut exchange, mapping)
}

fn check(case: Case<'_>, expect: &str) {
    let shown = match mapped(&case) {
        Ok(request) => String::from_utf8_lossy(&request.body).into_owned(),
        Err(refused) => refused.kind.name().to_owned(),
    };
    assert_eq!(shown, expect, "{:?} {:?} {}", case.templates, case.media, case.passthrough);
}

#[test]
fn templates_by_content_type() {
    let templates: &[(&str, &str)] = &[("application/json", "json"), ("Text/XML", "<xml/>")];
    let case = |media, passthrough| Case { templates, media, passthrough, ..Case::default() };
    check(case(None, ""), "json");
    check(case(Some("application/json; charset=utf-8"), "NEVER"), "json");
    check(case(Some("text/xml"), "NEVER"), "<xml/>");
    check(case(Some("text/plain"), "WHEN_NO_MATCH"), "{\"a\": 1}");
    check(case(Some("text/plain"), "WHEN_NO_TEMPLATES"), "UNSUPPORTED_MEDIA_TYPE");
    check(case(Some("text/plain"), "NEVER"), "UNSUPPORTED_MEDIA_TYPE");
    let bare = |passthrough| Case { passthrough, ..Case::default() };
    check(bare("WHEN_NO_TEMPLATES"), "{\"a\": 1}");
    check(bare("NEVER"), "UNSUPPORTED_MEDIA_TYPE");
    let all: &[(&str, &str)] = &[("$default", "all")];
    check(Case { templates: all, media: Some("text/plain"), passthrough: "NEVER", ..Case::default() }, "all");
}

#[test]
fn contents() {
    let templates: &[(&str, &str)] = &[("application/json", "<$input.body>")];
    let base64 = Case { content: Some("CONVERT_TO_BINARY"), body: b"aGk=", ..Case::default() };
    check(base64, "hi");
    let broken = Case { content: Some("CONVERT_TO_BINARY"), body: b"%%%", ..Case::default() };
    check(broken, "API_CONFIGURATION_ERROR");
    // A template works on texts only.
    let binary = Case { content: Some("CONVERT_TO_BINARY"), body: b"aGk=", templates, ..Case::default() };
    check(binary, "API_CONFIGURATION_ERROR");
    check(Case { body: b"hi", templates, ..Case::default() }, "<hi>");
}

#[test]
fn parameters_and_overrides() {
    let request = mapped(&Case {
        parameters: &[
            ("header.X-One", "method.request.body.a"),
            ("header.X-Gone", "'old'"),
            ("querystring.q", "method.request.multivaluequerystring.b"),
            ("querystring.none", "method.request.header.none"),
            ("path.id", "method.request.path.id"),
        ],
        templates: &[(
            "application/json",
            "#set($context.requestOverride.header.x-gone = 'new')#set($context.requestOverride.querystring.r = ['1', '2'])#set($context.requestOverride.path.id = '8')body",
        )],
        ..Case::default()
    });
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let expect = IntegrationRequest {
        headers: pairs(&[("X-One", "1"), ("x-gone", "new")]),
        query: pairs(&[("q", "2"), ("q", "3"), ("r", "1"), ("r", "2")]),
        path: pairs(&[("id", "8")]),
        body: "body".into(),
    };
    assert_eq!(request, Ok(expect));
}
