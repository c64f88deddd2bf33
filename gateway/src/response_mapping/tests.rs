//! What becomes of an integration's answer.

use plan::Integration;
use plan::definition::{
    ApiDefinition, IntegrationDefinition, IntegrationResponseDefinition, MethodDefinition,
    MethodResponseDefinition, PublishedDeployment, PublishedStage, ResourceDefinition,
};

use super::*;
use crate::event::tests::exchange;
use crate::trail::Trail;

fn response(
    pattern: &str,
    templates: &[(&str, &str)],
    headers: &[(&str, &str)],
) -> IntegrationResponseDefinition {
    let owned = |pairs: &[(&str, &str)], prefix: &str| {
        pairs.iter().map(|(name, value)| (format!("{prefix}{name}"), (*value).to_owned())).collect()
    };
    IntegrationResponseDefinition {
        selection_pattern: Some(pattern.to_owned()),
        response_parameters: owned(headers, "method.response.header."),
        response_templates: owned(templates, ""),
        content_handling: None,
    }
}

/// Maps an answer by these integration responses, for a client that accepts this; the log comes with a failure.
fn mapped(
    responses: &[(&str, IntegrationResponseDefinition)],
    declared: &[&str],
    (accept, binary): (&str, &[&str]),
    answer: (&str, &str, &str),
) -> Result<(u16, String, HeaderMap), String> {
    let integration = IntegrationDefinition {
        kind: "HTTP".to_owned(),
        uri: Some("http://x".to_owned()),
        responses: responses.iter().map(|(status, rule)| ((*status).to_owned(), rule.clone())).collect(),
        ..IntegrationDefinition::default()
    };
    let method = MethodDefinition {
        responses: declared
            .iter()
            .map(|status| ((*status).to_owned(), MethodResponseDefinition::default()))
            .collect(),
        integration: Some(integration),
        ..MethodDefinition::default()
    };
    let resource = ResourceDefinition {
        path: "/pets/{id}".to_owned(),
        methods: [("GET".to_owned(), method)].into(),
        ..ResourceDefinition::default()
    };
    let api = ApiDefinition {
        resources: vec![resource],
        binary_media_types: binary.iter().map(|media| (*media).to_owned()).collect(),
        ..ApiDefinition::default()
    };
    let mut exchange =
        exchange("/pets/{id}", IntegrationDefinition::default(), &[("Accept", accept.as_bytes())]);
    let deployment = PublishedDeployment { id: "d".to_owned(), api };
    exchange.plan = plan::Plan::compile(PublishedStage::default(), deployment).into();
    crate::execute::route(&mut exchange).expect("the method is there");
    exchange.trail = Trail::whole();
    let method = std::sync::Arc::clone(exchange.method());
    let Integration::Http(_, mapping) = &method.integration else { panic!("{:?}", method.integration) };
    let (selection, media, body) = answer;
    let headers = [(CONTENT_TYPE, media), (HeaderName::from_static("x-back"), "b")];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_str(value).expect("a value")));
    let answer = EndpointAnswer {
        status: 200,
        headers: HeaderMap::from_iter(headers),
        body: Bytes::copy_from_slice(body.as_bytes()),
    };
    match map(&mut exchange, mapping, &answer, selection) {
        Err(_) => Err(exchange.trail.take().join("\n")),
        Ok(response) => {
            let (parts, OutBody::Full(body)) = response.into_parts() else { panic!("a stream") };
            Ok((parts.status.as_u16(), String::from_utf8_lossy(&body).into_owned(), parts.headers))
        }
    }
}

