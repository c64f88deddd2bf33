"""The handlers that the users' documents print, behind REST APIs: Python and Node.js, CORS, routing by method."""

import json
import re

import pytest

from cloud import refused

pytestmark = pytest.mark.usefixtures("alive")

CORS_HEADERS = ["Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin"]


def test_cors_by_mock(cloud):
    """000-047, 000-048, 004-008: OPTIONS answers 200 with exactly the three headers; an undeclared one is refused; without OPTIONS 403."""
    api = cloud.api().mock("GET", "/users")
    api.method("OPTIONS", "/users", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    where = api.at("OPTIONS", "/users") | {"statusCode": "200"}
    values = dict(zip(CORS_HEADERS, ["'Content-Type,X-Amz-Date,Authorization,X-Api-Key'", "'GET,POST,OPTIONS'", "'*'"]))
    parameters = {f"method.response.header.{name}": value for name, value in values.items()}
    api.gateway.put_method_response(**where, responseParameters=dict.fromkeys(parameters, False))
    with refused("BadRequestException", 400) as error:
        api.gateway.put_integration_response(**where, responseParameters=parameters | {"method.response.header.X-Other": "'1'"})
    assert "method.response.header.X-Other" in error.message
    api.gateway.put_integration_response(**where, responseParameters=parameters)
    api.deploy()
    answer = api.call("OPTIONS", "/users", {"Origin": "https://example.com", "Access-Control-Request-Method": "GET"})
    assert (answer.status, answer.body) == (200, b"")
    found = {name: value for name, value in answer.headers if name.lower().startswith("access-control-")}
    assert {name.lower(): value for name, value in found.items()} == {name.lower(): value.strip("'") for name, value in values.items()}
    assert cloud.api().mock("GET", "/users").deploy().call("OPTIONS", "/users").status == 403


def test_first_python_handler(cloud):
    """000-027, 000-028, 000-029: the document's first handler."""
    function = cloud.python(
        """
    import json

    def lambda_handler(event, context):
        users = [{"id": 1, "name": "張三"}, {"id": 2, "name": "李四"}]
        return {
            'statusCode': 200,
            'headers': {
                'Content-Type': 'application/json',
                'Access-Control-Allow-Origin': '*'
            },
            'body': json.dumps({'message': '成功', 'data': users}, ensure_ascii=False)
        }
    """,
        Handler="index.lambda_handler",
    )
    answer = cloud.api().proxy("GET", "/users", function).deploy().call("GET", "/users")
    assert (answer.status, answer.header("Content-Type"), answer.header("Access-Control-Allow-Origin")) == (200, "application/json", "*")
    assert answer.json() == {"message": "成功", "data": [{"id": 1, "name": "張三"}, {"id": 2, "name": "李四"}]}


ROUTER = """
    import json

    def lambda_handler(event, context):
        method = event['httpMethod']
        if method == 'GET':
            return handle_get(event)
        elif method == 'POST':
            return handle_post(event)
        elif method == 'PUT':
            return handle_put(event)
        elif method == 'DELETE':
            return handle_delete(event)
        return {'statusCode': 405, 'body': json.dumps({'error': '不支援的方法'}, ensure_ascii=False)}

    def handle_get(event):
        params = event.get('queryStringParameters') or {}
        return {'statusCode': 200, 'body': json.dumps({'userId': params.get('id')})}

    def handle_post(event):
        body = json.loads(event['body'])
        return {'statusCode': 201, 'body': json.dumps({'message': '資源已建立', 'data': body}, ensure_ascii=False)}

    def handle_put(event):
        return {'statusCode': 200, 'body': json.dumps({'message': '資源已更新'}, ensure_ascii=False)}

    def handle_delete(event):
        return {'statusCode': 204, 'body': ''}
"""


def test_method_router(cloud):
    """000-030 … 000-034: each method's documented status and body; a broken body makes the handler raise."""
    api = cloud.api().proxy("ANY", "/users", cloud.python(ROUTER, Handler="index.lambda_handler")).deploy()
    table = [
        ("GET", "?id=7", None, 200, {"userId": "7"}),
        ("GET", "", None, 200, {"userId": None}),
        ("POST", "", '{"name": "王"}', 201, {"message": "資源已建立", "data": {"name": "王"}}),
        ("POST", "", "{broken", 502, {"message": "Internal server error"}),
        ("PUT", "", None, 200, {"message": "資源已更新"}),
        ("DELETE", "", None, 204, None),
        ("PATCH", "", None, 405, {"error": "不支援的方法"}),
    ]
    for method, query, body, status, expected in table:
        answer = api.call(method, f"/users{query}", {"Content-Type": "application/json"}, body)
        assert (answer.status, answer.json() if answer.body else None) == (status, expected), (method, query, body)


def test_path_parameter_handler(cloud):
    """000-035: GET /users/456 gives the user; without userId 400."""
    function = cloud.python("""
    import json

    def handler(event, context):
        user_id = (event.get('pathParameters') or {}).get('userId')
        if not user_id:
            return {'statusCode': 400, 'body': json.dumps({'error': '缺少 userId 參數'}, ensure_ascii=False)}
        return {'statusCode': 200, 'body': json.dumps({'id': user_id})}
    """)
    api = cloud.api().proxy("GET", "/users/{userId}", function).proxy("GET", "/users", function).deploy()
    assert (api.call("GET", "/users/456").status, api.call("GET", "/users/456").json()) == (200, {"id": "456"})
    assert (api.call("GET", "/users").status, api.call("GET", "/users").json()) == (400, {"error": "缺少 userId 參數"})


def test_cors_in_the_function(cloud):
    """000-049 … 000-051: OPTIONS by the handler; the three origins are echoed, others get no header; errors carry the headers too."""
    function = cloud.python("""
    import json

    ALLOWED_ORIGINS = ['https://example.com', 'https://app.example.com', 'http://localhost:3000']

    def get_cors_headers(event):
        origin = (event.get('headers') or {}).get('origin') or (event.get('headers') or {}).get('Origin')
        if origin in ALLOWED_ORIGINS:
            return {'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true'}
        return {}

    def handler(event, context):
        if event['httpMethod'] == 'OPTIONS':
            return {'statusCode': 200, 'headers': get_cors_headers(event), 'body': ''}
        try:
            return {'statusCode': 200, 'headers': get_cors_headers(event), 'body': json.dumps(process_request(event))}
        except Exception as e:
            return {'statusCode': 500, 'headers': get_cors_headers(event), 'body': json.dumps({'error': str(e)})}

    def process_request(event):
        if event['body']:
            raise ValueError(event['body'])
        return {}
    """)
    api = cloud.api().proxy("ANY", "/users", function).deploy()
    for origin in ["https://example.com", "https://app.example.com", "http://localhost:3000"]:
        answer = api.call("OPTIONS", "/users", {"Origin": origin})
        assert (answer.status, answer.body) == (200, b"")
        assert answer.header("Access-Control-Allow-Origin") == origin
        assert answer.header("Access-Control-Allow-Credentials") == "true"
    for headers in [{"Origin": "https://evil.example"}, {}]:
        assert api.call("GET", "/users", headers).header("Access-Control-Allow-Origin") is None
    answer = api.call("POST", "/users", {"Origin": "https://example.com"}, "坏")
    assert (answer.status, answer.json()) == (500, {"error": "坏"})
    assert answer.header("Access-Control-Allow-Origin") == "https://example.com"


def test_node_callback_and_async(cloud):
    """001-060 … 001-065, 003-008: callback and async handlers, results and errors."""
    function = cloud.node("""
    exports.callback = (event, context, callback) => {
      const how = event.queryStringParameters.how;
      if (how === "error") return callback(new Error("internal server error"));
      if (how === "400") return callback(null, { statusCode: 400, body: "Missing parameters of ..." });
      callback(null, { statusCode: 200, body: "results" });
    };
    exports.async = async (event) => {
      const how = event.queryStringParameters.how;
      if (how === "error") throw new Error("internal server error");
      if (how === "400") return { statusCode: 400, body: "Missing parameters of ..." };
      return { statusCode: 200, body: "results" };
    };
    exports.handler = (event, context, callback) => exports[event.path.slice(1)](event, context, callback);
    """)
    api = cloud.api().proxy("GET", "/{kind}", function).deploy()
    for kind in ["callback", "async"]:
        answers = [api.call("GET", f"/{kind}?how={how}") for how in ("ok", "400", "error")]
        assert [answer.status for answer in answers] == [200, 400, 502]
        assert [answer.text for answer in answers[:2]] == ["results", "Missing parameters of ..."]
        assert answers[2].json() == {"message": "Internal server error"}


def test_wildcard_handler(cloud):
    """004-011, 004-012: /welcome/{proxy+} and JSON.stringify(event.path); before the deployment 403."""
    function = cloud.node("exports.handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event.path) });")
    api = cloud.api().proxy("ANY", "/welcome/{proxy+}", function)
    assert api.call("GET", "/welcome/a/b/c.html").status == 403
    assert api.deploy().call("GET", "/welcome/a/b/c.html").text == '"/welcome/a/b/c.html"'


def test_get_or_post_handler(cloud):
    """004-016, 004-018: GET gives "get", anything else "post"."""
    function = cloud.node("""
    exports.handler = async (event) => {
      const response = { statusCode: 200, body: JSON.stringify(event.httpMethod === "GET" ? "get" : "post") };
      return response;
    };
    """)
    api = cloud.api(name="ausg-serverless").proxy("ANY", "/ausg-serverless", function).deploy()
    assert (api.call("GET", "/ausg-serverless").text, api.call("POST", "/ausg-serverless").text) == ('"get"', '"post"')


def test_hello_world_js(cloud):
    """003-002: message, timestamp, requestId; event and context in the log."""
    function = cloud.node("""
    exports.handler = async (event, context) => {
      console.log('Event:', JSON.stringify(event, null, 2));
      console.log('Context:', JSON.stringify(context, null, 2));
      return {
        statusCode: 200,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ message: 'Hello from AWS Lambda!', timestamp: new Date().toISOString(), requestId: context.awsRequestId })
      };
    };
    """)
    answer = function.invoke({"key": "value"}, tail=True)
    body = json.loads(answer.json["body"])
    assert (body["message"], body["requestId"]) == ("Hello from AWS Lambda!", answer.request_id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["timestamp"])
    assert '"key": "value"' in answer.tail and f'"functionName": "{function.name}"' in answer.tail
