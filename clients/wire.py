"""HTTP as bytes: requests whose headers reach the server exactly as written, raw sockets, and signed AWS requests."""

import http.client
import json
import socket
import ssl
import sys
import pathlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "handlers"))
import signed_call  # noqa: E402


class Response:
    """An answer; header names compare without case, as in HTTP."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def values(self, name):
        return [value for known, value in self.headers if known.lower() == name.lower()]

    def header(self, name):
        """The header's only value, or None; fails if it was sent twice."""
        values = self.values(name)
        assert len(values) <= 1, f"{name} was sent {len(values)} times: {values}"
        return values[0] if values else None

    @property
    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:2000]!r}>"


def request(port, method, target, headers=(), body=None, host=None, timeout_s=30, tls=None):
    """One request to 127.0.0.1 with just these headers, Host and Content-Length; `tls` is a context that checks `host`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        if tls:
            plain = socket.create_connection(("127.0.0.1", port), timeout_s)
            connection.sock = tls.wrap_socket(plain, server_hostname=(host or "localhost").split(":")[0])
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host or f"127.0.0.1:{port}")
        pairs = headers.items() if isinstance(headers, dict) else headers
        for name, value in pairs:
            connection.putheader(name, value)
        body = body.encode() if isinstance(body, str) else body
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Response(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def execute(port, api_id, method, target, headers=(), body=None, **options):
    """A request to a deployed API by its host name; `target` begins with the stage."""
    return request(port, method, target, headers, body, host=f"{api_id}.execute-api.localhost:{port}", **options)


def raw(port, data, timeout_s=10, half_close=True):
    """Sends bytes and returns all that comes back until the server closes, as (bytes, has it closed)."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout_s) as connection:
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # Closed by the server already: what it said is read below.
        try:
            while part := connection.recv(65536):
                received += part
                if not half_close and b"\r\n\r\n" in received:
                    return bytes(received), False
        except socket.timeout:
            return bytes(received), False
        except ConnectionError:
            pass
    return bytes(received), True


def status_of(received):
    """The status of raw bytes that begin like an HTTP answer, else None."""
    line = received.split(b"\r\n", 1)[0].split()
    return int(line[1]) if len(line) > 1 and line[0].startswith(b"HTTP/") and line[1].isdigit() else None


def signed(port, service, method, target, body=b"", headers=(), key=("test", "test", None), region="us-east-1", when=None, timeout_s=30):
    """A request signed with Signature Version 4; `when` is a time tuple for another moment than now."""
    body = body.encode() if isinstance(body, str) else body
    all_headers = signed_call.sign(
        method, f"http://127.0.0.1:{port}{target}", dict(headers), body, service=service, region=region, credentials=key, when=when
    )
    host = all_headers.pop("host")
    return request(port, method, target, all_headers, body, host=host, timeout_s=timeout_s)


def trusting(ca_file):
    """A TLS context that trusts only this authority."""
    return ssl.create_default_context(cafile=str(ca_file))
