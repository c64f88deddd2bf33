"""Functions, invoked: results and errors of every kind, logs, context, limits, concurrency, versions, custom runtimes."""

import base64
import concurrent.futures
import json
import re
import socket

import pytest

from cloud import GATED, HANDLERS, allow, make_zip, refused, unique
from server import eventually

pytestmark = pytest.mark.usefixtures("alive")

REPORT = re.compile(
    r"REPORT RequestId: (?P<id>[0-9a-f-]{36})\tDuration: (?P<duration>[0-9.]+) ms\tBilled Duration: (?P<billed>\d+) ms\t"
    r"Memory Size: (?P<size>\d+) MB\tMax Memory Used: (?P<used>\d+) MB\t(Init Duration: (?P<init>[0-9.]+) ms\t)?"
)


@pytest.fixture(scope="module")
def hello(cloud):
    return cloud.python("def handler(event, context): return {'hello': event}")


# ---- Invoke ----


def test_request_response(hello):
    """003-007, 002-025: the result as JSON; a null event too."""
    answer = hello.invoke({"a": ["字", 1.5, None]})
    assert (answer.status, answer.error, answer.version) == (200, None, "$LATEST")
    assert answer.json == {"hello": {"a": ["字", 1.5, None]}}
    assert hello.value(None) == {"hello": None}


def test_dry_run(hello):
    """Invoke with DryRun checks and does not run."""
    answer = hello.invoke({}, InvocationType="DryRun")
    assert (answer.status, answer.bytes) == (204, b"")


def test_event_invocation_runs_later(cloud, gate):
    """Invoke with Event is 202 at once, and the function runs with the same request id."""
    function = cloud.python(GATED)
    answer = function.invoke({"gate": gate.port}, InvocationType="Event")
    assert (answer.status, answer.bytes) == (202, b"")
    gate.wait()
    gate.open()
    eventually(lambda: any(f"END RequestId: {answer.request_id}" in line for line in function.messages()), what="the log")


def test_failed_event_is_logged(cloud):
    """003-066: an asynchronous invocation that fails, without retries, shows in the log."""
    function = cloud.python("""
    def handler(event, context):
        raise ValueError("in vain")
    """)
    cloud.functions.put_function_event_invoke_config(FunctionName=function.name, MaximumRetryAttempts=0)
    assert function.invoke(InvocationType="Event").status == 202
    eventually(lambda: any("[ERROR] ValueError: in vain" in line for line in function.messages()), what="the log")


def test_log_tail_is_the_invocations_last_4_kb(cloud):
    """000-007, 000-063: START, the function's lines, END, REPORT; at most 4 KB."""
    function = cloud.python("def handler(event, context):\n    for line in range(event): print('line', line)")
    answer = function.invoke(2, tail=True)
    lines = answer.tail.splitlines()
    assert lines[0] == f"START RequestId: {answer.request_id} Version: $LATEST"
    assert lines[1:3] == ["line 0", "line 1"] and lines[3] == f"END RequestId: {answer.request_id}"
    report = REPORT.fullmatch(lines[4])
    assert report and report["id"] == answer.request_id and report["size"] == "128"
    assert float(report["duration"]) <= int(report["billed"])
    long = function.invoke(2000, tail=True).tail
    assert len(long.encode()) <= 4096 and "line 1999" in long and "REPORT RequestId" in long


def test_warm_environment_is_used_again(cloud):
    """003-042, 004-021, 004-026: the first REPORT has Init Duration, the next has none; globals stay; /tmp stays."""
    function = cloud.python("""
    import os

    calls = 0

    def handler(event, context):
        global calls
        calls += 1
        there = os.path.exists("/tmp/mark")
        open("/tmp/mark", "w").close()
        return calls, there
    """)
    first, second = function.invoke(tail=True), function.invoke(tail=True)
    assert (first.json, second.json) == ([1, False], [2, True])
    assert "Init Duration: " in first.tail and "Init Duration: " not in second.tail
    function.configure(Description="changed")
    assert function.value() == [1, False]


# ---- Errors ----


def check_error(answer, error_type, message):
    assert (answer.status, answer.error) == (200, "Unhandled"), answer
    assert answer.json["errorType"] == error_type, answer
    assert re.search(message, answer.json["errorMessage"]), answer


