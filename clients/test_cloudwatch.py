"""CloudWatch with boto3 (CBOR) and the aws CLI (whatever protocol it prefers), and with the older protocols by hand."""

import datetime
import gzip
import json
import time

import pytest

import wire
from cloud import Cloud, refused, unique
from server import eventually


@pytest.fixture
def cloudwatch(cloud):
    return cloud.client("cloudwatch")


def minute(back=0):
    """The begin of the minute, so many minutes ago."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    return now - datetime.timedelta(minutes=back)


def span(minutes=10):
    return {"StartTime": minute(minutes), "EndTime": minute(-1)}


def query(id, namespace, metric, stat="Sum", **more):
    stat = {"Metric": {"Namespace": namespace, "MetricName": metric}, "Period": 60, "Stat": stat}
    return {"Id": id, "MetricStat": stat} | more


def test_put_and_read(cloudwatch):
    namespace = unique("Client/App")
    datum = {"MetricName": "m", "Timestamp": minute(2), "Unit": "Count", "Dimensions": [{"Name": "Stage", "Value": "prod"}]}
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum | {"Values": [1.0, 10.0], "Counts": [2.0, 4.0]}])
    found = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName="m",
        Dimensions=datum["Dimensions"],
        Period=60,
        Statistics=["SampleCount", "Sum", "Maximum"],
        **span(),
    )
    assert found["Label"] == "m"
    assert found["Datapoints"] == [{"Timestamp": minute(2), "SampleCount": 6.0, "Sum": 42.0, "Maximum": 10.0, "Unit": "Count"}]
    percentiles = cloudwatch.get_metric_statistics(
        Namespace=namespace, MetricName="m", Dimensions=datum["Dimensions"], Period=60, ExtendedStatistics=["p10", "p99.9"], **span()
    )
    assert percentiles["Datapoints"][0]["ExtendedStatistics"] == {"p10": 1.0, "p99.9": 10.0}
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace)
    assert list(pages.search("Metrics[]")) == [{"Namespace": namespace, "MetricName": "m", "Dimensions": datum["Dimensions"]}]


def test_metric_data_with_math_in_pages(cloudwatch):
    namespace = unique("Client/App")
    data = [{"MetricName": name, "Timestamp": minute(back), "Value": value} for name, back, value in [("e", 2, 1), ("r", 2, 4), ("r", 3, 5)]]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    queries = [
        query("e", namespace, "e", ReturnData=False),
        query("r", namespace, "r"),
        {"Id": "rate", "Expression": "100 * FILL(e, 0) / r", "Label": "Error rate"},
    ]
    paginator = cloudwatch.get_paginator("get_metric_data")
    pages = list(paginator.paginate(MetricDataQueries=queries, ScanBy="TimestampAscending", MaxDatapoints=3, **span()))
    assert len(pages) == 2
    values = {}
    for result in (result for page in pages for result in page["MetricDataResults"]):
        values.setdefault(result["Label"], []).extend(zip(result["Timestamps"], result["Values"]))
    assert values == {"r": [(minute(3), 5.0), (minute(2), 4.0)], "Error rate": [(minute(3), 0.0), (minute(2), 25.0)]}


def test_large_requests_come_compressed(cloudwatch):
    namespace = unique("Client/App")
    seen = []
    cloudwatch.meta.events.register_last("before-send.cloudwatch.PutMetricData", lambda request, **_: seen.append(request.headers))
    data = [{"MetricName": f"metric-{number}", "Value": float(number), "Unit": "Count"} for number in range(900)]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    assert [headers.get("Content-Encoding") for headers in seen] in ([b"gzip"], ["gzip"])
    pages = list(cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace))
    assert [len(page["Metrics"]) for page in pages] == [500, 400]


def test_errors_have_the_codes_of_old(cloudwatch):
    with refused("InvalidParameterValue", 400) as error:
        cloudwatch.put_metric_data(Namespace="App", MetricData=[{"MetricName": "m", "Values": [1.0], "Counts": [1.0, 2.0]}])
    assert error.message == "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size."
    with refused("InvalidParameterCombination", 400):
        cloudwatch.get_metric_statistics(
            Namespace="App", MetricName="m", Period=60, Statistics=["Sum"], StartTime=minute(1500), EndTime=minute()
        )
    with refused("ResourceNotFound", 404):
        cloudwatch.get_dashboard(DashboardName="none")
    with refused("NotImplemented", 501):
        cloudwatch.put_composite_alarm(AlarmName="a", AlarmRule="ALARM(b)")


def test_alarm_goes_to_alarm_and_invokes_a_function(cloud, cloudwatch):
    name, namespace = unique("alarm"), unique("Client/App")
    function = cloud.python(
        "def handler(event, context):\n    print('heard', event['alarmData']['alarmName'], event['alarmData']['state']['value'])\n"
    )
    cloud.functions.add_permission(
        FunctionName=function.name,
        StatementId="alarm",
        Action="lambda:InvokeFunction",
        Principal="lambda.alarms.cloudwatch.amazonaws.com",
        SourceAccount="000000000000",
    )
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=namespace,
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=2.0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[function.arn, "arn:aws:sns:us-east-1:000000000000:nobody"],
    )
    state = lambda: cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert state()["StateValue"] == "INSUFFICIENT_DATA"
    data = [{"MetricName": "m", "Timestamp": minute(back), "Value": 21.5} for back in (1, 2)]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    alarm = eventually(lambda: (found := state())["StateValue"] == "ALARM" and found, timeout_s=20, what="the alarm")
    assert alarm["StateReason"].startswith("Threshold Crossed: 1 datapoint [21.5 (")
    history = lambda: cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="Action")["AlarmHistoryItems"]
    items = eventually(lambda: len(found := history()) == 2 and found, what="the actions")
    summaries = {item["HistorySummary"] for item in items}
    assert summaries == {f"Successfully executed action {function.arn}", "Failed to execute action arn:aws:sns:us-east-1:000000000000:nobody"}
    lines = lambda: [event["message"] for event in cloud.logs.filter_log_events(logGroupName=function.log_group)["events"]]
    logged = lambda: cloud.logs.describe_log_groups(logGroupNamePrefix=function.log_group)["logGroups"] and lines()
    assert eventually(lambda: any(f"heard {name} ALARM" in line for line in logged() or []), timeout_s=20, what="the function")
    cloudwatch.delete_alarms(AlarmNames=[name])


def test_survives_a_kill(start, tmp_path):
    """What was put a little more than a second ago is there after `kill -9`, as are alarms."""
    server = start(data_dir=tmp_path / "data")
    cloudwatch = Cloud(server).client("cloudwatch")
    cloudwatch.put_metric_data(Namespace="App", MetricData=[{"MetricName": "m", "Timestamp": minute(2), "Value": 7.0}])
    cloudwatch.put_dashboard(DashboardName="d", DashboardBody='{"widgets": []}')
    # The window in which measurements may be lost.
    written = time.monotonic() + 3
    eventually(lambda: time.monotonic() > written)
    server.kill()
    server = start(data_dir=tmp_path / "data")
    cloudwatch = Cloud(server).client("cloudwatch")
    found = cloudwatch.get_metric_statistics(Namespace="App", MetricName="m", Period=60, Statistics=["Sum"], **span())
    assert [point["Sum"] for point in found["Datapoints"]] == [7.0]
    assert cloudwatch.list_metrics(Namespace="App")["Metrics"] == [{"Namespace": "App", "MetricName": "m", "Dimensions": []}]
    assert json.loads(cloudwatch.get_dashboard(DashboardName="d")["DashboardBody"]) == {"widgets": []}


def test_aws_cli(aws):
    namespace, name = unique("Cli/App"), unique("alarm")

    def run(*arguments):
        done = aws("cloudwatch", *arguments, "--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "null")

    stamp = minute(2).isoformat()
    run("put-metric-data", "--namespace", namespace, "--metric-name", "m", "--value", "3", "--unit", "Count", "--timestamp", stamp, "--dimensions", "A=b")
    times = ["--start-time", minute(10).isoformat(), "--end-time", minute(-1).isoformat()]
    found = run("get-metric-statistics", "--namespace", namespace, "--metric-name", "m", "--dimensions", "Name=A,Value=b", "--period", "60", "--statistics", "Sum", "Average", *times)
    assert [(point["Sum"], point["Unit"]) for point in found["Datapoints"]] == [(3.0, "Count")]
    metric = {"Namespace": namespace, "MetricName": "m", "Dimensions": [{"Name": "A", "Value": "b"}]}
    queries = [{"Id": "m1", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}, {"Id": "e1", "Expression": "m1 * 2"}]
    found = run("get-metric-data", "--metric-data-queries", json.dumps(queries), *times)
    assert [(result["Id"], result["Values"]) for result in found["MetricDataResults"]] == [("m1", [3.0]), ("e1", [6.0])]
    assert run("list-metrics", "--namespace", namespace)["Metrics"] == [metric]
    alarm = ["--namespace", namespace, "--metric-name", "m", "--statistic", "Sum", "--period", "60", "--evaluation-periods", "1"]
    run("put-metric-alarm", "--alarm-name", name, *alarm, "--threshold", "1", "--comparison-operator", "GreaterThanThreshold")
    run("set-alarm-state", "--alarm-name", name, "--state-value", "ALARM", "--state-reason", "testing")
    assert [alarm["StateReason"] for alarm in run("describe-alarms", "--alarm-names", name)["MetricAlarms"]] == ["testing"]
    done = aws("cloudwatch", "set-alarm-state", "--alarm-name", "none", "--state-value", "OK", "--state-reason", "x")
    assert "(ResourceNotFound)" in done.stderr


def signed(server, headers, body):
    """A request in a protocol that boto3 does not prefer."""
    return wire.signed(server.port, "monitoring", "POST", "/", body, headers)


@pytest.mark.parametrize("is_packed", [False, True])
def test_query_protocol(server, cloudwatch, is_packed):
    namespace = unique("Query")
    form = f"Action=PutMetricData&Version=2010-08-01&Namespace={namespace}&MetricData.member.1.MetricName=m&MetricData.member.1.Value=5"
    form += "&MetricData.member.1.Dimensions.member.1.Name=A&MetricData.member.1.Dimensions.member.1.Value=b"
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    body = form.encode()
    if is_packed:
        headers["Content-Encoding"], body = "gzip", gzip.compress(body)
    answer = signed(server, headers, body)
    assert answer.status == 200 and b"<PutMetricDataResponse" in answer.body, answer.body
    listed = cloudwatch.list_metrics(Namespace=namespace)["Metrics"]
    assert listed == [{"Namespace": namespace, "MetricName": "m", "Dimensions": [{"Name": "A", "Value": "b"}]}]
    answer = signed(server, {"Content-Type": headers["Content-Type"]}, b"Action=GetDashboard&Version=2010-08-01&DashboardName=none")
    assert answer.status == 404 and b"<Code>ResourceNotFound</Code>" in answer.body, answer.body


def test_json_protocol(server):
    namespace = unique("Json")

    def call(operation, **members):
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"GraniteServiceVersion20100801.{operation}"}
        return signed(server, headers, json.dumps(members).encode())

    put = call("PutMetricData", Namespace=namespace, MetricData=[{"MetricName": "m", "Value": 5, "Timestamp": minute(2).timestamp()}])
    assert put.status == 200, put.body
    found = call(
        "GetMetricStatistics",
        Namespace=namespace,
        MetricName="m",
        Period=60,
        Statistics=["Sum"],
        StartTime=minute(10).timestamp(),
        EndTime=minute().timestamp(),
    )
    points = found.json()["Datapoints"]
    assert [(point["Sum"], point["Timestamp"]) for point in points] == [(5.0, minute(2).timestamp())]
    wrong = call("GetDashboard", DashboardName="none")
    assert wrong.json()["__type"].endswith("DashboardNotFoundError")
    assert wrong.header("x-amzn-query-error") == "ResourceNotFound;Sender"

