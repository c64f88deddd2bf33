//! Requests to a backend on the loopback interface: what it is sent, and what becomes of its answer.

use std::sync::Arc;
use std::time::Duration;

use blobs::MemoryBlobs;
use futures_util::FutureExt;
use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use kernel::clock::SystemEntropy;
use kernel::{Clock, Host};
use plan::definition::{IntegrationDefinition, Strings};
use store_memory::MemoryStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;
use crate::event::tests::exchange;
use crate::limits;

/// Time stands; a wait ends at once or never.
struct Standing {
    ends_waits: bool,
}

impl Clock for Standing {
    fn now_ms(&self) -> i64 {
        0
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep_until(&self, _: Duration) -> BoxFuture<'static, ()> {
        if self.ends_waits { std::future::ready(()).boxed() } else { std::future::pending().boxed() }
    }
}

fn gateway(ends_waits: bool) -> Gateway {
    let time = (Arc::new(Standing { ends_waits }) as _, Arc::new(SystemEntropy) as _);
    let stores = (
        Arc::new(MemoryStore::new()) as _,
        Arc::new(MemoryStore::new()) as _,
        Arc::new(MemoryBlobs::new()) as _,
    );
    Gateway::new(&Arc::new(Host::new(time, stores, "000000000000")))
}

/// A backend that reads one request and answers these bytes; gives its address and the request.
async fn backend(answer: Vec<u8>) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !String::from_utf8_lossy(&request).ends_with("\r\n\r\nhello") {
            let mut part = [0; 4096];
            let read = connection.read(&mut part).await.unwrap();
            assert!(read > 0, "the request ended early");
            request.extend_from_slice(&part[..read]);
        }
        let _ = connection.write_all(&answer).await;
        if answer.is_empty() {
            std::future::pending::<()>().await;
        }
        String::from_utf8_lossy(&request).into_owned()
    });
    (address, serving)
}

struct Answered {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    is_streamed: bool,
}

type Headers<'a> = [(&'a str, &'a [u8])];

/// Sends a request through an integration with this URI and these mappings.
async fn forward_to(
    gateway: &Gateway,
    uri: &str,
    mappings: &[(&str, &str)],
    headers: &Headers<'_>,
) -> Result<Answered, GatewayResponse> {
    let definition = definition(uri, mappings);
    forward(gateway, &mut exchange("/pets/{id}", definition, headers)).await
}

fn definition(uri: &str, mappings: &[(&str, &str)]) -> IntegrationDefinition {
    IntegrationDefinition {
        kind: "HTTP_PROXY".to_owned(),
        http_method: Some("POST".to_owned()),
        uri: Some(uri.to_owned()),
        request_parameters: mappings
            .iter()
            .map(|(name, source)| (format!("integration.request.{name}"), (*source).to_owned()))
            .collect::<Strings>(),
        timeout_ms: 29_000,
        ..IntegrationDefinition::default()
    }
}

/// Has the integration of a request answer.
async fn forward(gateway: &Gateway, exchange: &mut Exchange) -> Result<Answered, GatewayResponse> {
    let (parts, body) = crate::integration::answer(gateway, exchange).await?.into_parts();
    let (is_streamed, body) = match body {
        OutBody::Full(bytes) => (false, bytes.to_vec()),
        OutBody::Stream(stream) => (true, stream.map_ok(|part| part.to_vec()).try_concat().await.unwrap()),
    };
    Ok(Answered { status: parts.status.as_u16(), headers: parts.headers, body, is_streamed })
}

