"""How a refusal is worded, and what a check is asked against: between accounts, and on resources.

Source: IAM User Guide, "Troubleshoot access denied error messages", "Cross-account policy evaluation logic",
"Policy evaluation for requests within a single account"; Amazon S3 User Guide, "Troubleshoot access denied
(403 Forbidden) errors".
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from labs.aws.iam import PolicySet, Principal, Request, case_from_json, evaluate, parse_policy
from labs.sandbox.authorize import Verdict, refusal
from labs.sandbox.faults import Dialect
from labs.sandbox.operations import PlannedCheck
from labs.sandbox.principals import Caller
from tests.labs.sandbox.houses import ACCOUNT, House, code, denied, policy, statement

DENIALS = json.loads(Path(__file__).with_name("refusals.json").read_text("utf-8"))["denials"]
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
OTHER = "999999999999"
EVERYTHING = statement("*", "*")


# -- wording -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", DENIALS, ids=lambda case: f"{case['stage']} says {case['says']}")
def test_each_type_of_policy_is_named_as_aws_names_it(house: House, case: dict[str, str]) -> None:
    trust = case["stage"] == "trust"
    action = "sts:AssumeRole" if trust else "codecommit:ListRepositories"
    named = {"Principal": "*"} if case["stage"] in ("resource", "trust", "endpoint", "rcp") else {}
    says = {
        "nothing": [statement("iam:GetUser", "*", **named)],
        "deny": [statement("*", "*", **named), statement("*", "*", "Deny", **named)],
    }[case["says"]]
    it = parse_policy(policy(*says), name="p")
    everything = (parse_policy(policy(EVERYTHING), name="all"),)
    stage = "resource" if trust else case["stage"]
    one: dict[str, Any] = {"identity": (it,), "scps": ((it,),), "rcps": ((it,),)}
    levels = {"scp": "scps", "rcp": "rcps"}.get(stage, stage)
    policies = PolicySet(**{"identity": everything, levels: one.get(levels, it)})
    caller = Principal.parse(ANN)
    resource = f"arn:aws:iam::{ACCOUNT}:role/app" if trust else "*"
    # An RCP knows some services only.
    asked = "sts:GetFederationToken" if stage == "rcp" else action
    decision = evaluate(Request(caller, asked, resource), policies)
    fault = refusal(Verdict(PlannedCheck(asked, resource), decision, Caller(caller)), Dialect("iam", "query"))
    assert fault.message.endswith(case["ends"])
    assert fault.code == "AccessDenied"


def test_an_explicit_deny_names_the_managed_policy_that_it_is_in(house: House) -> None:
    arn = house.managed("no-s3", statement("s3:*", "*", "Deny"))
    house.user("ann", EVERYTHING)
    house.client("iam").attach_user_policy(UserName="ann", PolicyArn=arn)
    s3 = house.client("s3", "ann")
    assert denied(s3.list_buckets)[2] == (
        f"User: {ANN} is not authorized to perform: s3:ListAllMyBuckets with an explicit deny in an "
        f"identity-based policy: {arn}"
    )
    # An inline policy has no ARN, and goes first.
    house.user("bob", statement("s3:*", "*", "Deny"))
    assert denied(house.client("s3", "bob").list_buckets)[2].endswith(
        "with an explicit deny in an identity-based policy"
    )


def test_a_deny_in_a_bucket_policy_is_told(house: House) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="basket")
    house.user("ann", EVERYTHING)
    deny = statement("s3:ListBucket", "arn:aws:s3:::basket", "Deny", Principal={"AWS": ANN})
    s3.put_bucket_policy(Bucket="basket", Policy=policy(deny))
    assert denied(house.client("s3", "ann").list_objects_v2, Bucket="basket")[2] == (
        f'User: {ANN} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::basket" '
        "with an explicit deny in a resource-based policy"
    )


# -- between accounts --------------------------------------------------------------------------------------


@pytest.fixture
def theirs(house: House) -> str:
    """Another account with the bucket `theirs`, the queue and the topic `theirs`, and a secret; its id."""
    house.founded(OTHER)
    who = f"{OTHER}:admin"
    house.client("s3", who).create_bucket(Bucket="theirs")
    house.client("sqs", who).create_queue(QueueName="theirs")
    house.client("sns", who).create_topic(Name="theirs")
    return OTHER


def test_a_bucket_of_another_account_needs_a_permission_on_both_sides(house: House, theirs: str) -> None:
    house.user("ann")
    iam, owner, ann = house.client("iam"), house.client("s3", f"{theirs}:admin"), house.client("s3", "ann")
    mine = policy(statement("s3:ListBucket", "arn:aws:s3:::theirs"))
    named = policy(statement("s3:ListBucket", "arn:aws:s3:::theirs", Principal={"AWS": ANN}))
    seen = []
    for here in (None, mine):
        for there in (None, named):
            if here:
                iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=here)
            if there:
                owner.put_bucket_policy(Bucket="theirs", Policy=there)
            seen.append(code(ann.list_objects_v2, Bucket="theirs"))
            owner.delete_bucket_policy(Bucket="theirs")
    assert seen == ["AccessDenied", "AccessDenied", "AccessDenied", ""]


@pytest.mark.parametrize("principal", ["*", {"AWS": ACCOUNT}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}])
def test_naming_the_account_or_everyone_leaves_it_to_the_account(
    house: House, theirs: str, principal: Any
) -> None:
    house.user("ann")
    document = policy(statement("s3:ListBucket", "arn:aws:s3:::theirs", Principal=principal))
    owner = house.client("s3", f"{theirs}:admin")
    owner.delete_public_access_block(Bucket="theirs")
    owner.put_bucket_policy(Bucket="theirs", Policy=document)
    ann, iam = house.client("s3", "ann"), house.client("iam")
    seen = [code(ann.list_objects_v2, Bucket="theirs")]
    mine = policy(statement("s3:*", "*"))
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=mine)
    seen.append(code(ann.list_objects_v2, Bucket="theirs"))
    fence = house.managed("fence", statement("sqs:*", "*"))
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=fence)
    seen.append(code(ann.list_objects_v2, Bucket="theirs"))
    assert seen == ["AccessDenied", "", "AccessDenied"]


def test_s3_does_not_explain_itself_to_strangers_and_others_do(house: House, theirs: str) -> None:
    assert denied(house.client("s3").list_objects_v2, Bucket="theirs")[2] == "Access Denied"
    url = house.client("sqs", f"{theirs}:admin").get_queue_url(QueueName="theirs")["QueueUrl"]
    _, _, message = denied(house.client("sqs").send_message, QueueUrl=url, MessageBody="x")
    assert message.endswith("because no resource-based policy allows the sqs:sendmessage action")


def test_a_queue_and_a_topic_of_another_account_may_be_opened(house: House, theirs: str) -> None:
    owner, mine = f"{theirs}:admin", {"AWS": ACCOUNT}
    queues, topics = house.client("sqs", owner), house.client("sns", owner)
    url = queues.get_queue_url(QueueName="theirs")["QueueUrl"]
    queue, topic = (f"arn:aws:{name}:us-east-1:{theirs}:theirs" for name in ("sqs", "sns"))
    assert code(house.client("sns").publish, TopicArn=topic, Message="x") == "AuthorizationError"
    opened = policy(statement("sqs:SendMessage", queue, Principal=mine))
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": opened})
    opened = policy(statement("sns:Publish", topic, Principal=mine))
    topics.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=opened)
    house.client("sqs").send_message(QueueUrl=url, MessageBody="from outside")
    assert house.client("sns").publish(TopicArn=topic, Message="x")["MessageId"]
    (received,) = queues.receive_message(QueueUrl=url)["Messages"]
    assert received["Body"] == "from outside"


def test_a_role_of_another_account_lends_its_own_permissions(house: House, theirs: str) -> None:
    iam = house.client("iam", f"{theirs}:admin")
    document = policy({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    role = iam.create_role(RoleName="guest", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    listing = policy(statement("s3:ListBucket", "arn:aws:s3:::theirs"))
    iam.put_role_policy(RoleName="guest", PolicyName="p", PolicyDocument=listing)
    house.user("ann")
    asked = {"RoleArn": role, "RoleSessionName": "one"}
    assert code(house.client("sts", "ann").assume_role, **asked) == "AccessDenied"
    keys = house.assume("admin", role)
    assert house.client("sts", keys).get_caller_identity()["Account"] == theirs
    assert code(house.client("s3", keys).list_objects_v2, Bucket="theirs") == ""
    assert code(house.client("s3", keys).list_buckets) == "AccessDenied"


# -- what a resource's own policy gives ----------------------------------------------------------------------


def test_a_bucket_policy_that_names_a_user_needs_no_other(house: House) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="basket")
    house.user("ann")
    ann = house.client("s3", "ann")
    for principal, expected in (({"AWS": ACCOUNT}, "AccessDenied"), ({"AWS": ANN}, "")):
        document = policy(statement("s3:ListBucket", "arn:aws:s3:::basket", Principal=principal))
        s3.put_bucket_policy(Bucket="basket", Policy=document)
        assert code(ann.list_objects_v2, Bucket="basket") == expected


def test_a_role_that_a_bucket_policy_names_stays_inside_its_boundary_and_a_session_does_not(
    house: House,
) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="basket")
    fence = house.managed("fence", statement("sqs:*", "*"))
    role = house.role("app", {"AWS": ACCOUNT}, PermissionsBoundary=fence)
    keys = house.assume("admin", role)
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
    for principal, expected in ((role, "AccessDenied"), (session, "")):
        document = policy(statement("s3:ListBucket", "arn:aws:s3:::basket", Principal={"AWS": principal}))
        s3.put_bucket_policy(Bucket="basket", Policy=document)
        assert code(house.client("s3", keys).list_objects_v2, Bucket="basket") == expected


def test_a_table_and_its_indexes_have_one_policy(house: House) -> None:
    dynamodb = house.client("dynamodb")
    made = dynamodb.create_table(
        TableName="scores",
        KeySchema=[{"AttributeName": "user", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("user", "game")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-game",
                "KeySchema": [{"AttributeName": "game", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    arn = made["TableDescription"]["TableArn"]
    house.user("ann")
    ann = house.client("dynamodb", "ann")
    assert code(ann.scan, TableName="scores") == "AccessDeniedException"
    opened = policy(statement("dynamodb:Scan", [arn, f"{arn}/index/*"], Principal={"AWS": ANN}))
    dynamodb.put_resource_policy(ResourceArn=arn, Policy=opened)
    assert code(ann.scan, TableName="scores") == ""
    assert code(ann.scan, TableName="scores", IndexName="by-game") == ""
    assert code(ann.describe_table, TableName="scores") == "AccessDeniedException"
    dynamodb.delete_resource_policy(ResourceArn=arn)
    assert code(ann.scan, TableName="scores") == "AccessDeniedException"


def test_a_function_is_open_to_whom_it_permits(house: House) -> None:
    role = house.role("app", {"Service": "lambda.amazonaws.com"})
    functions = house.client("lambda")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.py", "def b(event, context): return event")
    code_of_it = {"ZipFile": packed.getvalue()}
    functions.create_function(
        FunctionName="hello", Runtime="python3.12", Role=role, Handler="a.b", Code=code_of_it
    )
    house.user("ann")
    ann = house.client("lambda", "ann")
    assert code(ann.get_function_configuration, FunctionName="hello") == "AccessDeniedException"
    permitted = {"Action": "lambda:GetFunctionConfiguration", "Principal": ANN}
    functions.add_permission(FunctionName="hello", StatementId="ann", **permitted)
    assert code(ann.get_function_configuration, FunctionName="hello") == ""
    functions.remove_permission(FunctionName="hello", StatementId="ann")
    assert code(ann.get_function_configuration, FunctionName="hello") == "AccessDeniedException"


def test_a_secret_may_be_read_by_whom_it_names(house: House) -> None:
    secrets = house.client("secretsmanager")
    arn = secrets.create_secret(Name="door", SecretString="open")["ARN"]
    house.user("ann")
    ann = house.client("secretsmanager", "ann")
    assert code(ann.get_secret_value, SecretId="door") == "AccessDeniedException"
    opened = policy(statement("secretsmanager:GetSecretValue", "*", Principal={"AWS": ANN}))
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=opened)
    assert ann.get_secret_value(SecretId="door")["SecretString"] == "open"


# -- what the ledger keeps -----------------------------------------------------------------------------------


def test_a_check_that_was_guessed_from_the_names_of_parameters_says_so(house: House) -> None:
    house.client("logs").create_log_group(logGroupName="app")
    (guessed,) = house.last.checks
    assert (guessed.action, guessed.approximate) == ("logs:CreateLogGroup", True)
    assert guessed.to_json()["approximate"] is True
    house.client("s3").create_bucket(Bucket="basket")
    (known,) = house.last.checks
    assert (known.action, known.approximate) == ("s3:CreateBucket", False)


def test_a_call_with_several_checks_keeps_the_case_of_each(house: House) -> None:
    house.client("iam").create_user(UserName="ann", Tags=[{"Key": "team", "Value": "red"}])
    first, second = house.last.checks
    assert (first.action, second.action) == ("iam:CreateUser", "iam:TagUser")
    case = house.state.ledger.case(second.id)
    assert case is not None
    request, policies = case_from_json(case)
    assert request.context["aws:RequestTag/team"] == "red"
    assert evaluate(request, policies).allowed
