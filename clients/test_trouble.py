"""Functions that misbehave as badly as they can: their neighbours and the server do not suffer, and nothing of them stays."""

import concurrent.futures
import contextlib
import json
import os
import signal
import socket
import time
import uuid

import pytest
from botocore.exceptions import ClientError

from cloud import GATED, Cloud, Gate
from server import Server, descendants, eventually, processes_marked, still_alive

# How long a neighbour's warm answer may take while a function misbehaves; alone it takes milliseconds.
NEIGHBOUR_S = 10


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of its own: what these tests do to the machine should not colour others."""
    with Server(tmp_path_factory.mktemp("trouble")) as server:
        yield server
        server.assert_calm()
        below = descendants(server.process.pid)
        assert server.stop() == 0
        eventually(lambda: not still_alive(below), what="the end of all processes below the server")


@pytest.fixture(scope="module")
def cloud(server):
    return Cloud(server)


class Neighbours:
    """A function, another one behind an API, and a mock: all must answer, soon."""

    def __init__(self, cloud):
        self.function = cloud.python("calls = 0\ndef handler(event, context):\n    global calls\n    calls += 1\n    return calls")
        behind = cloud.node("exports.handler = async () => ({ body: 'fine' });")
        self.api = cloud.api().proxy("GET", "/fine", behind).mock("GET", "/mock").deploy()
        self.ask()

    def ask(self):
        started = time.monotonic()
        assert self.function.value() >= 1
        assert self.api.call("GET", "/fine").text == "fine"
        assert self.api.call("GET", "/mock").status == 200
        took = time.monotonic() - started
        assert took < NEIGHBOUR_S, f"the neighbours took {took:.1f} s"


@pytest.fixture(scope="module")
def neighbours(cloud):
    return Neighbours(cloud)


@contextlib.contextmanager
def meanwhile(function, event, neighbours):
    """Invokes `function`, asks its neighbours again and again until that is over, and gives the answer afterwards."""
    held = []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        call = pool.submit(function.invoke, event)
        neighbours.ask()
        while not call.done():
            neighbours.ask()
        held.append(call.result())
    yield held[0]
    neighbours.ask()


def marked(cloud, source, **settings):
    """A function all of whose processes carry a mark, and the mark."""
    mark = uuid.uuid4().hex
    return cloud.python(source, Environment={"Variables": {"MARK": mark}}, **settings), mark


def assert_gone(mark):
    eventually(lambda: not processes_marked(mark), what="the end of the function's processes")


def test_endless_loop(cloud, neighbours):
    """A handler that loops ends at its timeout."""
    function, mark = marked(cloud, "def handler(event, context):\n    while True: pass", Timeout=2)
    with meanwhile(function, None, neighbours) as answer:
        assert answer.json["errorType"] == "Sandbox.Timedout"
    assert_gone(mark)


def test_fork_bomb(cloud, neighbours):
    """A handler that forks without end: the number of its processes is limited, and they end with it."""
    source = """
    import os

    def handler(event, context):
        while True:
            try:
                os.fork()
            except OSError:
                pass
    """
    function, mark = marked(cloud, source, Timeout=2)
    with meanwhile(function, None, neighbours) as answer:
        assert answer.error == "Unhandled"
    assert_gone(mark)


def test_thread_bomb(cloud, neighbours):
    """Threads count as processes do."""
    source = """
    import threading

    def handler(event, context):
        stop = threading.Event()
        count = 0
        try:
            while count < 5000:
                threading.Thread(target=stop.wait, daemon=True).start()
                count += 1
        except RuntimeError:
            pass
        stop.set()
        return count
    """
    function, _ = marked(cloud, source, MemorySize=512)
    with meanwhile(function, None, neighbours) as answer:
        assert answer.error is None and 50 < answer.json <= 1024, answer


def test_eaten_memory(cloud, neighbours):
    """A handler that eats memory is killed at its memory size."""
    source = "def handler(event, context):\n    held = []\n    while True: held.append(b'x' * (4 << 20))"
    function, mark = marked(cloud, source, MemorySize=128)
    with meanwhile(function, None, neighbours) as answer:
        assert "signal: killed" in answer.json["errorMessage"]
    assert_gone(mark)


def test_eaten_memory_by_children(cloud, neighbours):
    """Several processes share the function's memory."""
    source = """
    import os, time

    def handler(event, context):
        for _ in range(8):
            if os.fork() == 0:
                held = b'x' * (60 << 20)
                time.sleep(60)
        time.sleep(60)
    """
    function, mark = marked(cloud, source, MemorySize=128, Timeout=8)
    with meanwhile(function, None, neighbours) as answer:
        assert answer.error == "Unhandled"
    assert_gone(mark)


