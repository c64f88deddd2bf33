//! The Node.js bootstrap.

use runtimes::frame::{FromBootstrap, Invoke, RequestBody};
use runtimes::registry::Family;
use serde_json::{Value, json};

use crate::worker::{DEADLINE_MS, invoke_base};
use crate::{Function, error, result, without_time};

const ID: &str = "11111111-2222-3333-4444-555555555555";

fn ready(files: &[(&str, &str)], handler: &str) -> Function {
    crate::ready(Family::Node, files, handler, &[])
}

/// `code` as index.js, `exports.handler` invoked once: its answer.
fn check(code: &str, event: Value, expect: Value) {
    let mut function = ready(&[("index.js", code)], "index.handler");
    let outcome = function.worker.invoke(&event.to_string());
    assert_eq!(result(&outcome), expect, "{code}");
}

fn check_error(code: &str, error_type: &str, message: &str) {
    let mut function = ready(&[("index.js", code)], "index.handler");
    let outcome = function.worker.invoke("{}");
    assert_eq!(error(&outcome), (error_type.to_owned(), message.to_owned()), "{code}");
}

fn check_init_error(files: &[(&str, &str)], handler: &str, error_type: &str, message: &str) {
    let mut function = crate::function(Family::Node, files, handler, &[]);
    let outcome = function.worker.outcome();
    let (got_type, got_message) = error(&outcome);
    assert_eq!(
        (got_type.as_str(), got_message.split('\n').next().unwrap()),
        (error_type, message),
        "{handler}"
    );
    let log = outcome.logs.first().expect("the error is logged");
    assert_eq!(
        without_time(log).split("\t{").next().unwrap(),
        "T\tundefined\tERROR\tUncaught Exception \t".trim_end_matches('\t')
    );
    let (status, _) = function.worker.finish();
    assert_eq!(status.code(), Some(129));
}

#[test]
fn handlers_answer() {
    check("exports.handler = async (event) => event.a + 1", json!({"a": 1}), json!(2));
    check("exports.handler = (event, context, callback) => callback(null, 'back')", json!({}), json!("back"));
    check("exports.handler = (event, context) => context.succeed('done')", json!({}), json!("done"));
    check("exports.handler = (event, context) => context.done(null, [1])", json!({}), json!([1]));
    check("exports.handler = () => Promise.resolve('promised')", json!({}), json!("promised"));
    check("exports.handler = () => new Promise((r) => setTimeout(r, 5, 'later'))", json!({}), json!("later"));
    // AWS: a plain function's returned value is not its answer before Node.js 24.
    check("exports.handler = () => 'ignored'", json!({}), json!(null));
    check("exports.handler = async () => {}", json!({}), json!(null));
    check(
        "exports.handler = async () => ({ body: 'x', statusCode: 200 })",
        json!({}),
        json!({"body": "x", "statusCode": 200}),
    );
    check(
        "exports.handler = async (event) => event",
        json!({"ü": ["\u{1F600}", null]}),
        json!({"ü": ["\u{1F600}", null]}),
    );
    check(
        "exports.handler = async () => process.env.FROM_INIT + ('LOGGIA_FD' in process.env)",
        json!({}),
        json!("yesfalse"),
    );
}

#[test]
fn handlers_are_found_as_aws_finds_them() {
    let find = |files: &[(&str, &str)], handler: &str| {
        let mut function = ready(files, handler);
        assert_eq!(result(&function.worker.invoke("{}")), json!(7), "{handler}");
    };
    find(&[("src/a/b.js", "exports.handler = async () => 7")], "src/a/b.handler");
    find(&[("index.js", "exports.x = { y: { handler: async () => 7 } }")], "index.x.y.handler");
    find(&[("index.mjs", "export const handler = async () => 7")], "index.handler");
    find(&[("index.cjs", "exports.handler = async () => 7")], "index.handler");
    find(
        &[("package.json", "{\"type\":\"module\"}"), ("index.js", "export const handler = async () => 7")],
        "index.handler",
    );
    find(
        &[
            ("package.json", "{\"type\":\"module\"}"),
            ("lib/package.json", "{}"),
            ("lib/i.js", "exports.h = async () => 7"),
        ],
        "lib/i.h",
    );
    find(
        &[("index.mjs", "const seven = await Promise.resolve(7); export const handler = async () => seven")],
        "index.handler",
    );
    find(&[("node_modules/pack/index.js", "exports.handler = async () => 7")], "pack.handler");
}

