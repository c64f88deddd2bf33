"""Who may do what: development mode, issued keys, roles, functions' credentials, and enforce mode."""

import json
import re

import pytest

from cloud import ACCOUNT, HANDLERS, Cloud, allow, refused, trust, unique
from server import eventually, refused_start

MISMATCH = "The request signature we calculated does not match the signature you provided."


@pytest.fixture
def user(cloud):
    """A user without any policy: the name, and the account as that user."""
    name = unique("user")
    return name, cloud.with_key(cloud.make_user(name))


def test_keys_that_nobody_issued_are_root(cloud):
    """test/test is the account's root; a key of twelve digits is another account's."""
    assert cloud.sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    other = cloud.with_key(("123456789012", "anything", None))
    assert other.sts.get_caller_identity()["Account"] == "123456789012"
    role = other.make_role(unique("elsewhere"))
    assert role.startswith("arn:aws:iam::123456789012:role/")
    with refused("NoSuchEntity", 404):
        cloud.iam.get_role(RoleName=role.rpartition("/")[2])


def test_regions_are_apart(cloud):
    """A function of one region is not there in another."""
    name = cloud.python("def handler(event, context): return 1").name
    with refused("ResourceNotFoundException", 404) as error:
        cloud.client("lambda", region="eu-west-1").get_function(FunctionName=name)
    assert error.message == f"Function not found: arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"


def test_issued_key_is_its_user(user):
    """004-027: an access key works from outside, as its user."""
    name, as_user = user
    identity = as_user.sts.get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/{name}"
    assert re.fullmatch(r"AIDA[A-Z0-9]{17}", identity["UserId"])


def test_missing_permission(cloud, user):
    """004-027: AccessDenied in each protocol's code, with AWS's text; a policy opens, a deny closes."""
    name, as_user = user
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    because = "because no identity-based policy allows the"
    with refused("AccessDeniedException", 403) as error:
        as_user.functions.list_functions()
    assert error.message == f"User: {arn} is not authorized to perform: lambda:ListFunctions on resource: * {because} lambda:ListFunctions action"
    with refused("AccessDenied", 403) as error:
        as_user.iam.list_users()
    expected = f"User: {arn} is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::{ACCOUNT}:user/ {because} iam:ListUsers action"
    assert error.message == expected
    with refused("AccessDeniedException", 403) as error:
        as_user.apigateway.get_rest_apis()
    assert error.message.startswith(f"User: {arn} is not authorized to perform: apigateway:GET on resource: arn:aws:apigateway:us-east-1::/restapis")
    with refused("AccessDeniedException", 400) as error:
        as_user.logs.describe_log_groups()
    assert f"User: {arn} is not authorized to perform: logs:DescribeLogGroups on resource: arn:aws:logs:us-east-1:{ACCOUNT}:log-group:" in error.message

    cloud.iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=allow("lambda:List*", "iam:ListUsers"))
    assert "Functions" in as_user.functions.list_functions()
    assert as_user.iam.list_users()["Users"]
    cloud.iam.put_user_policy(UserName=name, PolicyName="not", PolicyDocument=allow("lambda:*", effect="Deny"))
    with refused("AccessDeniedException", 403) as error:
        as_user.functions.list_functions()
    assert error.message.endswith("with an explicit deny in an identity-based policy")
    cloud.iam.delete_user_policy(UserName=name, PolicyName="not")
    assert "Functions" in as_user.functions.list_functions()


def test_policy_on_one_function(cloud, user):
    """002-030, 002-072: leave for one function's ARN is leave for that one only."""
    name, as_user = user
    mine, other = (cloud.python("def handler(event, context): return 'ran'") for _ in range(2))
    cloud.iam.put_user_policy(UserName=name, PolicyName="one", PolicyDocument=allow("lambda:InvokeFunction", resource=mine.arn))
    mine.cloud = other.cloud = as_user
    assert mine.value() == "ran"
    with refused("AccessDeniedException", 403) as error:
        other.invoke()
    assert f"is not authorized to perform: lambda:InvokeFunction on resource: {other.arn}" in error.message


