"""Lambda proxy integration of REST APIs: the event, field by field, and how answers become responses."""

import base64
import datetime
import json
import re
import socket

import pytest

from cloud import ACCOUNT, REGION, refused
from wire import execute, request

ECHO = """
    import json

    def handler(event, context):
        return {"statusCode": 200, "body": json.dumps(event, ensure_ascii=False)}
"""
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
EVENT_KEYS = {
    "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters",
    "pathParameters", "stageVariables", "requestContext", "body", "isBase64Encoded",
}  # fmt: skip
CONTEXT_KEYS = {
    "resourceId", "resourcePath", "httpMethod", "extendedRequestId", "requestTime", "path", "accountId", "protocol", "stage",
    "domainPrefix", "requestTimeEpoch", "requestId", "identity", "domainName", "deploymentId", "apiId",
}  # fmt: skip
IDENTITY_NULLS = {
    "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "principalOrgId", "accessKey", "cognitoAuthenticationType",
    "cognitoAuthenticationProvider", "userArn", "user",
}  # fmt: skip

pytestmark = pytest.mark.usefixtures("alive")


@pytest.fixture(scope="module")
def echo(cloud):
    """An API that answers with its event: /users, /users/{userId}, three named parts, {proxy+}."""
    function = cloud.python(ECHO)
    api = cloud.api()
    for path in ["/users", "/users/{userId}", "/{department}/{produce-category}/{product-type}", "/welcome/{proxy+}"]:
        api.proxy("ANY", path, function)
    return api.deploy(variables={"color": "blue"})


@pytest.fixture(scope="module")
def plain(cloud):
    """Like `echo`, with one resource and a stage without variables."""
    return cloud.api().proxy("ANY", "/users", cloud.python(ECHO)).deploy()


def test_event_has_every_field_and_no_other(plain):
    """000-018 … 000-026, 001-042, 001-046: keys exactly AWS's; null where there is nothing."""
    event = plain.call("GET", "/users").json()
    assert set(event) == EVENT_KEYS
    assert set(event["requestContext"]) == CONTEXT_KEYS
    assert set(event["requestContext"]["identity"]) == IDENTITY_NULLS | {"sourceIp", "userAgent"}
    absent = ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body"]
    assert {name: event[name] for name in absent} == dict.fromkeys(absent)
    assert event["isBase64Encoded"] is False
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/users", "/users", "GET")


def test_request_context(echo):
    """001-030 … 001-041, 000-026: each value of requestContext."""
    before = datetime.datetime.now(datetime.timezone.utc)
    answer = echo.call("GET", "/users/7", {"User-Agent": "suite/1"})
    context = answer.json()["requestContext"]
    stage = echo.gateway.get_stage(restApiId=echo.id, stageName="test")
    domain = f"{echo.id}.execute-api.localhost"
    expected = {
        "resourceId": echo.resources["/users/{userId}"], "resourcePath": "/users/{userId}", "httpMethod": "GET", "path": "/test/users/7",
        "accountId": ACCOUNT, "protocol": "HTTP/1.1", "stage": "test", "domainName": domain, "domainPrefix": echo.id,
        "deploymentId": stage["deploymentId"], "apiId": echo.id,
    }  # fmt: skip
    assert {name: context[name] for name in expected} == expected
    assert UUID.fullmatch(context["requestId"])
    assert context["requestId"] == answer.header("x-amzn-RequestId")
    assert context["extendedRequestId"] == answer.header("x-amz-apigw-id") != context["requestId"]
    moment = datetime.datetime.strptime(context["requestTime"], "%d/%b/%Y:%H:%M:%S %z")
    assert moment.timestamp() == context["requestTimeEpoch"] // 1000
    assert abs(moment - before) < datetime.timedelta(seconds=30)
    assert (context["identity"]["sourceIp"], context["identity"]["userAgent"]) == ("127.0.0.1", "suite/1")
    assert {context["identity"][name] for name in IDENTITY_NULLS} == {None}


