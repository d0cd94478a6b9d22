from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from labs.aws.iam import Principal
from labs.sandbox import moto_setup, principals
from labs.sandbox.gate import Gate
from labs.sandbox.operations import PlannedCheck, Scene, checks_for, is_read
from labs.sandbox.operations.reference import action_exists, condition_keys
from labs.sandbox.principals import Caller
from labs.sandbox.state import WorldState
from labs.sandbox.wire import Call

ACCOUNT = "123456789012"
REGION = "us-east-1"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADMIN = Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/admin")
RED = [{"Key": "team", "Value": "red"}]
GROUPS = json.loads((Path(__file__).parent / "checks.json").read_text("utf-8"))
CASES = [case for group in GROUPS for case in group["cases"]]

# The reference does not know these yet, or never will: botocore is ahead of it.
NEWER_THAN_THE_REFERENCE = {
    "ec2:CreateCapacityReservationDateChangeQuote",
    "ec2:DeleteClientVpnEndpointAuthorizationPolicy",
    "ec2:DescribeCapacityReservationDateChangeQuotes",
    "ec2:GetClientVpnEndpointAuthorizationPolicy",
    "ec2:ModifyClientVpnEndpointAuthorizationPolicy",
    "iam:AcquireRole",
    "iam:UpdateDelegationRequest",
    "rds:DescribeServerlessV2PlatformVersions",
}
# Keys that the guides use with these actions, and that the reference leaves out. One statement of a trust
# policy is often about the session and its tags at once.
UNLISTED = {
    ("dynamodb:ConditionCheckItem", "dynamodb:enclosingoperation"),
    *(
        (action, f"sts:{key}")
        for action in ("sts:SetSourceIdentity", "sts:TagSession")
        for key in ("externalid", "rolesessionname", "sourceidentity", "transitivetagkeys")
    ),
}
FREE = {"sts:GetCallerIdentity", "sts:GetSessionToken"}


def ask(
    service: str, operation: str, params: Mapping[str, Any], who: Principal = ADMIN
) -> list[PlannedCheck]:
    call = Call(service, operation, params, REGION, "query")
    return list(checks_for(Scene(call, Caller(who), ACCOUNT, NOW)))


@pytest.fixture(scope="module")
def furnished(in_process: Callable[[Any], Any]) -> Iterator[dict[str, str]]:
    """A world with one thing of each kind; what it gives are their ids."""
    moto_setup.warm()
    wires, admin = in_process(Gate(WorldState())), principals.admin_credential()
    yield furnish(lambda service: wires.client(service, admin.access_key_id, admin.secret))
    moto_setup.reset_state(0)


