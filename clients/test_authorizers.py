"""Who may call a REST API: Lambda authorizers, requests that botocore signs, tokens of an issuer of the test's own."""

import base64
import http.server
import json
import subprocess
import threading
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

import wire
from cloud import ACCOUNT, REGION, allow

ECHO = """
    import json

    def handler(event, context):
        return {"statusCode": 200, "body": json.dumps(event["requestContext"])}
"""
# Lets the holder of a token GET /pets, and says how often it was asked.
TOKEN = """
    count = 0

    def handler(event, context):
        global count
        count += 1
        token = event["authorizationToken"]
        if token == "unauthorized":
            raise Exception("Unauthorized")
        if token == "broken":
            return {"principalId": "user"}
        api = event["methodArn"].split("/")[0]
        statement = {"Action": "execute-api:Invoke", "Effect": "Deny" if token == "deny" else "Allow", "Resource": f"{api}/*/GET/pets"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        return {"principalId": "user", "policyDocument": policy, "context": {"asked": count, "is": True, "who": token}}
"""
REQUEST = """
    def handler(event, context):
        assert event["type"] == "REQUEST" and event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
        statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}
        who = event["headers"]["Auth1"] + event["queryStringParameters"]["q"]
        return {"principalId": who, "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
"""

pytestmark = pytest.mark.usefixtures("alive")


def lambda_api(cloud, source, kind, identity, **settings):
    """An API with /pets behind a Lambda authorizer."""
    api, function, checker = cloud.api(), cloud.python(ECHO), cloud.python(source)
    checker.allow(api)
    made = api.gateway.create_authorizer(
        restApiId=api.id, name="check", type=kind, authorizerUri=api.function_uri(checker.arn), identitySource=identity, **settings
    )
    api.proxy("ANY", "/pets", function)
    guard(api, "/pets", "CUSTOM", made["id"])
    return api.deploy(), made["id"]


def guard(api, path, kind, authorizer=None, scopes=()):
    """Protects the method ANY of a path."""
    operations = [{"op": "replace", "path": "/authorizationType", "value": kind}]
    if authorizer:
        operations.append({"op": "replace", "path": "/authorizerId", "value": authorizer})
    operations += [{"op": "add", "path": "/authorizationScopes", "value": scope} for scope in scopes]
    api.gateway.update_method(**api.at("ANY", path), patchOperations=operations)


def test_a_token_authorizer_decides_by_policy_and_is_asked_once(cloud):
    api, _ = lambda_api(cloud, TOKEN, "TOKEN", "method.request.header.Authorization")
    first = api.call("GET", "/pets", {"Authorization": "good"}).json()["authorizer"]
    assert first | {"integrationLatency": 0} == {
        "principalId": "user", "asked": "1", "is": "true", "who": "good", "integrationLatency": 0,
    }  # fmt: skip
    again = api.call("GET", "/pets", {"Authorization": "good"}).json()["authorizer"]
    assert (again["asked"], again["integrationLatency"]) == ("1", 0)
    for method, token, status, body in [
        ("POST", "good", 403, {"Message": "User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action"}),
        ("GET", "deny", 403, {"Message": "User is not authorized to access this resource with an explicit deny in an identity-based policy"}),
        ("GET", "unauthorized", 401, {"message": "Unauthorized"}),
        ("GET", "", 401, {"message": "Unauthorized"}),
        ("GET", "broken", 500, {"message": None}),
    ]:  # fmt: skip
        answer = api.call(method, "/pets", {"Authorization": token})
        assert (answer.status, answer.json()) == (status, body), token
    assert api.call("GET", "/pets").status == 401


def test_flushing_a_stage_forgets_what_authorizers_said(cloud):
    api, _ = lambda_api(cloud, TOKEN, "TOKEN", "method.request.header.Authorization")
    asked = lambda: api.call("GET", "/pets", {"Authorization": "good"}).json()["authorizer"]["asked"]  # noqa: E731
    assert (asked(), asked()) == ("1", "1")
    api.gateway.flush_stage_authorizers_cache(restApiId=api.id, stageName="test")
    assert asked() == "2"


def test_a_request_authorizer_wants_all_of_its_sources(cloud):
    sources = "method.request.header.Auth1,method.request.querystring.q"
    api, authorizer = lambda_api(cloud, REQUEST, "REQUEST", sources, authorizerResultTtlInSeconds=0)
    assert api.call("GET", "/pets?q=1", {"Auth1": "a"}).json()["authorizer"]["principalId"] == "a1"
    for target, headers in [("/pets", {"Auth1": "a"}), ("/pets?q=1", {}), ("/pets?q=", {"Auth1": "a"})]:
        assert api.call("GET", target, headers).status == 401
    tried = api.gateway.test_invoke_authorizer(
        restApiId=api.id, authorizerId=authorizer, headers={"Auth1": "a"}, pathWithQueryString="/pets?q=1"
    )
    assert (tried["clientStatus"], tried["principalId"]) == (200, "a1")
    assert "Using valid authorizer policy for principal" in tried["log"]


