"""OpenAPI documents in and out, the generated JavaScript client, and custom domain names, by boto3, node and plain HTTP."""

import http.server
import io
import json
import subprocess
import threading
import zipfile

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cloud import REGION, refused, unique
from wire import execute, request

pytestmark = pytest.mark.usefixtures("alive")

ECHO = """
    import json

    def handler(event, context):
        return {"statusCode": 200, "headers": {"X-Method": event["httpMethod"]}, "body": json.dumps(event)}
"""


@pytest.fixture(scope="module")
def store():
    """A backend that is a pet store."""

    class Pets(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps([{"id": 1, "path": self.path}]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pets)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/petstore"
    server.shutdown()


def petstore(store, function):
    """A Swagger document: a mock, a backend and a function."""
    arn = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function.arn}/invocations"
    mock = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"text/html": "<h1>Pets</h1>"}}},
    }
    by_type = {"name": "type", "in": "query", "required": False, "type": "string"}
    by_id = {"name": "petId", "in": "path", "required": True, "type": "string"}
    new_pet = {"name": "NewPet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/NewPet"}}
    answer = {"200": {"description": "200 response", "schema": {"$ref": "#/definitions/Pets"}}}
    proxy = {"type": "aws_proxy", "httpMethod": "POST", "uri": arn}
    return {
        "swagger": "2.0",
        "info": {"title": "PetStore", "version": "1.0", "description": "Pets by HTTP"},
        "paths": {
            "/": {"get": {"produces": ["text/html"], "responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": mock}},
            "/pets": {
                "get": {
                    "operationId": "ListPets",
                    "parameters": [by_type],
                    "responses": answer,
                    "x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "GET", "uri": f"{store}/pets"},
                },
                "post": {"parameters": [new_pet], "responses": answer, "x-amazon-apigateway-integration": proxy},
            },
            "/pets/{petId}": {"x-amazon-apigateway-any-method": {"parameters": [by_id], "x-amazon-apigateway-integration": proxy}},
        },
        "definitions": {
            "Pet": {"type": "object", "properties": {"id": {"type": "integer"}}},
            "Pets": {"type": "array", "items": {"$ref": "#/definitions/Pet"}},
            "NewPet": {"type": "object", "properties": {"kind": {"type": "string"}}},
        },
    }