def test_python_exception(cloud):
    """003-007: type, message and stack trace; the traceback in the log."""
    function = cloud.python("""
    def handler(event, context):
        raise ValueError("壞的值")
    """)
    answer = function.invoke(tail=True)
    check_error(answer, "ValueError", "^壞的值$")
    assert answer.json["requestId"] == answer.request_id
    assert answer.json["stackTrace"] and 'File "/var/task/index.py", line 3, in handler' in answer.json["stackTrace"][0]
    assert "[ERROR] ValueError: 壞的值\nTraceback (most recent call last):" in answer.tail.replace("\r", "\n")


def test_node_error(cloud):
    """001-061, 003-007: errorType, errorMessage, trace; the error in the log."""
    function = cloud.node("exports.handler = async () => { throw new TypeError('no good'); };")
    answer = function.invoke(tail=True)
    check_error(answer, "TypeError", "^no good$")
    assert answer.json["trace"][0] == "TypeError: no good"
    assert '"errorType":"TypeError"' in answer.tail and "Invoke Error" in answer.tail


def test_missing_module(cloud):
    """003-030: Runtime.ImportModuleError, in both languages."""
    python = cloud.python("import nothere\ndef handler(event, context): pass")
    check_error(python.invoke(), "Runtime.ImportModuleError", "^Unable to import module 'index': No module named 'nothere'$")
    node = cloud.node("require('nothere'); exports.handler = async () => 1;")
    check_error(node.invoke(), "Runtime.ImportModuleError", "^Error: Cannot find module 'nothere'")


def test_missing_handler(cloud):
    """002-018: Runtime.HandlerNotFound, in both languages."""
    python = cloud.python("other = 1", Handler="index.nothere")
    check_error(python.invoke(), "Runtime.HandlerNotFound", "^Handler 'nothere' missing on module 'index'$")
    node = cloud.node("exports.other = 1;", Handler="index.nothere")
    check_error(node.invoke(), "Runtime.HandlerNotFound", "^index.nothere is undefined or not exported$")


def test_syntax_error(cloud):
    """003-040: Runtime.UserCodeSyntaxError, in both languages."""
    check_error(cloud.python("def handler(:").invoke(), "Runtime.UserCodeSyntaxError", "^Syntax error in module 'index': ")
    check_error(cloud.node("exports.handler = (").invoke(), "Runtime.UserCodeSyntaxError", "^SyntaxError: ")


def test_timeout(cloud):
    """000-061: 'Task timed out after 1.00 seconds', in the answer and in the log."""
    function = cloud.python("def handler(event, context):\n    while event: pass\n    return 'new'", Timeout=1)
    answer = function.invoke(True, tail=True)
    check_error(answer, "Sandbox.Timedout", f"^RequestId: {answer.request_id} Error: Task timed out after 1.00 seconds$")
    assert f"{answer.request_id} Task timed out after 1.00 seconds" in answer.tail
    assert re.search(r"REPORT .*\tStatus: timeout", answer.tail)
    assert function.value(False) == "new"


def test_exit(cloud):
    """Runtime.ExitError with the exit status; the next invocation has a new environment."""
    function = cloud.python("import os\ndef handler(event, context):\n    if event: os._exit(3)\n    return 'new'")
    answer = function.invoke(True, tail=True)
    check_error(answer, "Runtime.ExitError", f"^RequestId: {answer.request_id} Error: Runtime exited with error: exit status 3$")
    assert "Runtime.ExitError" in answer.tail
    assert function.value(False) == "new"


def test_eaten_memory(cloud):
    """000-061: more than the memory size: signal: killed."""
    source = "def handler(event, context):\n    held = []\n    while True: held.append(bytearray(16 << 20))"
    answer = cloud.python(source, MemorySize=128).invoke()
    assert answer.error == "Unhandled"
    assert re.fullmatch("RequestId: .* Error: Runtime exited with error: signal: killed", answer.json["errorMessage"])


def test_result_that_is_no_json(cloud):
    """Runtime.MarshalError."""
    answer = cloud.python("def handler(event, context): return object()").invoke()
    check_error(answer, "Runtime.MarshalError", "^Unable to marshal response: Object of type object is not JSON serializable$")


# ---- What a function sees ----


