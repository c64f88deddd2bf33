//! The Python bootstrap.

use runtimes::frame::{FromBootstrap, Invoke, RequestBody};
use runtimes::registry::Family;
use serde_json::{Value, json};

use crate::worker::invoke_base;
use crate::{Function, error, result, without_time};

const ID: &str = "11111111-2222-3333-4444-555555555555";

fn ready(code: &str) -> Function {
    crate::ready(Family::Python, &[("app.py", code)], "app.handler", &[])
}

/// `code` as app.py, its `handler` invoked once: the JSON text of its answer.
fn check(code: &str, event: &str, expect: &str) {
    let outcome = ready(code).worker.invoke(event);
    let FromBootstrap::Result { json, body: None } = &outcome.last else { panic!("{code}: {outcome:?}") };
    assert_eq!(std::str::from_utf8(json).unwrap(), expect, "{code}");
}

fn check_error(code: &str, error_type: &str, message: &str) {
    let outcome = ready(code).worker.invoke("{}");
    assert_eq!(error(&outcome), (error_type.to_owned(), message.to_owned()), "{code}");
    let FromBootstrap::Error { json, is_last: false } = &outcome.last else { panic!("{outcome:?}") };
    assert_eq!(serde_json::from_slice::<Value>(json).unwrap()["requestId"], json!(ID));
    assert!(
        outcome.logs[0]
            .starts_with(&format!("[ERROR] {error_type}: {message}\nTraceback (most recent call last):")),
        "{:?}",
        outcome.logs
    );
}

fn check_init_error(files: &[(&str, &str)], handler: &str, error_type: &str, message: &str) {
    let mut function = crate::function(Family::Python, files, handler, &[]);
    let outcome = function.worker.outcome();
    assert_eq!(error(&outcome), (error_type.to_owned(), message.to_owned()), "{handler}");
    assert!(outcome.logs[0].starts_with(&format!("[ERROR] {error_type}: {message}\n")), "{:?}", outcome.logs);
    let (status, text) = function.worker.finish();
    assert_eq!((status.code(), text.as_str()), (Some(1), ""));
}

#[test]
fn handlers_answer() {
    check("def handler(event, context):\n return event['a'] + 1", "{\"a\":1}", "2");
    check("def handler(event, context):\n pass", "{}", "null");
    check(
        "def handler(event, context):\n return {'a': [1, 'x', None, True, 1.5]}",
        "{}",
        "{\"a\": [1, \"x\", null, true, 1.5]}",
    );
    check("def handler(event, context):\n return event", "\"text\"", "\"text\"");
    check("def handler(event, context):\n return b'raw'", "{}", "raw");
    check("class A:\n def __call__(self, event, context):\n  return 7\nhandler = A()", "{}", "7");
    check(
        "from decimal import Decimal as D\ndef handler(e, c):\n return {'a': D('1.10'), 'b': [D('NaN'), D('3')]}",
        "{}",
        "{\"a\": 1.10, \"b\": [NaN, 3]}",
    );
    check(
        "import os\ndef handler(e, c):\n return [os.environ['FROM_INIT'], 'LOGGIA_FD' in os.environ]",
        "{}",
        "[\"yes\", false]",
    );
}

#[test]
fn characters_are_escaped_as_the_runtime_asked_for_does() {
    let answer = |env| {
        let code = "def handler(event, context):\n return 'ü'";
        let mut function =
            crate::ready(Family::Python, &[("app.py", code)], "app.handler", &[("AWS_EXECUTION_ENV", env)]);
        let FromBootstrap::Result { json, .. } = function.worker.invoke("{}").last else {
            panic!("no result")
        };
        String::from_utf8(json.to_vec()).unwrap()
    };
    assert_eq!(answer("AWS_Lambda_python3.11"), "\"\\u00fc\"");
    assert_eq!(answer("AWS_Lambda_python3.12"), "\"ü\"");
}

#[test]
fn handlers_are_found_as_aws_finds_them() {
    let find = |file: &str, handler: &str| {
        let files = [(file, "def handler(event, context):\n return 7")];
        let mut function = crate::ready(Family::Python, &files, handler, &[]);
        assert_eq!(result(&function.worker.invoke("{}")), json!(7), "{handler}");
    };
    find("a/b/mod.py", "a/b/mod.handler");
    find("a/b/mod.py", "a.b.mod.handler");
    find("opt/python/layered.py", "layered.handler");
    let files = [("app.py", "import sys\ndef handler(e, c):\n return sys.path[:4]")];
    let path = result(&crate::ready(Family::Python, &files, "app.handler", &[]).worker.invoke("{}"));
    let path: Vec<String> = serde_json::from_value(path).unwrap();
    assert!(
        path[1].starts_with(&format!("{}/opt/python/lib/python3.", path[0]))
            && path[1].ends_with("/site-packages"),
        "{path:?}"
    );
    assert_eq!(path[2], format!("{}/opt/python", path[0]));
}

