"""The server and its command line: start, health, TLS, HTTP/2, shutdown, restart, `invoke`, `logs`, `doctor`, configuration."""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import pytest

import wire
from cloud import GATED, Cloud
from server import Server, binary, clean_environment, descendants, eventually, mounts_with, refused_start, still_alive


def loggia(*arguments, stdin=None, timeout_s=30, **environment):
    """The program, run to its end."""
    return subprocess.run(
        [binary(), *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=timeout_s, env=clean_environment(**environment)
    )


# ---- Start and pages ----


def test_start_until_the_port_answers(start):
    """The line with the endpoint comes when the port answers, soon."""
    started = time.monotonic()
    server = start()
    assert wire.request(server.port, "GET", "/_loggia/health").status == 200
    assert time.monotonic() - started < 5


def test_health_pages(server):
    """/_loggia/health, LocalStack's form of it, and metrics."""
    health = wire.request(server.port, "GET", "/_loggia/health")
    assert (health.status, health.header("content-type"), health.json()["status"]) == (200, "application/json", "ok")
    assert {"apigateway", "lambda", "iam", "sts", "logs"} <= set(health.json()["services"])
    localstack = wire.request(server.port, "GET", "/_localstack/health").json()
    assert {localstack["services"][name] for name in ("apigateway", "lambda", "iam", "sts", "logs")} == {"available"}
    metrics = wire.request(server.port, "GET", "/_loggia/metrics").text
    assert re.search(r'^loggia_requests_total\{plane="own",status="200"\} \d+$', metrics, re.MULTILINE)
    assert wire.request(server.port, "GET", "/_loggia/nothing").status == 404
    assert wire.request(server.port, "POST", "/_loggia/health").status == 405


def test_keep_alive(server):
    """Several requests on one connection."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    ports = set()
    for _ in range(3):
        connection.request("GET", "/_loggia/health")
        assert connection.getresponse().read()
        ports.add(connection.sock.getsockname())
    connection.close()
    assert len(ports) == 1


def test_two_servers_do_not_share_a_folder(start, tmp_path):
    """A second server on the same data folder is refused."""
    start(data_dir=tmp_path / "data")
    code, said = refused_start("--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0", folder=tmp_path)
    assert code == 1 and str(tmp_path / "data") in said, said


def test_taken_port(server, tmp_path):
    """A port that is taken is named."""
    code, said = refused_start("--ephemeral", "--listen", f"127.0.0.1:{server.port}", folder=tmp_path)
    assert code == 1 and f"127.0.0.1:{server.port}" in said


# ---- TLS and HTTP/2 ----


def test_tls_on_the_same_port(start, tmp_path):
    """002-006, 002-068, 002-069: HTTPS on the API's host name with a certificate of the data folder's authority."""
    server = start(data_dir=tmp_path / "data")
    trusting = wire.trusting(tmp_path / "data" / "tls" / "ca.pem")
    cloud = Cloud(server)
    api = cloud.api().proxy("GET", "/f", cloud.python("import json\ndef handler(event, context): return {'body': json.dumps(event)}")).deploy()
    event = api.call("GET", "/f", tls=trusting).json()
    assert event["headers"]["X-Forwarded-Proto"] == "https"
    assert api.call("GET", "/f").json()["headers"]["X-Forwarded-Proto"] == "http"
    assert wire.request(server.port, "GET", "/_loggia/health", host="localhost", tls=trusting).status == 200
    with pytest.raises(ssl.SSLCertVerificationError):
        wire.request(server.port, "GET", "/_loggia/health", host="localhost", tls=ssl.create_default_context())
    key = (tmp_path / "data" / "tls" / "ca.key").stat()
    assert key.st_mode & 0o077 == 0


def test_old_tls_is_refused(server):
    """002-068: TLS 1.1 and older."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", server.port), 10) as plain, pytest.raises((ssl.SSLError, ConnectionError)):
        old.wrap_socket(plain, server_hostname="localhost")


