"""A server seen as an AWS account: boto3 clients, functions, REST APIs, and gates that hold functions while tests look."""

import base64
import io
import itertools
import json
import pathlib
import socket
import textwrap
import zipfile

import boto3
import botocore.config
from botocore.exceptions import ClientError

import wire

ACCOUNT = "000000000000"
REGION = "us-east-1"
HANDLERS = pathlib.Path(__file__).resolve().parent / "handlers"
# One answer for one request: what the server says is what the test sees.
CONFIG = botocore.config.Config(
    retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=60, max_pool_connections=50, inject_host_prefix=False
)
_names = itertools.count(1)


def unique(prefix):
    """A name that no other test has."""
    return f"{prefix}-{next(_names)}"


def make_zip(files):
    """A deployment package; names that end in `!` are executable, without the mark. Sources may be indented."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            is_executable = name.endswith("!")
            info = zipfile.ZipInfo(name.rstrip("!"), (2024, 1, 1, 0, 0, 0))
            info.external_attr = (0o100755 if is_executable else 0o100644) << 16
            package.writestr(info, textwrap.dedent(content) if isinstance(content, str) else content)
    return buffer.getvalue()


def trust(service="lambda.amazonaws.com", principal=None):
    """A role's trust policy."""
    statement = {"Effect": "Allow", "Principal": principal or {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def allow(*actions, resource="*", effect="Allow"):
    """A policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": list(actions), "Resource": resource}]})


class Refused:
    """`with refused("Code", 400) as error:` expects boto3 to raise that error; its message is `error.message` afterwards."""

    def __init__(self, code, status=None):
        self.code, self.status, self.message, self.response = code, status, None, None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        assert kind is not None, f"expected {self.code}, but the call succeeded"
        if not isinstance(error, ClientError):
            return False
        found = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert found == (self.code, self.status or found[1]), f"expected {self.code} {self.status}, got {found}: {error}"
        self.message, self.response = error.response["Error"].get("Message", ""), error.response
        return True


refused = Refused


class Cloud:
    """One account of a running server."""

    def __init__(self, server, key=("test", "test", None), region=REGION):
        self.server, self.key, self.region = server, key, region
        self.session = boto3.session.Session()
        self._clients, self._role = {}, None

    @property
    def port(self):
        return self.server.port

    def client(self, service, key=None, region=None):
        key, region = key or self.key, region or self.region
        if (service, key, region) not in self._clients:
            self._clients[service, key, region] = self.session.client(
                service,
                region_name=region,
                endpoint_url=self.server.url,
                aws_access_key_id=key[0],
                aws_secret_access_key=key[1],
                aws_session_token=key[2],
                config=CONFIG,
            )
        return self._clients[service, key, region]

    def with_key(self, key):
        """The same server for other credentials."""
        other = Cloud(self.server, key, self.region)
        other.session = self.session
        return other

    apigateway = property(lambda self: self.client("apigateway"))
    functions = property(lambda self: self.client("lambda"))
    iam = property(lambda self: self.client("iam"))
    sts = property(lambda self: self.client("sts"))
    logs = property(lambda self: self.client("logs"))

    @property
    def role(self):
        """A role for functions, without any policy."""
        if self._role is None:
            self._role = self.make_role(unique("functions"))
        return self._role

    def make_role(self, name, *policies, trusts=None):
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusts or trust())["Role"]["Arn"]
        for number, policy in enumerate(policies):
            self.iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=policy)
        return arn

    def make_user(self, name, *policies):
        """A user with an access key: (key, secret, None)."""
        self.iam.create_user(UserName=name)
        for number, policy in enumerate(policies):
            self.iam.put_user_policy(UserName=name, PolicyName=f"p{number}", PolicyDocument=policy)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"], None

    def python(self, source, **settings):
        """A Python function out of one source, with `handler` in it."""
        files = {"index.py": source, **settings.pop("files", {})}
        return self.function(files, Runtime="python3.11", **settings)

    def node(self, source, **settings):
        """A Node.js function out of one CommonJS source, with `exports.handler`."""
        files = {"index.js": source, **settings.pop("files", {})}
        return self.function(files, Runtime="nodejs20.x", **settings)

    def function(self, files, **settings):
        settings = {"FunctionName": unique("f"), "Handler": "index.handler", "Timeout": 20, "Role": None} | settings
        settings["Role"] = settings["Role"] or self.role
        made = self.functions.create_function(Code={"ZipFile": make_zip(files)}, **settings)
        return Function(self, made["FunctionName"], made["FunctionArn"])

    def api(self, **settings):
        return Api(self, **settings)


class Answer:
    """What Invoke answered."""

    def __init__(self, response):
        self.status = response["StatusCode"]
        self.error = response.get("FunctionError")
        self.version = response.get("ExecutedVersion")
        self.request_id = response["ResponseMetadata"]["RequestId"]
        self.bytes = response["Payload"].read()
        self.tail = base64.b64decode(response.get("LogResult", "")).decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.bytes)

    def __repr__(self):
        return f"<{self.status} {self.error} {self.bytes[:2000]!r} {self.tail}>"


class Function:
    def __init__(self, cloud, name, arn):
        self.cloud, self.name, self.arn = cloud, name, arn

    @property
    def log_group(self):
        return f"/aws/lambda/{self.name}"

    def invoke(self, event=None, tail=False, **more):
        if tail:
            more["LogType"] = "Tail"
        payload = event if isinstance(event, bytes) else json.dumps(event)
        return Answer(self.cloud.functions.invoke(FunctionName=self.name, Payload=payload, **more))

    def value(self, event=None, **more):
        """The result of an invocation that must succeed."""
        answer = self.invoke(event, **more)
        assert answer.error is None, answer
        return answer.json

    def update(self, **files):
        """New code, ready to run."""
        files = {f"{name}.py" if "." not in name else name: source for name, source in files.items()}
        self.cloud.functions.update_function_code(FunctionName=self.name, ZipFile=make_zip(files))

    def configure(self, **settings):
        self.cloud.functions.update_function_configuration(FunctionName=self.name, **settings)

    def allow(self, api, path="*", **more):
        """Lets an API call it."""
        source = f"arn:aws:execute-api:{self.cloud.region}:{ACCOUNT}:{api.id}/{path}"
        self.cloud.functions.add_permission(
            FunctionName=self.name,
            StatementId=unique("s"),
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=source,
            **more,
        )

    def messages(self):
        """The lines of its log, from all streams."""
        try:
            pages = self.cloud.logs.get_paginator("filter_log_events").paginate(logGroupName=self.log_group)
            return [event["message"] for page in pages for event in page["events"]]
        except self.cloud.logs.exceptions.ResourceNotFoundException:
            return []


class Api:
    """A REST API being built, and called."""

    def __init__(self, cloud, **settings):
        self.cloud, self.gateway = cloud, cloud.apigateway
        made = self.gateway.create_rest_api(**{"name": unique("api"), "endpointConfiguration": {"types": ["REGIONAL"]}} | settings)
        self.id = made["id"]
        self.resources = {"/": made["rootResourceId"]}
        self._allowed = set()

    def resource(self, path):
        """The id of a resource, made with all above it if it is not there."""
        if path not in self.resources:
            above, _, part = path.rpartition("/")
            made = self.gateway.create_resource(restApiId=self.id, parentId=self.resource(above or "/"), pathPart=part)
            self.resources[path] = made["id"]
        return self.resources[path]

    def at(self, method, path):
        return {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": method}

    def method(self, method, path, **integration):
        """A method without authorization, and its integration."""
        where = self.at(method, path)
        self.gateway.put_method(**where, authorizationType="NONE")
        self.gateway.put_integration(**where, **integration)
        return self

    def function_uri(self, arn):
        return f"arn:aws:apigateway:{self.cloud.region}:lambda:path/2015-03-31/functions/{arn}/invocations"

    def proxy(self, method, path, function, **more):
        """Lambda proxy integration of a function that is let be called."""
        if function.name not in self._allowed:
            function.allow(self)
            self._allowed.add(function.name)
        uri = self.function_uri(function.arn)
        return self.method(method, path, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri, **more)

    def mock(self, method, path, body="{}", status="200"):
        """A mock that answers with a body."""
        self.method(method, path, type="MOCK", requestTemplates={"application/json": f'{{"statusCode": {status}}}'})
        where = self.at(method, path)
        self.gateway.put_method_response(**where, statusCode=status)
        self.gateway.put_integration_response(**where, statusCode=status, responseTemplates={"application/json": body})
        return self

    def deploy(self, stage="test", **settings):
        self.gateway.create_deployment(restApiId=self.id, stageName=stage, **settings)
        return self

    def patch_stage(self, stage, *replacements, op="replace"):
        operations = [{"op": op, "path": path, "value": value} for path, value in replacements]
        return self.gateway.update_stage(restApiId=self.id, stageName=stage, patchOperations=operations)

    def url(self, path, stage="test"):
        return f"{self.cloud.server.url}/_aws/execute-api/{self.id}/{stage}{path}"

    def call(self, method, path, headers=(), body=None, stage="test", **options):
        return wire.execute(self.cloud.port, self.id, method, f"/{stage}{path}", headers, body, **options)


# A handler that tells the test that it runs, and waits until it is let go.
GATED = """
    import socket

    count = 0

    def handler(event, context):
        global count
        count += 1
        with socket.create_connection(("127.0.0.1", event["gate"])) as gate:
            gate.sendall(b"here")
            gate.recv(1)
        return {"count": count, "requestId": context.aws_request_id}
"""


class Gate:
    """Where gated functions come by."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.held = []

    def wait(self, count=1, timeout_s=30):
        """Waits until `count` more functions are held at once."""
        self.listener.settimeout(timeout_s)
        for _ in range(count):
            connection, _ = self.listener.accept()
            connection.settimeout(timeout_s)
            assert connection.recv(4) == b"here"
            self.held.append(connection)

    def open(self):
        """Lets those go that are held."""
        for connection in self.held:
            try:
                connection.sendall(b"!")
            except OSError:
                pass  # Its function has ended meanwhile.
            connection.close()
        self.held.clear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open()
        self.listener.close()