def test_python_context(cloud):
    """003-009 … 003-011: every attribute of the context object."""
    function = cloud.python(
        """
    def handler(event, context):
        client = context.client_context
        names = ["function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb", "aws_request_id",
                 "log_group_name", "log_stream_name"]
        return {
            **{name: getattr(context, name) for name in names},
            "remaining": context.get_remaining_time_in_millis(),
            "identity": [context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id] if context.identity else None,
            "client": client and [client.custom, client.env, client.client.app_title],
        }
    """,
        MemorySize=256,
        Timeout=10,
    )
    answer = function.invoke({})
    context = answer.json
    expected = {
        "function_name": function.name, "function_version": "$LATEST", "invoked_function_arn": function.arn, "memory_limit_in_mb": "256",
        "aws_request_id": answer.request_id, "log_group_name": function.log_group, "client": None,
    }  # fmt: skip
    assert {name: context[name] for name in expected} == expected
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", context["log_stream_name"])
    assert 5000 < context["remaining"] <= 10000
    assert context["identity"] in (None, [None, None])
    given = {"custom": {"k": "v"}, "env": {"locale": "de"}, "client": {"app_title": "app"}}
    context = function.value({}, ClientContext=base64.b64encode(json.dumps(given).encode()).decode())
    assert context["client"] == [{"k": "v"}, {"locale": "de"}, "app"]


def test_node_context(cloud):
    """003-009 … 003-011: every member of the context object; version '1' of a published version."""
    function = cloud.node(
        """
    exports.handler = async (event, context) => ({
      ...context, remaining: context.getRemainingTimeInMillis(), clientContext: context.clientContext ?? null, identity: context.identity ?? null,
    });
    """,
        Timeout=10,
    )
    cloud.functions.publish_version(FunctionName=function.name)
    answer = function.invoke({}, Qualifier="1")
    context = answer.json
    expected = {
        "callbackWaitsForEmptyEventLoop": True, "functionName": function.name, "functionVersion": "1", "memoryLimitInMB": "128",
        "invokedFunctionArn": f"{function.arn}:1", "awsRequestId": answer.request_id, "logGroupName": function.log_group,
        "clientContext": None, "identity": None,
    }  # fmt: skip
    assert {name: context[name] for name in expected} == expected
    assert context["logStreamName"].split("/")[-1].startswith("[1]")
    assert 5000 < context["remaining"] <= 10000
    given = base64.b64encode(b'{"custom": {"k": "v"}}').decode()
    assert function.value({}, ClientContext=given)["clientContext"] == {"custom": {"k": "v"}}


def test_environment_variables(cloud):
    """003-033 … 003-035: the function's own, changed by update-function-configuration, and Lambda's."""
    source = "import os\ndef handler(event, context): return dict(os.environ)"
    function = cloud.python(source, Environment={"Variables": {"STAGE": "dev"}})
    seen = function.value()
    expected = {
        "STAGE": "dev", "_HANDLER": "index.handler", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11", "AWS_LAMBDA_FUNCTION_NAME": function.name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": "/var/runtime", "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group, "TZ": ":UTC",
    }  # fmt: skip
    assert {name: seen.get(name) for name in expected} == expected
    assert seen["AWS_ENDPOINT_URL"].endswith(f":{cloud.port}")
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_LOG_STREAM_NAME"} <= set(seen)
    assert "HOME" not in seen and "TMPDIR" not in seen and "LOGGIA_BINARY" not in seen, "nothing of the server's own environment"
    function.configure(Environment={"Variables": {"STAGE": "prod"}})
    assert function.value()["STAGE"] == "prod"
    with refused("InvalidParameterValueException", 400) as error:
        function.configure(Environment={"Variables": {"AWS_REGION": "x"}})
    assert "Reserved keys used in this request: AWS_REGION" in error.message


def test_sandbox(cloud):
    """002-014, 002-036: the code is read-only, /tmp can be written, nothing of the machine is there but its programs."""
    function = cloud.python("""
    import os, pathlib

    def attempt(act):
        try:
            act()
            return "done"
        except OSError as error:
            return type(error).__name__ + " " + str(error.errno)

    def handler(event, context):
        return {
            "task": attempt(lambda: open("/var/task/x", "w")), "usr": attempt(lambda: open("/usr/x", "w")),
            "tmp": attempt(lambda: open("/tmp/x", "w").write("x")), "kill": attempt(lambda: os.kill(1, 9)),
            "mine": open("/var/task/data.txt").read(), "shadow": os.path.exists("/etc/shadow"), "root": os.path.exists("/root"),
            "others": [name for name in os.listdir("/proc") if name.isdigit() and int(name) > 100],
            "uid": os.getuid(),
        }
    """, files={"data.txt": "packed"})  # fmt: skip
    seen = function.value()
    assert seen["task"] == "OSError 30" and seen["usr"] == "OSError 30"
    assert (seen["tmp"], seen["mine"]) == ("done", "packed")
    assert (seen["shadow"], seen["others"]) == (False, []) and seen["uid"] != 0