@pytest.fixture(scope="module")
def pets(cloud, store):
    """The pet store, imported and deployed: its id."""
    function = cloud.python(ECHO)
    gateway = cloud.apigateway
    made = gateway.import_rest_api(body=json.dumps(petstore(store, function)), failOnWarnings=True, parameters={"endpointConfigurationTypes": "REGIONAL"})
    assert (made["name"], made["version"], made["endpointConfiguration"]["types"]) == ("PetStore", "1.0", ["REGIONAL"])
    function.cloud.functions.add_permission(
        FunctionName=function.name, StatementId="pets", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    gateway.create_deployment(restApiId=made["id"], stageName="dev")
    return made["id"]


def check_serves(cloud, api_id):
    """Every kind of integration of the pet store answers."""
    assert execute(cloud.port, api_id, "GET", "/dev").text == "<h1>Pets</h1>"
    listed = execute(cloud.port, api_id, "GET", "/dev/pets?type=cat").json()
    assert listed[0]["path"].startswith("/petstore/pets")
    made = execute(cloud.port, api_id, "POST", "/dev/pets", {"Content-Type": "application/json"}, '{"kind": "cat"}').json()
    assert (made["resource"], made["body"]) == ("/pets", '{"kind": "cat"}')
    one = execute(cloud.port, api_id, "DELETE", "/dev/pets/7").json()
    assert (one["resource"], one["pathParameters"], one["httpMethod"]) == ("/pets/{petId}", {"petId": "7"}, "DELETE")


def test_imported_document_serves(cloud, pets):
    check_serves(cloud, pets)


@pytest.mark.parametrize("kind", ["swagger", "oas30"])
@pytest.mark.parametrize("media", ["application/json", "application/yaml"])
def test_export_is_imported_as_the_same_api(cloud, pets, kind, media):
    gateway = cloud.apigateway
    wanted = {"restApiId": pets, "stageName": "dev", "exportType": kind, "parameters": {"extensions": "apigateway"}, "accepts": media}
    exported = gateway.get_export(**wanted)
    assert exported["contentType"] == "application/octet-stream"
    assert exported["contentDisposition"] == f'attachment; filename="{kind}_1.0.{media.rpartition("/")[2]}"'
    document = exported["body"].read()
    copy = gateway.import_rest_api(body=document, failOnWarnings=True)
    gateway.create_deployment(restApiId=copy["id"], stageName="dev")
    check_serves(cloud, copy["id"])
    again = gateway.get_export(**wanted | {"restApiId": copy["id"]})["body"].read()
    assert again.replace(copy["id"].encode(), pets.encode()) == document
    gateway.delete_rest_api(restApiId=copy["id"])


def test_put_rest_api_replaces_what_is_deployed_next(cloud, store):
    gateway = cloud.apigateway
    api = cloud.api().mock("GET", "/old", "old").deploy()
    document = {
        "openapi": "3.0.1",
        "info": {"title": "new", "version": "2"},
        "paths": {
            "/new": {
                "get": {
                    "responses": {"200": {"description": "ok"}},
                    "x-amazon-apigateway-integration": {"type": "HTTP_PROXY", "httpMethod": "GET", "uri": f"{store}/new"},
                }
            }
        },
    }
    with refused("BadRequestException", 400) as error:
        gateway.put_rest_api(restApiId=api.id, mode="overwrite", body=b"{")
    assert error.message
    gateway.put_rest_api(restApiId=api.id, mode="overwrite", body=json.dumps(document))
    assert api.call("GET", "/old").text == "old"
    api.deploy()
    assert api.call("GET", "/old").status == 403
    assert api.call("GET", "/new").json()[0]["path"] == "/petstore/new"


def sdk(cloud, api_id, folder):
    """The generated client of a stage, unpacked: the path of its file."""
    answer = cloud.apigateway.get_sdk(restApiId=api_id, stageName="dev", sdkType="javascript")
    assert answer["contentType"] == "application/octet-stream"
    with zipfile.ZipFile(io.BytesIO(answer["body"].read())) as package:
        assert sorted(package.namelist()) == ["apiGateway-js-sdk/README.md", "apiGateway-js-sdk/apigClient.js"]
        package.extractall(folder)
    return folder / "apiGateway-js-sdk" / "apigClient.js"


def node(client, source, **values):
    """What a script prints as JSON; `factory` is the client's and `given` the values."""
    head = f"const factory = require({json.dumps(str(client))}); const given = {json.dumps(values)};"
    script = f"{head} (async () => {{ {source} }})().then((value) => console.log(JSON.stringify(value)));"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_generated_client_calls_the_api(cloud, pets, tmp_path):
    client = sdk(cloud, pets, tmp_path)
    found = node(
        client,
        """
        const api = factory.newClient();
        const root = await api.rootGet();
        const listed = await api.petsGet({ type: 'a cat' });
        const made = await api.petsPost({}, { kind: 'cat' }, { headers: { 'X-Test': 'yes' }, queryParams: { more: ['1', '2'] } });
        const one = await api.petsPetIdAny({ petId: 'a/b c' }, {}, { verb: 'PUT' });
        const missing = await api.petsPetIdAny({}).catch((error) => error.message);
        return { root, listed, made, one, missing, names: Object.keys(api) };
        """,
    )
    assert found["names"] == ["rootGet", "petsGet", "petsPost", "petsPetIdAny"]
    assert (found["root"]["status"], found["root"]["data"]) == (200, "<h1>Pets</h1>")
    assert found["listed"]["data"][0]["path"].startswith("/petstore/pets")
    event = found["made"]["data"] if isinstance(found["made"]["data"], dict) else json.loads(found["made"]["data"])
    assert json.loads(event["body"]) == {"kind": "cat"}
    assert event["multiValueQueryStringParameters"] == {"more": ["1", "2"]}
    assert {name.lower(): value for name, value in event["headers"].items()}["x-test"] == "yes"
    event = found["one"]["data"] if isinstance(found["one"]["data"], dict) else json.loads(found["one"]["data"])
    assert (event["httpMethod"], event["pathParameters"]) == ("PUT", {"petId": "a%2Fb%20c"})
    assert "petId" in found["missing"]


def test_generated_client_signs_as_botocore_does(cloud, pets, tmp_path):
    client = sdk(cloud, pets, tmp_path)
    sent = node(
        client,
        """
        let seen;
        globalThis.fetch = async (url, options) => { seen = { url: String(url), ...options }; return new Response('{}'); };
        const api = factory.newClient({ accessKey: 'AKIDEXAMPLE', secretKey: 'secret/+key', sessionToken: 'token', region: 'eu-west-1' });
        await api.petsPetIdAny({ petId: 'a b/ü*' }, { text: 'grüße' }, { verb: 'POST', queryParams: { b: '2', a: ['x y', '*'] } });
        return seen;
        """,
    )
    headers = dict(sent["headers"])
    authorization = headers.pop("authorization")
    date = headers["x-amz-date"]
    wanted = AWSRequest(sent["method"], sent["url"], headers=headers, data=sent["body"].encode())
    wanted.context["timestamp"] = date
    auth = SigV4Auth(Credentials("AKIDEXAMPLE", "secret/+key", "token"), "execute-api", "eu-west-1")
    signature = auth.signature(auth.string_to_sign(wanted, auth.canonical_request(wanted)), wanted)
    assert authorization.endswith(f"Signature={signature}")
    assert f"Credential=AKIDEXAMPLE/{date[:8]}/eu-west-1/execute-api/aws4_request" in authorization


def test_generated_client_sends_its_api_key(cloud, pets, tmp_path):
    client = sdk(cloud, pets, tmp_path)
    found = node(client, "return (await factory.newClient({ apiKey: given.key }).petsPost({}, {})).data;", key="0123456789abcdefghij")
    event = found if isinstance(found, dict) else json.loads(found)
    assert {name.lower(): value for name, value in event["headers"].items()}["x-api-key"] == "0123456789abcdefghij"


def test_custom_domain_leads_to_the_stage(cloud, pets):
    gateway, name = cloud.apigateway, f"{unique('shop')}.example.com"
    made = gateway.create_domain_name(domainName=name, endpointConfiguration={"types": ["REGIONAL"]}, securityPolicy="TLS_1_2")
    assert made["domainNameStatus"] == "AVAILABLE" and made["regionalDomainName"].endswith(f".execute-api.{REGION}.amazonaws.com")
    host = f"{name}:{cloud.port}"
    assert request(cloud.port, "GET", "/v1/pets/1", host=host).json() == {"message": "Forbidden"}
    gateway.create_base_path_mapping(domainName=name, basePath="v1", restApiId=pets, stage="dev")
    event = request(cloud.port, "GET", "/v1/pets/1", host=host).json()
    assert (event["path"], event["resource"]) == ("/v1/pets/1", "/pets/{petId}")
    context = event["requestContext"]
    assert (context["path"], context["stage"]) == ("/v1/pets/1", "dev")
    assert (context["domainName"], context["domainPrefix"]) == (name, name.split(".")[0])
    with refused("BadRequestException", 400):
        gateway.delete_stage(restApiId=pets, stageName="dev")
    gateway.delete_domain_name(domainName=name)
    assert request(cloud.port, "GET", "/v1/pets/1", host=host).status != 200


def test_custom_domain_takes_nothing_from_the_control_plane(cloud):
    """A name that is the server's own to its clients still answers signed requests as the services do."""
    gateway, name = cloud.apigateway, f"{unique('own')}.example.com"
    gateway.create_domain_name(domainName=name)
    assert request(cloud.port, "GET", "/_loggia/health", host=name).status == 200
    with refused("BadRequestException", 400):
        gateway.create_domain_name(domainName="sqs.us-east-1.amazonaws.com")
    gateway.delete_domain_name(domainName=name)


def test_client_certificate_is_a_certificate(cloud):
    made = cloud.apigateway.generate_client_certificate(description="for backends")
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-subject", "-enddate"], input=made["pemEncodedCertificate"], capture_output=True, text=True, timeout=20
    )
    assert shown.returncode == 0 and "ApiGateway" in shown.stdout
    assert (made["expirationDate"] - made["createdDate"]).days == 365
    cloud.apigateway.delete_client_certificate(clientCertificateId=made["clientCertificateId"])
