"""What a stage records of its requests: access log, execution log, metrics; and canary releases."""

import datetime
import json
import time

import pytest

pytestmark = pytest.mark.usefixtures("alive")

FORMAT = '{"id":"$context.requestId","path":"$context.resourcePath","status":$context.status,"who":"$context.identity.user","length":"$context.responseLength","error":"$context.error.responseType"}'


def until(look, wanted, seconds=20):
    """What `look` finds, once `wanted` is content with it."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if wanted(found):
            return found
        assert time.monotonic() < end, f"still {found!r}"
        time.sleep(0.2)


def messages(cloud, group):
    try:
        return [event["message"] for event in cloud.logs.filter_log_events(logGroupName=group)["events"]]
    except cloud.logs.exceptions.ResourceNotFoundException:
        return []


def allow_logging(cloud):
    """The account's role for logs, without which no stage may log."""
    role = cloud.make_role("stage-logs-" + str(time.monotonic_ns()))
    cloud.apigateway.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}])


def test_access_log_and_execution_log(cloud):
    """000-063, 002-059, 002-061: turned on for a running stage; a line has exactly the values asked for, `-` where there is none."""
    allow_logging(cloud)
    api = cloud.api().mock("GET", "/hello", body='{"hello":"you"}').deploy()
    group = f"access-{api.id}"
    cloud.logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:{cloud.region}:000000000000:log-group:{group}"
    api.patch_stage("test", ("/accessLogSettings/destinationArn", arn), ("/accessLogSettings/format", FORMAT))
    api.patch_stage("test", ("/*/*/logging/loglevel", "INFO"), ("/*/*/logging/dataTrace", "true"))
    assert api.call("GET", "/hello").status == 200
    assert api.call("GET", "/nothing").status == 403
    lines = until(lambda: [json.loads(line) for line in messages(cloud, group)], lambda found: len(found) == 2)
    good, bad = sorted(lines, key=lambda line: line["status"])
    assert (good["path"], good["status"], good["who"], good["length"], good["error"]) == ("/hello", 200, "-", "15", "-")
    assert (bad["path"], bad["status"], bad["error"]) == ("-", 403, "MISSING_AUTHENTICATION_TOKEN")
    execution = f"API-Gateway-Execution-Logs_{api.id}/test"
    found = until(lambda: messages(cloud, execution), lambda found: any(good["id"] in line and "Method completed" in line for line in found))
    own = [line.partition(") ")[2] for line in found if line.startswith(f"({good['id']})")]
    assert own[0].startswith("Extended Request Id: ")
    assert f"Starting execution for request: {good['id']}" in own
    assert "HTTP Method: GET, Resource Path: /hello" in own
    assert own[-2:] == ["Successfully completed execution", "Method completed with status: 200"]


def test_no_log_without_being_asked(cloud):
    api = cloud.api().mock("GET", "/hello").deploy()
    assert api.call("GET", "/hello").status == 200
    time.sleep(1)
    assert messages(cloud, f"API-Gateway-Execution-Logs_{api.id}/test") == []


def test_metrics(cloud):
    """002-058: Count, 4XXError, 5XXError and Latency by name and stage; by method only where it was asked for."""
    cloudwatch = cloud.client("cloudwatch")
    name = f"measured-{time.monotonic_ns()}"
    api = cloud.api(name=name).mock("GET", "/good").mock("GET", "/bad", status="500").deploy()
    api.patch_stage("test", ("/~1good/GET/metrics/enabled", "true"))
    calls = [api.call("GET", path).status for path in ["/good", "/good", "/good", "/nothing"]]
    assert calls == [200, 200, 200, 403]

    def measured(metric, statistic, **dimensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        named = [{"Name": key, "Value": value} for key, value in {"ApiName": name, **dimensions}.items()]
        span = {"StartTime": now - datetime.timedelta(minutes=5), "EndTime": now + datetime.timedelta(minutes=1), "Period": 3600}
        found = cloudwatch.get_metric_statistics(
            Namespace="AWS/ApiGateway", MetricName=metric, Dimensions=named, Statistics=[statistic], **span
        )
        return sum(point[statistic] for point in found["Datapoints"])

    until(lambda: measured("Count", "Sum", Stage="test"), lambda found: found == 4)
    assert measured("Count", "SampleCount") == 4
    assert measured("4XXError", "Sum", Stage="test") == 1
    assert measured("5XXError", "Sum", Stage="test") == 0
    assert measured("Latency", "SampleCount", Stage="test") == 4
    assert measured("Count", "Sum", Stage="test", Resource="/good", Method="GET") == 3
    assert measured("Count", "Sum", Stage="test", Resource="/bad", Method="GET") == 0


def test_canary(cloud):
    """002-066: a share of the requests takes the new deployment and its variables; promotion makes it the stage's; over 100 is refused."""
    api = cloud.api()
    templates = {"application/json": '{"release": "$stageVariables.release", "canary": "$context.isCanaryRequest"}'}
    api.method("GET", "/", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    where = api.at("GET", "/") | {"statusCode": "200"}
    api.gateway.put_method_response(**where)
    api.gateway.put_integration_response(**where, responseTemplates=templates)
    api.deploy(variables={"release": "old"})
    api.gateway.create_deployment(
        restApiId=api.id, stageName="test", canarySettings={"percentTraffic": 100.0, "stageVariableOverrides": {"release": "new"}}
    )
    seen = lambda: json.loads(api.call("GET", "/").body)
    assert seen() == {"release": "new", "canary": "true"}
    api.patch_stage("test", ("/canarySettings/percentTraffic", "0"))
    assert seen() == {"release": "old", "canary": "false"}
    api.patch_stage("test", ("/canarySettings/percentTraffic", "40"))
    share = sum(seen()["release"] == "new" for _ in range(200)) / 200
    assert 0.2 < share < 0.6, share
    with pytest.raises(api.gateway.exceptions.BadRequestException):
        api.patch_stage("test", ("/canarySettings/percentTraffic", "101"))
    copy = [{"op": "copy", "from": "/canarySettings/stageVariableOverrides", "path": "/variables"}]
    copy += [{"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"}, {"op": "remove", "path": "/canarySettings"}]
    api.gateway.update_stage(restApiId=api.id, stageName="test", patchOperations=copy)
    assert seen() == {"release": "new", "canary": "false"}