def furnish(client: Callable[[str], Any]) -> dict[str, str]:
    iam = client("iam")
    iam.create_user(UserName="ann", Path="/staff/", Tags=RED)
    iam.create_group(GroupName="readers")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="app", Path="/service/", AssumeRolePolicyDocument=document)
    iam.create_instance_profile(InstanceProfileName="box")
    iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="app")

    s3 = client("s3")
    s3.create_bucket(Bucket="basket")
    s3.create_bucket(Bucket="shelf")
    s3.put_object(Bucket="basket", Key="apple", Body=b"red", Tagging="kind=fruit")

    ec2 = client("ec2")
    ami = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="web", Description="of the web", VpcId=vpc)["GroupId"]
    volume = ec2.create_volume(Size=8, AvailabilityZone=f"{REGION}a", VolumeType="gp3")["VolumeId"]
    interface = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    tags = [{"ResourceType": "instance", "Tags": RED}]
    launch = {"ImageId": ami, "InstanceType": "t3.micro", "SubnetId": subnet, "TagSpecifications": tags}
    instance = ec2.run_instances(MinCount=1, MaxCount=1, **launch)["Instances"][0]["InstanceId"]
    plan = {"ImageId": ami, "InstanceType": "t3.large"}
    template = ec2.create_launch_template(LaunchTemplateName="plan", LaunchTemplateData=plan)
    address = ec2.allocate_address(Domain="vpc")
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]

    client("sqs").create_queue(QueueName="jobs", tags={"team": "red"})
    client("sns").create_topic(Name="news", Tags=RED)
    client("dynamodb").create_table(
        TableName="scores",
        KeySchema=[
            {"AttributeName": "user", "KeyType": "HASH"},
            {"AttributeName": "game", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("user", "game")],
        BillingMode="PAY_PER_REQUEST",
        Tags=RED,
    )
    database = {"DBInstanceClass": "db.t3.micro", "Engine": "mysql", "AllocatedStorage": 20, "Tags": RED}
    client("rds").create_db_instance(
        DBInstanceIdentifier="shop", MasterUsername="u", MasterUserPassword="password", **database
    )
    kms = client("kms")
    key = kms.create_key(Tags=[{"TagKey": "team", "TagValue": "red"}])["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/main", TargetKeyId=key)
    secret = client("secretsmanager").create_secret(Name="door", SecretString="open", Tags=RED)["ARN"]
    return {
        "address": address["PublicIp"],
        "allocation": address["AllocationId"],
        "ami": ami,
        "association": association,
        "eni": interface,
        "group": group,
        "instance": instance,
        "key": key,
        "secret": secret,
        "subnet": subnet,
        "table": table,
        "template": template["LaunchTemplate"]["LaunchTemplateId"],
        "volume": volume,
        "vpc": vpc,
    }


def fill(value: Any, ids: Mapping[str, str]) -> Any:
    """Put the ids of the world in where a case names them in braces."""
    if isinstance(value, str):
        for name, text in ids.items():
            value = value.replace("{" + name + "}", text)
        return value
    if isinstance(value, list):
        return [fill(each, ids) for each in value]
    if isinstance(value, dict):
        return {fill(key, ids): fill(each, ids) for key, each in value.items()}
    return value


def name_of(case: Mapping[str, Any]) -> str:
    service, operation, params = case["call"]
    return f"{service}:{operation}({', '.join(params)})"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_call_asks_what_aws_asks(furnished: dict[str, str], case: dict[str, Any]) -> None:
    service, operation, params = fill(case["call"], furnished)
    checks = ask(service, operation, params)
    expected = fill(case["asks"], furnished)
    assert [[check.action, check.resource] for check in checks] == [each[:2] for each in expected]
    for check, (_, _, *keys) in zip(checks, expected, strict=True):
        for key, value in (keys[0] if keys else {}).items():
            found = check.context.get(key)
            assert (list(found) if isinstance(found, tuple) else found) == value, f"{key} of {check.action}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_check_has_only_keys_that_the_reference_lists_for_its_action(
    furnished: dict[str, str], case: dict[str, Any]
) -> None:
    service, operation, params = fill(case["call"], furnished)
    for check in ask(service, operation, params):
        prefix, _, action = check.action.partition(":")
        listed = condition_keys(prefix, action) | {"s3:resourceaccount", "ec2:region"}
        for key in check.context:
            stem = re.split(r"/|(?<=kms:EncryptionContext):", key)[0].lower()
            if stem.startswith(f"{prefix}:") and (check.action, stem) not in UNLISTED:
                assert any(stem == each.partition(":$")[0] for each in listed), f"{key} of {check.action}"


def test_every_case_names_its_source() -> None:
    assert all(group["source"] and group["cases"] for group in GROUPS)
    assert not [case for case in CASES if set(string.whitespace) & set(name_of(case).partition("(")[0])]