def test_flooded_log(cloud, neighbours):
    """A handler that writes its log full is answered; its log is bounded."""
    source = "def handler(event, context):\n    for _ in range(200): print('x' * 1_000_000)\n    return 'written'"
    function, _ = marked(cloud, source, MemorySize=512, Timeout=30)
    with meanwhile(function, None, neighbours) as answer:
        assert answer.json == "written" or answer.json["errorType"] == "Sandbox.Timedout", answer
    eventually(lambda: any("REPORT" in line for line in newest(function)), what="the REPORT line")


def newest(function):
    """The last lines of the function's newest log stream."""
    streams = function.cloud.logs.describe_log_streams(logGroupName=function.log_group)["logStreams"]
    found = function.cloud.logs.get_log_events(
        logGroupName=function.log_group, logStreamName=streams[-1]["logStreamName"], limit=5, startFromHead=False
    )
    return [event["message"] for event in found["events"]]


def test_flooded_log_behind_the_bootstraps_back(cloud, neighbours):
    """Straight into descriptor 1, by a child, without line ends, until the time is over."""
    source = """
    import os

    def handler(event, context):
        if os.fork() == 0:
            while True: os.write(1, b"x" * 65536)
        while True: os.write(2, b"y" * 65536)
    """
    function, mark = marked(cloud, source, Timeout=2)
    with meanwhile(function, None, neighbours) as answer:
        assert answer.json["errorType"] == "Sandbox.Timedout"
    assert_gone(mark)


def test_full_tmp(cloud, neighbours):
    """10 GB into /tmp: no space left after 512 MB; another environment has a /tmp of its own."""
    source = """
    import errno, os

    def handler(event, context):
        if event == "look":
            return os.listdir("/tmp")
        written = 0
        with open("/tmp/big", "wb", buffering=0) as file:
            try:
                for _ in range(10_000):
                    written += file.write(bytes(1 << 20))
            except OSError as error:
                assert error.errno == errno.ENOSPC, error
        os.remove("/tmp/big")
        return written
    """
    function, _ = marked(cloud, source, Timeout=60, MemorySize=1769)
    with meanwhile(function, None, neighbours) as answer:
        assert 400 << 20 < answer.json <= 512 << 20, answer
    other, _ = marked(cloud, source)
    assert other.value("look") == []


def test_closed_socket(cloud, neighbours):
    """All descriptors closed under the runtime: an error, and a new environment for the next invocation."""
    source = """
    import os

    def handler(event, context):
        if event: os.closerange(3, 1000)
        return "fine"
    """
    function, mark = marked(cloud, source, Timeout=5)
    with meanwhile(function, True, neighbours) as answer:
        assert answer.error == "Unhandled"
    assert function.value(False) == "fine"


def test_false_words_on_the_socket(cloud, neighbours):
    """Rubbish written to the runtime's own socket: an error, and a new environment."""
    source = """
    import os

    def handler(event, context):
        for descriptor in range(3, 20) if event else ():
            try: os.write(descriptor, b"\\xff" * 100_000)
            except OSError: pass
        return "fine"
    """
    function, _ = marked(cloud, source, Timeout=5)
    with meanwhile(function, True, neighbours) as answer:
        assert answer.error == "Unhandled", answer
    assert function.value(False) == "fine"


