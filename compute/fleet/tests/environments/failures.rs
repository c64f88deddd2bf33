//! Functions that fail, hang, crash, and eat what they can: AWS's words, and no harm to others.

use std::sync::Arc;
use std::time::Duration;

use fleet::CpuRule;
use kernel::functions::FunctionVersion;
use serde_json::json;

use crate::harness::{REQUEST_ID, World, bad, good};

fn exited(reason: &str) -> (String, String) {
    ("Runtime.ExitError".to_owned(), format!("RequestId: {REQUEST_ID} Error: {reason}"))
}

async fn check_exit(code: &str, reason: &str) {
    let world = World::new();
    let function = world.python(code);
    assert_eq!(bad(&world.invoke(&function, "{}").await), exited(reason), "{code}");
    let lines = world.logs.take();
    assert!(
        lines.contains(&format!("RequestId: {REQUEST_ID} Error: {reason}\nRuntime.ExitError")),
        "{lines:?}"
    );
    assert!(lines.last().unwrap().ends_with("Status: error\tError Type: Runtime.ExitError"), "{lines:?}");
    assert_eq!(world.fleet.environments(&function.arn, "$LATEST"), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn exits_and_crashes_are_told() {
    check_exit("import sys\ndef handler(e, c):\n  sys.exit(1)", "Runtime exited with error: exit status 1")
        .await;
    check_exit("import os\ndef handler(e, c):\n  os._exit(0)", "Runtime exited without providing a reason")
        .await;
    check_exit(
        "import os\ndef handler(e, c):\n  os.kill(os.getpid(), 9)",
        "Runtime exited with error: signal: killed",
    )
    .await;
    check_exit(
        "import os\ndef handler(e, c):\n  os.kill(os.getpid(), 11)",
        "Runtime exited with error: signal: segmentation fault",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eaten_memory_kills() {
    check_exit(
        "def handler(e, c):\n  x = []\n  while True:\n    x.append(bytearray(8 << 20))",
        "Runtime exited with error: signal: killed",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_socket_is_an_exit() {
    check_exit(
        "import os, time\ndef handler(e, c):\n  os.close(3)\n  time.sleep(60)",
        "Runtime exited without providing a reason",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_breaks_the_protocol_is_ended() {
    check_exit(
        "import os, time\ndef handler(e, c):\n  os.write(3, b'garbage!' * 8)\n  time.sleep(60)",
        "Runtime exited with error: signal: killed",
    )
    .await;
    // A frame that never ends is waited for until the function's time is over, and no longer.
    let world = World::new();
    let code = "import os, time\ndef handler(e, c):\n  os.write(3, (7 << 20).to_bytes(4, 'little') + bytes([0x13, 0, 0, 0]))\n  time.sleep(60)";
    let function = world.function("python3.11", &[("app.py", code)], |version| version.timeout_ms = 1_000);
    assert_eq!(bad(&world.invoke(&function, "{}").await).0, "Sandbox.Timedout");
}

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_leave_the_environment_warm() {
    let world = World::new();
    let function =
        world.python("n = 0\ndef handler(event, context):\n  global n\n  n += 1\n  raise ValueError(n)");
    assert_eq!(bad(&world.invoke(&function, "{}").await), ("ValueError".to_owned(), "1".to_owned()));
    assert_eq!(bad(&world.invoke(&function, "{}").await), ("ValueError".to_owned(), "2".to_owned()));
    let lines = world.logs.take();
    assert!(lines.iter().any(|line| line.starts_with("[ERROR] ValueError: 1\nTraceback")), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_catches_costs_the_environment_but_no_other_invocation() {
    let world = World::new();
    let code = "let n = 0; exports.handler = async (bad) => { n += 1; if (bad) { setTimeout(() => { throw new TypeError('late') }, 1); \
                await new Promise((r) => setTimeout(r, 1000)) } return n }";
    let function = world.function("nodejs20.x", &[("app.js", code)], |_| {});
    assert_eq!(good(&world.invoke(&function, "false").await), json!(1));
    assert_eq!(bad(&world.invoke(&function, "true").await), ("TypeError".to_owned(), "late".to_owned()));
    assert_eq!(good(&world.invoke(&function, "false").await), json!(1), "a new environment");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_left_behind_costs_no_other_invocation() {
    let world = World::new();
    let code =
        "exports.handler = async (bad) => { if (bad) Promise.reject(new Error('left behind')); return 1 }";
    let function = world.function("nodejs20.x", &[("app.js", code)], |_| {});
    for _ in 0..3 {
        assert_eq!(good(&world.invoke(&function, "true").await), json!(1));
        let answers = futures_util::future::join_all((0..5).map(|_| world.invoke(&function, "false"))).await;
        assert!(answers.iter().all(|answer| good(answer) == json!(1)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn time_runs_out() {
    let world = World::new();
    let code = "n = 0\ndef handler(event, context):\n  global n\n  n += 1\n  print('begun', end='', flush=True)\n  while event:\n    pass\n  return n";
    let function = world.function("python3.11", &[("app.py", code)], |version| version.timeout_ms = 1_000);
    assert_eq!(good(&world.invoke(&function, "false").await), json!(1));
    world.logs.take();
    let text = "Task timed out after 1.00 seconds";
    let expect = ("Sandbox.Timedout".to_owned(), format!("RequestId: {REQUEST_ID} Error: {text}"));
    assert_eq!(bad(&world.invoke(&function, "true").await), expect);
    let lines = world.logs.take();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert_eq!(lines[1], "begun");
    assert!(lines[2].ends_with(&format!("Z {REQUEST_ID} {text}\n")), "{lines:?}");
    assert!(
        lines[4].contains("\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\t")
            && lines[4].ends_with("Status: timeout"),
        "{lines:?}"
    );
    assert_eq!(good(&world.invoke(&function, "false").await), json!(1), "a new environment");
}

async fn check_init(world: &World, function: &Arc<FunctionVersion>, error_type: &str, message: &str) {
    assert_eq!(bad(&world.invoke(function, "{}").await), (error_type.to_owned(), message.to_owned()));
    let lines = world.logs.take();
    let reports: Vec<_> = lines.iter().filter(|line| line.starts_with("INIT_REPORT")).collect();
    let ends = |line: &str, phase| {
        line.ends_with(&format!("\tPhase: {phase}\tStatus: error\tError Type: {error_type}"))
    };
    assert!(reports.len() == 2 && ends(reports[0], "init") && ends(reports[1], "invoke"), "{lines:?}");
    assert!(lines.last().unwrap().starts_with("REPORT ") && ends_with_error(&lines, error_type), "{lines:?}");
}

fn ends_with_error(lines: &[String], error_type: &str) -> bool {
    lines.last().unwrap().ends_with(&format!("Status: error\tError Type: {error_type}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn code_that_cannot_be_loaded() {
    let world = World::new();
    let missing = world.python("import nothing");
    check_init(
        &world,
        &missing,
        "Runtime.ImportModuleError",
        "Unable to import module 'app': No module named 'nothing'",
    )
    .await;
    let handler = world.python("x = 1");
    check_init(&world, &handler, "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'")
        .await;
    let exits = world.python("import os\nos._exit(7)");
    let message = format!("RequestId: {REQUEST_ID} Error: Runtime exited with error: exit status 7");
    check_init(&world, &exits, "Runtime.ExitError", &message).await;
    let unknown = world.function("nodejs20.x", &[("app.js", "exports.x = 1")], |_| {});
    check_init(&world, &unknown, "Runtime.HandlerNotFound", "app.handler is undefined or not exported").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_init_phase_that_takes_too_long_runs_again() {
    let world = World::new();
    let code = "import os, time\nfirst = not os.path.exists('/tmp/never')\ntime.sleep(60)\ndef handler(e, c):\n  return 1";
    let function = world.function("python3.11", &[("app.py", code)], |version| version.timeout_ms = 1_000);
    let answer = {
        let mut answer = std::pin::pin!(world.invoke(&function, "{}"));
        // The clock is moved past the Init phase's 10 seconds once the process has certainly been started.
        tokio::select! {
            _ = &mut answer => panic!("it sleeps for a minute"),
            () = tokio::time::sleep(Duration::from_millis(1500)) => world.clock.advance(Duration::from_secs(10)),
        }
        answer.await
    };
    assert_eq!(bad(&answer).0, "Sandbox.Timedout");
    let lines = world.logs.take();
    let reports: Vec<_> = lines.iter().filter(|line| line.starts_with("INIT_REPORT")).collect();
    assert!(
        reports.len() == 2
            && reports[0].ends_with("\tPhase: init\tStatus: timeout")
            && reports[1].ends_with("\tPhase: invoke\tStatus: timeout"),
        "{lines:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_and_floods_harm_nobody() {
    // With a limit of CPU, for the sake of whatever else runs on this machine.
    let world = World::with(|config| config.cpu = CpuRule::Limit);
    let quiet = world.python("def handler(event, context):\n  return 'fine'");
    world.invoke(&quiet, "{}").await;
    let short =
        |code: &str| world.function("python3.11", &[("app.py", code)], |version| version.timeout_ms = 1_500);
    let bomb = short(
        "import os\ndef handler(e, c):\n  while True:\n    try:\n      os.fork()\n    except OSError:\n      pass",
    );
    let flood = short("def handler(e, c):\n  while True:\n    print('x' * 1000)");
    let raw = short("import os\ndef handler(e, c):\n  while True:\n    os.write(1, b'y' * 60000 + b'\\n')");
    let (one, two, three, four) = tokio::join!(
        world.invoke(&bomb, "{}"),
        world.invoke(&flood, "{}"),
        world.invoke(&raw, "{}"),
        world.invoke(&quiet, "{}")
    );
    // So many processes may also have used up the memory before the time.
    assert!(matches!(bad(&one).0.as_str(), "Sandbox.Timedout" | "Runtime.ExitError"));
    for answer in [two, three] {
        assert_eq!(bad(&answer).0, "Sandbox.Timedout");
    }
    assert_eq!(good(&four), json!("fine"));
    let lines = world.logs.take();
    let bytes: usize = lines.iter().map(String::len).sum();
    let limit = 2 * (fleet::limits::LOG_BURST_BYTES + 3 * fleet::limits::LOG_BYTES_PER_SECOND);
    assert!(bytes < usize::try_from(limit).unwrap(), "{bytes}");
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("[loggia] ")).count(),
        2,
        "both floods are told of"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_tmp_is_the_functions_own_trouble() {
    let world = World::new();
    let code = "def handler(event, context):\n  with open('/tmp/big', 'wb') as f:\n    while True:\n      f.write(bytes(1 << 20))\n      f.flush()";
    let function = world.python(code);
    let (error_type, message) = bad(&world.invoke(&function, "{}").await);
    assert_eq!((error_type.as_str(), message.as_str()), ("OSError", "[Errno 28] No space left on device"));
    // Read-only places stay so.
    let code = "def handler(event, context):\n  open(event, 'w')";
    let function = world.python(code);
    for path in ["/var/task/x", "/usr/bin/x", "/opt/x"] {
        assert_eq!(bad(&world.invoke(&function, &json!(path).to_string()).await).0, "OSError", "{path}");
    }
}
