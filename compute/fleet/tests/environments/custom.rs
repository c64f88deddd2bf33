//! `provided.al2023`: a runtime of the function's own, over the HTTP Runtime API.

use std::sync::Arc;

use kernel::functions::{Body, Compute, FunctionVersion, Invocation, Payload};
use serde_json::json;

use crate::harness::{REQUEST_ID, World, bad, good, invocation};

/// A runtime in Python: `act(event, headers, post)` decides what is posted for an invocation.
fn runtime(act: &str) -> String {
    let text = r#"#!/usr/bin/python3
import http.client, json, os, sys
connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
def post(path, body, headers={}):
    connection.request('POST', '/2018-06-01/runtime/' + path, body, headers)
    response = connection.getresponse()
    return [response.status, response.read().decode()]
def act(event, headers, id):
    ACT
print('starting')
sys.stdout.flush()
while True:
    connection.request('GET', '/2018-06-01/runtime/invocation/next')
    response = connection.getresponse()
    headers = dict((k.lower(), v) for k, v in response.getheaders())
    event = json.loads(response.read())
    act(event, headers, headers['lambda-runtime-aws-request-id'])
"#;
    text.replace("ACT", act)
}

fn function(world: &World, bootstrap: &str) -> Arc<FunctionVersion> {
    world.function("provided.al2023", &[("bootstrap", bootstrap)], |_| {})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custom_runtime_answers() {
    let world = World::new();
    let act = "post('invocation/' + id + '/response', json.dumps({'event': event, 'arn': headers['lambda-runtime-invoked-function-arn'], \
               'deadline': int(headers['lambda-runtime-deadline-ms']) > 1600000000000, 'handler': os.environ['_HANDLER']}))";
    let function = function(&world, &runtime(act));
    for _ in 0..2 {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
        let expect = json!({"event": {"a": 1}, "arn": arn, "deadline": true, "handler": "app.handler"});
        assert_eq!(good(&world.invoke(&function, "{\"a\":1}").await), expect);
    }
    let lines = world.logs.take();
    assert_eq!(lines.iter().filter(|line| *line == "starting").count(), 1, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_put_in_and_taken_out() {
    let world = World::new();
    let act = "post('invocation/' + id + '/response', json.dumps({'statusCode': 200, 'body': event['body'] + '!'}))";
    let function = function(&world, &runtime(act));
    let invoke = |body: Body| Invocation {
        payload: Payload { event: "{\"body\":null}".into(), body: Some(body) },
        split_answer: true,
        ..invocation("")
    };
    let text = Body { bytes: "h\"i".into(), is_base64: false };
    let answer = world.fleet.invoke(Arc::clone(&function), invoke(text)).await.unwrap();
    assert_eq!((good(&answer), answer.body), (json!({"statusCode": 200}), Some("h\"i!".into())));
    let bytes = Body { bytes: (&b"\xff\x00"[..]).into(), is_base64: true };
    let answer = world.fleet.invoke(Arc::clone(&function), invoke(bytes)).await.unwrap();
    assert_eq!(answer.body, Some("/wA=!".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_posted() {
    let world = World::new();
    let act = "post('invocation/' + id + '/error', json.dumps({'errorType': 'Mine', 'errorMessage': 'no'}))";
    let function = function(&world, &runtime(act));
    assert_eq!(bad(&world.invoke(&function, "{}").await), ("Mine".to_owned(), "no".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wrong_request_id_and_unknown_paths_are_refused() {
    let world = World::new();
    let act = "post('invocation/' + id + '/response', json.dumps([post('invocation/other/response', '1'), post('init/error', '{}'), \
               post('invocation/' + id + '/other', '')[0], post('invocation/' + id + '/response' + 'x', '')[0]]))";
    let function = function(&world, &runtime(act));
    let seen = good(&world.invoke(&function, "{}").await);
    assert_eq!(
        seen[0],
        json!([400, "{\"errorMessage\":\"Invalid request ID\",\"errorType\":\"InvalidRequestID\"}"])
    );
    assert_eq!(seen[1][0], json!(403));
    assert_eq!((&seen[2], &seen[3]), (&json!(404), &json!(404)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_large_is_an_error() {
    let world = World::new();
    let act = "post('invocation/' + id + '/response', b'\"' + b'x' * 7000000 + b'\"')";
    let function = function(&world, &runtime(act));
    let expect = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
    assert_eq!(
        bad(&world.invoke(&function, "{}").await),
        ("Function.ResponseSizeTooLarge".to_owned(), expect.to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn runtimes_that_do_not_start() {
    let world = World::new();
    let none = world.function("provided.al2023", &[("other", "")], |_| {});
    let (error_type, message) = bad(&world.invoke(&none, "{}").await);
    assert_eq!(error_type, "Runtime.InvalidEntrypoint");
    let text = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
    assert_eq!(message, format!("RequestId: {REQUEST_ID} Error: {text}"));
    let broken = function(&world, "no shebang and no program\n\u{1}");
    let (error_type, message) = bad(&world.invoke(&broken, "{}").await);
    assert!(
        error_type == "Runtime.InvalidEntrypoint" && message.contains("fork/exec /var/task/bootstrap"),
        "{message}"
    );
    let failing = function(&world, "#!/bin/sh\nexit 3\n");
    let (error_type, message) = bad(&world.invoke(&failing, "{}").await);
    assert_eq!(error_type, "Runtime.ExitError");
    assert_eq!(message, format!("RequestId: {REQUEST_ID} Error: Runtime exited with error: exit status 3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_environment_cannot_use_anothers_api() {
    let world = World::new();
    let address = function(
        &world,
        &runtime("post('invocation/' + id + '/response', json.dumps(os.environ['AWS_LAMBDA_RUNTIME_API']))"),
    );
    let address = good(&world.invoke(&address, "{}").await);
    assert!(!address.as_str().unwrap().starts_with("127.0.0."), "{address}");
    let thief = world.python(
        "import http.client, os\ndef handler(event, context):\n  c = http.client.HTTPConnection(event, timeout=5)\n  \
         c.request('POST', '/2018-06-01/runtime/invocation/x/response', '1')\n  return c.getresponse().status",
    );
    let answer = world.invoke(&thief, &address.to_string()).await;
    // As an ordinary user both would run under one id; then only the unguessable address keeps them apart.
    if std::fs::read_to_string("/proc/self/status").unwrap().contains("Uid:\t0\t") {
        assert!(answer.is_error, "the connection is closed unread: {answer:?}");
    }
}
