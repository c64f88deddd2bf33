"""The users' document as a script: the unmodified aws CLI under `bash -e`, with nothing set but endpoint and credentials.

The script runs once; each test looks at what one of its steps printed, or asks the API that it made.
"""

import http.server
import json
import re
import subprocess
import threading

import pytest

from cloud import make_zip, trust
from conftest import aws_environment
from server import eventually
from wire import execute

USERS = """
    import json

    def lambda_handler(event, context):
        if event is None or "httpMethod" not in event:
            return {"direct": event}
        return {
            "statusCode": 200,
            "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
            "body": json.dumps({"message": "成功", "data": [], "variables": event["stageVariables"]}, ensure_ascii=False),
        }
"""

SCRIPT = r"""
step() { echo "$1" > "$OUT/at"; local name=$1; shift; "$@" > "$OUT/$name"; }

step identity aws sts get-caller-identity
ACCOUNT=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["Account"])' < "$OUT/identity")
step create-role aws iam create-role --role-name cli-users --assume-role-policy-document file://trust.json
ROLE=arn:aws:iam::$ACCOUNT:role/cli-users
step create-function aws lambda create-function --function-name cli-users --runtime python3.11 \
  --handler index.lambda_handler --role "$ROLE" --zip-file fileb://first.zip
step function-active aws lambda wait function-active-v2 --function-name cli-users
step update-function-code aws lambda update-function-code --function-name cli-users --zip-file fileb://users.zip
step function-updated aws lambda wait function-updated-v2 --function-name cli-users
step update-function-configuration aws lambda update-function-configuration --function-name cli-users \
  --timeout 7 --memory-size 256 --environment 'Variables={GREETING=你好}'
step get-function aws lambda get-function --function-name cli-users
step list-functions aws lambda list-functions --query "Functions[?FunctionName=='cli-users'].[FunctionName,Timeout]" --output text
step invoke aws lambda invoke --function-name cli-users \
  --payload '{"名": 1}' --log-type Tail invoked.json

step create-rest-api aws apigateway create-rest-api --name "CLI API" --description "我的第一個 API" \
  --endpoint-configuration types=REGIONAL
step get-rest-apis aws apigateway get-rest-apis --query "items[?name=='CLI API'].id" --output text
API=$(cat "$OUT/get-rest-apis")
step get-resources aws apigateway get-resources --rest-api-id "$API" --query "items[?path=='/'].id" --output text
ROOT=$(cat "$OUT/get-resources")
resource() { step "create-resource-$1" aws apigateway create-resource --rest-api-id "$API" --parent-id "$ROOT" --path-part "$1" --query id --output text; }
step create-resource aws apigateway create-resource --rest-api-id "$API" --parent-id "$ROOT" --path-part users
USERS=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])' < "$OUT/create-resource")
resource backend
BACKEND=$(cat "$OUT/create-resource-backend")

step put-method aws apigateway put-method --rest-api-id "$API" --resource-id "$USERS" --http-method GET --authorization-type NONE
step put-integration aws apigateway put-integration --rest-api-id "$API" --resource-id "$USERS" --http-method GET \
  --type AWS_PROXY --integration-http-method POST \
  --uri "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:$ACCOUNT:function:cli-users/invocations"
step add-permission aws lambda add-permission --function-name cli-users --statement-id apigateway --action lambda:InvokeFunction \
  --principal apigateway.amazonaws.com --source-arn "arn:aws:execute-api:us-east-1:$ACCOUNT:$API/*/GET/users"

step put-method-options aws apigateway put-method --rest-api-id "$API" --resource-id "$USERS" --http-method OPTIONS --authorization-type NONE
step put-integration-mock aws apigateway put-integration --rest-api-id "$API" --resource-id "$USERS" --http-method OPTIONS \
  --type MOCK --request-templates '{"application/json": "{\"statusCode\": 200}"}'
step put-method-response aws apigateway put-method-response --rest-api-id "$API" --resource-id "$USERS" --http-method OPTIONS \
  --status-code 200 --response-parameters '{"method.response.header.Access-Control-Allow-Origin": false}'
step put-integration-response aws apigateway put-integration-response --rest-api-id "$API" --resource-id "$USERS" --http-method OPTIONS \
  --status-code 200 --response-parameters "{\"method.response.header.Access-Control-Allow-Origin\": \"'*'\"}"

step put-method-http aws apigateway put-method --rest-api-id "$API" --resource-id "$BACKEND" --http-method GET --authorization-type NONE
step put-integration-http aws apigateway put-integration --rest-api-id "$API" --resource-id "$BACKEND" --http-method GET \
  --type HTTP_PROXY --integration-http-method GET --uri "$BACKEND_URL/from-loggia"

step create-deployment aws apigateway create-deployment --rest-api-id "$API" --stage-name prod --description "第一次部署"
step get-stage aws apigateway get-stage --rest-api-id "$API" --stage-name prod
step update-stage-variables aws apigateway update-stage --rest-api-id "$API" --stage-name prod \
  --patch-operations op=replace,path=/variables/lambdaAlias,value=PROD
step update-stage-throttling aws apigateway update-stage --rest-api-id "$API" --stage-name prod \
  --patch-operations op=replace,path=/throttling/rateLimit,value=1000 op=replace,path=/throttling/burstLimit,value=500
step filter-log-events aws logs filter-log-events --log-group-name /aws/lambda/cli-users --query 'events[].message' --output text
echo done > "$OUT/at"
"""

