//! Measures round trips through both bootstraps, without a sandbox: `cargo run --release -p runtimes --example roundtrip [COUNT]`.

#[path = "../tests/bootstraps/worker.rs"]
mod worker;

use std::time::Instant;

use bytes::Bytes;
use runtimes::frame::{FromBootstrap, Invoke, RequestBody};
use runtimes::registry::Family;
use worker::{Worker, invoke_base};

const NODE: &str = "exports.handler = async (event) => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: event.body || '{\"hello\":\"you\"}' });";
const PYTHON: &str = "def handler(event, context):\n    return {'statusCode': 200, 'headers': {'content-type': 'application/json'}, 'body': event.get('body') or '{\"hello\":\"you\"}'}\n";
const EVENT: &str = r#"{"resource":"/hello","path":"/hello","httpMethod":"GET","headers":{"Host":"localhost","User-Agent":"bench"},"multiValueHeaders":{"Host":["localhost"],"User-Agent":["bench"]},"queryStringParameters":null,"multiValueQueryStringParameters":null,"pathParameters":null,"stageVariables":null,"requestContext":{"resourceId":"abc123","resourcePath":"/hello","httpMethod":"GET","extendedRequestId":"c6af9ac6","requestTime":"09/Apr/2015:12:34:56 +0000","path":"/prod/hello","accountId":"000000000000","protocol":"HTTP/1.1","stage":"prod","requestTimeEpoch":1428582896000,"requestId":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","identity":{"sourceIp":"127.0.0.1","userAgent":"bench"},"domainName":"localhost","apiId":"1234567890"},"body":null,"isBase64Encoded":false}"#;

fn main() {
    let count: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("index.js"), NODE).expect("a file");
    std::fs::write(folder.path().join("index.py"), PYTHON).expect("a file");
    for family in [Family::Node, Family::Python] {
        let started = Instant::now();
        let mut worker = Worker::start(family, folder.path(), "index.handler", &[]);
        assert_eq!(worker.outcome().last, FromBootstrap::Ready);
        println!("{family}: ready after {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
        let cases = [
            ("small event", "{}", RequestBody::None),
            ("proxy event", EVENT, RequestBody::None),
            ("proxy event, 10 KB body both ways", EVENT, RequestBody::Text(Bytes::from("x\"".repeat(5000)))),
        ];
        for (name, event, body) in cases {
            let invoke = Invoke { event: event.as_bytes(), body, wants_split: true, ..invoke_base() };
            for _ in 0..count / 10 {
                round_trip(&mut worker, &invoke);
            }
            let started = Instant::now();
            for _ in 0..count {
                round_trip(&mut worker, &invoke);
            }
            let each = started.elapsed().as_secs_f64() / f64::from(count);
            println!("{family}: {name}: {:.1} us, {:.0}/s", each * 1e6, 1.0 / each);
        }
    }
}

fn round_trip(worker: &mut Worker, invoke: &Invoke<'_>) {
    worker.send(invoke);
    let frame = worker.frame();
    assert!(matches!(frame, Some(FromBootstrap::Result { .. })), "{frame:?}");
}
