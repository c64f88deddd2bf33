"""A Loggia server under test: started, watched, stopped, killed; and the processes and mounts that it leaves."""

import os
import pathlib
import queue
import re
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
STARTED = re.compile(r"AWS_ENDPOINT_URL=http://([0-9.]+|\[[0-9a-f:]+\]):(\d+)")
START_TIMEOUT_S = 20


def binary():
    """The program under test: `LOGGIA_BINARY`, else the release build of this checkout."""
    path = pathlib.Path(os.environ.get("LOGGIA_BINARY", ROOT / "target/release/loggia")).resolve()
    assert path.is_file(), f"{path} is not there: build it with `cargo build --release -p loggia`, or set LOGGIA_BINARY"
    return str(path)


def clean_environment(**more):
    """This process's environment without what would configure Loggia or AWS's tools."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOGGIA_", "AWS_"))}
    return kept | {name: str(value) for name, value in more.items()}


def eventually(check, timeout_s=10, what="it"):
    """What `check` gives as soon as it is true; fails after the timeout. Looks again every 10 ms."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not come true within {timeout_s} s (last: {found!r})"
        time.sleep(0.01)


class Server:
    """`loggia serve` on a free port of 127.0.0.1, as a context manager."""

    def __init__(self, folder, *flags, data_dir=None, listen="127.0.0.1:0", user=None, program=None, **environment):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log_path = self.folder / "server.log"
        self.output = []
        self.port = None
        where = ["--data-dir", str(data_dir)] if data_dir else ["--ephemeral"]
        command = [program or binary(), "serve", "--listen", listen, *where, *map(str, flags)]
        # Ephemeral data goes to this folder, so that nothing stays in /tmp after a kill.
        environment = clean_environment(TMPDIR=self.folder, **environment)
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=environment, cwd=self.folder, user=user, group=user,
                extra_groups=None if user is None else [],
            )  # fmt: skip
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line.decode("utf-8", "replace"))
        self._lines.put(None)

    def wait_started(self):
        """Waits for the line that names the endpoint."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.port is None:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                self.kill()
                raise AssertionError(f"the server did not start:\n{''.join(self.output)}{self.log()}")
            self.output.append(line)
            if found := STARTED.search(line):
                self.port = int(found[2])
        return self

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def log(self):
        return self.log_path.read_text("utf-8", "replace")

    def is_alive(self):
        return self.process.poll() is None

    def kill(self):
        """SIGKILL: no chance to clean up."""
        self.process.kill()
        self.process.wait()

    def stop(self, timeout_s=30):
        """SIGTERM, and the exit code."""
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def assert_calm(self):
        """Alive, and no thread has panicked."""
        assert self.is_alive(), f"the server is gone (exit code {self.process.returncode}):\n{self.log()[-4000:]}"
        assert "panicked at" not in self.log(), self.log()[-4000:]

    def __enter__(self):
        return self.wait_started()

    def __exit__(self, *_):
        if self.is_alive():
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()
                raise


def refused_start(*flags, folder, timeout_s=20, **environment):
    """Runs `loggia serve` where it must refuse; its exit code and what it said."""
    command = [binary(), "serve", *map(str, flags)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=timeout_s, env=clean_environment(TMPDIR=folder, **environment), cwd=folder
    )
    return done.returncode, done.stdout + done.stderr


def _stat(pid):
    """Parent and start time of a process that is not a zombie, or nothing."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else (int(fields[1]), int(fields[19]))


def _pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def descendants(pid):
    """All living processes below `pid`, each with its start time, which tells it from a later one of the same id."""
    children = {}
    for other in _pids():
        if found := _stat(other):
            children.setdefault(found[0], []).append((other, found[1]))
    below, waiting = set(), [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            below.add(child)
            waiting.append(child[0])
    return below


def still_alive(processes):
    """Those of `processes` (from `descendants`) that still run."""
    return {(pid, start) for pid, start in processes if (found := _stat(pid)) and found[1] == start}


def processes_marked(mark):
    """Processes whose environment or command line has `mark` in it, as far as this user may look."""
    found = []
    for pid in _pids():
        for file in ("environ", "cmdline"):
            try:
                if mark.encode() in pathlib.Path(f"/proc/{pid}/{file}").read_bytes() and _stat(pid):
                    found.append(pid)
            except OSError:
                pass
    return found


def mounts_with(text):
    """Lines of this mount namespace's table that name `text`."""
    return [line for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines() if text in line]