CLEANUP = r"""
aws apigateway delete-stage --rest-api-id "$API" --stage-name prod
aws apigateway delete-method --rest-api-id "$API" --resource-id "$USERS" --http-method GET
aws apigateway delete-resource --rest-api-id "$API" --resource-id "$USERS"
aws apigateway delete-rest-api --rest-api-id "$API"
aws lambda delete-function --function-name cli-users
aws iam delete-role --role-name cli-users
"""


class Backend(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"path": self.path}).encode()
        self.send_response(203)
        self.send_header("X-Backend", "yes")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Script:
    def __init__(self, folder, server, backend_url):
        self.folder, self.port = folder, server.port
        self.out = folder / "out"
        self.out.mkdir()
        (folder / "trust.json").write_text(trust())
        (folder / "first.zip").write_bytes(make_zip({"index.py": "def lambda_handler(event, context): return 'first'"}))
        (folder / "users.zip").write_bytes(make_zip({"index.py": USERS}))
        self.environment = aws_environment(folder, server.url) | {"OUT": str(self.out), "BACKEND_URL": backend_url}

    def run(self, script, **more):
        done = subprocess.run(
            ["bash", "-e", "-u", "-c", script], cwd=self.folder, env=self.environment | more, capture_output=True, text=True, timeout=240
        )
        return done.returncode, done.stderr

    def text(self, step):
        file = self.out / step
        assert file.exists(), f"the script ended at {(self.out / 'at').read_text().strip()}: {self.result}"
        return file.read_text("utf-8").strip()

    def json(self, step):
        return json.loads(self.text(step))

    def get(self, path, method="GET"):
        return execute(self.port, self.json("create-rest-api")["id"], method, path)


@pytest.fixture(scope="module")
def script(server, tmp_path_factory):
    backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    script = Script(tmp_path_factory.mktemp("cli"), server, f"http://127.0.0.1:{backend.server_port}")
    script.result = script.run(SCRIPT)
    yield script
    backend.shutdown()
    backend.server_close()


def test_script_runs_to_its_end(script):
    """000-013: the unmodified aws CLI under `bash -e` with AWS_ENDPOINT_URL only."""
    assert script.result == (0, ""), (script.out / "at").read_text()


