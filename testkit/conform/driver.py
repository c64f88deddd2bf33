"""Does what the lines on standard input say, with boto3 and http.client, and answers a line each.

Parameters are not validated here, so that bad input reaches the server. Bytes are {"$base64": "..."} on the way in and
{"base64": "..."} on the way out (plain text where they are UTF-8); moments are ISO 8601 texts. Policies are left as they came.
"""

import base64
import datetime
import http.client
import json
import ssl
import sys
import time

import botocore.session
from botocore import handlers
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, HTTPClientError
from botocore.response import StreamingBody

HOST, PORT = sys.argv[1].rsplit(":", 1)
REGION = "us-east-1"

credentials = Credentials("test", "test")
session = botocore.session.Session()
session._credentials = credentials
session.unregister("after-call.iam", handlers.json_decode_policies)
clients = {}


def client(service):
    if service not in clients:
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1, "mode": "standard"}, read_timeout=120)
        endpoint = f"http://{HOST}:{PORT}"
        clients[service] = session.create_client(service, region_name=REGION, endpoint_url=endpoint, config=config)
    return clients[service]


def to_client(value):
    if isinstance(value, dict):
        if set(value) == {"$base64"}:
            return base64.b64decode(value["$base64"])
        return {name: to_client(item) for name, item in value.items()}
    if isinstance(value, list):
        return [to_client(item) for item in value]
    return value


def from_client(value):
    if isinstance(value, dict):
        return {name: from_client(item) for name, item in value.items() if name != "ResponseMetadata"}
    if isinstance(value, (list, tuple)):
        return [from_client(item) for item in value]
    if isinstance(value, datetime.datetime):
        moment = value.astimezone(datetime.timezone.utc)
        millis = f".{moment.microsecond // 1000:03}" if moment.microsecond // 1000 else ""
        return moment.strftime("%Y-%m-%dT%H:%M:%S") + millis + "Z"
    if isinstance(value, StreamingBody):
        value = value.read()
    if isinstance(value, (bytes, bytearray)):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    return value


def call(line):
    given = line["credentials"]
    credentials.access_key, credentials.secret_key, credentials.token = given["access_key"], given["secret"], given["token"]
    service, operation = line["service"], line["operation"]
    try:
        answer = client(service)._make_api_call(operation, to_client(line["params"]))
    except ClientError as error:
        response = error.response
        fields = {name: value for name, value in response.items() if name not in ("Error", "ResponseMetadata")}
        return {
            "refused": {
                "code": response["Error"].get("Code", ""),
                "status": response["ResponseMetadata"]["HTTPStatusCode"],
                "message": response["Error"].get("Message", ""),
                "fields": from_client(fields),
            }
        }
    except HTTPClientError as error:
        return {"broken": f"{type(error).__name__}: {error}"}
    except Exception as error:
        # Whatever boto3 raises before it has sent anything: it cannot put these parameters into a request.
        return {"unsendable": f"{type(error).__name__}: {error}"}
    answer = from_client(answer)
    if service == "lambda" and operation in ("CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration"):
        wait_for_function(answer["FunctionArn"])
    return {"answer": answer}


def wait_for_function(name):
    for _ in range(1000):
        try:
            state = client("lambda").get_function_configuration(FunctionName=name)
        except ClientError:
            return
        if state.get("State") != "Pending" and state.get("LastUpdateStatus") != "InProgress":
            return
        time.sleep(0.03)


def send(line):
    if line["is_tls"]:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(HOST, int(PORT), timeout=120, context=context)
    else:
        connection = http.client.HTTPConnection(HOST, int(PORT), timeout=120)
    body = base64.b64decode(line["body"])
    names = {name.lower() for name, _ in line["headers"]}
    try:
        connection.putrequest(line["method"], line["target"], skip_host=True, skip_accept_encoding=True)
        if "host" not in names:
            connection.putheader("Host", line["host"])
        for name, value in line["headers"]:
            connection.putheader(name, value)
        if body and "content-length" not in names:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        response = connection.getresponse()
        content = base64.b64encode(response.read()).decode()
        return {"http": {"status": response.status, "headers": response.getheaders(), "body": content}}
    except (OSError, http.client.HTTPException) as error:
        return {"broken": f"{type(error).__name__}: {error}"}
    finally:
        connection.close()


for text in sys.stdin:
    request = json.loads(text)
    done = call(request) if request["do"] == "call" else send(request)
    print(json.dumps(done), flush=True)
