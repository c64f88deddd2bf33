"""Malformed, oversized, forged and half-sent requests: AWS's error in the right protocol, never a 5xx, never a hang.

501 is right for operations that Loggia names as not implemented. After each test the server must be alive and without a panic.
"""

import json
import random
import socket
import time

import pytest

import wire
from cloud import allow, refused, unique
from wire import raw, signed, status_of

pytestmark = pytest.mark.usefixtures("alive")

FUNCTIONS = "/2015-03-31/functions"
JSON11 = "application/x-amz-json-1.1"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def logs_call(server, operation, body, content_type=JSON11, **more):
    headers = {"X-Amz-Target": f"Logs_20140328.{operation}", "Content-Type": content_type}
    return signed(server.port, "logs", "POST", "/", body, headers, **more)


def iam_call(server, body, content_type=FORM, **more):
    return signed(server.port, "iam", "POST", "/", body, {"Content-Type": content_type}, **more)


def rest_call(server, service, method, path, body=b"", **more):
    return signed(server.port, service, method, path, body, {"Content-Type": "application/json"}, **more)


def code_of(answer):
    """The error's code, as clients of each protocol find it."""
    if header := answer.header("x-amzn-errortype"):
        return header.split(":")[0]
    if "<Code>" in answer.text:
        return answer.text.split("<Code>")[1].split("</Code>")[0]
    return answer.json().get("__type", answer.json().get("code", "")).split("#")[-1]


def check(answer, status, *codes):
    assert answer.status == status and code_of(answer) in codes, answer
    assert answer.header("x-amzn-requestid"), answer


# ---- Bodies ----

BROKEN_JSON = ["{", "nope", '{"a": }', "[]", '"text"', "\x00", '{"a":1}{"b":2}', "[" * 100_000]


@pytest.mark.parametrize("body", BROKEN_JSON, ids=range(len(BROKEN_JSON)))
def test_malformed_json(server, body):
    """SerializationException with 400, in rest-json and in json 1.1; also for JSON that nests without end."""
    check(rest_call(server, "apigateway", "POST", "/restapis", body), 400, "SerializationException")
    check(rest_call(server, "lambda", "POST", FUNCTIONS, body), 400, "SerializationException", "InvalidRequestContentException")
    check(logs_call(server, "DescribeLogGroups", body), 400, "SerializationException")


def test_malformed_event(server, cloud):
    """Invoke with what is not JSON: InvalidRequestContentException."""
    name = cloud.python("def handler(event, context): return event").name
    for body in ["{", "nope", "\xff", '{"a": 1,}']:
        answer = rest_call(server, "lambda", "POST", f"{FUNCTIONS}/{name}/invocations", body.encode("latin-1"))
        check(answer, 400, "InvalidRequestContentException")
        assert "Could not parse request body into json" in answer.text


def test_wrong_types(server):
    """A number for a string, a string for a number or a list: 400."""
    check(logs_call(server, "CreateLogGroup", '{"logGroupName": {"a": 1}}'), 400, "SerializationException")
    check(logs_call(server, "DescribeLogGroups", '{"limit": "many"}'), 400, "SerializationException")
    check(rest_call(server, "apigateway", "POST", "/restapis", '{"name": ["x"]}'), 400, "SerializationException")
    check(rest_call(server, "lambda", "POST", FUNCTIONS, '{"FunctionName": {}}'), 400, "SerializationException")
    check(rest_call(server, "apigateway", "GET", "/restapis?limit=many"), 400, "SerializationException", "BadRequestException")


def test_missing_members(server):
    """What the model requires is asked for, in each service's own error."""
    check(logs_call(server, "CreateLogGroup", "{}"), 400, "ValidationException", "InvalidParameterException")
    answer = iam_call(server, "Action=CreateUser&Version=2010-05-08")
    check(answer, 400, "ValidationError")
    assert "1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null" in answer.text
    answer = rest_call(server, "lambda", "POST", FUNCTIONS, "{}")
    assert answer.status == 400 and "failed to satisfy constraint: Member must not be null" in answer.text, answer
    assert rest_call(server, "apigateway", "POST", "/restapis", "{}").status == 400