def test_identity_is_root(script):
    """`sts get-caller-identity`; a key that nobody issued is the account's root."""
    assert script.json("identity")["Arn"] == "arn:aws:iam::000000000000:root"
    assert script.json("identity")["Account"] == "000000000000"


def test_role_comes_back_with_its_trust_policy(script):
    """000-055: the CLI shows the document decoded."""
    role = script.json("create-role")["Role"]
    assert role["Arn"] == "arn:aws:iam::000000000000:role/cli-users"
    assert role["AssumeRolePolicyDocument"] == json.loads(trust())
    assert re.fullmatch(r"AROA[A-Z0-9]{17}", role["RoleId"])


def test_function_is_pending_then_active(script):
    """002-025: create-function, and the waiter `function-active-v2`."""
    made = script.json("create-function")
    assert made["FunctionArn"] == "arn:aws:lambda:us-east-1:000000000000:function:cli-users"
    assert (made["State"], made["Runtime"], made["Handler"]) == ("Pending", "python3.11", "index.lambda_handler")
    assert (made["MemorySize"], made["Timeout"], made["Version"], made["PackageType"]) == (128, 3, "$LATEST", "Zip")


def test_new_code_has_another_digest(script):
    """001-006: update-function-code, and the waiter `function-updated-v2`."""
    before, after = script.json("create-function"), script.json("update-function-code")
    assert before["CodeSha256"] != after["CodeSha256"]
    assert before["RevisionId"] != after["RevisionId"]


def test_configuration_is_changed(script):
    """000-061: time-out, memory size and variables show in the function."""
    found = script.json("get-function")["Configuration"]
    assert (found["Timeout"], found["MemorySize"]) == (7, 256)
    assert found["Environment"] == {"Variables": {"GREETING": "你好"}}
    assert script.json("get-function")["Code"]["RepositoryType"] == "S3"


def test_functions_are_listed(script):
    """`list-functions --query`."""
    assert script.text("list-functions").split() == ["cli-users", "7"]


