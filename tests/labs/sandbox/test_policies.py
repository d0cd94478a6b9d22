"""Which policies apply to a request, read from moto's state at the moment of the request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from labs.aws.iam import Policy, PolicySet, Principal, Request, evaluate
from labs.sandbox import moto_setup, policies, principals
from labs.sandbox.principals import Caller, Credential
from labs.sandbox.resource_policies import resource_policy
from labs.sandbox.sessions import Session

ACCOUNT = "123456789012"
REGION = "us-east-1"
ANN = Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/ann")
APP = Principal.session(role_arn=f"arn:aws:iam::{ACCOUNT}:role/svc/app", session_name="one")
STRANGER = Principal.parse("arn:aws:iam::999999999999:user/eve")
OBJECT = "arn:aws:s3:::basket/fruit"
GET = "s3:GetObject"


def document(action: Any, resource: Any = "*", effect: str = "Allow", **more: Any) -> str:
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(autouse=True)
def iam() -> Iterator[Any]:
    """moto's IAM of a world with the user `ann`, the group `staff` and the role `svc/app`."""
    moto_setup.reset_state(1)
    from moto.iam.models import iam_backends

    iam = iam_backends[ACCOUNT]["aws"]
    iam.create_user(REGION, "ann")
    iam.create_group("staff", "/")
    iam.create_role("app", trust({"AWS": ANN.arn}), "/svc/", None, "", [], "3600")
    yield iam
    moto_setup.reset_state(0)


def managed(iam: Any, name: str, text: str) -> str:
    return str(iam.create_policy("", "/", text, name, []).arn)


def caller(principal: Principal, session: Session | None = None) -> Caller:
    """The principal with a key of a session of its own."""
    account = principal.account or ACCOUNT
    return Caller(principal, Credential("ASIA", "secret", account, principal, session=session))


def found(
    principal: Principal = ANN,
    action: str = GET,
    resource: str = OBJECT,
    session: Session | None = None,
    endpoint: Policy | None = None,
) -> PolicySet:
    request = Request(principal, action, resource)
    held = policies.held_by(caller(principal, session))
    return policies.applicable(held, request, region=REGION, endpoint=endpoint)


def names(policy_set: PolicySet) -> set[str | None]:
    return {policy.name for policy in policy_set.identity}


def allowed(
    principal: Principal = ANN, action: str = GET, resource: str = OBJECT, session: Session | None = None
) -> bool:
    applicable = found(principal, action, resource, session)
    return evaluate(Request(principal, action, resource), applicable).allowed


# -- of the caller ---------------------------------------------------------------------------------------


def test_a_new_user_has_no_policies() -> None:
    assert found() == PolicySet()
    assert not allowed()


def test_policies_of_a_user_come_from_itself_and_from_its_groups(iam: Any) -> None:
    iam.put_user_policy("ann", "mine", document(GET))
    iam.attach_user_policy(managed(iam, "shared", document(GET)), "ann")
    iam.put_group_policy("staff", "ours", document(GET))
    iam.attach_group_policy(managed(iam, "handbook", document(GET)), "staff")
    assert names(found()) == {"ann/inline/mine", "ann/managed/shared"}
    iam.add_user_to_group("staff", "ann")
    assert names(found()) == {
        "ann/inline/mine",
        "ann/managed/shared",
        "staff/inline/ours",
        "staff/managed/handbook",
    }


@pytest.mark.parametrize("way", ["inline", "managed", "group inline", "group managed"])
def test_each_kind_of_policy_allows(iam: Any, way: str) -> None:
    if way.startswith("group"):
        iam.add_user_to_group("staff", "ann")
    text = document(GET, OBJECT)
    {
        "inline": lambda: iam.put_user_policy("ann", "p", text),
        "managed": lambda: iam.attach_user_policy(managed(iam, "p", text), "ann"),
        "group inline": lambda: iam.put_group_policy("staff", "p", text),
        "group managed": lambda: iam.attach_group_policy(managed(iam, "p", text), "staff"),
    }[way]()
    assert allowed()
    assert not allowed(resource="arn:aws:s3:::basket/other")