def test_signals_to_everybody(cloud, neighbours):
    """kill -9 of everything it can see, and of itself."""
    source = "import os\ndef handler(event, context):\n    if event: os.kill(-1, 9); os.kill(os.getpid(), 9)\n    return 'fine'"
    function, _ = marked(cloud, source, Timeout=5)
    with meanwhile(function, True, neighbours) as answer:
        assert answer.error == "Unhandled"
    assert function.value(False) == "fine"


def test_stopped_process(cloud, neighbours):
    """SIGSTOP to itself: its time runs out all the same."""
    source = "import os, signal\ndef handler(event, context): os.kill(os.getpid(), signal.SIGSTOP)"
    function, mark = marked(cloud, source, Timeout=1)
    with meanwhile(function, None, neighbours) as answer:
        assert answer.json["errorType"] == "Sandbox.Timedout"
    assert_gone(mark)


def test_daemons_end_with_their_function(cloud, neighbours):
    """Processes left in the background, in sessions of their own, end when the function is deleted."""
    source = """
    import os, time

    def handler(event, context):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
        return "started"
    """
    function, mark = marked(cloud, source)
    assert function.value() == "started"
    neighbours.ask()
    cloud.functions.delete_function(FunctionName=function.name)
    assert_gone(mark)


def test_crash_while_loading(cloud, neighbours):
    """A module that ends the process when it is imported."""
    function, mark = marked(cloud, "import os\nos._exit(7)")
    with meanwhile(function, None, neighbours) as answer:
        assert "exit status 7" in answer.json["errorMessage"]
    assert_gone(mark)


def test_client_that_hangs_up(cloud, server):
    """A client that hangs up does not lose the environment that works for it: the next invocation is warm."""
    function = cloud.python("""
    import socket

    calls = 0

    def handler(event, context):
        global calls
        calls += 1
        port = int((event.get("queryStringParameters") or event)["gate"])
        if port:
            with socket.create_connection(("127.0.0.1", port)) as gate:
                gate.sendall(b"here")
                gate.recv(1)
        return {"body": str(calls)}
    """)
    api = cloud.api().proxy("GET", "/f", function).deploy()
    assert api.call("GET", "/f?gate=0").text == "1"
    with Gate() as gate:
        request = f"GET /test/f?gate={gate.port} HTTP/1.1\r\nHost: {api.id}.execute-api.localhost\r\n\r\n"
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(request.encode())
            gate.wait()
        gate.open()
    # It may still be busy with the answer that nobody reads; then another environment would say 1.
    eventually(lambda: sum("END RequestId" in line for line in function.messages()) == 2, what="the end of the invocation")
    assert api.call("GET", "/f?gate=0").text == "3"


def test_killed_helpers_of_the_server(cloud, server, neighbours):
    """kill -9 of everything that the server has started: new invocations work, as soon as it has noticed."""
    function, _ = marked(cloud, "def handler(event, context): return 'fine'")
    assert function.value() == "fine"
    for pid, _ in descendants(server.process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: "fine" in works_again(function), what="the function's return")
    server.assert_calm()
    neighbours.ask()


def works_again(function):
    """The function's answer, or the error's text."""
    try:
        return str(function.invoke().json)
    except ClientError as error:
        return str(error)


def test_many_waiting_clients(cloud, neighbours):
    """A hundred invocations of one function at once are all answered."""
    function = cloud.python("def handler(event, context): return event")
    assert function.value(-1) == -1
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        assert sorted(pool.map(function.value, range(100))) == list(range(100))
    neighbours.ask()


def test_gated_functions_hold_nobody_up(cloud, neighbours):
    """Ten invocations that wait inside hold no one else up."""
    function = cloud.python(GATED)
    with Gate() as gate, concurrent.futures.ThreadPoolExecutor(10) as pool:
        calls = [pool.submit(function.value, {"gate": gate.port}) for _ in range(10)]
        gate.wait(10)
        neighbours.ask()
        gate.open()
        assert len({json.dumps(call.result()) for call in calls}) == 10
