"""API keys, usage plans and authorizers of REST APIs with boto3: made, paged, changed, imported and removed."""

import datetime

import pytest

from cloud import ACCOUNT, REGION, refused, unique

pytestmark = pytest.mark.usefixtures("alive")


@pytest.fixture
def api(cloud):
    """An API with a mock, deployed to the stage `test`."""
    return cloud.api().mock("GET", "/pets").deploy()


def test_a_plan_with_keys(cloud, api):
    """A plan holds a stage and keys; its limits and quota are patched; what is removed leaves nothing behind."""
    gateway = cloud.apigateway
    plan = gateway.create_usage_plan(
        name=unique("plan"),
        apiStages=[{"apiId": api.id, "stage": "test"}],
        throttle={"rateLimit": 10.5, "burstLimit": 5},
        quota={"limit": 100, "period": "WEEK", "offset": 2},
    )
    assert plan["throttle"] == {"rateLimit": 10.5, "burstLimit": 5}
    keys = [gateway.create_api_key(name=unique("key"), enabled=True) for _ in range(3)]
    for key in keys:
        gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    pages = gateway.get_paginator("get_usage_plan_keys").paginate(usagePlanId=plan["id"], PaginationConfig={"PageSize": 2})
    assert {item["value"] for page in pages for item in page["items"]} == {key["value"] for key in keys}
    assert [found["id"] for found in gateway.get_usage_plans(keyId=keys[0]["id"])["items"]] == [plan["id"]]

    path = f"/apiStages/{api.id}:test/throttle/~1pets/GET/rateLimit"
    patches = [{"op": "replace", "path": path, "value": "1"}, {"op": "remove", "path": "/quota"}]
    changed = gateway.update_usage_plan(usagePlanId=plan["id"], patchOperations=patches)
    assert changed["apiStages"][0]["throttle"]["/pets/GET"]["rateLimit"] == 1.0
    assert "quota" not in changed

    with refused("BadRequestException", 400) as error:
        gateway.delete_usage_plan(usagePlanId=plan["id"])
    assert error.message.endswith(f"there are API Stages associated with it, including {api.id}:test")
    gateway.delete_stage(restApiId=api.id, stageName="test")
    gateway.delete_usage_plan(usagePlanId=plan["id"])
    for key in keys:
        gateway.delete_api_key(apiKey=key["id"])
    with refused("NotFoundException", 404):
        gateway.get_usage_plan(usagePlanId=plan["id"])


def test_usage_is_granted(cloud):
    """`update_usage` sets what remains today, `get_usage` shows it by key."""
    gateway = cloud.apigateway
    plan = gateway.create_usage_plan(name=unique("plan"), quota={"limit": 5000, "period": "DAY"})
    key = gateway.create_api_key(enabled=True)
    where = {"usagePlanId": plan["id"], "keyId": key["id"]}
    gateway.create_usage_plan_key(**where, keyType="API_KEY")
    gateway.update_usage(**where, patchOperations=[{"op": "replace", "path": "/remaining", "value": "10"}])
    today = datetime.datetime.now(datetime.UTC).date()
    before = today - datetime.timedelta(days=1)
    usage = gateway.get_usage(usagePlanId=plan["id"], startDate=before.isoformat(), endDate=today.isoformat())
    assert usage["items"] == {key["id"]: [[0, 5000], [0, 10]]}


def test_keys_from_a_file(cloud):
    """A file of keys goes as the request's body."""
    gateway, value = cloud.apigateway, unique("0123456789-0123456789")
    plan = gateway.create_usage_plan(name=unique("plan"))
    body = f'name,Key,UsagePlanIds\nfirst,{value},"{plan["id"]}"\nsecond,short,\n'
    imported = gateway.import_api_keys(body=body.encode(), format="csv")
    assert len(imported["ids"]) == 1
    assert imported["warnings"] == ["API Key value should be at least 20 characters"]
    assert gateway.get_api_key(apiKey=imported["ids"][0], includeValue=True)["value"] == value
    assert [key["name"] for key in gateway.get_usage_plan_keys(usagePlanId=plan["id"])["items"]] == ["first"]


def test_authorizers(cloud):
    """An authorizer is named by a method, and cannot go before it."""
    gateway, api = cloud.apigateway, cloud.api()
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:auth"
    authorizer = gateway.create_authorizer(
        restApiId=api.id,
        name="auth",
        type="TOKEN",
        authorizerUri=f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations",
        identitySource="method.request.header.Authorization",
    )
    assert (authorizer["authType"], "authorizerResultTtlInSeconds" in authorizer) == ("custom", False)
    where = {"restApiId": api.id, "authorizerId": authorizer["id"]}
    method = gateway.put_method(**api.at("GET", "/pets"), authorizationType="CUSTOM", authorizerId=authorizer["id"])
    assert method["authorizerId"] == authorizer["id"]
    with refused("ConflictException", 409) as error:
        gateway.delete_authorizer(**where)
    assert error.message == "Cannot delete authorizer 'auth', is referenced in method: GET//pets"
    patches = [{"op": "replace", "path": "/authorizerResultTtlInSeconds", "value": "60"}]
    assert gateway.update_authorizer(**where, patchOperations=patches)["authorizerResultTtlInSeconds"] == 60
    gateway.delete_method(**api.at("GET", "/pets"))
    gateway.delete_authorizer(**where)
    assert gateway.get_authorizers(restApiId=api.id)["items"] == []