#[test]
fn selection() {
    let responses = [
        ("200", response("", &[], &[])),
        ("404", response("4\\d\\d", &[], &[])),
        ("500", response("(?!.*fine)Error.*", &[], &[])),
    ];
    let status = |selection: &str| {
        mapped(&responses, &["200", "404", "500"], ("", &[]), (selection, "application/json", "x"))
            .map(|(status, ..)| status)
    };
    assert_eq!(status("200"), Ok(200));
    assert_eq!(status("404"), Ok(404));
    assert_eq!(status("14040"), Ok(200));
    // Patterns are Java's: they may look ahead.
    assert_eq!(status("Error: bad"), Ok(500));
    assert_eq!(status("Error: all is fine"), Ok(200));
    let none = mapped(&responses[1..], &["404"], ("", &[]), ("200", "text/x", "x"));
    let text = "Execution failed due to configuration error: No match for output mapping and no default output mapping configured. Endpoint Response Status Code: 200";
    assert_eq!(none, Err(text.to_owned()));
    let undeclared = mapped(&responses[..1], &[], ("", &[]), ("200", "text/x", "x"));
    let text = "Execution failed due to configuration error: Output mapping refers to an invalid method response: 200";
    assert_eq!(undeclared, Err(text.to_owned()));
}

#[test]
fn templates_by_what_is_accepted() {
    let templates: &[(&str, &str)] =
        &[("application/json", "{\"all\": $input.json('$.a')}"), ("text/plain", "plain $input.path('$.a')")];
    let check = |accept: &str, media: &str, body: &str| {
        let responses = [("200", response("", templates, &[]))];
        let answer = ("200", "application/json", "{\"a\": [1, 2]}");
        let (_, got, headers) = mapped(&responses, &["200"], (accept, &[]), answer).expect("an answer");
        assert_eq!((headers[CONTENT_TYPE].to_str().unwrap(), got.as_str()), (media, body), "{accept}");
    };
    check("", "application/json", "{\"all\": [1,2]}");
    check("text/plain", "text/plain", "plain [1,2]");
    check("image/png, text/plain;q=0.1", "text/plain", "plain [1,2]");
    check("image/png", "application/json", "{\"all\": [1,2]}");
}

#[test]
fn headers_and_overrides() {
    let template =
        "#set($context.responseOverride.status = 201)#set($context.responseOverride.header.X-New = 'n')ok";
    let headers: &[(&str, &str)] = &[
        ("X-Back", "integration.response.header.x-back"),
        ("X-Part", "integration.response.body.a"),
        ("X-None", "integration.response.header.none"),
        ("Content-Type", "'text/x'"),
        ("Date", "'then'"),
        ("Transfer-Encoding", "'chunked'"),
    ];
    let responses = [("200", response("", &[("application/json", template)], headers))];
    let (status, body, headers) =
        mapped(&responses, &["200"], ("", &[]), ("200", "application/json", "{\"a\": \"part\"}"))
            .expect("an answer");
    assert_eq!((status, body.as_str()), (201, "ok"));
    for (name, expect) in [
        ("x-back", Some("b")),
        ("x-part", Some("part")),
        ("x-none", None),
        ("x-new", Some("n")),
        ("content-type", Some("text/x")),
        ("x-amzn-remapped-date", Some("then")),
        ("date", None),
        ("transfer-encoding", None),
    ] {
        assert_eq!(headers.get(name).map(|value| value.to_str().unwrap()), expect, "{name}");
    }
    let forged = [("200", response("", &[], &[("X-A", "integration.response.body.a")]))];
    let answer = ("200", "application/json", "{\"a\": \"x\\r\\nset-cookie: y\"}");
    assert!(mapped(&forged, &["200"], ("", &[]), answer).is_err());
}

#[test]
fn contents() {
    let plain = [("200", response("", &[], &[]))];
    let check = |accept: &str, binary: &[&str], answer: (&str, &str), expect: Result<&str, &str>| {
        let got = mapped(&plain, &["200"], (accept, binary), ("200", answer.0, answer.1));
        let got = got.map(|(_, body, _)| body);
        assert_eq!(
            got.as_deref().map_err(|log| log.rsplit(": ").next().unwrap()),
            expect,
            "{accept} {answer:?}"
        );
    };
    check("text/plain", &[], ("text/plain", "hi"), Ok("hi"));
    check("image/png", &["image/png"], ("image/png", "raw"), Ok("raw"));
    check("text/plain", &["image/png"], ("image/png", "raw"), Ok("cmF3"));
    check("image/png", &["image/png"], ("text/plain", "cmF3"), Ok("raw"));
    check("image/png", &["image/png"], ("text/plain", "no base64"), Err("Unable to base64 decode the body"));
    check("image/png", &["*/*"], ("text/plain", "no base64"), Ok("no base64"));
}
