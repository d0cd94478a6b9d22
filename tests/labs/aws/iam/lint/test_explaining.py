"""The findings that stand beside a decision: those that explain it, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from labs.aws.iam import PolicySet, Principal, Request, explain, parse_policy
from labs.aws.iam.lint import explaining

ALICE = Principal.parse("arn:aws:iam::111111111111:user/alice")
BUCKET, OBJECT = "arn:aws:s3:::b", "arn:aws:s3:::b/k"


def codes(
    action: str,
    resource: str,
    *statements: dict[str, Any],
    place: str = "identity",
    version: str = "2012-10-17",
) -> list[tuple[str, str]]:
    policy = parse_policy({"Version": version, "Statement": list(statements)}, "p")
    policies = PolicySet(identity=(policy,)) if place == "identity" else PolicySet(resource=policy)
    decision = explain(Request(ALICE, action, resource), policies)
    return [(each.code, each.path) for each in explaining(decision)]


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def test_a_bucket_action_on_objects_explains_why_listing_is_denied() -> None:
    mixed = allow(["s3:GetObject", "s3:ListBucket"], "arn:aws:s3:::b/*")

    assert codes("s3:ListBucket", BUCKET, mixed) == [("action-resource-mismatch", "Statement[0].Action[1]")]
    assert codes("s3:GetObject", OBJECT, mixed) == []


def test_a_misspelt_action_explains_the_denial_of_the_one_that_was_meant() -> None:
    misspelt = allow(["s3:GetObjcet", "sqs:SendMesage"], "*")

    assert codes("s3:GetObject", OBJECT, misspelt) == [("unknown-action", "Statement[0].Action[0]")]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (allow("s3:*", "*", Condition={"StringEquals": {"aws:SourceIp": "10.0.0.0/8"}}), "operator-type"),
        (allow("s3:*", "*", Condition={"StringEquals": {"aws:username": "al*"}}), "wildcard-without-like"),
        (allow("s3:*", "*", Condition={"Bool": {"aws:SecureTransprot": "true"}}), "unknown-key"),
        (allow("s3:Get*", "arn:aws:s3:us-east-1::b/*"), "bad-arn"),
    ],
)
def test_what_keeps_a_statement_from_matching_is_named(statement: dict[str, Any], code: str) -> None:
    assert code in [found for found, _ in codes("s3:GetObject", OBJECT, statement)]


def test_a_variable_under_the_old_version_is_named() -> None:
    own = allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*")

    found = codes("s3:GetObject", "arn:aws:s3:::b/alice/x", own, version="2008-10-17")

    assert found == [("variable-old-version", "Statement[0].Resource")]


def test_findings_about_other_actions_are_left_out() -> None:
    others = allow("sqs:*", "*", Condition={"Bool": {"aws:SecureTransprot": "true"}})

    assert codes("s3:GetObject", OBJECT, others, allow("iam:PassRole", "*")) == []


def test_an_allow_that_is_wider_than_it_looks_says_so() -> None:
    assert codes("s3:GetObject", OBJECT, {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}) == [
        ("not-action-allow", "Statement[0].NotAction")
    ]
    public = allow("s3:GetObject", "arn:aws:s3:::b/*", Principal="*")
    assert codes("s3:GetObject", OBJECT, public, place="resource") == [
        ("principal-everyone", "Statement[0].Principal")
    ]


def test_a_deny_that_spares_nobody_says_what_it_lacks() -> None:
    deny = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": ALICE.arn},
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::b/*",
    }

    assert codes("s3:GetObject", OBJECT, deny, place="resource") == [
        ("not-principal-incomplete", "Statement[0].NotPrincipal.AWS")
    ]


@pytest.mark.parametrize(
    ("action", "resource", "code", "path", "repair"),
    [
        ("s3:ListObjectsV2", BUCKET, "unknown-action", "request.action", "Did you mean s3:ListBucket?"),
        (
            "s3:GetObject",
            BUCKET,
            "action-resource-mismatch",
            "request.resource",
            "It is about arn:aws:s3:::b/*.",
        ),
        ("s3:ListAllMyBuckets", BUCKET, "action-needs-star", "request.resource", "*"),
    ],
)
def test_a_question_that_no_one_asks_is_named(
    action: str, resource: str, code: str, path: str, repair: str
) -> None:
    decision = explain(Request(ALICE, action, resource), PolicySet())
    [found] = explaining(decision)

    assert (found.code, found.path) == (code, path)
    assert repair in found.repair


@pytest.mark.parametrize(
    ("action", "resource"),
    [("s3:GetObject", OBJECT), ("s3:ListAllMyBuckets", "*"), ("custom:Thing", "*"), ("s3:GetObject", "*")],
)
def test_a_good_question_has_no_findings(action: str, resource: str) -> None:
    assert explaining(explain(Request(ALICE, action, resource), PolicySet())) == ()