def test_groups_and_managed_policies(cloud, user):
    """002-032: leave by a group and by a managed policy, and its end."""
    name, as_user = user
    group = unique("group")
    cloud.iam.create_group(GroupName=group)
    policy = cloud.iam.create_policy(PolicyName=unique("p"), PolicyDocument=allow("lambda:ListFunctions"))["Policy"]["Arn"]
    cloud.iam.attach_group_policy(GroupName=group, PolicyArn=policy)
    cloud.iam.add_user_to_group(GroupName=group, UserName=name)
    assert "Functions" in as_user.functions.list_functions()
    cloud.iam.remove_user_from_group(GroupName=group, UserName=name)
    with refused("AccessDeniedException", 403):
        as_user.functions.list_functions()


def test_wrong_secret(cloud, user):
    """004-027: a key that was issued is verified, in each protocol's form."""
    _, as_user = user
    wrong = cloud.with_key((as_user.key[0], as_user.key[1][::-1], None))
    with refused("SignatureDoesNotMatch", 403) as error:
        wrong.sts.get_caller_identity()
    assert error.message.startswith(MISMATCH)
    with refused("InvalidSignatureException", 403) as error:
        wrong.functions.list_functions()
    assert error.message.startswith(MISMATCH)
    with refused("InvalidSignatureException", 400):
        wrong.logs.describe_log_groups()


def test_inactive_and_deleted_keys(cloud, user):
    """004-027: an inactive key is refused; active again it works; a deleted user's key stays what it was: not root."""
    name, as_user = user
    key = {"UserName": name, "AccessKeyId": as_user.key[0]}
    cloud.iam.update_access_key(**key, Status="Inactive")
    with refused("InvalidClientTokenId", 403) as error:
        as_user.sts.get_caller_identity()
    assert error.message == "The security token included in the request is invalid."
    with refused("UnrecognizedClientException", 403):
        as_user.functions.list_functions()
    cloud.iam.update_access_key(**key, Status="Active")
    assert as_user.sts.get_caller_identity()["Arn"].endswith(name)
    with refused("DeleteConflict", 409):
        cloud.iam.delete_user(UserName=name)


def test_assumed_role(cloud, user):
    """002-073: assume-role by leave of both sides; its session's policies; a wrong session token is refused."""
    name, as_user = user
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    role_name = unique("assumed")
    role = cloud.make_role(role_name, allow("lambda:ListFunctions"), trusts=trust(principal={"AWS": arn}))
    session = as_user.sts.assume_role(RoleArn=role, RoleSessionName="here")
    given = session["Credentials"]
    assert session["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{role_name}/here"
    in_role = cloud.with_key((given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]))
    assert in_role.sts.get_caller_identity()["Arn"] == session["AssumedRoleUser"]["Arn"]
    assert "Functions" in in_role.functions.list_functions()
    with refused("AccessDenied", 403):
        in_role.iam.list_users()
    for token in (None, given["SessionToken"][::-1]):
        with refused("InvalidClientTokenId", 403):
            cloud.with_key((given["AccessKeyId"], given["SecretAccessKey"], token)).sts.get_caller_identity()
    closed = cloud.make_role(unique("closed"))
    with refused("AccessDenied", 403) as error:
        as_user.sts.assume_role(RoleArn=closed, RoleSessionName="here")
    assert error.message == f"User: {arn} is not authorized to perform: sts:AssumeRole on resource: {closed}"


WHO = """
    from signed_call import call

    def handler(event, context):
        identity = call("sts", "POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15",
                        {"Content-Type": "application/x-www-form-urlencoded"})
        functions = call("lambda", "GET", "/2015-03-31/functions/")
        return identity[2].decode().split("<Arn>")[1].split("</Arn>")[0], functions[0], functions[2].decode()
"""