#[test]
fn init_errors_have_aws_words() {
    let ok = ("index.js", "exports.handler = async () => 1; exports.number = 7");
    check_init_error(&[], "index.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'index'");
    check_init_error(
        &[ok],
        "index.missing",
        "Runtime.HandlerNotFound",
        "index.missing is undefined or not exported",
    );
    check_init_error(&[ok], "index.number", "Runtime.HandlerNotFound", "index.number is not a function");
    check_init_error(&[ok], "index", "Runtime.MalformedHandlerName", "Bad handler");
    check_init_error(
        &[ok],
        "../index.handler",
        "Runtime.MalformedHandlerName",
        "'../index.handler' is not a valid handler name. Use absolute paths when specifying root directories in handler names.",
    );
    check_init_error(
        &[("index.js", "exports.handler = ;")],
        "index.handler",
        "Runtime.UserCodeSyntaxError",
        "SyntaxError: Unexpected token ';'",
    );
    check_init_error(
        &[("index.js", "require('nothing')")],
        "index.handler",
        "Runtime.ImportModuleError",
        "Error: Cannot find module 'nothing'",
    );
    check_init_error(&[("index.js", "throw new TypeError('no')")], "index.handler", "TypeError", "no");
}

#[test]
fn failures_are_errors() {
    check_error("exports.handler = async () => { throw new RangeError('too far') }", "RangeError", "too far");
    check_error("exports.handler = (e, c, callback) => callback(new Error('said'))", "Error", "said");
    check_error("exports.handler = (e, c, callback) => callback('text')", "string", "text");
    check_error("exports.handler = () => { throw new Error('sync') }", "Error", "sync");
    check_error("exports.handler = (e, context) => context.fail()", "string", "handled");
    check_error(
        "exports.handler = async () => { const a = {}; a.a = a; return a }",
        "Error",
        "Unable to stringify response body",
    );
    check_error("exports.handler = async () => 1n", "Error", "Unable to stringify response body");
    check_error(
        "exports.handler = async () => new Promise(() => {})",
        "Runtime.NodeJsExit",
        "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes",
    );
    check_error(
        "exports.handler = async () => 'x'.repeat(6300000)",
        "Function.ResponseSizeTooLarge",
        "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    );
}

#[test]
fn what_nobody_catches_ends_the_process() {
    let ends = |code: &str, expect: (&str, &str), status| {
        let mut function = ready(&[("index.js", code)], "index.handler");
        let outcome = function.worker.invoke("{}");
        assert_eq!(error(&outcome), (expect.0.to_owned(), expect.1.to_owned()));
        assert!(matches!(outcome.last, FromBootstrap::Error { is_last: true, .. }), "{outcome:?}");
        assert_eq!(function.worker.finish().0.code(), Some(status));
    };
    ends(
        "exports.handler = async () => { setTimeout(() => { throw new TypeError('late') }, 1); await new Promise((r) => setTimeout(r, 1000)) }",
        ("TypeError", "late"),
        129,
    );
    ends(
        "exports.handler = async () => { Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 1000)) }",
        ("Runtime.UnhandledPromiseRejection", "Error: lost"),
        128,
    );
    let mut function = ready(
        &[("index.js", "exports.handler = async () => { console.log('bye'); process.exit(3) }")],
        "index.handler",
    );
    function.worker.send(&invoke_base());
    assert!(matches!(function.worker.frame(), Some(FromBootstrap::Log { .. })));
    assert_eq!(function.worker.frame(), None);
    assert_eq!(function.worker.finish().0.code(), Some(3));
}

#[test]
fn what_goes_wrong_between_invocations_belongs_to_none() {
    let code = "exports.handler = async () => { Promise.reject(new Error('lost')); return 1 }";
    let mut function = ready(&[("index.js", code)], "index.handler");
    assert_eq!(result(&function.worker.invoke("{}")), json!(1));
    let outcome = function.worker.outcome();
    assert!(matches!(outcome.last, FromBootstrap::Ending(_)), "{outcome:?}");
    assert_eq!(function.worker.frame(), None);
    assert_eq!(function.worker.finish().0.code(), Some(128));
}

#[test]
fn the_event_loop_is_waited_for_or_not() {
    let code = "let ticks = 0; exports.handler = (event, context, callback) => { context.callbackWaitsForEmptyEventLoop = event.wait; \
                setTimeout(() => { ticks += 1; console.log('tick') }, 60); callback(null, ticks) }";
    let mut function = ready(&[("index.js", code)], "index.handler");
    let waited = function.worker.invoke("{\"wait\":true}");
    assert_eq!((result(&waited), waited.logs.len()), (json!(0), 1), "the timer ran before the answer");
    let at_once = function.worker.invoke("{\"wait\":false}");
    assert_eq!((result(&at_once), at_once.logs.len()), (json!(1), 0), "answered at once");
    // The timer that was left over runs within a later invocation, as it does in a thawed environment.
    let later = function.worker.invoke("{\"wait\":true}");
    assert_eq!(later.logs.len(), 2, "{later:?}");
}

#[test]
fn a_promise_does_not_wait_for_the_event_loop() {
    let code = "exports.handler = async () => { setInterval(() => {}, 1000); return 'now' }";
    let mut function = ready(&[("index.js", code)], "index.handler");
    for _ in 0..3 {
        assert_eq!(result(&function.worker.invoke("{}")), json!("now"));
    }
}

#[test]
fn logs_are_formatted() {
    let code = "console.log('at init'); exports.handler = async () => { console.log('a %s', 'b', { c: 1 }); console.warn('two\\nlines'); \
                console.debug('d'); console.error(new Error('bad').message) }";
    let mut function = crate::function(Family::Node, &[("index.js", code)], "index.handler", &[]);
    let init = function.worker.outcome();
    assert_eq!(
        init.logs.iter().map(|line| without_time(line)).collect::<Vec<_>>(),
        ["T\tundefined\tINFO\tat init\n"]
    );
    let outcome = function.worker.invoke("{}");
    let lines: Vec<_> = outcome.logs.iter().map(|line| without_time(line)).collect();
    let expect = ["INFO\ta b { c: 1 }\n", "WARN\ttwo\nlines\n", "DEBUG\td\n", "ERROR\tbad\n"];
    assert_eq!(lines, expect.map(|line| format!("T\t{ID}\t{line}")));
}

#[test]
fn logs_can_be_json() {
    let code = "exports.handler = async () => { console.log({ a: 1 }); console.info('below'); console.warn('x', new TypeError('t')) }";
    let env = [("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_LAMBDA_LOG_LEVEL", "INFO")];
    let mut function = crate::ready(Family::Node, &[("index.js", code)], "index.handler", &env);
    let outcome = function.worker.invoke("{}");
    let lines: Vec<Value> = outcome.logs.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (&lines[0]["level"], &lines[0]["message"], &lines[0]["requestId"]),
        (&json!("INFO"), &json!({"a": 1}), &json!(ID))
    );
    assert_eq!((&lines[2]["errorType"], &lines[2]["errorMessage"]), (&json!("TypeError"), &json!("t")));
    let env = [("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_LAMBDA_LOG_LEVEL", "WARN")];
    let mut function = crate::ready(Family::Node, &[("index.js", code)], "index.handler", &env);
    assert_eq!(function.worker.invoke("{}").logs.len(), 1, "INFO is below the level");
}