@pytest.mark.parametrize("service", ["s3", "ec2", "iam", "sts", "sqs", "sns", "dynamodb", "lambda", "rds"])
def test_every_operation_maps_to_actions_that_exist(furnished: dict[str, str], service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    unknown, silent = set(), set()
    for operation in model.operation_names:
        checks = ask(service, operation, _plausible(model.operation_model(operation)))
        if not checks:
            silent.add(f"{service}:{operation}")
        for check in checks:
            prefix, _, action = check.action.partition(":")
            if not action_exists(prefix, action):
                unknown.add(check.action)
                assert check.approximate
            assert check.resource == "*" or check.resource.startswith("arn:aws:"), check
    assert unknown == {action for action in NEWER_THAN_THE_REFERENCE if action.startswith(f"{service}:")}
    assert silent == {action for action in FREE if action.startswith(f"{service}:")}


def _plausible(operation: Any) -> dict[str, Any]:
    """Parameters that name something of each sort, so that rules have what to look at."""
    members = operation.input_shape.members if operation.input_shape else {}
    arn = f"arn:aws:{operation.service_model.signing_name}:{REGION}:{ACCOUNT}:thing/x"
    params: dict[str, Any] = {
        name: arn if "arn" in name.lower() or name in ("Role", "Resource") else "basket"
        for name, shape in members.items()
        if shape.type_name == "string"
    }
    made = {
        "CopySource": "basket/apple",
        "Delete": {"Objects": [{"Key": "apple"}]},
        "RequestItems": {"scores": {}},
        "Resources": ["i-0123456789abcdef0"],
        "ResourceName": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop",
        "Statement": "SELECT * FROM scores",
        "Statements": [{"Statement": "SELECT * FROM scores"}],
        "TransactItems": [{"Get": {"TableName": "scores"}}],
        "TransactStatements": [{"Statement": "SELECT * FROM scores"}],
    }
    return params | {name: value for name, value in made.items() if name in members}


def test_a_launch_without_a_network_asks_about_that_of_the_default_vpc(furnished: dict[str, str]) -> None:
    from moto.ec2.models import ec2_backends

    ec2 = ec2_backends[ACCOUNT][REGION]
    default = ec2.get_default_vpc().id
    asked = [check.resource for check in ask("ec2", "RunInstances", {"ImageId": furnished["ami"]})]
    subnets = {f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{each.id}" for each in ec2.describe_subnets()}
    assert len(subnets & set(asked)) == 1
    group = next(each.id for each in ec2.groups[default].values() if each.name == "default")
    assert f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group}" in asked
    in_c = ask("ec2", "RunInstances", {"Placement": {"AvailabilityZone": f"{REGION}c"}})
    zones = [check.context.get("ec2:AvailabilityZone") for check in in_c if ":subnet/" in check.resource]
    assert zones == [f"{REGION}c"]


def test_launching_with_a_profile_passes_the_role_inside_it(furnished: dict[str, str]) -> None:
    profile = f"arn:aws:iam::{ACCOUNT}:instance-profile/box"
    for given in ({"Name": "box"}, {"Arn": profile}):
        checks = ask("ec2", "RunInstances", {"ImageId": furnished["ami"], "IamInstanceProfile": given})
        instance = next(check for check in checks if ":instance/" in check.resource)
        assert instance.context["ec2:InstanceProfile"] == profile
        assert checks[-1].action == "iam:PassRole"
        assert checks[-1].resource == f"arn:aws:iam::{ACCOUNT}:role/service/app"


def test_a_deleted_object_is_missing(furnished: dict[str, str]) -> None:
    from moto.s3.models import s3_backends

    s3 = s3_backends[ACCOUNT]["aws"]
    s3.create_bucket("attic", REGION)
    s3.put_bucket_versioning("attic", "Enabled")
    s3.put_object("attic", "letter", b"dear")
    there = ask("s3", "GetObject", {"Bucket": "attic", "Key": "letter"})
    s3.delete_object("attic", "letter")
    gone = ask("s3", "GetObject", {"Bucket": "attic", "Key": "letter"})
    assert [check.action for check in there] == ["s3:GetObject"]
    assert [check.action for check in gone] == ["s3:GetObject", "s3:ListBucket"]


def test_a_bucket_belongs_to_the_account_that_made_it(furnished: dict[str, str]) -> None:
    from moto.s3.models import s3_backends

    s3_backends["999999999999"]["aws"].create_bucket("theirs", REGION)
    (check,) = ask("s3", "PutObject", {"Bucket": "theirs", "Key": "k"})
    assert check.resource_account == check.context["s3:ResourceAccount"] == "999999999999"
    (mine,) = ask("s3", "CreateBucket", {"Bucket": "theirs"})
    assert mine.resource_account == ACCOUNT


def test_an_operation_without_a_rule_says_that_it_is_a_guess(furnished: dict[str, str]) -> None:
    (named,) = ask("logs", "DeleteLogGroup", {"logGroupName": "app"})
    assert named == PlannedCheck(
        "logs:DeleteLogGroup", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:app", approximate=True
    )
    (account_wide,) = ask("logs", "DescribeDestinations", {})
    assert account_wide.resource == "*"
    (unheard_of,) = ask("ec2", "DescribeEverything", {})
    assert unheard_of == PlannedCheck(
        "ec2:DescribeEverything", "*", context={"ec2:Region": REGION}, approximate=True
    )


def test_a_role_that_a_service_is_given_is_not_taken_for_its_resource(furnished: dict[str, str]) -> None:
    params = {"name": "flow", "roleArn": f"arn:aws:iam::{ACCOUNT}:role/service/app"}
    resources = [check.resource for check in ask("stepfunctions", "CreateStateMachine", params)]
    assert resources
    assert not any(":role/" in resource for resource in resources)


def test_tags_in_either_spelling_become_condition_keys(furnished: dict[str, str]) -> None:
    spelled: list[Mapping[str, Any]] = [
        {"Tags": [{"Key": "team", "Value": "red"}]},
        {"tags": [{"key": "team", "value": "red"}]},
        {"tags": {"team": "red"}},
    ]
    for params in spelled:
        (check,) = ask("ecs", "CreateCluster", {"clusterName": "c", **params})
        assert check.context == {"aws:RequestTag/team": "red", "aws:TagKeys": ("team",)}
    (removed,) = ask("ecs", "CreateCluster", {"tagKeys": ["team"]})
    assert removed.context == {"aws:TagKeys": ("team",)}


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("kms", "Encrypt", {"KeyId": "arn:aws:kms:nowhere:1:alias/x"}),
        ("secretsmanager", "GetSecretValue", {"SecretId": "arn:aws:secretsmanager:nowhere:x:secret:y"}),
        ("sns", "Publish", {"TopicArn": "arn:aws:sns:nowhere:1:t"}),
        ("sqs", "SendMessage", {"QueueUrl": "http://127.0.0.1/1/q"}),
        ("dynamodb", "GetItem", {"TableName": "arn:aws:dynamodb:nowhere:1:table/x"}),
        ("lambda", "Invoke", {"FunctionName": "arn:aws:lambda:nowhere:1:function:x"}),
        ("rds", "ListTagsForResource", {"ResourceName": "arn:aws:rds:nowhere:1:zz:x"}),
        ("iam", "GetPolicy", {"PolicyArn": "arn:aws:iam::999999999999:policy/x"}),
        ("sts", "AssumeRole", {"RoleArn": "arn:aws:iam::999999999999:role/x"}),
        ("ec2", "CreateTags", {"Resources": ["x"], "Tags": [{"Key": None}]}),
    ],
)
def test_asking_about_what_is_not_there_makes_nothing(
    furnished: dict[str, str], service: str, operation: str, params: Mapping[str, Any]
) -> None:
    from moto.core.base_backend import BackendDict

    def accounts() -> set[tuple[str, str]]:
        return {(each.service_name, account) for each in BackendDict._instances for account in each}

    before = accounts()
    assert ask(service, operation, params)
    assert accounts() == before