def test_http2_is_offered(server):
    """HTTP/2 by ALPN."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", server.port), 10) as plain, context.wrap_socket(plain, server_hostname="localhost") as secured:
        assert secured.selected_alpn_protocol() == "h2"


@pytest.mark.parametrize("secured", [False, True], ids=["plain", "tls"])
def test_http2(start, tmp_path, secured):
    """A deployed API over HTTP/2, with curl."""
    features = subprocess.run(["curl", "--version"], capture_output=True, text=True).stdout if shutil.which("curl") else ""
    if "HTTP2" not in features:
        pytest.skip("this machine's curl cannot HTTP/2 (or there is none)")
    server = start(data_dir=tmp_path / "data")
    api = Cloud(server).api().mock("GET", "/m", '{"over": "h2"}').deploy()
    host = f"{api.id}.execute-api.localhost"
    how = ["--http2", "--cacert", tmp_path / "data" / "tls" / "ca.pem"] if secured else ["--http2-prior-knowledge"]
    url = f"{'https' if secured else 'http'}://{host}:{server.port}/test/m"
    command = ["curl", "-sS", "--max-time", "20", "--resolve", f"{host}:{server.port}:127.0.0.1", "-w", "\n%{http_version}", *how, url]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.splitlines() == ['{"over": "h2"}', "2"], done.stderr


# ---- Shutdown and restart ----


def test_shutdown_ends_what_is_under_way(start, gate):
    """SIGTERM: requests under way are answered, new connections are refused, the exit code is 0, no process is left."""
    server = start()
    cloud = Cloud(server)
    function = cloud.python(GATED)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        call = pool.submit(function.value, {"gate": gate.port})
        gate.wait()
        below = descendants(server.process.pid)
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: is_refused(server.port), what="the end of the listener")
        assert server.is_alive()
        gate.open()
        assert call.result()["count"] == 1
    assert server.process.wait(20) == 0
    eventually(lambda: not still_alive(below), what="the end of all processes below the server")
    assert [path.name for path in server.folder.iterdir() if path.name.startswith("loggia-")] == [], "the temporary folder is left"


def is_refused(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    return False


def test_idle_connections_do_not_hold_shutdown_up(start):
    """SIGTERM and SIGINT end at once where nothing is under way, idle and half-open connections or not."""
    for name in (signal.SIGTERM, signal.SIGINT):
        server = start()
        idle = socket.create_connection(("127.0.0.1", server.port))
        half = socket.create_connection(("127.0.0.1", server.port))
        idle.sendall(b"GET /_loggia/health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert idle.recv(100)
        started = time.monotonic()
        server.process.send_signal(name)
        assert server.process.wait(40) == 0
        took = time.monotonic() - started
        idle.close()
        half.close()
        assert took < 5, f"{name} took {took:.1f} s"


def test_everything_is_there_after_a_restart(start, tmp_path):
    """Functions, APIs, stages, roles, keys and logs survive an ordinary restart, on another port."""
    first = start(data_dir=tmp_path / "data")
    cloud = Cloud(first)
    function = cloud.python("def handler(event, context): return {'body': 'still here'}")
    api = cloud.api().proxy("GET", "/f", function).deploy()
    user = cloud.make_user("keeper")
    assert api.call("GET", "/f").text == "still here"
    before = eventually(lambda: (found := function.messages()) and "REPORT" in found[-1] and found, what="the log")
    assert first.stop() == 0
    second = start(data_dir=tmp_path / "data")
    api.cloud = function.cloud = cloud = Cloud(second)
    assert api.call("GET", "/f").text == "still here"
    assert cloud.with_key(user).sts.get_caller_identity()["Arn"].endswith(":user/keeper")
    assert function.messages()[: len(before)] == before
    assert cloud.functions.get_function(FunctionName=function.name)["Configuration"]["State"] == "Active"


# ---- Commands ----


def test_invoke_command(server, cloud, tmp_path):
    """`loggia invoke`: an event from a file or standard input, the log's tail, the exit code of a failure."""
    function = cloud.python("def handler(event, context):\n    print('seen', event)\n    return {'got': event, 'boom': 1 / event.get('by', 1)}")
    file = tmp_path / "event.json"
    file.write_text('{"from": "file"}')
    environment = {"AWS_ENDPOINT_URL": server.url}
    assert json.loads(loggia("invoke", function.name, **environment).stdout) == {"got": {}, "boom": 1.0}
    done = loggia("invoke", function.arn, "--event", file, "--tail", **environment)
    assert (done.returncode, json.loads(done.stdout)["got"]) == (0, {"from": "file"})
    assert "seen {'from': 'file'}" in done.stderr and "REPORT RequestId: " in done.stderr
    done = loggia("invoke", function.name, "--event", "-", "--endpoint-url", server.url, stdin='{"by": 0}')
    assert (done.returncode, json.loads(done.stdout)["errorType"]) == (1, "ZeroDivisionError")
    done = loggia("invoke", "nobody", **environment)
    assert done.returncode == 1 and "ResourceNotFoundException: Function not found" in done.stderr
    done = loggia("invoke", "nobody", "--endpoint-url", "http://127.0.0.1:1")
    assert done.returncode == 1 and "is a server running there?" in done.stderr


