"""`kill -9` of the server at random moments while it is being changed: what was acknowledged is there after the restart.

One data folder, ROUNDS rounds. Each round several clients change things as fast as they can, until the server is killed; the next
start must show every acknowledged change. A change that was under way may have happened or not. At the end no process and no mount
is left behind by any of the killed servers.
"""

import concurrent.futures
import http.client
import itertools
import json
import os
import random
import threading
import time
import urllib.parse
import uuid
import xml.etree.ElementTree as ElementTree

import pytest

import wire
from cloud import Cloud
from server import Server, descendants, eventually, mounts_with, processes_marked, still_alive

ROUNDS = 100
# The longest time that a round's changes go on, in seconds.
CHANGES_S_MAX = 0.25
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.randrange(1, 1 << 32)


class Gone(Exception):
    """The server did not answer: it was killed meanwhile."""


def ask(port, service, method, path, body=b"", headers=None):
    try:
        answer = wire.signed(port, service, method, path, body, headers or {"Content-Type": "application/json"}, timeout_s=20)
    except (OSError, http.client.HTTPException) as error:
        raise Gone from error
    assert answer.status < 300, answer
    return answer


def logs(port, operation, **members):
    headers = {"X-Amz-Target": f"Logs_20140328.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    return json.loads(ask(port, "logs", "POST", "/", json.dumps(members), headers).body or b"{}")


def iam(port, action, **members):
    form = urllib.parse.urlencode({"Action": action, "Version": "2010-05-08", **members})
    answer = ask(port, "iam", "POST", "/", form, {"Content-Type": "application/x-www-form-urlencoded"})
    return ElementTree.fromstring(answer.body)


class Names:
    """Named things that one client makes and deletes, in order; what the server acknowledged, and what was under way when it died."""

    def __init__(self, make, delete, listing, dice):
        self.make, self.delete, self.listing, self.dice = make, delete, listing, dice
        self.there, self.open = {}, None

    def change(self, port, number):
        """One change: a new thing, or now and then the end of an old one. `there` maps a name to the server's id for it."""
        if len(self.there) > 5 and self.dice.random() < 0.3:
            self.open = self.dice.choice(list(self.there))
            self.delete(port, self.there[self.open])
            del self.there[self.open]
        else:
            self.open = f"n{number}"
            made = self.make(port, self.open)
            self.there[self.open] = made
        self.open = None

    def check(self, port):
        found = self.listing(port)
        missing = [name for name in self.there if name not in found and name != self.open]
        surplus = [name for name in found if name not in self.there and name != self.open]
        assert (missing, surplus) == ([], []), f"acknowledged and lost: {missing}; deleted and back: {surplus}; seed {SEED}"
        # What was under way has happened or not; from now on it is known which.
        self.there = found
        self.open = None


class Register:
    """One value that one client sets to higher and higher numbers."""

    def __init__(self, write, read):
        self.write, self.read = write, read
        self.acknowledged, self.open = 0, 0

    def change(self, port, number):
        self.open = number
        self.write(port, number)
        self.acknowledged = number

    def check(self, port):
        found = self.read(port)
        assert found in (self.acknowledged, self.open), f"{self.acknowledged} was acknowledged, {found} is there; seed {SEED}"
        self.acknowledged = self.open = found


class Calls:
    """Invocations, so that functions' processes are there when the server dies."""

    def __init__(self, function):
        self.path = f"/2015-03-31/functions/{function}/invocations"

    def change(self, port, number):
        assert json.loads(ask(port, "lambda", "POST", self.path, str(number)).body) == number

    def check(self, port):
        pass


def make_apis():
    def listing(port):
        found, position = {}, ""
        while True:
            page = json.loads(ask(port, "apigateway", "GET", f"/restapis?limit=500{position}").body)
            found |= {item["name"]: item["id"] for item in page.get("item", []) if item["name"].startswith("n")}
            if "position" not in page:
                return found
            position = "&position=" + urllib.parse.quote(page["position"], safe="")

    make = lambda port, name: json.loads(ask(port, "apigateway", "POST", "/restapis", json.dumps({"name": name})).body)["id"]  # noqa: E731
    return make, lambda port, id: ask(port, "apigateway", "DELETE", f"/restapis/{id}"), listing


def make_users():
    def make(port, name):
        iam(port, "CreateUser", UserName=name)
        return name

    def listing(port):
        names, marker = [], {}
        while True:
            page = list(iam(port, "ListUsers", MaxItems=1000, **marker).iter())
            names += [element.text for element in page if element.tag.endswith("UserName")]
            marker = {"Marker": element.text for element in page if element.tag.endswith("}Marker")}
            if not marker:
                return {name: name for name in names}

    return make, lambda port, name: iam(port, "DeleteUser", UserName=name), listing


def make_groups():
    def make(port, name):
        logs(port, "CreateLogGroup", logGroupName=name)
        return name

    def listing(port):
        found, token = {}, {}
        while True:
            page = logs(port, "DescribeLogGroups", logGroupNamePrefix="n", limit=50, **token)
            found |= {group["logGroupName"]: group["logGroupName"] for group in page["logGroups"]}
            if "nextToken" not in page:
                return found
            token = {"nextToken": page["nextToken"]}

    return make, lambda port, name: logs(port, "DeleteLogGroup", logGroupName=name), listing


def description(function):
    path = f"/2015-03-31/functions/{function}/configuration"

    def write(port, number):
        ask(port, "lambda", "PUT", path, json.dumps({"Description": str(number)}))

    return write, lambda port: int(json.loads(ask(port, "lambda", "GET", path).body)["Description"] or 0)


def variable(api):
    path = f"/restapis/{api}/stages/test"

    def write(port, number):
        operation = {"op": "replace", "path": "/variables/n", "value": str(number)}
        ask(port, "apigateway", "PATCH", path, json.dumps({"patchOperations": [operation]}))

    return write, lambda port: int(json.loads(ask(port, "apigateway", "GET", path).body).get("variables", {}).get("n", 0))


def run_round(server, clients, numbers, dice, failures):
    """Changes by all clients until the server is killed; gives the processes that it had."""

    def work(client):
        try:
            while True:
                client.change(server.port, next(numbers))
        except Gone:
            pass
        except Exception as error:  # An answer that is wrong, while the server still ran.
            failures.append(error)

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    # The moment is the point of this test, so it waits for time to pass, and for nothing else.
    threading.Event().wait(dice.uniform(0, CHANGES_S_MAX))
    below = descendants(server.process.pid)
    server.kill()
    for thread in threads:
        thread.join(30)
    return below


@pytest.mark.time_limit(300)
def test_hundred_kills(tmp_path):
    """All that was acknowledged is there after each restart; no orphaned process or mount is left."""
    dice = random.Random(SEED)
    data, mark = tmp_path / "data", uuid.uuid4().hex
    with Server(tmp_path / "first", data_dir=data) as server:
        cloud = Cloud(server)
        called = cloud.python("def handler(event, context): return event", Environment={"Variables": {"MARK": mark}})
        changed = cloud.python("def handler(event, context): return context.function_version", Description="0")
        api = cloud.api(name="staged").mock("GET", "/a").proxy("GET", "/f", cloud.python("def handler(e, c): return {'body': 'f'}")).deploy()
        assert called.value(1) == 1
    clients = [Names(*kind, dice) for kind in (make_apis(), make_users(), make_groups())]
    clients += [Register(*description(changed.name)), Register(*variable(api.id)), Calls(called.name)]
    numbers, left, failures, changes = itertools.count(1), set(), [], 0
    for number in range(ROUNDS):
        server = Server(tmp_path / "rounds", data_dir=data).wait_started()
        try:
            with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
                for checked in [pool.submit(client.check, server.port) for client in clients]:
                    checked.result()
            before = next(numbers)
            left |= run_round(server, clients, numbers, dice, failures)
            changes += next(numbers) - before
        finally:
            if server.is_alive():
                server.kill()
        assert failures == [], f"round {number}, seed {SEED}: {failures}\n{server.log()[-3000:]}"
    assert changes > 2 * ROUNDS, "too little was under way to prove anything"
    eventually(lambda: not still_alive(left) and not processes_marked(mark), what="the end of all orphans")
    assert mounts_with(str(data)) == []

    with Server(tmp_path / "last", data_dir=data) as server:
        for client in clients:
            client.check(server.port)
        cloud = Cloud(server)
        api.cloud = cloud
        assert (api.call("GET", "/a").status, api.call("GET", "/f").text) == (200, "f")
        below = descendants(server.process.pid)
        server.assert_calm()
        assert server.stop() == 0
    eventually(lambda: not still_alive(below), what="the end of all processes")
    assert "panicked at" not in (tmp_path / "rounds" / "server.log").read_text("utf-8", "replace")


def test_start_is_quick_after_a_kill(tmp_path):
    """A killed server's folder opens again at once, also while its functions were running."""
    data = tmp_path / "data"
    server = Server(tmp_path / "a", data_dir=data).wait_started()
    function = Cloud(server).python("def handler(event, context): return 'up'")
    assert function.value() == "up"
    server.kill()
    started = time.monotonic()
    with Server(tmp_path / "b", data_dir=data) as again:
        assert time.monotonic() - started < 5
        function.cloud = Cloud(again)
        assert function.value() == "up"
        eventually(lambda: any("END RequestId" in line for line in function.messages()), what="the log")
