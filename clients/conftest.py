"""Fixtures of the client suite: the unmodified aws CLI and boto3 against the release binary.

Run `cargo xtask clients`, or `LOGGIA_BINARY=… python -m pytest clients` where the tools of requirements.txt are installed.
No test sleeps; each has a time limit of its own, so that a server that hangs is a failure and not a wait.
"""

import os
import pathlib
import signal
import subprocess
import sys

import pytest

from cloud import Cloud, Gate
from server import Server, clean_environment

TEST_TIMEOUT_S = 100


@pytest.fixture(autouse=True)
def time_limit(request):
    """Ends a test that hangs; a test that needs longer says so: `@pytest.mark.time_limit(seconds)`."""
    marker = request.node.get_closest_marker("time_limit")
    limit_s = marker.args[0] if marker else TEST_TIMEOUT_S

    def expire(*_):
        raise TimeoutError(f"the test took longer than {limit_s} s")

    before = signal.signal(signal.SIGALRM, expire)
    signal.alarm(limit_s)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server that most tests share. At the end it must be alive, without a panic, and stop when it is told to."""
    with Server(tmp_path_factory.mktemp("shared")) as server:
        yield server
        server.assert_calm()
        assert server.stop() == 0


@pytest.fixture(scope="session")
def cloud(server):
    """The shared server's account, as root."""
    return Cloud(server)


@pytest.fixture
def alive(server):
    """Looks after the test whether the shared server has taken it calmly."""
    yield
    server.assert_calm()


@pytest.fixture
def start(tmp_path):
    """Starts servers of the test's own: `start(*flags, data_dir=…)`. They are stopped at the end."""
    servers = []

    def starter(*flags, **options):
        server = Server(tmp_path / f"server-{len(servers)}", *flags, **options)
        servers.append(server)
        return server.wait_started()

    yield starter
    for server in servers:
        if server.is_alive():
            server.stop()


@pytest.fixture
def gate():
    with Gate() as gate:
        yield gate


def aws_environment(home, url):
    """What a user has to set for the aws CLI: endpoint, credentials, region."""
    return clean_environment(
        HOME=home,
        PATH=f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        AWS_ENDPOINT_URL=url,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_PAGER="",
        AWS_MAX_ATTEMPTS="1",
        PYTHONUTF8="1",
    )


@pytest.fixture
def aws(server, tmp_path):
    """`aws("lambda", "list-functions")`: the aws CLI against the shared server, as a finished process."""

    def run(*arguments, timeout_s=60, **environment):
        return subprocess.run(
            ["aws", *arguments],
            env=aws_environment(tmp_path, server.url) | environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout_s,
        )

    return run