# ---- Limits ----


def test_payload_limits(cloud, hello):
    """000-061: 6 MB for requests and for answers, 1 MB for events."""
    big = b'"' + b"x" * (6 * 1024 * 1024) + b'"'
    with refused("RequestEntityTooLargeException", 413) as error:
        hello.invoke(big)
    assert error.message == "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
    assert len(hello.invoke(b'"' + b"x" * 6_000_000 + b'"').bytes) > 6_000_000
    with refused("RequestEntityTooLargeException", 413):
        hello.invoke(b'"' + b"x" * 1024 * 1024 + b'"', InvocationType="Event")
    function = cloud.python("def handler(event, context): return 'x' * event")
    check_error(function.invoke(7_000_000), "Function.ResponseSizeTooLarge", r"^Response payload size.*exceeded maximum allowed payload size")
    assert len(function.value(6_000_000)) == 6_000_000


def test_configuration_limits(cloud):
    """000-061: values outside the limits are refused."""
    make = lambda **settings: cloud.python("handler = None", **settings)  # noqa: E731
    for settings in [{"Timeout": 901}, {"MemorySize": 64}, {"MemorySize": 10241}, {"Timeout": 0}]:
        name = unique("refused")
        try:
            make(FunctionName=name, **settings)
        except Exception as error:
            # boto3 checks minima itself; the server's own words are those of a ClientError.
            assert any(word in str(error) for word in ("validation error", "MemorySize", "Invalid")), error
        else:
            raise AssertionError(f"{settings} were taken")
        with refused("ResourceNotFoundException", 404):
            cloud.functions.get_function(FunctionName=name)
    with refused("InvalidParameterValueException", 400) as error:
        cloud.function({"index.py": "x"}, Runtime="cobol85")
    assert "Value cobol85 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [" in error.message


# ---- Concurrency ----


def test_six_at_once_in_six_environments(cloud, gate):
    """000-006, 002-014, 002-037: six invocations run at the same time, each in an environment of its own."""
    function = cloud.python(GATED)
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        calls = [pool.submit(function.value, {"gate": gate.port}) for _ in range(6)]
        gate.wait(6)
        gate.open()
        results = [call.result() for call in calls]
    assert [result["count"] for result in results] == [1] * 6
    assert len({result["requestId"] for result in results}) == 6


def test_reserved_concurrency(cloud, gate):
    """002-037: over the reserved concurrency TooManyRequestsException; zero stops a function; without it, it runs again."""
    function = cloud.python(GATED)
    name = function.name
    cloud.functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(function.value, {"gate": gate.port})
        gate.wait()
        with refused("TooManyRequestsException", 429) as error:
            function.invoke({"gate": gate.port})
        assert (error.message, error.response["Reason"]) == ("Rate Exceeded.", "ReservedFunctionConcurrentInvocationLimitExceeded")
        gate.open()
        assert first.result()["count"] == 1
    cloud.functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with refused("TooManyRequestsException", 429):
        function.invoke({"gate": gate.port})
    cloud.functions.delete_function_concurrency(FunctionName=name)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        again = pool.submit(function.value, {"gate": gate.port})
        gate.wait()
        gate.open()
        assert again.result()["count"] in (1, 2)


# ---- Versions and aliases ----


def test_versions_are_immutable_and_aliases_move(cloud):
    """000-067: a version keeps its code, an alias moves, a version in use cannot be deleted."""
    name = (function := cloud.python("def handler(event, context): return 'one'")).name
    assert cloud.functions.publish_version(FunctionName=name)["Version"] == "1"
    assert cloud.functions.publish_version(FunctionName=name)["Version"] == "1", "nothing has changed"
    function.update(index="def handler(event, context): return 'two'")
    assert cloud.functions.publish_version(FunctionName=name)["Version"] == "2"
    alias = cloud.functions.create_alias(FunctionName=name, Name="PROD", FunctionVersion="1")
    assert alias["AliasArn"] == f"{function.arn}:PROD"
    assert [function.value(Qualifier=which) for which in ("1", "2", "PROD", "$LATEST")] == ["one", "two", "one", "two"]
    cloud.functions.update_alias(FunctionName=name, Name="PROD", FunctionVersion="2")
    answer = function.invoke(Qualifier="PROD")
    assert (answer.json, answer.version) == ("two", "2")
    with refused("ResourceConflictException", 409):
        cloud.functions.delete_function(FunctionName=name, Qualifier="2")
    cloud.functions.delete_function(FunctionName=name, Qualifier="1")
    with refused("ResourceNotFoundException", 404):
        function.invoke(Qualifier="1")


