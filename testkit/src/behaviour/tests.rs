//! What functions of cases do, in process and as Python.

use std::process::Command;

use kernel::functions::{Body, Invocation, Payload};
use serde_json::{Value as Json, json};

use super::*;
use crate::case::{Node, resolve};

fn behaviour(text: &str) -> Behaviour {
    let (word, rest) = text.split_at(text.find([' ', '{']).unwrap_or(text.len()));
    let value = Some(rest.trim()).filter(|rest| !rest.is_empty());
    let value = value.map(|rest| resolve(&Node::parse(rest).unwrap(), &[]).unwrap());
    Behaviour::parse(word, value).unwrap()
}

fn invocation(event: &Json, body: Option<&'static str>) -> Invocation {
    let body = body.map(|text| Body { bytes: text.into(), is_base64: false });
    Invocation {
        request_id: "id".to_owned(),
        payload: Payload { event: event.to_string().into(), body },
        ..Invocation::default()
    }
}

#[track_caller]
fn check(text: &str, event: Json, expect: (Json, bool, u64)) {
    let Ended { payload, is_error, after_ms } = behaviour(text).play(&invocation(&event, None), 3000);
    assert_eq!((payload, is_error, after_ms), expect, "{text}");
}

#[test]
fn in_process() {
    let timed_out = json!({ "errorType": "Sandbox.Timedout", "errorMessage": "RequestId: id Error: Task timed out after 3.00 seconds" });
    let crashed = json!({ "errorType": "Runtime.ExitError", "errorMessage": "RequestId: id Error: Runtime exited with error: exit status 1" });
    let raised = json!({ "errorMessage": "no", "errorType": "Oops", "requestId": "id", "stackTrace": [] });
    check("echo", json!({ "a": 1 }), (json!({ "a": 1 }), false, 0));
    check("{a: [1, b]}", json!({}), (json!({ "a": [1, "b"] }), false, 0));
    check("error {errorType: Oops, errorMessage: no}", json!({}), (raised, true, 0));
    check("5", json!({}), (json!(5), false, 0));
    check("reflect", json!({ "a": 1 }), (json!({ "statusCode": 200, "body": "{\"a\":1}" }), false, 0));
    check("crash", json!({}), (crashed, true, 0));
    check("timeout", json!({}), (timed_out.clone(), true, 3000));
    check("slow 2000", json!(1), (json!(1), false, 2000));
    check("slow 3000", json!(1), (timed_out, true, 3000));
}

#[test]
fn a_body_beside_the_event_belongs_into_it() {
    let ended = Behaviour::Echo.play(&invocation(&json!({ "a": 1, "body": null }), Some("hi")), 3000);
    assert_eq!(ended.payload, json!({ "a": 1, "body": "hi" }));
    let mut answer = json!({ "statusCode": 200, "body": "hi" });
    assert_eq!((split(&mut answer), answer), (Some("hi".into()), json!({ "statusCode": 200 })));
    let mut other = json!({ "body": 5 });
    assert_eq!((split(&mut other), other), (None, json!({ "body": 5 })));
}

/// The Python file gives what the function gives in process; errors by their type and text.
#[test]
fn as_python() {
    let event = json!({ "a": "é\"\\\n", "b": [null, 1.5] });
    for text in [
        "echo",
        "{a: \"quote \\\" and \\\\ é\", b: null, c: [true]}",
        "\"text\"",
        "error {errorType: Oops, errorMessage: \"it's \\\"no\\\"\"}",
        "slow 1",
        "5",
        "null",
    ] {
        let wanted = behaviour(if text == "\"text\"" { " \"text\"" } else { text });
        let program = format!(
            "{}\nimport json, sys\ntry:\n    print(json.dumps(handler(json.loads(sys.argv[1]), None)))\nexcept Exception as error:\n    \
             print(json.dumps({{'errorType': type(error).__name__, 'errorMessage': str(error)}}))\n",
            wanted.python()
        );
        let run = Command::new("python3").args(["-c", &program, &event.to_string()]).output().unwrap();
        let got: Json = serde_json::from_slice(&run.stdout)
            .unwrap_or_else(|_| panic!("{text}: {}", String::from_utf8_lossy(&run.stderr)));
        let mut expect = wanted.play(&invocation(&event, None), 3000).payload;
        if let Behaviour::Error { .. } = wanted {
            expect = json!({ "errorType": expect["errorType"], "errorMessage": expect["errorMessage"] });
        }
        assert_eq!(got, expect, "{text}");
    }
}