def test_invoke_writes_the_answer_and_shows_the_log(script):
    """002-025: `lambda invoke --log-type Tail` with a payload in Chinese."""
    shown = script.json("invoke")
    assert (shown["StatusCode"], shown["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in shown and shown["LogResult"]
    assert json.loads((script.folder / "invoked.json").read_text("utf-8")) == {"direct": {"名": 1}}


def test_rest_api_has_its_chinese_description(script):
    """000-010, 000-014: the description unchanged, a 10-character id, types [REGIONAL]."""
    made = script.json("create-rest-api")
    assert re.fullmatch("[a-z0-9]{10}", made["id"])
    assert made["description"] == "我的第一個 API"
    assert made["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert made["apiKeySource"] == "HEADER"


def test_rest_api_is_found_by_name(script):
    """000-015, 000-016: --query picks the API's and the root resource's ids."""
    made = script.json("create-rest-api")
    assert script.text("get-rest-apis") == made["id"]
    assert script.text("get-resources") == made["rootResourceId"]


def test_resource_has_its_path(script):
    """000-011, 000-017."""
    made = script.json("create-resource")
    assert (made["path"], made["pathPart"], made["parentId"]) == ("/users", "users", script.text("get-resources"))


def test_method_and_integrations_are_shown(script):
    """000-012, 000-048: what was put comes back."""
    assert script.json("put-method") == {"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": False}
    proxy = script.json("put-integration")
    assert (proxy["type"], proxy["httpMethod"], proxy["timeoutInMillis"]) == ("AWS_PROXY", "POST", 29000)
    assert (proxy["passthroughBehavior"], proxy["cacheKeyParameters"]) == ("WHEN_NO_MATCH", [])
    mock = script.json("put-integration-mock")
    assert (mock["type"], mock["requestTemplates"]) == ("MOCK", {"application/json": '{"statusCode": 200}'})
    assert script.json("put-integration-http")["type"] == "HTTP_PROXY"


def test_cors_responses_are_shown(script):
    """000-048: method response and integration response with their header."""
    name = "method.response.header.Access-Control-Allow-Origin"
    assert script.json("put-method-response") == {"statusCode": "200", "responseParameters": {name: False}}
    assert script.json("put-integration-response") == {"statusCode": "200", "responseParameters": {name: "'*'"}}


def test_permission_is_a_statement(script):
    """004-015: add-permission for apigateway.amazonaws.com."""
    statement = json.loads(script.json("add-permission")["Statement"])
    assert statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
    assert statement["Resource"] == "arn:aws:lambda:us-east-1:000000000000:function:cli-users"
    assert list(statement["Condition"]["ArnLike"]) == ["AWS:SourceArn"]


def test_stage_has_the_deployment(script):
    """000-038, 000-039: create-deployment with a description, get-stage."""
    deployment, stage = script.json("create-deployment"), script.json("get-stage")
    assert deployment["description"] == "第一次部署"
    assert (stage["stageName"], stage["deploymentId"]) == ("prod", deployment["id"])
    assert stage["cacheClusterEnabled"] is False and stage["cacheClusterStatus"] == "NOT_AVAILABLE"


def test_stage_takes_variables_and_throttling(script):
    """000-040, 000-045: update-stage as the document prints it."""
    assert script.json("update-stage-variables")["variables"] == {"lambdaAlias": "PROD"}
    setting = script.json("update-stage-throttling")["methodSettings"]["*/*"]
    assert (setting["throttlingRateLimit"], setting["throttlingBurstLimit"]) == (1000.0, 500)


def test_users_answer_at_the_stage(script):
    """000-001, 000-028, 000-029, 000-040, 000-044: GET /prod/users on the API's host name."""
    answer = script.get("/prod/users")
    assert answer.status == 200, answer
    assert answer.header("Content-Type") == "application/json"
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert answer.json() == {"message": "成功", "data": [], "variables": {"lambdaAlias": "PROD"}}


def test_other_methods_and_paths_are_refused(script):
    """000-012: what no method matches is 403 Missing Authentication Token."""
    for method, path in [("POST", "/prod/users"), ("GET", "/prod/nobody"), ("GET", "/prod")]:
        answer = script.get(path, method)
        assert (answer.status, answer.json()) == (403, {"message": "Missing Authentication Token"})
        assert answer.header("x-amzn-ErrorType") == "MissingAuthenticationTokenException"


def test_mock_and_http_proxy_answer(script):
    """000-048, 002-055: OPTIONS by MOCK; HTTP_PROXY hands the backend's answer on."""
    assert script.get("/prod/users", "OPTIONS").header("Access-Control-Allow-Origin") == "*"
    answer = script.get("/prod/backend")
    assert (answer.status, answer.json()) == (203, {"path": "/from-loggia"})


def test_log_has_the_invocation(script):
    """000-063: START, END and REPORT in /aws/lambda/cli-users."""
    text = script.text("filter-log-events")
    assert "START RequestId: " in text and "END RequestId: " in text and "REPORT RequestId: " in text


def test_error_is_the_clis_own(aws):
    """000-016: an unknown API is NotFoundException; the CLI exits with 255 as for AWS."""
    done = aws("apigateway", "get-resources", "--rest-api-id", "aaaaaaaaaa")
    assert done.returncode == 255
    assert "An error occurred (NotFoundException) when calling the GetResources operation: Invalid API identifier specified" in done.stderr


def test_everything_can_be_deleted(script):
    """002-140: delete-*; afterwards the stage is not served any more."""
    api, users = script.json("create-rest-api")["id"], script.json("create-resource")["id"]
    assert script.run(CLEANUP, API=api, USERS=users) == (0, "")
    answer = eventually(lambda: (found := script.get("/prod/users")).status == 403 and found, what="the API's end")
    assert answer.json() == {"message": "Forbidden"}