def test_weighted_alias(cloud):
    """000-068: an alias with weights splits invocations; ExecutedVersion names the one that ran."""
    name = (function := cloud.python("def handler(event, context): return context.function_version")).name
    cloud.functions.publish_version(FunctionName=name)
    function.configure(Description="second")
    cloud.functions.publish_version(FunctionName=name)
    routing = {"AdditionalVersionWeights": {"2": 0.5}}
    cloud.functions.create_alias(FunctionName=name, Name="split", FunctionVersion="1", RoutingConfig=routing)
    answers = [function.invoke(Qualifier="split") for _ in range(60)]
    assert {answer.version for answer in answers} == {"1", "2"}
    assert all(answer.json == answer.version for answer in answers)


# ---- Environments ----


def test_idle_environment_is_frozen(cloud):
    """004-026: between invocations an environment stands still, its background threads too; the next invocation wakes it."""
    function = cloud.python("""
    import socket, threading, time

    ticking = None

    def tick(port):
        with socket.create_connection(("127.0.0.1", port)) as there:
            while True:
                there.sendall(b"tick")
                time.sleep(0.05)

    def handler(event, context):
        global ticking
        if ticking is None:
            ticking = threading.Thread(target=tick, args=(event,), daemon=True)
            ticking.start()
            return "started"
        return "again"
    """)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert function.value(listener.getsockname()[1]) == "started"
        listener.settimeout(20)
        ticks, _ = listener.accept()
        with ticks:
            ticks.settimeout(1)
            eventually(lambda: is_silent(ticks), 30, "the environment's rest")
            assert function.value(0) == "again"
            ticks.settimeout(20)
            assert ticks.recv(4), "it does not go on"


def is_silent(connection):
    """True when nothing comes within the connection's timeout."""
    try:
        assert connection.recv(65536), "the environment has ended"
    except TimeoutError:
        return True
    return False


# ---- Packages ----


def test_layers_in_order(cloud):
    """004-019: libraries out of layers, the later over the earlier, under /opt."""
    arns = []
    for text in ("first", "second"):
        content = {"python/shared.py": f"NAME = '{text}'", f"{text}.txt": text}
        published = cloud.functions.publish_layer_version(LayerName=unique("layer"), Content={"ZipFile": make_zip(content)})
        arns.append(published["LayerVersionArn"])
    source = "import os, shared\ndef handler(event, context): return shared.NAME, sorted(n for n in os.listdir('/opt') if n.endswith('.txt'))"
    assert cloud.python(source, Layers=arns).value() == ["second", ["first.txt", "second.txt"]]


def test_es_modules_and_three_functions_of_one_package(cloud):
    """002-029, 003-001: several handlers out of one zip, ES modules among them."""
    files = {
        "a.mjs": "export const handler = async () => import.meta.url;",
        "b.js": "exports.one = async () => 1; exports.two = (event, context, done) => done(null, 2);",
    }
    handlers = ["a.handler", "b.one", "b.two"]
    found = [cloud.function(files, Runtime="nodejs18.x", Handler=handler).value() for handler in handlers]
    assert found == ["file:///var/task/a.mjs", 1, 2]


# An HTTP client made of bash alone, so that the runtime needs no interpreter.
BOOTSTRAP = r"""#!/bin/bash
set -u
host=${AWS_LAMBDA_RUNTIME_API%:*} port=${AWS_LAMBDA_RUNTIME_API##*:}
ask() {  # method, path, body: sets $body and $id
  exec 3<>"/dev/tcp/$host/$port"
  printf '%s /2018-06-01/runtime/%s HTTP/1.1\r\nHost: runtime\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' "$1" "$2" "${#3}" "$3" >&3
  local length=0 line
  while IFS= read -r line <&3; do
    line=${line%$'\r'}
    [ -z "$line" ] && break
    case "${line,,}" in
      content-length:*) length=${line#*: } ;;
      lambda-runtime-aws-request-id:*) id=${line#*: } ;;
    esac
  done
  IFS= read -r -N "$length" body <&3
  exec 3>&-
}
while true; do
  ask GET invocation/next ""
  echo "handling $_HANDLER"
  case "$body" in
    *fail*) ask POST "invocation/$id/error" '{"errorType":"Own.Error","errorMessage":"as asked"}' ;;
    *) ask POST "invocation/$id/response" "{\"echo\":$body,\"root\":\"$LAMBDA_TASK_ROOT\"}" ;;
  esac
done
"""


