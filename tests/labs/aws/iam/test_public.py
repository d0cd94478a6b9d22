"""What S3 takes for a public policy: the cases of its guide, and their neighbours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labs.aws.iam import parse_policy
from labs.aws.iam.public import public_statements

BUCKET = "arn:aws:s3:::basket/*"
EVERYBODY = {"AWS": "*"}


def public(principal: Any, effect: str = "Allow", element: str = "Principal", **condition: Any) -> bool:
    statement = {"Effect": effect, element: principal, "Action": "s3:GetObject", "Resource": BUCKET}
    if condition:
        statement["Condition"] = condition
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return bool(public_statements(parse_policy(json.dumps(document), type="resource")))


@pytest.mark.parametrize("principal", ["*", EVERYBODY, {"Service": "*"}])
def test_everybody_is_public(principal: Any) -> None:
    assert public(principal)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "arn:aws:iam::111122223333:root"},
        {"AWS": ["111122223333", "arn:aws:iam::444455556666:role/reader"]},
        {"Service": "cloudtrail.amazonaws.com"},
    ],
)
def test_named_principals_are_not(principal: Any) -> None:
    assert not public(principal)


def test_everybody_but_some_is_public() -> None:
    assert public({"AWS": "arn:aws:iam::111122223333:root"}, element="NotPrincipal")


def test_a_statement_that_denies_makes_nothing_public() -> None:
    assert not public("*", effect="Deny")


# S3 User Guide, "The meaning of 'public'", its examples among them.
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}, False),
        ({"StringLike": {"aws:SourceVpc": "vpc-*"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}, False),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1234567890"}}, True),
        ({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1a2b3c4d"}}, True),
        ({"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:news"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:*"}}, True),
        ({"StringEquals": {"aws:UserAgent": "mine"}}, True),
        ({"Null": {"aws:SourceVpc": "false"}}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.9"}}, False),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}, True),
        ({"IpAddress": {"aws:SourceIp": "54.0.0.0/7"}}, True),
        ({"IpAddress": {"aws:SourceIp": "54.0.0.0/8"}}, False),
        ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}, True),
        ({"IpAddress": {"aws:SourceIp": "2001:db8::/31"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}, True),
        (
            {"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:123456789012:accesspoint/*"}},
            False,
        ),
        ({"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:*:accesspoint/*"}}, True),
        ({"StringLike": {"aws:userid": "AROAEXAMPLEEXAMPLE:*"}}, True),
        ({"StringEquals": {"aws:userid": "AIDAEXAMPLEEXAMPLE"}}, False),
    ],
    ids=str,
)
def test_a_condition_bounds_when_it_is_of_fixed_values(condition: Any, expected: bool) -> None:
    assert public("*", **condition) is expected


def test_one_condition_that_bounds_is_enough() -> None:
    bound: dict[str, Any] = {
        "StringLike": {"aws:UserAgent": "*"},
        "StringEquals": {"aws:SourceVpc": "vpc-91237329"},
    }
    assert not public("*", **bound)