def test_unknown_members_are_ignored(server):
    """AWS ignores what it does not know."""
    assert logs_call(server, "DescribeLogGroups", '{"nobodyKnows": {"a": [1]}, "limit": 1}').status == 200
    assert iam_call(server, "Action=ListUsers&Version=2010-05-08&Nope.member.1=x").status == 200
    answer = rest_call(server, "apigateway", "POST", "/restapis", json.dumps({"name": unique("api"), "nope": 1}))
    assert answer.status == 201


def test_constraints(server):
    """Lengths, patterns and enums of the model, in AWS's words."""
    answer = rest_call(server, "lambda", "GET", f"{FUNCTIONS}/{'x' * 300}")
    assert answer.status == 400 and "validation error detected" in answer.text and "functionName" in answer.text, answer
    answer = logs_call(server, "CreateLogGroup", json.dumps({"logGroupName": "x" * 513}))
    assert answer.status == 400 and "Member must have length less than or equal to 512" in answer.text, answer
    answer = logs_call(server, "CreateLogGroup", '{"logGroupName": "a b"}')
    assert answer.status == 400 and "Member must satisfy regular expression pattern" in answer.text, answer
    check(iam_call(server, "Action=CreateUser&Version=2010-05-08&UserName=a%2Fb"), 400, "ValidationError")


def test_wrong_content_types(server):
    """A content type of another protocol is a client's error, or ignored; never ours."""
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/xml", "", "garbage"]:
        for answer in [logs_call(server, "DescribeLogGroups", "{}", content_type), iam_call(server, "Action=ListUsers", content_type)]:
            assert answer.status < 500, (content_type, answer)
    answer = signed(server.port, "apigateway", "POST", "/restapis", json.dumps({"name": "x"}), {"Content-Type": "text/plain"})
    assert answer.status < 500


def test_form_bodies(server):
    """Broken forms of the query protocol."""
    for body in [b"", b"Action", b"Action=", b"%", b"Action=%ZZ", b"Action=ListUsers&&&=&=x", b"\xff\xfe\x00", b"{}", b"Action=ListUsers&MaxItems=abc"]:
        answer = iam_call(server, body)
        assert answer.status < 500, (body, answer)
    check(iam_call(server, "Action=ListUsers&Version=2010-05-08&MaxItems=abc"), 400, "MalformedInput", "ValidationError", "SerializationException")


def test_policies(cloud):
    """IAM's own errors for broken documents."""
    for document in ["", "{", "{}", '{"Version": "2012-10-17"}', '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]}']:
        with pytest.raises(Exception) as error:
            cloud.iam.create_role(RoleName=unique("broken"), AssumeRolePolicyDocument=document)
        # boto3 refuses the empty one itself.
        assert document == "" or error.value.response["Error"]["Code"] == "MalformedPolicyDocument", error.value


def test_nesting_without_end(server, cloud):
    """JSON as deep as it is long, as an event, as a member, as a policy, as a function's answer: an answer, and no overflow."""
    function = cloud.node("exports.handler = async (event) => event.deep ? JSON.parse('['.repeat(3000) + ']'.repeat(3000)) : 'fine';")
    path = f"{FUNCTIONS}/{function.name}/invocations"
    for depth in (200, 5_000, 1_000_000):
        for left, right in (("[", "]"), ('{"a":', "}")):
            nested = left * depth + ("1" if left != "[" else "") + right * depth
            assert rest_call(server, "lambda", "POST", path, nested).status in (200, 400), depth
            tags = '{"name": "deep", "tags": {"a": ' + nested + "}}"
            assert 400 <= rest_call(server, "apigateway", "POST", "/restapis", tags).status < 500
            assert logs_call(server, "DescribeLogGroups", '{"limit": 1, "unknown": ' + nested + "}").status in (200, 400)
    policy = '{"Version":"2012-10-17","Statement":' + "[" * 4000 + "]" * 4000 + "}"
    with refused("MalformedPolicyDocument", 400):
        cloud.iam.create_policy(PolicyName=unique("deep"), PolicyDocument=policy[:6000])
    answer = function.invoke({"deep": True})
    assert answer.bytes == b"[" * 3000 + b"]" * 3000, answer
    assert cloud.api().proxy("POST", "/f", function).deploy().call("POST", "/f", body="x").status == 502, "a text is no proxy answer"
    assert function.value({}) == "fine"