@pytest.mark.parametrize(
    ("service", "operation", "reads"),
    [
        ("s3", "GetObject", True),
        ("s3", "HeadObject", True),
        ("s3", "SelectObjectContent", True),
        ("ec2", "DescribeInstances", True),
        ("iam", "SimulatePrincipalPolicy", True),
        ("dynamodb", "Query", True),
        ("dynamodb", "BatchGetItem", True),
        ("dynamodb", "BatchWriteItem", False),
        ("dynamodb", "ExecuteStatement", False),
        ("s3", "PutObject", False),
        ("sqs", "ReceiveMessage", False),
        ("sts", "AssumeRole", False),
        ("sts", "GetSessionToken", False),
        ("sts", "GetCallerIdentity", True),
        ("lambda", "Invoke", False),
        ("ec2", "RunInstances", False),
    ],
)
def test_reads_are_told_from_changes(service: str, operation: str, reads: bool) -> None:
    assert is_read(service, operation) is reads


def test_a_missing_object_is_told_only_to_whom_may_list(
    furnished: dict[str, str], in_process: Callable[[Any], Any]
) -> None:
    wires, admin = in_process(Gate(WorldState())), principals.admin_credential()
    iam = wires.client("iam", admin.access_key_id, admin.secret)
    reading = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::basket/*"}
    listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::basket"}
    iam.create_user(UserName="reader")
    key = principals.user_credential("reader")
    s3 = wires.client("s3", key.access_key_id, key.secret)

    def answer(bucket: str, *statements: Mapping[str, Any]) -> str:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=document)
        with pytest.raises(ClientError) as caught:
            s3.get_object(Bucket=bucket, Key="none")
        return str(caught.value.response["Error"]["Code"])

    assert answer("basket", reading) == "AccessDenied"
    assert answer("basket", reading, listing) == "NoSuchKey"
    assert answer("nowhere", reading) == "NoSuchBucket"