def test_custom_runtime(cloud):
    """002-013, 004-020: provided.al2023 with a bootstrap that speaks the Runtime API; its errors; its log."""
    function = cloud.function({"bootstrap!": BOOTSTRAP}, Runtime="provided.al2023", Handler="own.handler")
    answer = function.invoke({"a": 1}, tail=True)
    assert answer.json == {"echo": {"a": 1}, "root": "/var/task"}
    assert "handling own.handler" in answer.tail
    check_error(function.invoke("fail"), "Own.Error", "^as asked$")
    api = cloud.api().proxy("POST", "/own", function).deploy()
    assert api.call("POST", "/own", body="hi").status == 502, "its answer has unknown members"


def test_custom_runtime_without_bootstrap(cloud):
    """002-013: Runtime.InvalidEntrypoint."""
    answer = cloud.function({"other": "x"}, Runtime="provided.al2023").invoke()
    check_error(answer, "Runtime.InvalidEntrypoint", "Couldn't find valid bootstrap")


# ---- Functions that call the cloud ----

CALLER = """
    import json
    from signed_call import call

    def handler(event, context):
        status, headers, body = call("lambda", "POST", "/2015-03-31/functions/%s/invocations" % event["function"], json.dumps(event).encode())
        return {"status": status, "body": json.loads(body)}
"""


def test_function_calls_function(cloud, hello):
    """001-002, 002-021, 002-032: with leave it works, without it is AccessDeniedException, by the role's policies."""
    files = {"signed_call.py": (HANDLERS / "signed_call.py").read_text()}
    open_role = cloud.make_role(unique("caller"), allow("lambda:InvokeFunction", resource=hello.arn))
    caller = cloud.python(CALLER, files=files, Role=open_role)
    event = {"function": hello.name}
    assert caller.value(event) == {"status": 200, "body": {"hello": event}}
    closed_role = unique("closed")
    denied = cloud.python(CALLER, files=files, Role=cloud.make_role(closed_role)).value(event)
    assert denied["status"] == 403
    text = denied["body"].get("Message") or denied["body"].get("message")
    assert text.startswith(f"User: arn:aws:sts::000000000000:assumed-role/{closed_role}/"), text
    assert f"is not authorized to perform: lambda:InvokeFunction on resource: {hello.arn} because no" in text


# ---- Logs ----


def test_log_streams(cloud):
    """000-063, 003-031: /aws/lambda/NAME, a stream for each environment, events in order with times; filter patterns."""
    function = cloud.node("exports.handler = async (event) => { console.log('見', event); console.error('oops'); };")
    first = function.invoke({"n": 1})
    eventually(lambda: any("REPORT" in line for line in function.messages()), what="the log")
    streams = cloud.logs.describe_log_streams(logGroupName=function.log_group)["logStreams"]
    assert len(streams) == 1
    found = cloud.logs.get_log_events(logGroupName=function.log_group, logStreamName=streams[0]["logStreamName"], startFromHead=True)
    messages = [event["message"] for event in found["events"]]
    times = [event["timestamp"] for event in found["events"]]
    assert times == sorted(times)
    where = {text: next((n for n, message in enumerate(messages) if text in message), None) for text in ("START", "見", "oops", "END", "REPORT")}
    assert None not in where.values() and sorted(where.values()) == list(where.values()), messages
    assert re.match(rf"\d{{4}}-\d\d-\d\dT[0-9:.]+Z\t{first.request_id}\tINFO\t見 {{ n: 1 }}", messages[where["見"]])
    assert f"{first.request_id}\tERROR\toops" in messages[where["oops"]]
    filtered = cloud.logs.filter_log_events(logGroupName=function.log_group, filterPattern="oops")["events"]
    assert len(filtered) == 1


def test_deleted_function_is_gone(cloud):
    """002-140: delete-function; a new one of the same name has the new code."""
    function = cloud.python("def handler(event, context): return 'old'")
    assert function.value() == "old"
    cloud.functions.delete_function(FunctionName=function.name)
    with refused("ResourceNotFoundException", 404) as error:
        function.invoke()
    assert error.message == f"Function not found: {function.arn}:$LATEST"
    assert cloud.python("def handler(event, context): return 'new'", FunctionName=function.name).value() == "new"
