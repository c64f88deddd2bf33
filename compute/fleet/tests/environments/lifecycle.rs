//! Warm reuse, concurrency, sleep and end of environments; what a function sees and what is logged.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kernel::functions::{Body, Compute, ComputeError, Invocation, Payload};
use runtimes::registry::{Family, Runtime};
use serde_json::json;

use crate::harness::{REQUEST_ID, World, good, invocation};

const COUNTER: &str = "n = 0\ndef handler(event, context):\n  global n\n  n += 1\n  return n";

/// A line with its numbers replaced.
fn blurred(line: &str) -> String {
    let mut out = String::new();
    for part in line.split(' ') {
        let is_number = part.chars().next().is_some_and(|c| c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_digit() || c == '.');
        out.push_str(if is_number { "N" } else { part });
        out.push(' ');
    }
    out.trim_end_matches(' ').to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn hello_is_logged_as_lambda_does() {
    let world = World::new();
    let python = world.python(
        "def handler(event, context):\n  print('hi', event['name'])\n  return {'hello': event['name']}",
    );
    assert_eq!(good(&world.invoke(&python, "{\"name\":\"you\"}").await), json!({"hello": "you"}));
    let streams = world.logs.streams();
    assert_eq!(streams.len(), 1, "{streams:?}");
    let (day, rest) = streams[0].split_at(11);
    assert!(
        day.matches('/').count() == 3 && rest.starts_with("[$LATEST]") && rest.len() == 9 + 32,
        "{streams:?}"
    );
    let lines = world.logs.take();
    assert!(lines[0].starts_with("INIT_START Runtime Version: python:3."), "{lines:?}");
    let report = |init: &str| {
        format!(
            "REPORT RequestId: {REQUEST_ID}\tDuration: N ms\tBilled Duration: N ms\tMemory Size: N MB\tMax Memory Used: N MB\t{init}"
        )
    };
    let expect = |report: String| {
        vec![
            format!("START RequestId: {REQUEST_ID} Version: $LATEST"),
            "hi you".to_owned(),
            format!("END RequestId: {REQUEST_ID}"),
            report,
        ]
    };
    let seen: Vec<_> = lines[1..].iter().map(|line| blurred(line)).collect();
    assert_eq!(seen, expect(report("Init Duration: N ms\t")));
    // Warm: the same stream, no Init Duration.
    world.invoke(&python, "{\"name\":\"you\"}").await;
    assert_eq!(world.logs.streams(), streams);
    let seen: Vec<_> = world.logs.take().iter().map(|line| blurred(line)).collect();
    assert_eq!(seen, expect(report("")));
}

#[tokio::test(flavor = "multi_thread")]
async fn node_answers_and_logs_json() {
    let world = World::new();
    let code =
        "exports.handler = async (event) => { console.log({ got: event.n }); return { n: event.n + 1 } }";
    let function = world.function("nodejs20.x", &[("app.js", code)], |version| version.logs_json = true);
    assert_eq!(good(&world.invoke(&function, "{\"n\":1}").await), json!({"n": 2}));
    let lines: Vec<serde_json::Value> =
        world.logs.take().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&lines[0]["type"], &lines[0]["record"]["requestId"]),
        (&json!("platform.start"), &json!(REQUEST_ID))
    );
    assert_eq!((&lines[1]["level"], &lines[1]["message"]), (&json!("INFO"), &json!({"got": 1})));
    assert_eq!(
        (&lines[2]["type"], &lines[2]["record"]["status"]),
        (&json!("platform.report"), &json!("success"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_children_and_streams_write_is_logged_before_the_end() {
    let world = World::new();
    let code = "const { execSync } = require('child_process'); exports.handler = async () => { process.stdout.write('raw\\nhalf'); \
                execSync('echo child >&2', { stdio: 'inherit' }); return 1 }";
    let function = world.function("nodejs20.x", &[("app.js", code)], |_| {});
    world.invoke(&function, "{}").await;
    let lines = world.logs.take();
    let at = |wanted: &str| {
        lines.iter().position(|line| line == wanted).unwrap_or_else(|| panic!("{wanted} in {lines:?}"))
    };
    assert!(
        at("raw") < at("halfchild") && at("halfchild") < at(&format!("END RequestId: {REQUEST_ID}")),
        "{lines:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_are_reused_frozen_and_stopped() {
    let world = World::new();
    let function = world.python(COUNTER);
    for n in 1..=3 {
        assert_eq!(good(&world.invoke(&function, "{}").await), json!(n));
    }
    let idle = || world.fleet.environments(&function.arn, "$LATEST");
    assert_eq!(idle(), (1, 0, 0));
    world.clock.advance(Duration::from_secs(2));
    world.settle().await;
    assert_eq!(good(&world.invoke(&function, "{}").await), json!(4), "thawed");
    world.clock.advance(Duration::from_secs(700));
    world.settle().await;
    assert_eq!(idle(), (0, 0, 0), "stopped");
    assert_eq!(good(&world.invoke(&function, "{}").await), json!(1), "a new one");
    // A change of the function ends the environments of the old code.
    world.fleet.retire(&function.arn, "$LATEST", Some("1"));
    assert_eq!(idle(), (1, 0, 0));
    world.fleet.retire(&function.arn, "$LATEST", Some("2"));
    assert_eq!(idle(), (0, 0, 0));
    assert_eq!(good(&world.invoke(&function, "{}").await), json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn invocations_run_at_the_same_time() {
    let world = World::new();
    // Each one waits until the test has seen all of them.
    let code = "import os, socket\ndef handler(port, context):\n  socket.create_connection(('127.0.0.1', port)).recv(1)\n  \
                return os.environ['AWS_LAMBDA_LOG_STREAM_NAME']";
    let function = world.python(code);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let calls = futures_util::future::join_all((0..4).map(|_| world.invoke(&function, &port)));
    let meeting = async {
        let mut met = Vec::new();
        while met.len() < 4 {
            met.push(listener.accept().await.unwrap());
        }
    };
    let (answers, ()) = tokio::join!(calls, meeting);
    let mut streams: Vec<_> = answers.iter().map(|answer| good(answer).to_string()).collect();
    streams.sort();
    streams.dedup();
    assert_eq!(streams.len(), 4, "four environments");
    assert_eq!(world.fleet.environments(&function.arn, "$LATEST"), (4, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn short_invocations_share_an_environment() {
    let world = World::new();
    let function = world.python(COUNTER);
    world.invoke(&function, "{}").await;
    let answers = futures_util::future::join_all((0..40).map(|_| world.invoke(&function, "{}"))).await;
    assert!(answers.iter().all(|answer| !answer.is_error));
    let (idle, ..) = world.fleet.environments(&function.arn, "$LATEST");
    assert!(idle < 10, "{idle} environments for 40 invocations of some 50 µs");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_throttle() {
    let world = World::with(|config| config.account_concurrency = 2);
    let slow = "import time\ndef handler(event, context):\n  time.sleep(1)";
    let reserved =
        world.function("python3.11", &[("app.py", slow)], |version| version.reserved_concurrency = Some(1));
    let other = world.python(slow);
    let reason = |result: Result<_, ComputeError>| match result {
        Err(ComputeError::Throttled { reason }) => reason,
        _ => "none",
    };
    let first = tokio::spawn(world.fleet.invoke(Arc::clone(&reserved), invocation("{}")));
    while world.fleet.concurrency("000000000000", "us-east-1").0 < 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        reason(world.try_invoke(&reserved, "{}").await),
        "ReservedFunctionConcurrentInvocationLimitExceeded"
    );
    let second = tokio::spawn(world.fleet.invoke(Arc::clone(&other), invocation("{}")));
    while world.fleet.concurrency("000000000000", "us-east-1").0 < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(reason(world.try_invoke(&other, "{}").await), "ConcurrentInvocationLimitExceeded");
    assert!(!first.await.unwrap().unwrap().is_error && !second.await.unwrap().unwrap().is_error);
    assert_eq!(world.fleet.concurrency("000000000000", "us-east-1"), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machine_has_room_for_so_many() {
    let world = World::with(|config| config.environments_max = 1);
    let (one, two) = (world.python(COUNTER), world.python(COUNTER));
    assert_eq!(good(&world.invoke(&one, "{}").await), json!(1));
    assert_eq!(good(&world.invoke(&two, "{}").await), json!(1), "the idle one makes room");
    assert_eq!(world.fleet.environments(&one.arn, "$LATEST"), (0, 0, 0));
    assert_eq!(good(&world.invoke(&one, "{}").await), json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_hangs_up_loses_nothing() {
    let world = World::new();
    let function = world.python("import time\nn = 0\ndef handler(event, context):\n  global n\n  n += 1\n  time.sleep(event)\n  return n");
    world.invoke(&function, "0").await;
    drop(world.fleet.invoke(Arc::clone(&function), invocation("0.2")));
    let hung_up = tokio::time::timeout(
        Duration::from_millis(50),
        world.fleet.invoke(Arc::clone(&function), invocation("0.4")),
    )
    .await;
    assert!(hung_up.is_err());
    while world.fleet.concurrency("000000000000", "us-east-1").0 > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(
        world.logs.take().iter().filter(|line| line.starts_with("REPORT")).count(),
        3,
        "all three ran to their end"
    );
    let (idle, busy, starting) = world.fleet.environments(&function.arn, "$LATEST");
    assert!(idle >= 1 && busy == 0 && starting == 0, "{idle} {busy} {starting}");
    assert!(good(&world.invoke(&function, "0").await).as_u64() >= Some(2), "a warm one answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_travel_beside_the_event() {
    let world = World::new();
    let code = "exports.handler = async (event) => ({ statusCode: 200, body: event.body + '!', kind: typeof event.body })";
    let function = world.function("nodejs20.x", &[("app.js", code)], |_| {});
    let body = "\"quoted\" ü\n".repeat(30_000);
    let split = Invocation {
        payload: Payload {
            event: "{\"body\":null}".into(),
            body: Some(Body { bytes: body.clone().into(), is_base64: false }),
        },
        split_answer: true,
        ..invocation("")
    };
    let answer = world.fleet.invoke(Arc::clone(&function), split).await.unwrap();
    assert_eq!(good(&answer), json!({"statusCode": 200, "kind": "string"}));
    assert_eq!(answer.body, Some(Bytes::from(body + "!")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_sees_lambdas_environment_and_no_more() {
    let world = World::new();
    let code = "import os, sys\ndef handler(event, context):\n  import lib\n  return {'env': dict(os.environ), 'cwd': os.getcwd(), 'lib': lib.value, \
                'fds': len(os.listdir('/proc/self/fd')), 'root': sorted(os.listdir('/')), 'uid': os.getuid()}";
    let layer = world.package(&[("python/lib.py", "value = 'from a layer'")]);
    let function = world.function("python3.11", &[("app.py", code)], |version| {
        version.role = "arn:aws:iam::000000000000:role/known".to_owned();
        version.environment = vec![("MINE".to_owned(), "yes".to_owned())];
        version.layers = vec![layer];
    });
    let seen = good(&world.invoke(&function, "{}").await);
    let env = &seen["env"];
    let expect = [
        ("MINE", "yes"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_LAMBDA_FUNCTION_NAME", "hello"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_ACCESS_KEY_ID", "ASIAKNOWN"),
        ("AWS_SESSION_TOKEN", "token"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("_HANDLER", "app.handler"),
        ("TZ", ":UTC"),
    ];
    for (name, value) in expect {
        assert_eq!(env[name], json!(value), "{name}");
    }
    assert!(
        env.get("CARGO_MANIFEST_DIR").is_none()
            && env.get("HOME").is_none()
            && env.get("LOGGIA_FD").is_none(),
        "{env}"
    );
    assert_eq!((&seen["cwd"], &seen["lib"]), (&json!("/var/task"), &json!("from a layer")));
    // Standard streams, the bootstrap's socket and mailbox, and the listing itself.
    assert!(seen["fds"].as_u64() <= Some(6), "{}", seen["fds"]);
    assert_ne!(seen["uid"], json!(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tail_of_the_log_comes_back() {
    let world = World::new();
    let function = world.python("def handler(event, context):\n  print('x' * 3000)\n  print('y' * 3000)");
    let answer = world
        .fleet
        .invoke(Arc::clone(&function), Invocation { wants_log_tail: true, ..invocation("{}") })
        .await
        .unwrap();
    let tail = answer.log_tail.unwrap();
    assert_eq!(tail.len(), 4096);
    let text = std::str::from_utf8(&tail).unwrap();
    assert!(
        text.contains(&"y".repeat(3000)) && text.contains(&format!("\nEND RequestId: {REQUEST_ID}\nREPORT ")),
        "{text}"
    );
    assert_eq!(world.invoke(&function, "{}").await.log_tail, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_interpreter_of_this_machine_runs_functions() {
    let world = World::new();
    let found = world.fleet.interpreters().await.found.clone();
    let mut runtimes: Vec<String> = Vec::new();
    for interpreter in &found {
        let (major, minor, _) = interpreter.version;
        match interpreter.family {
            Family::Node if major >= 18 => runtimes.push(format!("nodejs{major}.x")),
            Family::Python if minor >= 8 => runtimes.push(format!("python3.{minor}")),
            _ => {}
        }
    }
    assert!(runtimes.len() >= 2, "Node.js and Python are here: {found:?}");
    for runtime in runtimes.iter().filter(|id| Runtime::parse(id).is_some()) {
        let function = if runtime.starts_with("node") {
            world.function(
                runtime,
                &[("app.mjs", "export const handler = async () => process.version")],
                |_| {},
            )
        } else {
            world.function(
                runtime,
                &[("app.py", "import json, logging, ssl, sys\ndef handler(e, c):\n  return sys.version")],
                |_| {},
            )
        };
        let version = good(&world.invoke(&function, "{}").await);
        let wanted = runtime.trim_start_matches("nodejs").trim_start_matches("python").trim_end_matches(".x");
        assert!(
            version.as_str().unwrap().trim_start_matches('v').starts_with(wanted),
            "{runtime} ran on {version}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_here_says_so() {
    let world = World::new();
    let java = world.function("java21", &[("x", "")], |_| {});
    let error = world.try_invoke(&java, "{}").await.unwrap_err();
    assert_eq!(error.to_string(), "java21 is not supported: no bootstrap for Java exists yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_isolation_functions_still_run() {
    let world = World::with(|config| config.sandbox = sandbox::Mode::Off);
    let python = world.python("import other\ndef handler(event, context):\n  return other.value");
    assert!(world.invoke(&python, "{}").await.is_error);
    let files = [
        ("app.py", "import other\ndef handler(event, context):\n  return other.value"),
        ("other.py", "value = 1"),
    ];
    let python = world.function("python3.11", &files, |_| {});
    assert_eq!(good(&world.invoke(&python, "{}").await), json!(1));
    let node = world.function("nodejs20.x", &[("app.js", "exports.handler = async () => 2")], |_| {});
    assert_eq!(good(&world.invoke(&node, "{}").await), json!(2));
}