def test_request_ids_are_fresh(plain):
    """001-039: unique for each request."""
    ids = {plain.call("GET", "/users").json()["requestContext"]["requestId"] for _ in range(5)}
    assert len(ids) == 5


def test_headers_keep_their_case(plain):
    """000-021, 001-026, 001-027, 001-043, 001-044: names as sent, the last value in headers, all in multiValueHeaders."""
    sent = [("header1", "value1"), ("header2", "value1"), ("header2", "value2"), ("X-MiXed-Case", "é".encode()), ("Accept", "a/b")]
    event = plain.call("GET", "/users", sent).json()
    assert event["headers"]["header1"] == "value1" and event["multiValueHeaders"]["header1"] == ["value1"]
    assert event["headers"]["header2"] == "value2" and event["multiValueHeaders"]["header2"] == ["value1", "value2"]
    assert event["headers"]["Accept"] == "a/b"
    assert "X-MiXed-Case" in event["headers"]
    assert set(event["headers"]) == set(event["multiValueHeaders"])
    assert all(type(value) is str for value in event["headers"].values())


def test_added_headers_tell_the_truth(plain):
    """Client-supplied headers are not believed: the peer's address is appended and is the sourceIp."""
    event = plain.call("GET", "/users", {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "1"}).json()
    assert event["headers"]["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1"
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert (event["headers"]["X-Forwarded-Proto"], event["headers"]["X-Forwarded-Port"]) == ("http", str(plain.cloud.port))
    assert event["headers"]["Host"] == f"{plain.id}.execute-api.localhost"
    assert event["headers"]["X-Amzn-Trace-Id"].startswith("Root=1-")


def test_query_is_decoded(plain):
    """000-022, 001-028, 001-029: decoded pairs; the last one, and all."""
    event = plain.call("GET", "/users?parameter1=value1&parameter1=value2&parameter2=%E4%B8%AD%20%26&empty=").json()
    assert event["queryStringParameters"] == {"parameter1": "value2", "parameter2": "中 &", "empty": ""}
    expected = {"parameter1": ["value1", "value2"], "parameter2": ["中 &"], "empty": [""]}
    assert event["multiValueQueryStringParameters"] == expected


def test_path_parameters(echo):
    """000-023, 001-015, 001-017, 001-018: one segment for each name, hyphens too; the rest for {proxy+}."""
    found = {path: echo.call("GET", path).json() for path in ["/users/456", "/produce/fruit/apple", "/welcome/a/b/c"]}
    assert {path: event["pathParameters"] for path, event in found.items()} == {
        "/users/456": {"userId": "456"},
        "/produce/fruit/apple": {"department": "produce", "produce-category": "fruit", "product-type": "apple"},
        "/welcome/a/b/c": {"proxy": "a/b/c"},
    }
    assert found["/welcome/a/b/c"]["resource"] == "/welcome/{proxy+}"


def test_stage_variables_and_configuration_data(echo):
    """000-040, 001-004: event.stageVariables has the stage's."""
    assert echo.call("GET", "/users").json()["stageVariables"] == {"color": "blue"}


def test_body_is_text(plain):
    """000-024, 000-025: the body's text, also on GET."""
    for method in ["POST", "GET", "PUT", "DELETE", "PATCH"]:
        event = plain.call(method, "/users", {"Content-Type": "application/json"}, '{"名": "字"}').json()
        assert (event["body"], event["isBase64Encoded"], event["httpMethod"]) == ('{"名": "字"}', False, method)


def test_every_method_by_any(plain):
    """001-007, 001-011: ANY takes every method; HEAD has no body."""
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]:
        assert plain.call(method, "/users").json()["httpMethod"] == method
    answer = plain.call("HEAD", "/users")
    assert (answer.status, answer.body) == (200, b"")