def test_functions_credentials_are_its_roles(cloud):
    """002-032, 004-014, 004-028: a function acts as its role: put-role-policy opens, delete-role-policy closes."""
    role = unique("execution")
    files = {"signed_call.py": (HANDLERS / "signed_call.py").read_text()}
    function = cloud.python(WHO, files=files, Role=cloud.make_role(role))
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{function.name}"
    identity, status, text = function.value()
    assert (identity, status) == (session, 403)
    assert f"User: {session} is not authorized to perform: lambda:ListFunctions on resource: *" in text
    cloud.iam.put_role_policy(RoleName=role, PolicyName="list", PolicyDocument=allow("lambda:ListFunctions"))
    assert function.value()[:2] == [session, 200]
    cloud.iam.delete_role_policy(RoleName=role, PolicyName="list")
    assert function.value()[:2] == [session, 403]


def test_role_that_lambda_may_not_assume(cloud):
    """002-032: refused when the function is made."""
    role = cloud.make_role(unique("others"), trusts=trust("ec2.amazonaws.com"))
    with refused("InvalidParameterValueException", 400) as error:
        cloud.python("def handler(event, context): return 1", Role=role)
    assert error.message == "The role defined for the function cannot be assumed by Lambda."


# ---- Other modes ----


def printed_key(server):
    """The root credentials that a server has printed: (key, secret, None), or nothing."""
    found = re.findall(r"AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY)=(\S+)", "".join(server.output))
    return (found[0], found[1], None) if len(found) == 2 else None


def test_enforce_prints_root_credentials_once(start, tmp_path):
    """--iam enforce: root credentials are made at the first start and printed once; unknown keys are refused."""
    data = tmp_path / "data"
    server = start("--iam", "enforce", data_dir=data)
    key = eventually(lambda: printed_key(server), what="the root credentials")
    root = Cloud(server, key)
    assert root.sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    unknown = Cloud(server)
    with refused("InvalidClientTokenId", 403) as error:
        unknown.sts.get_caller_identity()
    assert error.message == "The security token included in the request is invalid."
    with refused("UnrecognizedClientException", 403):
        unknown.functions.list_functions()
    function = root.python("def handler(event, context): return 'enforced'")
    assert function.value() == "enforced"
    assert root.api().proxy("GET", "/f", root.python("def handler(event, context): return {}")).deploy().call("GET", "/f").status == 200
    assert server.stop() == 0

    again = start("--iam", "enforce", data_dir=data)
    assert printed_key(again) is None
    assert Cloud(again, key).sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert again.stop() == 0


def test_secrets_are_for_the_owner_only(start, tmp_path):
    """The data folder holds secret keys: nobody but its owner may look into it."""
    data = tmp_path / "data"
    start(data_dir=data).stop()
    assert data.stat().st_mode & 0o077 == 0, f"mode {data.stat().st_mode & 0o777:o}"


def test_off_evaluates_nothing(start):
    """--iam off: everybody is root, whatever the signature."""
    server = start("--iam", "off")
    root = Cloud(server)
    key, secret, _ = root.make_user("somebody")
    for one in [(key, secret, None), (key, "wrong", None)]:
        assert Cloud(server, one).sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
        assert "Functions" in Cloud(server, one).functions.list_functions()


def test_listening_beyond_loopback(start, tmp_path):
    """Refused without enforce, unless --insecure says so."""
    for iam in ("dev", "off"):
        code, said = refused_start("--ephemeral", "--listen", "0.0.0.0:0", "--iam", iam, folder=tmp_path)
        assert code == 1 and "--iam enforce" in said and "--insecure" in said, said
    assert start("--iam", "enforce", listen="0.0.0.0:0").is_alive()
    assert start("--insecure", listen="0.0.0.0:0").is_alive()


def test_simulated_decisions_agree(cloud, user):
    """002-072: simulate-principal-policy says what happens."""
    name, as_user = user
    cloud.iam.put_user_policy(UserName=name, PolicyName="list", PolicyDocument=allow("lambda:ListFunctions"))
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    actions = ["lambda:ListFunctions", "lambda:CreateFunction"]
    results = cloud.iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=actions)["EvaluationResults"]
    assert {one["EvalActionName"]: one["EvalDecision"] for one in results} == dict(zip(actions, ["allowed", "implicitDeny"]))
    assert json.dumps(as_user.functions.list_functions(), default=str)