def test_the_policies_of_aws_are_there(iam: Any) -> None:
    iam.attach_user_policy("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "ann")
    assert allowed()
    assert not allowed(action="s3:PutObject")


def test_a_session_has_the_policies_of_its_role(iam: Any) -> None:
    iam.put_role_policy("app", "p", document(GET))
    iam.attach_role_policy("arn:aws:iam::aws:policy/AmazonSQSFullAccess", "app")
    assert names(found(APP)) == {"app/inline/p", "app/managed/AmazonSQSFullAccess"}
    assert allowed(APP)
    assert not allowed(ANN)


def test_a_session_of_a_deleted_role_has_none(iam: Any) -> None:
    iam.put_role_policy("app", "p", document(GET))
    iam.delete_role_policy("app", "p")
    iam.delete_role("app")
    assert found(APP) == PolicySet()


def test_root_and_strangers_have_no_identity_policies() -> None:
    for principal in (Principal.parse(f"arn:aws:iam::{ACCOUNT}:root"), Principal.anonymous()):
        assert found(principal).identity == ()


# -- boundaries and session policies ---------------------------------------------------------------------


def test_a_boundary_bounds(iam: Any) -> None:
    iam.put_role_policy("app", "p", document("s3:*"))
    iam.put_role_permissions_boundary("app", managed(iam, "fence", document(GET)))
    boundary = found(APP).boundary
    assert boundary is not None
    assert boundary.name == "boundary/fence"
    assert allowed(APP)
    assert not allowed(APP, "s3:PutObject")
    iam.delete_role_permissions_boundary("app")
    assert found(APP).boundary is None
    assert allowed(APP, "s3:PutObject")


def test_a_boundary_that_is_gone_lets_nothing_through(iam: Any) -> None:
    iam.put_role_policy("app", "p", document("s3:*"))
    fence = managed(iam, "fence", document(GET))
    iam.put_role_permissions_boundary("app", fence)
    iam.delete_policy(fence)
    assert not allowed(APP)


def test_a_session_policy_narrows(iam: Any) -> None:
    iam.put_role_policy("app", "p", document("s3:*"))
    session = Session(policy=document(GET, OBJECT))
    assert allowed(APP, session=session)
    assert not allowed(APP, "s3:PutObject", session=session)
    assert found(APP).session is None


# -- a change counts at once -----------------------------------------------------------------------------


def test_a_change_is_obeyed_by_the_next_request(iam: Any) -> None:
    seen = [allowed()]
    iam.put_user_policy("ann", "p", document(GET))
    seen.append(allowed())
    iam.put_user_policy("ann", "p", document(GET, effect="Deny"))
    seen.append(allowed())
    iam.delete_user_policy("ann", "p")
    seen.append(allowed())
    assert seen == [False, True, False, False]


def test_the_default_version_of_a_managed_policy_counts(iam: Any) -> None:
    arn = managed(iam, "shared", document(GET))
    iam.attach_user_policy(arn, "ann")
    iam.create_policy_version(arn, document("s3:PutObject"), False)
    assert allowed()
    iam.set_default_policy_version(arn, "v2")
    assert not allowed()
    assert allowed(action="s3:PutObject")
    iam.set_default_policy_version(arn, "v1")
    assert allowed()
    iam.detach_user_policy(arn, "ann")
    assert not allowed()


def test_leaving_a_group_leaves_its_policies(iam: Any) -> None:
    iam.put_group_policy("staff", "p", document(GET))
    iam.add_user_to_group("staff", "ann")
    assert allowed()
    iam.remove_user_from_group("staff", "ann")
    assert not allowed()


# -- of the resource -------------------------------------------------------------------------------------


@pytest.fixture
def basket() -> Any:
    """moto's S3 with a bucket."""
    from moto.s3.models import s3_backends

    s3 = s3_backends[ACCOUNT]["aws"]
    s3.create_bucket("basket", REGION)
    return s3


def test_a_bucket_policy_is_about_the_bucket_and_its_objects(basket: Any) -> None:
    assert found().resource is None
    basket.put_bucket_policy("basket", document(GET, OBJECT, Principal={"AWS": ANN.arn}).encode())
    policy = found().resource
    assert policy is not None
    assert policy.name == "basket policy"
    assert found(resource="arn:aws:s3:::basket").resource == policy
    assert found(resource="arn:aws:s3:::basket2/fruit").resource is None
    assert allowed()
    assert not allowed(Principal.anonymous())
    basket.delete_bucket_policy("basket")
    assert found().resource is None


def test_a_bucket_policy_is_found_whatever_account_asks(basket: Any) -> None:
    basket.put_bucket_policy("basket", document(GET, OBJECT, Principal="*").encode())
    assert found(STRANGER).resource == found(ANN).resource
    assert allowed(Principal.anonymous())


def test_a_trust_policy_is_about_assuming_the_role() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/svc/app"
    policy = found(ANN, "sts:AssumeRole", arn).resource
    assert policy is not None
    assert policy.name == "app trust policy"
    assert allowed(ANN, "sts:AssumeRole", arn)
    assert found(ANN, "iam:GetRole", arn).resource is None
    assert found(ANN, "iam:PassRole", arn).resource is None
    # Without its path it is the ARN of no role.
    assert found(ANN, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/app").resource is None


def test_a_new_trust_policy_counts_at_once(iam: Any) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/svc/app"
    iam.update_assume_role_policy("app", trust({"Service": "ec2.amazonaws.com"}))
    assert not allowed(ANN, "sts:AssumeRole", arn)


def test_queues_topics_keys_functions_and_secrets_have_policies(in_process: Any) -> None:
    from labs.sandbox.gate import Gate
    from labs.sandbox.state import WorldState

    state = WorldState(seed=1)
    state.journal.mark()
    wires, admin = in_process(Gate(state)), principals.admin_credential()

    def client(service: str) -> Any:
        return wires.client(service, admin.access_key_id, admin.secret)

    everyone = document("*", "*", Principal="*")
    sqs, sns, kms, secrets = (client(name) for name in ("sqs", "sns", "kms", "secretsmanager"))
    url = sqs.create_queue(QueueName="jobs", Attributes={"Policy": everyone})["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=everyone)
    key = kms.create_key(Policy=everyone)["KeyMetadata"]["Arn"]
    secret = secrets.create_secret(Name="password", SecretString="x")["ARN"]
    secrets.put_resource_policy(SecretId=secret, ResourcePolicy=everyone)
    for action, arn in (
        ("sqs:SendMessage", queue),
        ("sns:Publish", topic),
        ("kms:Decrypt", key),
        ("secretsmanager:GetSecretValue", secret),
    ):
        assert allowed(ANN, action, arn), arn
        assert not allowed(ANN, action, f"{arn}x"), arn


def test_adding_a_permission_gives_a_function_a_policy() -> None:
    from moto.awslambda.models import lambda_backends

    lambda_backends[ACCOUNT][REGION].create_function(
        {
            "FunctionName": "hello",
            "Runtime": "python3.12",
            "Handler": "app.handler",
            "Role": f"arn:aws:iam::{ACCOUNT}:role/svc/app",
            "Code": {"ImageUri": "x"},
            "PackageType": "Image",
        }
    )
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:hello"
    assert found(ANN, "lambda:InvokeFunction", arn).resource is None
    hello = lambda_backends[ACCOUNT][REGION]
    # Whoever may invoke the function, one statement each; AddPermission takes them all as bare texts.
    for number, who in enumerate((ANN.arn, "999999999999", "s3.amazonaws.com")):
        permission = {"StatementId": f"s{number}", "Action": "lambda:InvokeFunction", "Principal": who}
        hello.add_permission("hello", None, json.dumps(permission))
    policy = found(ANN, "lambda:InvokeFunction", arn).resource
    assert policy is not None
    assert policy.name == "hello policy"
    assert len(policy.statements) == 3
    assert allowed(ANN, "lambda:InvokeFunction", arn)
    assert not allowed(ANN, "lambda:DeleteFunction", arn)
    assert not allowed(APP, "lambda:InvokeFunction", arn)


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "",
        "no ARN at all",
        "arn:aws:s3:::",
        "arn:aws:s3:::nobody/fruit",
        f"arn:aws:sqs:mars-north-1:{ACCOUNT}:jobs",
        "arn:aws:sns:us-east-1:999999999999:news",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/none",
        f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:none",
        f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:none",
        f"arn:aws:iam::{ACCOUNT}:role/none",
        "arn:aws:iam::888888888888:role/none",
        f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/none",
    ],
)
def test_what_is_not_there_has_no_policy_and_looking_makes_nothing(resource: str) -> None:
    from moto.iam.models import iam_backends
    from moto.sns.models import sns_backends

    for action in ("s3:GetObject", "sts:AssumeRole", "sqs:SendMessage"):
        assert resource_policy(action, resource, REGION) is None
    assert set(iam_backends) == {ACCOUNT}
    assert "999999999999" not in set(sns_backends)


# -- documents that IAM would refuse ---------------------------------------------------------------------

BROKEN = (
    "{",
    "[]",
    '"yes"',
    json.dumps({"Version": "2012-10-17"}),
    json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]}),
    json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"}]}),
)


@pytest.mark.parametrize("text", BROKEN)
def test_a_document_that_does_not_parse_allows_nothing_and_says_so(iam: Any, text: str) -> None:
    iam.users["ann"].policies["broken"] = text
    (policy,) = found().identity
    assert "ann/inline/broken" in (policy.name or "")
    assert "not valid" in (policy.name or "")
    assert not allowed()
    iam.put_user_policy("ann", "fine", document(GET))
    assert allowed()


def test_a_bucket_policy_that_does_not_parse_denies_nothing(iam: Any, basket: Any) -> None:
    iam.put_user_policy("ann", "fine", document(GET))
    basket.put_bucket_policy("basket", b'{"Statement": "deny all"}')
    assert allowed()


def test_a_document_is_parsed_once(iam: Any) -> None:
    iam.put_user_policy("ann", "p", document(GET))
    first: Policy = found().identity[0]
    assert found().identity[0] is first