def test_three_forms_of_the_url(plain):
    """000-042, 000-043: host name with any suffix, and the two path forms, reach the same stage."""
    port = plain.cloud.port
    hosts = [f"{plain.id}.execute-api.{suffix}" for suffix in ("us-east-1.amazonaws.com", f"localhost.localstack.cloud:{port}")]
    answers = [request(port, "GET", "/test/users?a=1", host=host) for host in hosts]
    paths = [f"/_aws/execute-api/{plain.id}/test/users?a=1", f"/restapis/{plain.id}/test/_user_request_/users?a=1"]
    answers += [request(port, "GET", path) for path in paths]
    for event in [answer.json() for answer in answers]:
        assert (event["path"], event["requestContext"]["path"], event["requestContext"]["apiId"]) == ("/users", "/test/users", plain.id)
        assert event["queryStringParameters"] == {"a": "1"}


def test_nothing_is_served_before_deployment(cloud):
    """000-036, 004-009: 403 before, 200 after; any stage name; a stage keeps its snapshot."""
    api = cloud.api().mock("GET", "/a")
    assert (api.call("GET", "/a").status, api.call("GET", "/a").json()) == (403, {"message": "Forbidden"})
    api.deploy("dev")
    api.mock("GET", "/b")
    api.deploy("prod")
    found = {(stage, path): api.call("GET", path, stage=stage).status for stage in ("dev", "prod") for path in ("/a", "/b")}
    assert found == {("dev", "/a"): 200, ("dev", "/b"): 403, ("prod", "/a"): 200, ("prod", "/b"): 200}


def test_deployment_without_methods_is_refused(cloud):
    """000-038: BadRequestException."""
    with refused("BadRequestException", 400) as error:
        cloud.api().deploy()
    assert error.message == "The REST API doesn't contain any methods"


def test_greedy_and_precedence(cloud):
    """001-012, 001-013, 001-014, 001-019: {proxy+} serves all below but not the root; a fixed path and a method of its own go first."""
    api = cloud.api().mock("GET", "/{proxy+}", '"greedy"').mock("GET", "/produce/{kind}", '"kind"').mock("GET", "/produce/fruit", '"fruit"')
    api.mock("ANY", "/res", '"any"').mock("POST", "/res", '"post"').deploy()
    expected = {"/a": "greedy", "/produce/x/y": "greedy", "/produce/x": "kind", "/produce/fruit": "fruit", "/res": "any"}
    assert {path: api.call("GET", path).json() for path in expected} == expected
    assert api.call("POST", "/res").json() == "post"
    assert [api.call("GET", "").status, api.call("GET", "/").status, api.call("PUT", "/a").status] == [403, 403, 403]


# ---- Answers ----


def answering(cloud, outputs, **api):
    """An API whose function returns `outputs[n]` for /o?n=…"""
    source = f"""
    import json

    OUTPUTS = json.loads({json.dumps(outputs)!r})

    def handler(event, context):
        return OUTPUTS[int(event["queryStringParameters"]["n"])]
    """
    return cloud.api(**api).proxy("ANY", "/o", cloud.python(source)).deploy()


def test_both_header_maps_are_merged(cloud):
    """001-051 … 001-056: each field takes effect; a pair in both maps appears once; the body is handed on byte for byte."""
    both = {
        "statusCode": 201, "headers": {"X-One": "1", "X-Two": "a"}, "multiValueHeaders": {"X-Two": ["a", "b"], "Set-Cookie": ["c=1", "d=2"]},
        "body": "成功 \n\t\u0000 \"", "isBase64Encoded": False,
    }  # fmt: skip
    api = answering(cloud, [both, {"body": "only"}, {"statusCode": 204}, {}, {"statusCode": "202", "body": None, "headers": None}])
    answer = api.call("GET", "/o?n=0")
    assert (answer.status, answer.header("x-one"), answer.values("x-two")) == (201, "1", ["a", "b"])
    assert answer.values("set-cookie") == ["c=1", "d=2"]
    assert answer.text == both["body"]
    statuses = [(found.status, found.body) for found in [api.call("GET", f"/o?n={n}") for n in (1, 2, 3, 4)]]
    assert statuses == [(200, b"only"), (204, b""), (200, b""), (202, b"")]
    assert api.call("GET", "/o?n=1").header("content-type") == "application/json"


