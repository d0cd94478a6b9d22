"""The gate knows who calls, and lets them do what their policies allow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from labs.sandbox import principals
from tests.labs.sandbox.houses import ACCOUNT, House, denied, policy, statement

UNKNOWN = ("AKIAUNKNOWNUNKNOWN12", "secret")


# -- who is it -------------------------------------------------------------------------------------------


def test_everybody_learns_who_they_are(house: House) -> None:
    house.user("ann")
    house.role("app", {"Service": "ec2.amazonaws.com"}, path="/svc/")
    whoami = {
        who: house.client("sts", who).get_caller_identity() for who in ("root", "admin", "ann", "role/app")
    }
    assert {who: answer["Arn"] for who, answer in whoami.items()} == {
        "root": f"arn:aws:iam::{ACCOUNT}:root",
        "admin": f"arn:aws:iam::{ACCOUNT}:user/admin",
        "ann": f"arn:aws:iam::{ACCOUNT}:user/ann",
        "role/app": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/test",
    }
    assert {answer["Account"] for answer in whoami.values()} == {ACCOUNT}
    assert whoami["root"]["UserId"] == ACCOUNT
    iam = house.client("iam")
    assert whoami["ann"]["UserId"] == iam.get_user(UserName="ann")["User"]["UserId"]
    assert whoami["role/app"]["UserId"] == f"{iam.get_role(RoleName='app')['Role']['RoleId']}:test"


def test_root_may_do_everything_and_a_new_user_nothing(house: House) -> None:
    house.user("ann")
    house.client("s3", "root").create_bucket(Bucket="basket")
    assert denied(house.client("s3", "ann").list_buckets)[0] == "AccessDenied"
    assert denied(house.client("iam", "ann").list_users)[:2] == ("AccessDenied", 403)


CALLS = {
    "s3": "list_buckets",
    "sts": "get_caller_identity",
    "iam": "list_users",
    "ec2": "describe_vpcs",
    "dynamodb": "list_tables",
    "kms": "list_keys",
    "sqs": "list_queues",
    "lambda": "list_functions",
}
NO_SUCH_KEY = {
    "s3": ("InvalidAccessKeyId", 403),
    "sts": ("InvalidClientTokenId", 403),
    "iam": ("InvalidClientTokenId", 403),
    "ec2": ("AuthFailure", 401),
    "dynamodb": ("UnrecognizedClientException", 400),
    "kms": ("UnrecognizedClientException", 400),
    "sqs": ("InvalidClientTokenId", 403),
    "lambda": ("UnrecognizedClientException", 403),
}
WRONG_SECRET = {
    "s3": ("SignatureDoesNotMatch", 403),
    "sts": ("SignatureDoesNotMatch", 403),
    "iam": ("SignatureDoesNotMatch", 403),
    "ec2": ("AuthFailure", 401),
    "dynamodb": ("InvalidSignatureException", 400),
    "kms": ("InvalidSignatureException", 400),
    "sqs": ("SignatureDoesNotMatch", 403),
    "lambda": ("InvalidSignatureException", 403),
}


@pytest.mark.parametrize("service", CALLS)
def test_bad_keys_get_the_codes_of_aws_and_show_in_the_ledger(house: House, service: str) -> None:
    def code(key: tuple[str, str]) -> tuple[str, int]:
        found = denied(getattr(house.wires.client(service, *key), CALLS[service]))[:2]
        assert (house.last.error, house.last.status) == found
        assert house.last.service == service
        return found

    house.user("ann", statement("*", "*"))
    iam = house.client("iam")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    good = key["AccessKeyId"], key["SecretAccessKey"]
    getattr(house.wires.client(service, *good), CALLS[service])()
    assert code(UNKNOWN) == NO_SUCH_KEY[service]
    assert code((good[0], "wrong")) == WRONG_SECRET[service]
    iam.update_access_key(UserName="ann", AccessKeyId=good[0], Status="Inactive")
    assert code(good) == NO_SUCH_KEY[service]
    iam.update_access_key(UserName="ann", AccessKeyId=good[0], Status="Active")
    getattr(house.wires.client(service, *good), CALLS[service])()
    iam.delete_access_key(UserName="ann", AccessKeyId=good[0])
    assert code(good) == NO_SUCH_KEY[service]


@pytest.mark.parametrize(
    ("service", "expired", "invalid"),
    [
        ("s3", ("ExpiredToken", 400), ("InvalidToken", 400)),
        ("sts", ("ExpiredToken", 403), ("InvalidClientTokenId", 403)),
        ("ec2", ("RequestExpired", 400), ("AuthFailure", 401)),
        ("dynamodb", ("ExpiredTokenException", 400), ("UnrecognizedClientException", 400)),
        ("sqs", ("ExpiredToken", 403), ("InvalidClientTokenId", 403)),
        ("lambda", ("ExpiredTokenException", 403), ("UnrecognizedClientException", 403)),
    ],
)
def test_session_tokens_must_be_right_and_fresh(
    house: House, monkeypatch: pytest.MonkeyPatch, service: str, expired: Any, invalid: Any
) -> None:
    house.role("app", {"AWS": "*"}, statement("*", "*"))
    key, secret, token = house.keys("role/app")
    assert token is not None
    call = CALLS[service]
    getattr(house.wires.client(service, key, secret, token), call)()
    for wrong in (None, token[:-1] + ("a" if token[-1] != "a" else "b")):
        assert denied(getattr(house.wires.client(service, key, secret, wrong), call))[:2] == invalid
    admin = house.keys("admin")
    assert denied(getattr(house.wires.client(service, *admin[:2], "a-token"), call))[:2] == invalid
    found = principals.find_credential(key)
    assert found is not None
    ended = replace(found, expires=datetime.now(UTC))
    monkeypatch.setattr(principals, "find_credential", lambda _: ended)
    assert denied(getattr(house.wires.client(service, key, secret, token), call))[:2] == expired


def test_the_request_id_of_the_answer_is_that_of_the_event(house: House) -> None:
    for service, call in CALLS.items():
        answer = getattr(house.client(service), call)()
        assert answer["ResponseMetadata"]["RequestId"] == house.last.id, service


# -- what may they do ------------------------------------------------------------------------------------


def test_reading_an_object_is_not_listing_its_bucket(house: House) -> None:
    house.user("ann", statement("s3:GetObject", "arn:aws:s3:::basket/*"))
    admin, ann = house.client("s3"), house.client("s3", "ann")
    admin.create_bucket(Bucket="basket")
    admin.put_object(Bucket="basket", Key="k", Body=b"fruit")
    assert ann.get_object(Bucket="basket", Key="k")["Body"].read() == b"fruit"
    assert house.last.checks[0].decision == "Allowed"
    assert denied(ann.list_objects_v2, Bucket="basket") == (
        "AccessDenied",
        403,
        (
            f"User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: s3:ListBucket on resource: "
            '"arn:aws:s3:::basket" because no identity-based policy allows the s3:ListBucket action'
        ),
    )
    event = house.last
    assert (event.principal, event.operation) == (f"arn:aws:iam::{ACCOUNT}:user/ann", "ListObjectsV2")
    assert event.checks[0].decision == "ImplicitlyDenied"
    assert "s3:ListBucket" in event.checks[0].reason
    assert house.state.ledger.case(event.checks[0].id) is not None


def test_a_changed_policy_counts_at_once(house: House) -> None:
    house.user("ann")
    iam, ann = house.client("iam"), house.client("sqs", "ann")
    assert denied(ann.list_queues)[0] == "AccessDenied"
    document = policy(statement("sqs:ListQueues", "*"))
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document)
    ann.list_queues()
    iam.delete_user_policy(UserName="ann", PolicyName="p")
    assert denied(ann.list_queues)[0] == "AccessDenied"


def test_an_explicit_deny_is_named_with_its_kind_of_policy(house: House) -> None:
    house.user("ann", statement("*", "*"), statement("s3:PutObject", "*", "Deny"))
    admin, ann = house.client("s3"), house.client("s3", "ann")
    admin.create_bucket(Bucket="basket")
    assert denied(ann.put_object, Bucket="basket", Key="k")[2].endswith(
        "with an explicit deny in an identity-based policy"
    )
    deny = statement("s3:GetObject", "arn:aws:s3:::basket/*", "Deny", Principal="*")
    admin.put_object(Bucket="basket", Key="k", Body=b"x")
    admin.put_bucket_policy(Bucket="basket", Policy=policy(deny))
    assert denied(ann.get_object, Bucket="basket", Key="k")[2].endswith(
        "with an explicit deny in a resource-based policy"
    )


def test_a_refused_head_is_a_bare_403(house: House) -> None:
    house.user("ann")
    house.client("s3").create_bucket(Bucket="basket")
    assert denied(house.client("s3", "ann").head_bucket, Bucket="basket") == ("403", 403, "Forbidden")


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, False),
        ({"StringEquals": {"aws:username": "ann", "aws:PrincipalTag/team": "blue"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ({"Null": {"aws:TokenIssueTime": "true"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, False),
        ({"StringLike": {"aws:UserAgent": "*Boto3*"}}, True),
        ({"StringLike": {"aws:userid": "????????????????????*"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}, True),
    ],
)
def test_conditions_see_the_circumstances(house: House, condition: dict[str, Any], allowed: bool) -> None:
    house.user("ann", statement("sqs:ListQueues", "*", Condition=condition))
    house.client("iam").tag_user(UserName="ann", Tags=[{"Key": "team", "Value": "blue"}])
    call = house.client("sqs", "ann").list_queues
    if allowed:
        call()
    else:
        assert denied(call)[0] == "AccessDenied"


def test_a_role_is_assumed_by_whom_it_trusts(house: House) -> None:
    ann = house.user("ann", statement("sts:AssumeRole", "*"))
    house.user("bob", statement("sts:AssumeRole", "*"))
    arn = house.role("app", {"AWS": ann}, statement("s3:ListAllMyBuckets", "*"))
    code, status, message = denied(
        house.client("sts", "bob").assume_role, RoleArn=arn, RoleSessionName="session"
    )
    assert (code, status) == ("AccessDenied", 403)
    assert message.endswith("because no role trust policy allows the sts:AssumeRole action")
    keys = house.client("sts", "ann").assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    session = keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
    house.wires.client("s3", *session).list_buckets()
    assert house.last.principal == f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session"
    assert denied(house.wires.client("iam", *session).list_users)[0] == "AccessDenied"


def test_a_session_policy_narrows(house: House) -> None:
    ann = house.user("ann")
    arn = house.role("app", {"AWS": ann}, statement("*", "*"))
    keys = house.client("sts", "ann").assume_role(
        RoleArn=arn, RoleSessionName="session", Policy=policy(statement("sqs:*", "*"))
    )["Credentials"]
    session = keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
    house.wires.client("sqs", *session).list_queues()
    assert denied(house.wires.client("s3", *session).list_buckets)[2].endswith(
        "because no session policy allows the s3:ListAllMyBuckets action"
    )


def test_some_calls_of_sts_need_no_permission(house: House) -> None:
    house.user("ann", statement("sts:*", "*", "Deny"))
    sts = house.client("sts", "ann")
    sts.get_session_token()
    sts.get_caller_identity()
    assert house.last.checks == ()


def test_a_deletion_of_many_keys_is_answered_key_by_key(house: House) -> None:
    house.user("ann", statement("s3:DeleteObject", "arn:aws:s3:::basket/mine/*"))
    admin, ann = house.client("s3"), house.client("s3", "ann")
    admin.create_bucket(Bucket="basket")
    for key in ("mine/1", "yours/1"):
        admin.put_object(Bucket="basket", Key=key, Body=b"x")
    objects = [{"Key": "mine/1"}, {"Key": "yours/1"}]
    answer = ann.delete_objects(Bucket="basket", Delete={"Objects": objects})
    assert [each["Key"] for each in answer["Deleted"]] == ["mine/1"]
    assert [(each["Key"], each["Code"]) for each in answer["Errors"]] == [("yours/1", "AccessDenied")]
    assert "s3:DeleteObject" in answer["Errors"][0]["Message"]
    assert [each["Key"] for each in admin.list_objects_v2(Bucket="basket")["Contents"]] == ["yours/1"]
    none = ann.delete_objects(Bucket="basket", Delete={"Objects": objects[1:]})
    assert "Deleted" not in none
    assert len(none["Errors"]) == 1


# -- nobody ----------------------------------------------------------------------------------------------


def test_anonymous_callers_need_a_policy_that_lets_everybody_in(house: House) -> None:
    admin, nobody = house.client("s3"), house.client("s3", None)
    admin.create_bucket(Bucket="basket")
    admin.delete_public_access_block(Bucket="basket")
    admin.put_object(Bucket="basket", Key="k", Body=b"fruit")
    assert denied(nobody.get_object, Bucket="basket", Key="k") == ("AccessDenied", 403, "Access Denied")
    assert house.last.principal == "anonymous"
    allow = statement("s3:GetObject", "arn:aws:s3:::basket/*", Principal="*")
    admin.put_bucket_policy(Bucket="basket", Policy=policy(allow))
    assert nobody.get_object(Bucket="basket", Key="k")["Body"].read() == b"fruit"
    assert denied(nobody.list_objects_v2, Bucket="basket")[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("sts", "MissingAuthenticationToken", 403),
        ("iam", "MissingAuthenticationToken", 403),
        ("ec2", "MissingAuthenticationToken", 403),
        ("dynamodb", "MissingAuthenticationTokenException", 400),
        ("sqs", "MissingAuthenticationToken", 403),
    ],
)
def test_other_services_want_a_signature(house: House, service: str, code: str, status: int) -> None:
    assert denied(getattr(house.client(service, None), CALLS[service]))[:2] == (code, status)


def test_a_presigned_url_has_the_rights_of_its_signer(house: House, presigned: Any) -> None:
    house.user("ann", statement("s3:GetObject", "arn:aws:s3:::basket/*"))
    admin = house.client("s3")
    admin.create_bucket(Bucket="basket")
    admin.put_object(Bucket="basket", Key="a b+c", Body=b"fruit")
    for version in ("s3", "s3v4"):
        ann = house.client("s3", "ann", signature_version=version)
        url = ann.generate_presigned_url("get_object", Params={"Bucket": "basket", "Key": "a b+c"})
        assert house.wires.send(presigned(url))[::2] == (200, b"fruit")
        assert house.last.principal.endswith("user/ann")
        put = ann.generate_presigned_url("put_object", Params={"Bucket": "basket", "Key": "k"})
        status, _, body = house.wires.send(presigned(put, "PUT", b"x"))
        assert status == 403
        assert b"s3:PutObject" in body