#[test]
fn the_context_is_whole() {
    let code = "exports.handler = async (event, context) => { const left = context.getRemainingTimeInMillis(); \
                return { ...context, left: left > 1e9 && left < event.deadline, trace: process.env._X_AMZN_TRACE_ID } }";
    let mut function = ready(&[("index.js", code)], "index.handler");
    let event = format!("{{\"deadline\":{DEADLINE_MS}}}");
    let outcome = function.worker.invoke_with(&Invoke {
        event: event.as_bytes(),
        client_context: b"{\"custom\":{\"k\":\"v\"}}",
        identity: b"{\"cognitoIdentityId\":\"i\"}",
        ..invoke_base()
    });
    let expect = json!({
        "callbackWaitsForEmptyEventLoop": true,
        "functionVersion": "$LATEST",
        "functionName": "hello",
        "memoryLimitInMB": "128",
        "logGroupName": "/aws/lambda/hello",
        "logStreamName": "2026/01/01/[$LATEST]0",
        "clientContext": {"custom": {"k": "v"}},
        "identity": {"cognitoIdentityId": "i"},
        "invokedFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:hello",
        "awsRequestId": ID,
        "left": true,
        "trace": "Root=1-2-3",
    });
    assert_eq!(result(&outcome), expect);
}

#[test]
fn bodies_travel_beside_the_json() {
    let code = "exports.handler = async (event) => ({ statusCode: 200, body: event.body, keys: Object.keys(event) })";
    let mut function = ready(&[("index.js", code)], "index.handler");
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
    // Without a body there is nothing to split off.
    assert_eq!(
        split(RequestBody::None),
        (json!({"statusCode": 200, "body": null, "keys": ["a", "body", "z"]}), None)
    );
}