#[test]
fn init_errors_have_aws_words() {
    let ok = ("app.py", "def handler(event, context):\n return 1");
    check_init_error(
        &[ok],
        "x.handler",
        "Runtime.ImportModuleError",
        "Unable to import module 'x': No module named 'x'",
    );
    check_init_error(
        &[("app.py", "import nothing")],
        "app.handler",
        "Runtime.ImportModuleError",
        "Unable to import module 'app': No module named 'nothing'",
    );
    check_init_error(
        &[ok],
        "app.missing",
        "Runtime.HandlerNotFound",
        "Handler 'missing' missing on module 'app'",
    );
    check_init_error(
        &[ok],
        "app",
        "Runtime.MalformedHandlerName",
        "Bad handler 'app': not enough values to unpack (expected 2, got 1)",
    );
    check_init_error(
        &[ok],
        "sys.exit",
        "Runtime.BuiltInModuleConflict",
        "Cannot use built-in module sys as a handler module",
    );
    check_init_error(&[("app.py", "raise KeyError('k')")], "app.handler", "KeyError", "'k'");
    let mut function = crate::function(Family::Python, &[("app.py", "def handler(:\n")], "app.handler", &[]);
    let (error_type, message) = error(&function.worker.outcome());
    assert_eq!(error_type, "Runtime.UserCodeSyntaxError");
    assert!(message.starts_with("Syntax error in module 'app': "), "{message}");
}

