"""The condition keys that AWS puts into every request, as policies see them through boto3.

Source: IAM User Guide, "AWS global condition context keys"; Amazon S3 API Reference, "Bucket policy examples
using condition keys" (s3:authType, s3:signatureAge, s3:signatureversion).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labs.sandbox.raw import RawRequest
from tests.labs.sandbox.houses import ACCOUNT, House, code, policy, statement

ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"


def allow_if(house: House, condition: dict[str, Any]) -> None:
    document = policy(statement("s3:*", "*", Condition=condition))
    house.client("iam").put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document)


def holds(house: House, condition: dict[str, Any], who: Any = "ann", **options: Any) -> bool:
    """Whether a condition holds for a request of ann's."""
    allow_if(house, condition)
    return code(house.client("s3", who, **options).list_buckets) == ""


@pytest.fixture
def ann(house: House) -> str:
    return house.user("ann", Tags=[{"Key": "team", "Value": "red"}])


# -- the principal -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:username": "ann"}},
        {"ArnEquals": {"aws:PrincipalArn": ANN}},
        {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
        {"StringEquals": {"aws:PrincipalType": "User"}},
        {"Bool": {"aws:PrincipalIsAWSService": "false"}},
        {"StringEquals": {"aws:PrincipalTag/team": "red"}},
        {"StringLike": {"aws:userid": "AIDA*"}},
        {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
        {"StringEquals": {"aws:ResourceAccount": ACCOUNT}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"Bool": {"aws:ViaAWSService": "false"}},
        {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
        {"StringLike": {"aws:UserAgent": "Boto3/*"}},
        {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
        {"NumericGreaterThan": {"aws:EpochTime": "1767225600"}},
        {"Null": {"aws:MultiFactorAuthPresent": "true"}},
        {"Null": {"aws:TokenIssueTime": "true"}},
        {"Null": {"aws:SourceIdentity": "true"}},
        {"Null": {"aws:CalledVia": "true"}},
        {"Null": {"aws:PrincipalOrgID": "true"}},
        {"Null": {"aws:SourceVpce": "true"}},
        {"Null": {"aws:referer": "true"}},
    ],
    ids=lambda condition: " ".join(next(iter(condition.values()))),
)
def test_a_user_with_a_key_that_lasts(house: House, ann: str, condition: dict[str, Any]) -> None:
    assert holds(house, condition)
    (operator, ((key, value),)), *_ = ((each, tuple(pair.items())) for each, pair in condition.items())
    opposite = {"true": "false", "false": "true"}.get(str(value), "1999-01-01")
    wrong = {operator: {key: opposite}} if operator in ("Null", "Bool") else {"StringEquals": {key: "x"}}
    assert not holds(house, wrong)


@pytest.mark.parametrize(
    "condition",
    [
        {"Null": {"aws:username": "true"}},
        {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/app"}},
        {"StringEquals": {"aws:PrincipalType": "AssumedRole"}},
        {"StringLike": {"aws:userid": "AROA*:one"}},
        {"StringEquals": {"aws:PrincipalTag/team": "blue"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
        {"DateGreaterThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}},
    ],
    ids=lambda condition: " ".join(next(iter(condition.values()))),
)
def test_a_session_of_a_role(house: House, condition: dict[str, Any]) -> None:
    tags = [{"Key": "team", "Value": "blue"}]
    role = house.role("app", {"AWS": ACCOUNT}, statement("s3:*", "*", Condition=condition), Tags=tags)
    keys = house.assume("admin", role)
    assert code(house.client("s3", keys).list_buckets) == ""


def test_a_change_of_a_tag_is_obeyed_by_the_next_request(house: House, ann: str) -> None:
    allow_if(house, {"StringEquals": {"aws:PrincipalTag/team": "red"}})
    s3, iam = house.client("s3", "ann"), house.client("iam")
    seen = [code(s3.list_buckets)]
    iam.tag_user(UserName="ann", Tags=[{"Key": "team", "Value": "blue"}])
    seen.append(code(s3.list_buckets))
    iam.tag_user(UserName="ann", Tags=[{"Key": "team", "Value": "red"}])
    seen.append(code(s3.list_buckets))
    iam.untag_user(UserName="ann", TagKeys=["team"])
    seen.append(code(s3.list_buckets))
    assert seen == ["", "AccessDenied", "", "AccessDenied"]


# -- the request -------------------------------------------------------------------------------------------


def test_time_is_that_of_the_worlds_clock(house: House, ann: str) -> None:
    soon = f"{datetime.now(UTC) + timedelta(days=10):%Y-%m-%dT%H:%M:%SZ}"
    allow_if(house, {"DateLessThan": {"aws:CurrentTime": soon}})
    s3 = house.client("s3", "ann")
    assert code(s3.list_buckets) == ""
    house.state.clock.jump(timedelta(days=11))
    assert code(s3.list_buckets) == "AccessDenied"


def test_the_region_is_the_one_that_was_called(house: House, ann: str) -> None:
    here = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    document = policy(statement("sqs:*", "*", Condition=here))
    house.client("iam").put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document)
    assert code(house.client("sqs", "ann").list_queues) == ""
    assert code(house.client("sqs", "ann", region="eu-west-1").list_queues) == "AccessDenied"


def test_the_address_is_the_one_that_the_request_came_from(house: House, ann: str) -> None:
    office = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}

    def at(address: str) -> Callable[[RawRequest], RawRequest]:
        return lambda raw: replace(raw, client_address=address)

    assert holds(house, office, bend=at("203.0.113.77"))
    assert not holds(house, office, bend=at("198.51.100.1"))
    assert not holds(house, office, bend=at("2001:db8::1"))


def test_who_speaks_of_a_referer_has_one(house: House) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="basket")
    s3.delete_public_access_block(Bucket="basket")
    linked = {"StringLike": {"aws:Referer": "https://example.com/*"}}
    document = policy(statement("s3:ListBucket", "arn:aws:s3:::basket", Principal="*", Condition=linked))
    s3.put_bucket_policy(Bucket="basket", Policy=document)

    def from_page(raw: RawRequest) -> RawRequest:
        return replace(raw, headers=(*raw.headers, ("Referer", "https://example.com/a")))

    anyone = house.client("s3", None, bend=from_page)
    assert code(anyone.list_objects_v2, Bucket="basket") == ""
    assert code(house.client("s3", None).list_objects_v2, Bucket="basket") == "AccessDenied"


# -- the signature -----------------------------------------------------------------------------------------


def test_the_way_of_signing_is_known(house: House, ann: str) -> None:
    assert holds(house, {"StringEquals": {"s3:authType": "REST-HEADER"}})
    assert holds(house, {"StringEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}})
    assert not holds(house, {"StringEquals": {"s3:signatureversion": "AWS"}})
    assert holds(house, {"NumericLessThan": {"s3:signatureAge": "600000"}})


def test_presigned_urls_may_be_refused_or_limited(
    house: House, ann: str, presigned: Callable[..., RawRequest]
) -> None:
    house.client("s3").create_bucket(Bucket="basket")
    house.client("s3").put_object(Bucket="basket", Key="k", Body=b"x")
    s3 = house.client("s3", "ann", signature_version="s3v4")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "basket", "Key": "k"}, ExpiresIn=7200)

    def status() -> int:
        return int(house.wires.send(presigned(url))[0])

    seen = []
    for condition in (
        {"StringEquals": {"s3:authType": "REST-QUERY-STRING"}},
        {"StringEquals": {"s3:authType": "REST-HEADER"}},
        {"NumericLessThan": {"s3:signatureAge": "600000"}},
    ):
        allow_if(house, condition)
        seen.append(status())
    house.state.clock.jump(timedelta(minutes=11))
    seen.append(status())
    assert seen == [200, 403, 200, 403]


def test_the_hash_of_the_contents_is_known(house: House, ann: str) -> None:
    of_nothing = hashlib.sha256(b"").hexdigest()
    assert holds(house, {"StringEquals": {"s3:x-amz-content-sha256": of_nothing}})
    assert not holds(house, {"StringEquals": {"s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD"}})


# -- what a service does for the caller ----------------------------------------------------------------------


def test_a_service_that_calls_another_says_so(house: House, ann: str) -> None:
    key = house.client("kms").create_key()["KeyMetadata"]["Arn"]
    house.client("s3").create_bucket(Bucket="basket")
    given = {"Bucket": "basket", "Key": "k", "Body": b"x"}
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    s3 = house.client("s3", "ann")
    for value, expected in (("true", ""), ("false", "AccessDenied")):
        via = statement("kms:*", "*", Condition={"Bool": {"aws:ViaAWSService": value}})
        document = policy(statement("s3:*", "*"), via)
        house.client("iam").put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document)
        assert code(s3.put_object, **given, **encrypted) == expected