MALFORMED = [
    "text", ["list"], 7, None, {"foo": 1}, {"statusCode": "abc"}, {"statusCode": 200, "body": {"a": 1}},
    {"statusCode": 200, "headers": ["a"]}, {"statusCode": 200, "headers": {"a": ["b"]}}, {"statusCode": 200, "isBase64Encoded": "yes"},
]  # fmt: skip


def test_malformed_answers_are_bad_gateways(cloud):
    """001-059: 502 {"message": "Internal server error"}, and a right one is not."""
    api = answering(cloud, [*MALFORMED, {"statusCode": 200}])
    found = {n: api.call("GET", f"/o?n={n}") for n in range(len(MALFORMED) + 1)}
    assert found.pop(len(MALFORMED)).status == 200
    wrong = [MALFORMED[n] for n, answer in found.items() if answer.status != 502]
    assert wrong == []
    assert [answer for answer in found.values() if answer.json() != {"message": "Internal server error"}] == []
    assert {answer.header("x-amzn-ErrorType") for answer in found.values()} == {"InternalServerErrorException"}


def test_list_as_body_is_malformed(cloud):
    """004-033: {body: data} with a list is 502 through a proxy method."""
    answer = answering(cloud, [{"body": [{"id": 1}]}]).call("GET", "/o?n=0")
    assert (answer.status, answer.json()) == (502, {"message": "Internal server error"})


BYTES = bytes(range(256))


def test_binary_both_ways(cloud):
    """001-057, 001-058: a binary media type gives base64 to the function and bytes to the client; other types are text."""
    echo = cloud.python(ECHO)
    image = cloud.python(f"""
    def handler(event, context):
        return {{"body": "{base64.b64encode(BYTES).decode()}", "isBase64Encoded": True, "headers": {{"Content-Type": "image/png"}}}}
    """)
    api = cloud.api(binaryMediaTypes=["image/png"]).proxy("POST", "/echo", echo).proxy("GET", "/image", image).deploy()
    event = api.call("POST", "/echo", {"Content-Type": "image/png"}, BYTES).json()
    assert (event["isBase64Encoded"], base64.b64decode(event["body"])) == (True, BYTES)
    event = api.call("POST", "/echo", {"Content-Type": "text/plain"}, "text").json()
    assert (event["isBase64Encoded"], event["body"]) == (False, "text")
    assert api.call("GET", "/image", {"Accept": "image/png"}).body == BYTES
    assert api.call("GET", "/image", {"Accept": "text/plain"}).body == base64.b64encode(BYTES)


def test_everything_binary(cloud):
    """001-057: */* as binary media type."""
    api = answering(cloud, [{"body": base64.b64encode(BYTES).decode(), "isBase64Encoded": True}], binaryMediaTypes=["*/*"])
    assert api.call("GET", "/o?n=0").body == BYTES
    assert api.call("GET", "/o?n=0", {"Accept": "text/html"}).body == BYTES


def test_without_binary_media_types_base64_stays(cloud):
    """001-057: without the media type the base64 text."""
    api = answering(cloud, [{"body": "aGVsbG8=", "isBase64Encoded": True}])
    assert api.call("GET", "/o?n=0", {"Accept": "*/*"}).body == b"aGVsbG8="


# ---- Errors of the integration ----