#[test]
fn failures_are_errors() {
    check_error("def handler(event, context):\n raise ValueError('no')", "ValueError", "no");
    check_error(
        "import datetime\ndef handler(e, c):\n return {'a': datetime.date(2020, 1, 1)}",
        "Runtime.MarshalError",
        "Unable to marshal response: Object of type date is not JSON serializable",
    );
    check_error(
        "def handler(e, c):\n a = []\n a.append(a)\n return a",
        "Runtime.MarshalError",
        "Unable to marshal response: Circular reference detected",
    );
    check_error(
        "def handler(e, c):\n return 'x' * 6300000",
        "Function.ResponseSizeTooLarge",
        "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    );
}

#[test]
fn a_stack_trace_holds_the_functions_own_frames() {
    let outcome = ready("def inner():\n  raise ValueError('no')\ndef handler(event, context):\n  inner()")
        .worker
        .invoke("{}");
    let FromBootstrap::Error { json, is_last: false } = &outcome.last else { panic!("{outcome:?}") };
    let trace = serde_json::from_slice::<Value>(json).unwrap()["stackTrace"].clone();
    let trace: Vec<String> = serde_json::from_value(trace).unwrap();
    assert_eq!(trace.len(), 2, "{trace:?}");
    assert!(trace[0].ends_with("/app.py\", line 4, in handler\n    inner()\n"), "{trace:?}");
    // The log keeps the indentation with no-break spaces, as AWS's does.
    assert!(
        outcome.logs[0].contains("\n\u{a0}\u{a0}File \"")
            && outcome.logs[0].contains("\n\u{a0}\u{a0}\u{a0}\u{a0}inner()"),
        "{:?}",
        outcome.logs
    );
}

#[test]
fn exiting_ends_the_process() {
    let ends = |code: &str, status| {
        let mut function = ready(code);
        function.worker.send(&invoke_base());
        assert_eq!(function.worker.frame(), None);
        assert_eq!(function.worker.finish().0.code(), Some(status));
    };
    ends("import sys\ndef handler(e, c):\n sys.exit(3)", 3);
    ends("import os\ndef handler(e, c):\n os._exit(0)", 0);
}

#[test]
fn prints_and_logs_keep_their_order() {
    let code = "import logging, sys\nlogging.getLogger().setLevel('INFO')\nprint('at init')\ndef handler(event, context):\n print('one')\n \
                logging.info('two %d', 2)\n logging.getLogger('x').warning('two\\nlines')\n print('three', end='')\n print('oops', file=sys.stderr)\n logging.debug('no')";
    let mut function = crate::function(Family::Python, &[("app.py", code)], "app.handler", &[]);
    assert_eq!(function.worker.outcome().out, "at init\n");
    function.worker.send(&invoke_base());
    let mut seen = Vec::new();
    loop {
        match function.worker.frame().unwrap() {
            FromBootstrap::Log { message, .. } => {
                seen.push(without_time(std::str::from_utf8(&message).unwrap()))
            }
            FromBootstrap::Out { data, .. } => seen.push(String::from_utf8(data.to_vec()).unwrap()),
            _ => break,
        }
    }
    let expect = [
        "one\n".to_owned(),
        format!("[INFO]\tT\t{ID}\ttwo 2\n"),
        format!("[WARNING]\tT\t{ID}\ttwo\nlines\n"),
        "oops\n".to_owned(),
        "three".to_owned(),
    ];
    assert_eq!(seen, expect);
}

#[test]
fn logs_can_be_json() {
    let code = "import logging\ndef handler(event, context):\n logging.getLogger('a').warning('w', extra={'k': 1})\n try:\n  1/0\n except Exception:\n  logging.exception('x')\n logging.info('no')";
    let env = [("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_LAMBDA_LOG_LEVEL", "WARN")];
    let mut function = crate::ready(Family::Python, &[("app.py", code)], "app.handler", &env);
    let outcome = function.worker.invoke("{}");
    let lines: Vec<Value> = outcome.logs.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(
        (&lines[0]["level"], &lines[0]["logger"], &lines[0]["k"], &lines[0]["requestId"]),
        (&json!("WARNING"), &json!("a"), &json!(1), &json!(ID))
    );
    assert_eq!(
        (&lines[1]["errorType"], &lines[1]["errorMessage"]),
        (&json!("ZeroDivisionError"), &json!("division by zero"))
    );
}

#[test]
fn the_context_is_whole() {
    let code = "import os\ndef handler(event, c):\n left = c.get_remaining_time_in_millis()\n c.log('mine')\n return [c.function_name, c.function_version, \
                c.invoked_function_arn, c.memory_limit_in_mb, c.aws_request_id, c.log_group_name, c.log_stream_name, c.identity.cognito_identity_id, \
                c.identity.cognito_identity_pool_id, c.client_context and [c.client_context.custom, c.client_context.env, c.client_context.client.app_title], \
                left > 1000000000, os.environ['_X_AMZN_TRACE_ID']]";
    let mut function = ready(code);
    let outcome = function.worker.invoke_with(&Invoke {
        client_context: b"{\"custom\":{\"k\":\"v\"},\"env\":{\"e\":1},\"client\":{\"app_title\":\"t\"}}",
        identity: b"{\"cognitoIdentityId\":\"i\",\"cognitoIdentityPoolId\":\"p\"}",
        ..invoke_base()
    });
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
    let head = json!(["hello", "$LATEST", arn, "128", ID, "/aws/lambda/hello", "2026/01/01/[$LATEST]0"]);
    let mut expect = head.as_array().unwrap().clone();
    let mut bare = expect.clone();
    expect.extend([
        json!("i"),
        json!("p"),
        json!([{"k": "v"}, {"e": 1}, "t"]),
        json!(true),
        json!("Root=1-2-3"),
    ]);
    assert_eq!((result(&outcome), outcome.logs), (Value::Array(expect), vec!["mine".to_owned()]));
    bare.extend([json!(null), json!(null), json!(null), json!(true), json!("Root=1-2-3")]);
    assert_eq!(result(&function.worker.invoke("{}")), Value::Array(bare));
    let past = function.worker.invoke_with(&Invoke { deadline_ms: 1, ..invoke_base() });
    assert_eq!(result(&past)[10], json!(false), "time that is over is zero, not less");
}

#[test]
fn bodies_travel_beside_the_json() {
    let mut function = ready(
        "def handler(event, context):\n return {'statusCode': 200, 'body': event['body'], 'keys': list(event)}",
    );
    let mut split = |body: RequestBody| {
        let outcome = function.worker.invoke_with(&Invoke {
            event: b"{\"a\":1,\"body\":null,\"z\":2}",
            body,
            wants_split: true,
            ..invoke_base()
        });
        let FromBootstrap::Result { json, body } = outcome.last else { panic!("{outcome:?}") };
        (serde_json::from_slice::<Value>(&json).unwrap(), body)
    };
    let rest = json!({"statusCode": 200, "keys": ["a", "body", "z"]});
    assert_eq!(split(RequestBody::Text("h\"i ü".into())), (rest.clone(), Some("h\"i ü".into())));
    assert_eq!(split(RequestBody::Base64((&b"\xff\x00"[..]).into())), (rest.clone(), Some("/wA=".into())));
    let long = "ü\n".repeat(1_000_000);
    assert_eq!(split(RequestBody::Text(long.clone().into())), (rest, Some(long.into())));
    assert_eq!(
        split(RequestBody::None),
        (json!({"statusCode": 200, "body": null, "keys": ["a", "body", "z"]}), None)
    );
}

#[test]
fn warm_state_is_kept_and_large_frames_pass() {
    let mut function = ready(
        "n = 0\ndef handler(event, context):\n global n\n n += 1\n return [n, len(event.get('pad', '')), 'x' * event.get('n', 0)]",
    );
    assert_eq!(result(&function.worker.invoke("{}")), json!([1, 0, ""]));
    let event = json!({"pad": "y".repeat(5_000_000)}).to_string();
    assert_eq!(result(&function.worker.invoke(&event)), json!([2, 5_000_000, ""]));
    assert_eq!(result(&function.worker.invoke("{\"n\":6000000}"))[2].as_str().unwrap().len(), 6_000_000);
    assert_eq!(result(&function.worker.invoke("{}")), json!([4, 0, ""]));
}

#[test]
fn children_cannot_speak_for_the_function() {
    let code = "import os, subprocess, sys\ndef handler(event, context):\n pid = os.fork()\n if pid == 0:\n  print('from the child')\n  return 'not me'\n \
                os.waitpid(pid, 0)\n own = os.readlink('/proc/self/fd/3')\n return own in subprocess.run(['ls', '-l', '/proc/self/fd'], close_fds=False, capture_output=True, text=True).stdout";
    let mut function = ready(code);
    let outcome = function.worker.invoke("{}");
    assert_eq!((result(&outcome), outcome.out.as_str()), (json!(false), ""));
    assert_eq!(result(&function.worker.invoke("{}")), json!(false));
}