def signed(cloud, api, method, target, key, body=b"", region=REGION):
    """A request that botocore signs for execute-api."""
    host = f"{api.id}.execute-api.localhost:{cloud.port}"
    credentials = botocore.credentials.Credentials(key["AccessKeyId"], key["SecretAccessKey"], key.get("SessionToken"))
    request = botocore.awsrequest.AWSRequest(method=method, url=f"http://{host}{target}", data=body)
    botocore.auth.SigV4Auth(credentials, "execute-api", region).add_auth(request)
    return wire.execute(cloud.port, api.id, method, target, list(request.headers.items()), body or None)


def test_signed_requests_are_verified_and_their_callers_policies_asked(cloud):
    api = cloud.api().proxy("ANY", "/pets", cloud.python(ECHO))
    guard(api, "/pets", "AWS_IAM")
    api.deploy()
    name = f"caller-{api.id}"
    user = cloud.iam.create_user(UserName=name)["User"]
    arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.id}/test/GET/pets"
    cloud.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=allow("execute-api:Invoke", resource=arn))
    key = cloud.iam.create_access_key(UserName=name)["AccessKey"]
    identity = signed(cloud, api, "GET", "/test/pets?b=2&a=%20x", key).json()["identity"]
    assert (identity["userArn"], identity["user"], identity["accessKey"]) == (user["Arn"], user["UserId"], key["AccessKeyId"])
    denied = signed(cloud, api, "POST", "/test/pets", key, b"hello")
    assert denied.status == 403 and denied.header("x-amzn-errortype") == "AccessDeniedException"
    assert denied.json()["Message"].startswith(f"User: {user['Arn']} is not authorized to perform: execute-api:Invoke on resource: arn:aws:")
    wrong = signed(cloud, api, "GET", "/test/pets", key | {"SecretAccessKey": "wrong"})
    assert (wrong.status, wrong.header("x-amzn-errortype")) == (403, "InvalidSignatureException")
    assert api.call("GET", "/pets").json() == {"message": "Missing Authentication Token"}
    # Whoever has no key of the server's is the account's root while it is not told to be strict.
    root = {"AccessKeyId": "test", "SecretAccessKey": "test"}
    assert signed(cloud, api, "POST", "/test/pets", root, b"hello").json()["identity"]["userArn"] == f"arn:aws:iam::{ACCOUNT}:root"


class Issuer:
    """An OpenID issuer with one key, made by openssl."""

    def __init__(self, folder):
        self.key = folder / "key.pem"
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True, capture_output=True)
        modulus = subprocess.run(["openssl", "rsa", "-in", self.key, "-noout", "-modulus"], check=True, capture_output=True)
        n = bytes.fromhex(modulus.stdout.decode().strip().split("=")[1])
        self.keys = {"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "one", "n": text(n), "e": "AQAB"}]}
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                documents = {
                    "/.well-known/openid-configuration": {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"},
                    "/keys": issuer.keys,
                }
                body = json.dumps(documents[self.path]).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, **claims):
        """A signed token, good for ten minutes."""
        now = int(time.time())
        all_claims = {"iss": self.url, "sub": "user-1", "aud": "client-1", "iat": now, "exp": now + 600} | claims
        header = {"alg": "RS256", "kid": "one", "typ": "JWT"}
        message = f"{text(json.dumps(header).encode())}.{text(json.dumps(all_claims).encode())}"
        signature = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", self.key], input=message.encode(), check=True, capture_output=True
        )
        return f"{message}.{text(signature.stdout)}"


def text(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    issuer = Issuer(tmp_path_factory.mktemp("issuer"))
    yield issuer
    issuer.server.shutdown()


def test_tokens_of_an_issuer(cloud, issuer):
    api = cloud.api().proxy("ANY", "/pets", cloud.python(ECHO)).proxy("ANY", "/admin", cloud.python(ECHO))
    made = api.gateway.create_authorizer(
        restApiId=api.id, name="tokens", type="COGNITO_USER_POOLS", providerARNs=[issuer.url],
        identitySource="method.request.header.Authorization",
    )  # fmt: skip
    guard(api, "/pets", "COGNITO_USER_POOLS", made["id"])
    guard(api, "/admin", "COGNITO_USER_POOLS", made["id"], scopes=["admin"])
    api.deploy()
    good = issuer.token()
    claims = api.call("GET", "/pets", {"Authorization": f"Bearer {good}"}).json()["authorizer"]["claims"]
    assert (claims["sub"], claims["aud"]) == ("user-1", "client-1")
    expired = {"message": "The incoming token has expired"}
    unauthorized = {"message": "Unauthorized"}
    for path, token, status, body in [
        ("/pets", issuer.token(exp=int(time.time()) - 1), 401, expired),
        ("/pets", good[:-8] + "AAAAAAAA", 401, unauthorized),
        ("/pets", issuer.token(iss="https://other"), 401, unauthorized),
        ("/admin", good, 401, unauthorized),
    ]:
        answer = api.call("GET", path, {"Authorization": token})
        assert (answer.status, answer.json()) == (status, body), token
    assert api.call("GET", "/admin", {"Authorization": issuer.token(scope="openid admin")}).status == 200
    assert api.call("GET", "/pets").json() == unauthorized