def test_integration_timeout(cloud, gate):
    """001-066: 504 {"message": "Endpoint request timed out"} when the limit is over, not later; the function goes on."""
    function = cloud.python("""
    import socket

    def handler(event, context):
        with socket.create_connection(("127.0.0.1", int(event["queryStringParameters"]["gate"]))) as gate:
            gate.sendall(b"here")
            gate.recv(1)
        return {"body": "late"}
    """)
    api = cloud.api().proxy("GET", "/slow", function, timeoutInMillis=400).deploy()
    answer = api.call("GET", f"/slow?gate={gate.port}", timeout_s=10)
    assert (answer.status, answer.json()) == (504, {"message": "Endpoint request timed out"})
    gate.wait()


def test_function_errors_are_bad_gateways(cloud):
    """000-061, 001-059: raised errors, time-outs and exits are 502."""
    function = cloud.python(
        """
    import os

    def handler(event, context):
        how = event["queryStringParameters"]["how"]
        if how == "raise":
            raise ValueError("no")
        if how == "exit":
            os._exit(3)
        while True:
            pass
    """,
        Timeout=1,
    )
    api = cloud.api().proxy("GET", "/f", function).deploy()
    for how in ["raise", "exit", "loop"]:
        answer = api.call("GET", f"/f?how={how}")
        assert (answer.status, answer.json()) == (502, {"message": "Internal server error"}), how


def test_permission_is_needed(cloud):
    """002-030, 002-031: without a statement 500; one for GET /a lets only that method in; removed, it is over."""
    function = cloud.python("def handler(event, context): return {'body': 'in'}")
    api = cloud.api()
    for path in ("/a", "/b"):
        api.method("GET", path, type="AWS_PROXY", integrationHttpMethod="POST", uri=api.function_uri(function.arn))
    api.deploy()
    assert (api.call("GET", "/a").status, api.call("GET", "/a").json()) == (500, {"message": "Internal server error"})
    source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.id}/*/GET/a"
    permission = {"FunctionName": function.name, "StatementId": "one"}
    more = {"Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com", "SourceArn": source}
    cloud.functions.add_permission(**permission, **more)
    assert (api.call("GET", "/a").status, api.call("GET", "/b").status) == (200, 500)
    policy = json.loads(cloud.functions.get_policy(FunctionName=function.name)["Policy"])
    assert policy["Statement"][0]["Condition"] == {"ArnLike": {"AWS:SourceArn": source}}
    cloud.functions.remove_permission(**permission)
    assert api.call("GET", "/a").status == 500


def test_alias_by_stage_variable(cloud):
    """000-041, 002-065: ${stageVariables.lambdaAlias} in the function's ARN, without a new deployment; no permission or alias: 500."""
    function = cloud.python("def handler(event, context): return {'body': 'one'}")
    publish = lambda: cloud.functions.publish_version(FunctionName=function.name)["Version"]  # noqa: E731
    versions = {"PROD": publish()}
    function.update(index="def handler(event, context): return {'body': 'two'}")
    versions |= {"DEV": publish()}
    versions["CLOSED"] = versions["DEV"]
    api = cloud.api()
    for alias, version in versions.items():
        cloud.functions.create_alias(FunctionName=function.name, Name=alias, FunctionVersion=version)
        if alias != "CLOSED":
            function.allow(api, Qualifier=alias)
    uri = api.function_uri(function.arn + ":${stageVariables.lambdaAlias}")
    api.method("GET", "/v", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri).deploy(variables={"lambdaAlias": "PROD"})
    found = {"PROD": api.call("GET", "/v").text}
    for alias in ["DEV", "CLOSED", "NOBODY"]:
        api.patch_stage("test", ("/variables/lambdaAlias", alias))
        answer = api.call("GET", "/v")
        found[alias] = answer.text if answer.status == 200 else answer.status
    assert found == {"PROD": "one", "DEV": "two", "CLOSED": 500, "NOBODY": 500}


def test_throttling(cloud):
    """000-046: above rate and burst 429; a method with its own setting is not touched."""
    api = cloud.api().mock("GET", "/a").mock("GET", "/b").deploy()
    own = [("/~1b/GET/throttling/rateLimit", "1000"), ("/~1b/GET/throttling/burstLimit", "1000")]
    api.patch_stage("test", ("/*/*/throttling/rateLimit", "1"), ("/*/*/throttling/burstLimit", "2"), *own)
    answers = [api.call("GET", "/a") for _ in range(12)]
    limited = [answer for answer in answers if answer.status == 429]
    assert answers[0].status == 200 and len(limited) >= 6
    assert [answer for answer in limited if answer.json() != {"message": "Too Many Requests"}] == []
    assert {api.call("GET", "/b").status for _ in range(12)} == {200}