/// What the backend is sent.
async fn sent(path: &str, mappings: &[(&str, &str)], headers: &Headers<'_>) -> (String, String) {
    let (address, serving) = backend(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    let uri = format!("http://{address}{path}");
    forward_to(&gateway(false), &uri, mappings, headers).await.expect("the backend answers");
    (serving.await.unwrap().to_ascii_lowercase(), address)
}

/// What becomes of an answer.
async fn answered(answer: &str) -> Result<Answered, GatewayResponse> {
    let (address, _serving) = backend(answer.as_bytes().to_vec()).await;
    forward_to(&gateway(false), &format!("http://{address}/"), &[], &[]).await
}

#[tokio::test]
async fn headers_of_a_request() {
    let headers: [(&str, &[u8]); 8] = [
        ("User-Agent", b"test/integration"),
        ("X-Two", b"one"),
        ("X-Two", b"two"),
        ("TE", b"trailers"),
        ("Expect", b"x"),
        ("Via", b"me"),
        ("Content-Encoding", b"br"),
        ("Content-Length", b"99"),
    ];
    let (request, address) = sent("/", &[], &headers).await;
    for line in [
        "post /?b=2&a=1&b=3 http/1.1",
        &format!("host: {address}"),
        "user-agent: test/integration",
        "x-two: one",
        "x-two: two",
        "content-length: 5",
        "x-amzn-apigateway-api-id: api0000001",
        "x-amzn-trace-id: root=1-0-0",
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-proto: https",
    ] {
        assert!(request.lines().any(|known| known == line), "{line} is not in {request}");
    }
    for name in ["te:", "expect:", "via:", "content-encoding:"] {
        assert!(!request.lines().any(|line| line.starts_with(name)), "{name} is in {request}");
    }
    let (request, _) = sent("/", &[], &[]).await;
    assert!(request.contains("user-agent: amazonapigateway_api0000001\r\n"), "{request}");
}

#[tokio::test]
async fn mapped_parameters() {
    let mappings = [
        ("header.headerVar", "method.request.header.foobar"),
        ("header.Host", "'mapped.example'"),
        ("header.User-Agent", "'Override-Agent'"),
        ("header.Te", "'dropped'"),
        ("path.qsVar", "method.request.querystring.a"),
        ("path.pathVar", "method.request.path.id"),
        ("querystring.added", "method.request.querystring.b"),
        ("querystring.testQs", "'x&y z'"),
        ("querystring.none", "method.request.header.none"),
    ];
    let headers: [(&str, &[u8]); 2] = [("foobar", b"mapped"), ("headerVar", b"request")];
    let (request, _) = sent("/{pathVar}/x?testVar={pathVar}&testQs={qsVar}", &mappings, &headers).await;
    // Recorded on AWS: the URI's own query goes first, and a mapping does not replace it.
    let line = "post /7/x?testvar=7&testqs=1&b=2&a=1&b=3&added=3&testqs=x%26y%20z http/1.1";
    assert_eq!(request.lines().next(), Some(line));
    for line in ["headervar: mapped", "host: mapped.example", "user-agent: override-agent"] {
        assert!(request.lines().any(|known| known == line), "{line} is not in {request}");
    }
    assert!(!request.contains("\r\nte:"), "{request}");
}

#[tokio::test]
async fn forbidden_mappings() {
    for name in ["header.Content-Length", "header.transfer-encoding"] {
        let refused = forward_to(&gateway(false), "http://127.0.0.1:1/", &[(name, "'5'")], &[]).await.err();
        assert_eq!(refused, Some(Kind::ApiConfigurationError.into()), "{name}");
    }
}

#[tokio::test]
async fn headers_of_an_answer() {
    let answer = "HTTP/1.1 404 Not Found\r\nDate: then\r\nServer: mine\r\nContent-Length: 2\r\nConnection: keep-alive\r\nVia: x\r\n\
                  x-amzn-RequestId: id\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Type: text/x\r\n\r\nhi";
    let answered = answered(answer).await.expect("an answer");
    assert_eq!((answered.status, answered.body.as_slice()), (404, b"hi".as_slice()));
    let header = |name: &str| {
        let values: Vec<&str> =
            answered.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
        values.join("|")
    };
    for (name, expect) in [
        ("x-amzn-remapped-date", "then"),
        ("x-amzn-remapped-server", "mine"),
        ("x-amzn-remapped-content-length", "2"),
        ("x-amzn-remapped-connection", "keep-alive"),
        ("x-amzn-remapped-x-amzn-requestid", "id"),
        ("set-cookie", "a=1|b=2"),
        ("content-type", "text/x"),
        ("via", ""),
        ("date", ""),
        ("server", ""),
        ("content-length", ""),
    ] {
        assert_eq!(header(name), expect, "{name}");
    }
}

#[tokio::test]
async fn small_chunked_and_large_bodies() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let answered_chunked = answered(chunked).await.expect("an answer");
    assert_eq!(answered_chunked.body, b"abcde");
    assert!(answered_chunked.headers.get("transfer-encoding").is_none());
    let large = "x".repeat(3_000_000);
    let answered_large =
        answered(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{large}", large.len())).await;
    let answered_large = answered_large.expect("an answer");
    assert!(!answered_large.is_streamed && answered_large.body == large.as_bytes());
}

#[tokio::test]
async fn backends_that_fail() {
    let failed = |result: Result<Answered, GatewayResponse>| result.err();
    let dead = forward_to(&gateway(false), "http://127.0.0.1:1/", &[], &[]).await;
    assert_eq!(failed(dead), Some(Kind::IntegrationFailure.into()));
    let (address, _serving) = backend(Vec::new()).await;
    let slow = forward_to(&gateway(true), &format!("http://{address}/"), &[], &[]).await;
    assert_eq!(failed(slow), Some(Kind::IntegrationTimeout.into()));
    for answer in ["nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhi"] {
        assert_eq!(failed(answered(answer).await), Some(Kind::IntegrationFailure.into()), "{answer}");
    }
    let huge = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", limits::ANSWER_BYTES_MAX + 1);
    assert_eq!(failed(answered(&huge).await), Some(Kind::IntegrationFailure.into()));
    for uri in ["http:///x", "no url", "http://a b/"] {
        let refused = forward_to(&gateway(false), uri, &[], &[]).await;
        assert_eq!(failed(refused), Some(Kind::ApiConfigurationError.into()), "{uri}");
    }
}

/// A gateway with a link to a base URL.
fn linked(link: &str, base: String) -> Gateway {
    let settings =
        crate::Settings { vpc_links: [(link.to_owned(), base)].into(), ..crate::Settings::default() };
    Gateway { settings, ..gateway(false) }
}

#[tokio::test]
async fn links_of_private_networks() {
    let linked_definition = |link: &str, target: Option<&str>| IntegrationDefinition {
        connection_type: "VPC_LINK".to_owned(),
        connection_id: Some(link.to_owned()),
        integration_target: target.map(str::to_owned),
        ..definition("http://inside.example:8080/a/{id}?c=d", &[])
    };
    for (link, target) in [("link1", None), ("other", Some("link1"))] {
        let (address, serving) = backend(b"HTTP/1.1 204 OK\r\n\r\n".to_vec()).await;
        let gateway = linked("link1", format!("http://{address}"));
        let mut exchange = exchange("/pets/{id}", linked_definition(link, target), &[]);
        let answered = forward(&gateway, &mut exchange).await.expect("the backend answers");
        assert_eq!(answered.status, 204);
        let request = serving.await.unwrap();
        assert!(request.starts_with("POST /a/7?c=d&b=2&a=1&b=3 HTTP/1.1\r\n"), "{request}");
        // The backend is told the name that the integration's URI has.
        assert!(request.contains("\r\nhost: inside.example:8080\r\n"), "{request}");
    }
    let mut exchange = exchange("/pets/{id}", linked_definition("unknown", None), &[]);
    exchange.trail = crate::trail::Trail::whole();
    let refused = forward(&gateway(false), &mut exchange).await.err();
    assert_eq!(refused, Some(Kind::ApiConfigurationError.into()));
    assert!(exchange.trail.take()[0].contains("VPC link unknown is not configured"));
}

/// A custom integration that answers 200 with a template and 404 as it is.
fn mapped_definition(uri: &str) -> IntegrationDefinition {
    let response = |pattern: &str, template: Option<&str>, header: Option<(&str, &str)>| {
        plan::definition::IntegrationResponseDefinition {
            selection_pattern: Some(pattern.to_owned()),
            response_parameters: header
                .map(|(name, source)| (format!("method.response.header.{name}"), source.to_owned()))
                .into_iter()
                .collect(),
            response_templates: template
                .map(|template| ("application/json".to_owned(), template.to_owned()))
                .into_iter()
                .collect(),
            content_handling: None,
        }
    };
    IntegrationDefinition {
        kind: "HTTP".to_owned(),
        request_templates: [("application/json".to_owned(), "hello".to_owned())].into(),
        responses: [
            (
                "201".to_owned(),
                response(
                    "2\\d{2}",
                    Some("name=$input.path('$.name')"),
                    Some(("X-Back", "integration.response.header.X-Back")),
                ),
            ),
            ("404".to_owned(), response("", None, None)),
        ]
        .into(),
        ..definition(uri, &[("header.X-Mapped", "'m'"), ("querystring.q", "method.request.querystring.a")])
    }
}

#[tokio::test]
async fn custom_integrations() {
    let check = async |answer: &str, expect: (u16, &str, Option<&str>)| {
        let (address, serving) = backend(answer.as_bytes().to_vec()).await;
        let definition = mapped_definition(&format!("http://{address}/x/{{id}}"));
        let mut exchange = exchange("/pets/{id}", definition, &[("X-Client", b"c"), ("Accept", b"text/x")]);
        exchange.inbound.method = Method::POST;
        exchange.trail = crate::trail::Trail::whole();
        let answered = forward(&gateway(false), &mut exchange).await.expect("the backend answers");
        let request = serving.await.unwrap().to_ascii_lowercase();
        for line in [
            "post /x/7?q=1 http/1.1",
            "accept: application/json",
            "content-type: application/json",
            "user-agent: amazonapigateway_api0000001",
            "x-mapped: m",
        ] {
            assert!(request.lines().any(|known| known == line), "{line} is not in {request}");
        }
        assert!(!request.contains("x-client") && !request.contains("x-forwarded-for"), "{request}");
        let back = answered.headers.get("x-back").map(|value| value.to_str().unwrap());
        assert_eq!((answered.status, std::str::from_utf8(&answered.body).unwrap(), back), expect);
        assert_eq!(answered.headers["x-amzn-trace-id"], "Root=1-0-0");
        let log = exchange.trail.take().join("\n");
        for line in [
            &format!("Endpoint request URI: http://{address}/x/7?q=1"),
            "Endpoint request body after transformations: hello",
            &format!("Sending request to http://{address}/x/7?q=1"),
            "Integration latency: 0 ms",
            "Endpoint response body before transformations: {\"name\": \"rex\"}",
            &format!("Method response body after transformations: {}", expect.1),
        ] {
            assert!(log.contains(line), "{line} is not in {log}");
        }
    };
    let answer = |status: &str| {
        format!(
            "HTTP/1.1 {status}\r\nX-Back: b\r\ncontent-type: text/x\r\ncontent-length: 15\r\n\r\n{{\"name\": \"rex\"}}"
        )
    };
    check(&answer("200 OK"), (201, "name=rex", Some("b"))).await;
    check(&answer("503 No"), (404, "{\"name\": \"rex\"}", None)).await;
}

#[tokio::test]
async fn answers_that_never_end() {
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let endless = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", chunk.repeat(161));
    assert_eq!(answered(&endless).await.err(), Some(Kind::IntegrationFailure.into()));
    let (address, _serving) = backend(endless.into_bytes()).await;
    let streamed = IntegrationDefinition {
        response_transfer_mode: Some("STREAM".to_owned()),
        ..definition(&format!("http://{address}/"), &[])
    };
    let mut exchange = exchange("/pets/{id}", streamed, &[]);
    let response = crate::integration::answer(&gateway(false), &mut exchange).await.expect("the head");
    let OutBody::Stream(mut body) = response.into_body() else { panic!("the answer is not streamed") };
    let mut bytes = 0;
    while let Ok(Some(part)) = body.try_next().await {
        bytes += part.len() as u64;
    }
    assert!(bytes > limits::ANSWER_BYTES_MAX, "{bytes}");
}