#[test]
fn a_large_answer_and_a_small_one_after_it() {
    let code = "exports.handler = async (event) => 'x'.repeat(event.n)";
    let mut function = ready(&[("index.js", code)], "index.handler");
    for n in [10, 6_000_000, 3, 70_000, 0] {
        assert_eq!(result(&function.worker.invoke(&format!("{{\"n\":{n}}}"))).as_str().unwrap().len(), n);
    }
    let event = json!({"n": 1, "pad": "y".repeat(5_000_000)}).to_string();
    assert_eq!(result(&function.worker.invoke(&event)), json!("x"));
}

#[test]
fn rules_of_node_24_follow_the_runtime_asked_for() {
    let env = [("AWS_EXECUTION_ENV", "AWS_Lambda_nodejs24.x")];
    let mut plain = crate::ready(
        Family::Node,
        &[("index.js", "exports.handler = () => 'counts'")],
        "index.handler",
        &env,
    );
    assert_eq!(result(&plain.worker.invoke("{}")), json!("counts"));
    let code = "exports.handler = (event, context) => Object.keys(context).includes('succeed')";
    let mut context = crate::ready(Family::Node, &[("index.js", code)], "index.handler", &env);
    assert_eq!(result(&context.worker.invoke("{}")), json!(false));
    let code = "exports.handler = (event, context, callback) => callback()";
    let mut callback = crate::function(Family::Node, &[("index.js", code)], "index.handler", &env);
    let (error_type, message) = error(&callback.worker.outcome());
    assert_eq!(error_type, "Runtime.CallbackHandlerDeprecated");
    assert!(
        message.starts_with("ERROR: AWS Lambda has removed support for callback-based function handlers")
    );
}

#[test]
fn children_do_not_inherit_the_socket() {
    let code = "const fs = require('fs'); const { execSync } = require('child_process'); exports.handler = async () => \
                [fs.readlinkSync('/proc/self/fd/3'), execSync('ls -l /proc/self/fd').toString()]";
    let mut function = ready(&[("index.js", code)], "index.handler");
    let answer = result(&function.worker.invoke("{}"));
    let (own, listing) = (answer[0].as_str().unwrap(), answer[1].as_str().unwrap());
    assert!(own.starts_with("socket:") && !listing.contains(own), "{own} in {listing}");
}