def test_patterns_that_explode(cloud):
    """Policies and filter patterns made to match in exponential time."""
    name = unique("stars")
    key = cloud.make_user(name, allow("lambda:" + "*e" * 100 + "b", resource="arn:aws:lambda:*:*:function:" + "*a" * 300 + "b"))
    started = time.monotonic()
    with refused("AccessDeniedException", 403):
        cloud.with_key(key).functions.get_function_configuration(FunctionName="a" * 64)
    group = unique("patterns")
    cloud.logs.create_log_group(logGroupName=group)
    cloud.logs.create_log_stream(logGroupName=group, logStreamName="s")
    event = {"timestamp": int(time.time() * 1000), "message": "a" * 50_000}
    cloud.logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])
    for pattern in ["%(a+)+b%", "%(a|a)*b%", "[" + "a*," * 200 + "]", "{ " + "(" * 400 + "$.a = 1" + ")" * 400 + " }", '"' + "a" * 1000 + '"', "?" * 1000]:
        try:
            cloud.logs.filter_log_events(logGroupName=group, filterPattern=pattern[:1024])
        except cloud.logs.exceptions.InvalidParameterException:
            pass
    assert time.monotonic() - started < 20


# ---- Operations and services ----


def test_unknown_operations(server):
    """UnknownOperationException, InvalidAction, 404 or 403: each protocol's own."""
    check(logs_call(server, "NoSuchThing", "{}"), 400, "UnknownOperationException")
    answer = iam_call(server, "Action=NoSuchThing&Version=2010-05-08")
    check(answer, 400, "InvalidAction")
    assert "Could not find operation NoSuchThing for version 2010-05-08" in answer.text
    for service, path in [("lambda", "/2015-03-31/nothing"), ("apigateway", "/nothing"), ("lambda", FUNCTIONS + "/a/b/c/d")]:
        for method in ("GET", "DELETE", "BREW"):
            assert 400 <= rest_call(server, service, method, path).status < 500, (service, path, method)


def test_operations_that_are_not_implemented(server):
    """501 in the right protocol, naming the operation."""
    answer = logs_call(server, "StartQuery", '{"startTime": 1, "endTime": 2, "queryString": "fields @message"}')
    assert answer.status == 501 and "logs:StartQuery" in answer.json()["message"], answer
    answer = iam_call(server, "Action=GetCredentialReport&Version=2010-05-08")
    assert answer.status == 501 and "<ErrorResponse" in answer.text and "iam:GetCredentialReport" in answer.text, answer
    answer = rest_call(server, "lambda", "GET", "/2015-03-31/event-source-mappings/")
    assert answer.status == 501 and code_of(answer) == "NotImplemented", answer


