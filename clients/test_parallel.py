"""Many changes at once, as Terraform and CI make them: all succeed, none is lost."""

import concurrent.futures

from cloud import ACCOUNT, unique


def at_once(work, count, threads=12):
    """Runs `work(0) … work(count - 1)` in parallel; the first failure fails the test."""
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, range(count)))


def test_resources_below_one_parent(cloud):
    """000-011: parallel create-resource, put-method and put-integration in one API, and one deployment of all of them."""
    api = cloud.api()
    api.resource("/all")

    def make(number):
        api.mock("GET", f"/all/r{number}", f'"{number}"')

    at_once(make, 24)
    api.deploy()
    assert [api.call("GET", f"/all/r{number}").json() for number in range(24)] == [str(number) for number in range(24)]


def test_statements_of_one_policy(cloud):
    """004-015: parallel add-permission on one function."""
    function = cloud.python("def handler(event, context): return 1")

    def permit(number):
        source = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:api{number}/*"
        cloud.functions.add_permission(
            FunctionName=function.name, StatementId=f"s{number}", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com", SourceArn=source
        )

    at_once(permit, 20)
    assert cloud.functions.get_policy(FunctionName=function.name)["Policy"].count('"Sid"') == 20


def test_functions_and_roles(cloud):
    """002-128: parallel roles and functions, each called at once."""

    def make(number):
        role = cloud.make_role(unique("parallel"))
        return cloud.python(f"def handler(event, context): return {number}", Role=role).value()

    assert at_once(make, 16) == list(range(16))


def test_changes_while_it_is_called(cloud):
    """001-006, 002-064: calls during code updates get the old or the new answer, never an error; afterwards the newest."""
    function = cloud.python("def handler(event, context): return {'body': '0'}")
    api = cloud.api().proxy("GET", "/f", function).deploy()
    assert api.call("GET", "/f").text == "0"

    def change(number):
        if number % 4:
            answer = api.call("GET", "/f")
            assert answer.status == 200 and answer.text.isdigit(), answer
        else:
            function.update(index=f"def handler(event, context): return {{'body': '{number}'}}")

    at_once(change, 40, threads=4)
    function.update(index="def handler(event, context): return {'body': 'last'}")
    assert api.call("GET", "/f").text == "last"


def test_deployments_while_it_is_called(cloud):
    """002-063, 002-064: a deployment swaps in whole; whoever deploys and then calls meets it."""
    api = cloud.api().mock("GET", "/v", '"0"').deploy()

    def call(_):
        answers = [api.call("GET", "/v") for _ in range(60)]
        assert {answer.status for answer in answers} == {200}
        return [int(answer.json()) for answer in answers]

    where = api.at("GET", "/v") | {"statusCode": "200"}
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        callers = [pool.submit(call, n) for n in range(3)]
        for number in range(1, 15):
            api.gateway.put_integration_response(**where, responseTemplates={"application/json": f'"{number}"'})
            api.deploy()
            assert api.call("GET", "/v").json() == str(number)
        for caller in callers:
            seen = caller.result()
            assert seen == sorted(seen), "an older deployment was served after a newer one"