def test_logs_command(server, cloud):
    """`loggia logs`, and --follow."""
    function = cloud.python("def handler(event, context): print('line', event)")
    function.value("one")
    shown = eventually(lambda: (found := loggia("logs", function.name, "--endpoint-url", server.url).stdout).count("REPORT") and found, 30)
    assert "START RequestId" in shown and "line one" in shown and "END RequestId" in shown
    command = [binary(), "logs", function.name, "--follow", "--endpoint-url", server.url]
    following = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean_environment())
    try:
        lines = iter(following.stdout.readline, "")
        assert any("line one" in line for line in lines)
        function.value("two")
        assert any("line two" in line for line in lines)
    finally:
        following.kill()
        following.wait()
        following.stdout.close()


def test_doctor():
    """`loggia doctor`: what this machine offers, in words and as JSON; exit code 1 where functions are not isolated."""
    words, data = loggia("doctor"), loggia("doctor", "--json")
    assert words.returncode == data.returncode and words.returncode in (0, 1)
    for what in ("user namespace", "mount namespace", "cgroup", "seccomp", "landlock", "python", "node.js"):
        assert what in words.stdout.lower(), words.stdout
    assert isinstance(json.loads(data.stdout), dict)


def test_this_machine_isolates_functions(start, tmp_path):
    """--sandbox required starts where doctor finds isolation, and refuses to run functions where it does not."""
    is_isolated = loggia("doctor").returncode == 0
    function = Cloud(start("--sandbox", "required")).python("def handler(event, context): return 'isolated'")
    if is_isolated:
        assert function.value() == "isolated"
    else:
        with pytest.raises(Exception):
            function.value()


def test_ordinary_user():
    """The server needs no privileges: started as an ordinary user it runs functions, and leaves nothing behind when it is killed."""
    user = 65534 if os.geteuid() == 0 else None
    # Another user has to reach it, which pytest's folders do not allow.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="clients-"))
    try:
        folder.chmod(0o755)
        program = shutil.copy(binary(), folder / "loggia")
        (folder / "work").mkdir()
        if user is not None:
            os.chown(folder / "work", user, user)
        server = Server(folder / "work", data_dir=folder / "work" / "data", user=user, program=program, HOME=folder / "work")
        with server:
            cloud = Cloud(server)
            function = cloud.python("import os\ndef handler(event, context): return {'body': str(os.getuid())}")
            assert cloud.api().proxy("GET", "/f", function).deploy().call("GET", "/f").status == 200
            assert cloud.node("exports.handler = async () => 'node'").value() == "node"
            below = descendants(server.process.pid)
            server.kill()
            eventually(lambda: not still_alive(below), what="the end of all processes below the server")
            assert mounts_with(str(folder)) == []
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ---- Configuration ----


def test_configuration_file(start, tmp_path):
    """Values out of the file; flags and environment go first."""
    file = tmp_path / "loggia.toml"
    file.write_text('[server]\naccount = "111122223333"\niam = "enforce"\n[functions]\nconcurrency = 7\n')
    server = start("--config", file, "--iam", "dev")
    cloud = Cloud(server)
    assert cloud.sts.get_caller_identity()["Account"] == "111122223333"
    assert cloud.functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"] == 7
    other = start("--config", file, "--iam", "dev", LOGGIA_ACCOUNT="444455556666")
    assert Cloud(other).sts.get_caller_identity()["Account"] == "444455556666"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[server]\nlissten = '127.0.0.1:1'\n", "lissten"),
        ("[other]\n", "other"),
        ("[server]\niam = 'perhaps'\n", "perhaps"),
        ("[server]\naccount = '12'\n", "12"),
        ("[server]\nlisten = 'here'\n", "here"),
        ("[functions]\nconcurrency = 0\n", "concurrency"),
        ("[functions]\nconcurrency = 'many'\n", "concurrency"),
        ("[server\n", "loggia.toml"),
    ],
)
def test_wrong_configuration(tmp_path, text, named):
    """Unknown keys and wrong values are refused by name, before any socket opens."""
    (tmp_path / "loggia.toml").write_text(text)
    code, said = refused_start("--ephemeral", "--config", tmp_path / "loggia.toml", folder=tmp_path)
    assert code == 1 and named in said and "AWS_ENDPOINT_URL" not in said, said


def test_wrong_flags(tmp_path):
    """Wrong flags are refused with usage; help and version are there."""
    assert refused_start("--ephemeral", "--data-dir", tmp_path, folder=tmp_path)[0] == 2
    assert refused_start("--nothing", folder=tmp_path)[0] == 2
    assert re.fullmatch(r"loggia \d+\.\d+\.\d+\n", loggia("--version").stdout)
    for command in ("serve", "invoke", "logs", "doctor"):
        assert command in loggia("--help").stdout
        assert loggia(command, "--help").returncode == 0