def test_unknown_services(server):
    """A service that nobody knows, and one that is not there yet."""
    answer = signed(server.port, "nosuchservice", "GET", "/")
    assert answer.status == 404 and "nosuchservice" in answer.text
    for service, target in [("dynamodb", "DynamoDB_20120810.ListTables"), ("sqs", "AmazonSQS.ListQueues")]:
        answer = signed(server.port, service, "POST", "/", "{}", {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"})
        assert answer.status in (404, 501) and service in answer.text.lower(), answer


def test_request_for_nothing(server):
    """Neither signature nor target, action, host or path."""
    for method, path in [("GET", "/"), ("POST", "/"), ("GET", "/favicon.ico"), ("PUT", "/a%00b")]:
        answer = wire.request(server.port, method, path)
        assert 400 <= answer.status < 500, answer


# ---- Signatures ----


def test_unsigned(server):
    """MissingAuthenticationToken, in each protocol's form."""
    answer = wire.request(server.port, "GET", FUNCTIONS + "/", host=f"lambda.us-east-1.amazonaws.com:{server.port}")
    check(answer, 403, "MissingAuthenticationTokenException")
    headers = {"X-Amz-Target": "Logs_20140328.DescribeLogGroups", "Content-Type": JSON11}
    check(wire.request(server.port, "POST", "/", headers, "{}"), 400, "MissingAuthenticationTokenException")
    answer = wire.request(server.port, "POST", "/", {"Content-Type": FORM}, "Action=ListUsers&Version=2010-05-08")
    check(answer, 403, "MissingAuthenticationToken")


def test_expired_signature(server):
    """A signature of an hour ago, and one of tomorrow, also by a key that nobody issued."""
    for offset in (-3600, 86400):
        when = time.gmtime(time.time() + offset)
        answer = rest_call(server, "lambda", "GET", FUNCTIONS + "/", when=when)
        check(answer, 403, "InvalidSignatureException")
        assert "Signature expired: " in answer.text or "Signature not yet current: " in answer.text
        check(logs_call(server, "DescribeLogGroups", "{}", when=when), 400, "InvalidSignatureException")
        check(iam_call(server, "Action=ListUsers&Version=2010-05-08", when=when), 403, "SignatureDoesNotMatch")


def test_forged_signature(server, cloud):
    """An issued key with another secret: refused, in each protocol's form."""
    access_key, secret, _ = cloud.make_user(unique("forged"))
    forged = (access_key, secret[::-1], None)
    text = "The request signature we calculated does not match the signature you provided."
    for answer, status, code in [
        (rest_call(server, "lambda", "GET", FUNCTIONS + "/", key=forged), 403, "InvalidSignatureException"),
        (logs_call(server, "DescribeLogGroups", "{}", key=forged), 400, "InvalidSignatureException"),
        (iam_call(server, "Action=GetUser&Version=2010-05-08", key=forged), 403, "SignatureDoesNotMatch"),
    ]:
        check(answer, status, code)
        assert text in answer.text


def test_changed_after_signing(server, cloud):
    """A body that is not the signed one is refused."""
    key = cloud.make_user(unique("changed"))
    headers = wire.signed_call.sign(
        "POST", f"http://127.0.0.1:{server.port}/", {"content-type": FORM}, b"Action=GetUser&Version=2010-05-08", "iam", "us-east-1", key
    )
    host = headers.pop("host")
    answer = wire.request(server.port, "POST", "/", headers, "Action=ListUsers&Version=2010-05-08", host=host)
    check(answer, 403, "SignatureDoesNotMatch")


BROKEN_AUTHORIZATION = [
    "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=x", "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/lambda/aws4_request, SignedHeaders=host", "AWS4-HMAC-SHA256 ,,,===",
    "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/lambda/aws4_request, SignedHeaders=, Signature=zz", "Bearer x", "AWS4-" + "A" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("authorization", BROKEN_AUTHORIZATION, ids=range(len(BROKEN_AUTHORIZATION)))
def test_broken_authorization(server, authorization):
    """Authorization headers that are none: 403 for Lambda."""
    host = f"lambda.us-east-1.amazonaws.com:{server.port}"
    answer = wire.request(server.port, "GET", FUNCTIONS + "/", {"Authorization": authorization}, host=host)
    assert answer.status == 403, answer


# ---- Sizes ----


def test_oversized_heads(server):
    """431 for a header, for all of them together, and for too many."""
    heads = [
        b"X-Big: " + b"x" * 100_000 + b"\r\n",
        b"".join(b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(100)),
        b"".join(b"X-%d: y\r\n" % n for n in range(1000)),
    ]
    for head in heads:
        received, _ = raw(server.port, b"GET /_loggia/health HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n", half_close=False)
        assert status_of(received) == 431, received[:200]
    received, _ = raw(server.port, b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", half_close=False)
    assert status_of(received) in (414, 431), received[:200]


def test_announced_bodies_that_are_too_large(server):
    """413 without waiting for the body."""
    started = time.monotonic()
    for path, host, length in [("/", "iam.amazonaws.com", 1 << 30), ("/test/x", "aaaaaaaaaa.execute-api.localhost", 1 << 30)]:
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n".encode()
        received, _ = raw(server.port, head, half_close=False)
        assert status_of(received) == 413, received[:200]
    assert time.monotonic() - started < 10


def test_chunked_body_without_end(server):
    """413 once the limit is passed, however the body is framed."""
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(b"POST /test/x HTTP/1.1\r\nHost: aaaaaaaaaa.execute-api.localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        try:
            for _ in range(64):
                connection.sendall(piece)
        except OSError:
            pass  # It has stopped reading: what it said is read below.
        try:
            received = connection.recv(4096)
        except OSError:
            received = b""
    assert received == b"" or status_of(received) in (403, 413), received[:200]


def test_large_parameters(server):
    """Values far beyond the model's lengths are refused by it."""
    assert iam_call(server, "Action=CreateUser&Version=2010-05-08&UserName=" + "x" * 1_000_000).status == 400
    assert logs_call(server, "CreateLogGroup", json.dumps({"logGroupName": "x" * 1_000_000})).status == 400


# ---- Bytes that are no requests ----

HOST = b"Host: localhost\r\n"
GARBAGE = [
    b"", b"\r\n\r\n", b"\x00" * 1000, b"\xff" * 1000, b"GET", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost",
    b"GET / HTTP/9.9\r\n\r\n", b"GET /\r\n\r\n", b"NOTHING\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"A\x00B: c\r\n\r\n", b"GET / HTTP/1.1\r\n" + HOST + b"A: c\x00d\r\n\r\n",
    b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999999999999\r\n\r\n",
    b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n", b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\nonly this", b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\n",
    b"CONNECT example.com:443 HTTP/1.1\r\n" + HOST + b"\r\n", b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET http://127.0.0.1/ HTTP/1.1\r\n" + HOST + b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET //// HTTP/1.1\r\nHost: \r\n\r\n",
    b"GET /%zz%00%ff?%=&&=%f HTTP/1.1\r\n" + HOST + b"\r\n", b"GET /../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 100, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 100,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 600, b"\x16" + b"\x00" * 50, b"\x16\x03\x01\xff\xff" + b"\x01" * 70_000,
    b"GET /_loggia/lambda/code/../../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", b"GET /_loggia/lambda/code/1/2/3/4 HTTP/1.1\r\n" + HOST + b"\r\n",
]  # fmt: skip


@pytest.mark.parametrize("data", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage(server, data):
    """A 4xx or a closed connection, soon; never a 5xx."""
    received, is_closed = raw(server.port, data, timeout_s=8)
    status = status_of(received)
    assert is_closed, f"not closed: {received[:200]}"
    assert status is None or status < 500, received[:200]


ODD_TARGETS = [
    b"/test/a?%zz=%ff&a=%e4&=&&=x&%", b"/test/a?" + b"&" * 5000, b"/test/a?" + b"k=v&" * 3000, b"/test/%2e%2e/%2e%2e/etc/passwd", b"/test//a//b",
    b"/test/../../a", b"/test/a%00b", b"/test/%ff%fe", b"/test/a;b=c", b"/test/a%2Fb", b"/test/" + b"x/" * 2000, b"/test/{proxy+}", b"/%74est/a", b"//", b"/test",
    b"/test/a b", b"/test/\xe4\xbd\xa0", b"/test/a?\xe4\xbd\xa0=\xff", b"/test/a#fragment", b"/test/$LATEST?${stageVariables.x}=$context",
]  # fmt: skip
ODD_HEADERS = [
    b"X-Latin: \xe9\r\n", b"X-Bytes: \xff\xfe\x80\r\n", b"X-Empty:\r\n", b"X-Tab: a\tb\r\n", b"X-" + b"n" * 5000 + b": v\r\n",
    b"X-Forwarded-For: " + b"1.2.3.4, " * 500 + b"x\r\n", b"Content-Type: \xff\r\n", b"Accept: ;;;,,,\r\n", b"X-Amzn-Trace-Id: Root=;;;\xff\r\n",
    b"Expect: 100-continue\r\n", b"Connection: upgrade\r\nUpgrade: websocket\r\n", b"Range: bytes=5-1\r\n", b"Cookie: a=b; a=b; =;\r\n",
]  # fmt: skip


def test_odd_requests_to_an_api(server, cloud):
    """Whatever a client sends, the function gets a JSON event, or the client a 4xx."""
    function = cloud.python("import json\ndef handler(event, context): return {'body': json.dumps(event)}")
    api = cloud.api().proxy("ANY", "/{proxy+}", function).deploy()
    host = f"Host: {api.id}.execute-api.localhost\r\n".encode()
    for target in ODD_TARGETS:
        received, is_closed = raw(server.port, b"GET " + target + b" HTTP/1.1\r\n" + host + b"\r\n")
        assert is_closed and status_of(received) is not None and status_of(received) < 500, (target, received[:300])
    for header in ODD_HEADERS:
        received, is_closed = raw(server.port, b"GET /test/a HTTP/1.1\r\n" + host + header + b"\r\n")
        assert is_closed and status_of(received) in (200, 400), (header, received[:300])


def test_two_framings_are_refused(server):
    """Content-Length beside Transfer-Encoding, with a second request behind: not two answers (request smuggling)."""
    smuggled = b"GET /_loggia/health HTTP/1.1\r\nHost: a\r\n\r\n"
    data = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled
    received, is_closed = raw(server.port, data)
    assert (status_of(received), is_closed) == (400, True)
    assert received.count(b"HTTP/1.1 ") == 1, received


@pytest.mark.parametrize(
    "headers",
    [b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"Host: other\r\n"],
)
def test_ambiguous_requests_are_refused(server, headers):
    received, is_closed = raw(server.port, b"POST / HTTP/1.1\r\n" + HOST + headers + b"\r\n0\r\n\r\n")
    assert (status_of(received), is_closed) == (400, True), received


def test_long_heads_of_requests_to_an_api(server, cloud):
    """AWS: 10,240 bytes for the request's line and header values."""
    api = cloud.api().mock("GET", "/a").deploy()
    assert api.call("GET", "/a", {"X-Long": "x" * 9000}).status == 200
    for answer in [api.call("GET", "/a", {"X-Long": "x" * 10240}), api.call("GET", "/a?" + "x" * 10240)]:
        assert (answer.status, answer.json()) == (431, {"message": "HTTP header is larger than 10240 bytes."})


def test_half_sent_requests_harm_nobody(server):
    """Fifty clients that stop in the middle of a head or a body: others are served meanwhile."""
    held = []
    for number in range(50):
        connection = socket.create_connection(("127.0.0.1", server.port), 5)
        body = b"Content-Length: 1000\r\n\r\nhalf" if number % 2 else b""
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\n" + body)
        held.append(connection)
    for _ in range(5):
        assert wire.request(server.port, "GET", "/_loggia/health", timeout_s=5).status == 200
    for connection in held:
        connection.close()


def test_mutated_requests(server):
    """Six hundred requests with random damage: never a 5xx but 501, never a hang."""
    dice = random.Random(20250101)
    bodies = {
        "logs": json.dumps({"logGroupName": "/a", "limit": 5, "logGroupNamePrefix": "/x"}),
        "iam": "Action=ListRoles&Version=2010-05-08&MaxItems=5&PathPrefix=%2Fa%2F",
        "apigateway": json.dumps({"name": "x", "tags": {"a": "b"}, "endpointConfiguration": {"types": ["REGIONAL"]}, "binaryMediaTypes": ["a/b"]}),
        "lambda": json.dumps({"FunctionName": "x", "Runtime": "python3.11", "Role": "arn:aws:iam::000000000000:role/r", "Code": {"ZipFile": "UEsF"},
                              "Handler": "a.b", "Environment": {"Variables": {"A": "b"}}, "Layers": ["arn:aws:lambda:us-east-1:1:layer:a:1"]}),
    }  # fmt: skip
    targets = {"logs": "/", "iam": "/", "apigateway": "/restapis", "lambda": FUNCTIONS}
    headers = {"logs": {"X-Amz-Target": "Logs_20140328.FilterLogEvents", "Content-Type": JSON11}, "iam": {"Content-Type": FORM}}
    pieces = [b'"', b"{", b"}", b"[", b"null", b"1e999", b"-1", b"\\u0000", b"\\ud800", b"\xff", b"\x00", b"%", b"&", b"=", b"true", b""]
    for number in range(600):
        service = dice.choice(list(bodies))
        body = bytearray(bodies[service].encode())
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(body) + 1)
            body[at : at + dice.randint(0, 6)] = dice.choice(pieces)
        answer = signed(server.port, service, "POST", targets[service], bytes(body), headers.get(service, {}), timeout_s=10)
        assert answer.status < 500 or answer.status == 501, (number, service, bytes(body), answer)