# ---- Limits ----


def test_body_limits(plain):
    """000-061: 10 MB for API Gateway, 6 MB for a function: 413 in AWS's words."""
    for megabytes, text in [(7, "Request Too Long"), (11, "HTTP content length exceeded 10485760 bytes.")]:
        answer = plain.call("POST", "/users", body=b"x" * (megabytes * 1024 * 1024))
        assert answer.status == 413 and text in answer.text, answer
    assert plain.call("GET", "/users").status == 200


def test_host_of_no_api(plain):
    """000-042: a request to a host of no API is 403 Forbidden."""
    answer = execute(plain.cloud.port, "zzzzzzzzzz", "GET", "/test/users")
    assert (answer.status, answer.json()) == (403, {"message": "Forbidden"})


# ---- Connections ----


def read_answers(connection, count):
    """The bodies of `count` answers on one connection, by their Content-Length."""
    received, bodies = b"", []
    while len(bodies) < count:
        head, end, rest = received.partition(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1]) if end else None
        if length is not None and len(rest) >= length:
            bodies.append(json.loads(rest[:length]))
            received = rest[length:]
            continue
        part = connection.recv(65536)
        assert part, f"closed after {len(bodies)} answers: {received!r}"
        received += part
    return bodies


def test_header_case_on_a_used_connection(plain):
    """000-021: the case of names is that of each request, however many came before on the connection, in pieces or all at once."""
    host = f"Host: {plain.id}.execute-api.localhost\r\n"
    confusing = "\r\n\r\nGET /test/users HTTP/1.1\r\nX-FaLse: 1\r\n\r\n"
    requests = [
        f"POST /test/users HTTP/1.1\r\n{host}X-One: 1\r\nContent-Length: {len(confusing)}\r\n\r\n{confusing}",
        f"POST /test/users HTTP/1.1\r\n{host}x-ONE: 2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n{len(confusing):x}\r\n{confusing}\r\n0\r\n\r\n",
        f"GET /test/users HTTP/1.1\r\n{host}x-one: 3\r\n\r\n",
        f"GET /test/users HTTP/1.1\r\nhOsT: {plain.id}.execute-api.localhost\r\nX-one: 4\r\nX-oNe: 5\r\n\r\n",
    ]
    expected = [("X-One", "1", confusing), ("x-ONE", "2", "abc" + confusing), ("x-one", "3", None), ("X-one", "5", None)]
    whole = "".join(requests).encode()
    for size in (len(whole), 700, 7):
        with socket.create_connection(("127.0.0.1", plain.cloud.port), 20) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(whole), size):
                connection.sendall(whole[at : at + size])
            events = read_answers(connection, len(requests))
        for event, (name, value, body) in zip(events, expected):
            found = {known: value for known, value in event["headers"].items() if known.lower() == "x-one"}
            assert (found, event["body"]) == ({name: value}, body), f"pieces of {size}"


def test_large_bodies_both_ways(plain):
    """001-056: megabytes of text there and back, whole."""
    text = "字x" * 700_000
    answer = plain.call("POST", "/users", {"Content-Type": "text/plain"}, text)
    assert answer.json()["body"] == text
