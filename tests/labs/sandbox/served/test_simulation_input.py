"""What a simulation is given: context by its type, and what AWS refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.labs.sandbox.houses import ACCOUNT, House, denied, policy, statement
from tests.labs.sandbox.served.simulations import (
    ANN,
    KEY,
    OTHER_KEY,
    READ_B,
    custom,
    entry,
)

# -- context -------------------------------------------------------------------------------------------


def test_a_key_that_nobody_gave_is_missing(house: House) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red"}, "Bool": {"aws:SecureTransport": "true"}}
    result = custom(house, policy(statement("s3:*", "*", Condition=condition)))
    assert result["EvalDecision"] == "implicitDeny"
    assert result["MissingContextValues"] == ["aws:PrincipalTag/team", "aws:SecureTransport"]
    given = [entry("aws:PrincipalTag/Team", "red")]
    assert custom(house, policy(statement("s3:*", "*", Condition=condition)), ContextEntries=given)[
        "MissingContextValues"
    ] == ["aws:SecureTransport"]


def test_a_key_of_a_statement_about_something_else_is_not_missing(house: House) -> None:
    condition = {"Bool": {"aws:SecureTransport": "true"}}
    elsewhere = [
        statement("sqs:*", "*", Condition=condition),
        statement("s3:*", "arn:aws:s3:::z/*", Condition=condition),
    ]
    result = custom(house, policy(*elsewhere), ResourceArns=[KEY])
    assert result["MissingContextValues"] == []


def test_what_follows_from_the_caller_must_be_given_too(house: House) -> None:
    home = policy(statement("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*"))
    about: dict[str, Any] = {
        "CallerArn": ANN,
        "ResourceArns": ["arn:aws:s3:::b/ann/x", "arn:aws:s3:::b/bob/x"],
    }
    result = custom(house, home, **about)
    assert result["MissingContextValues"] == ["aws:username"]
    assert [each["MissingContextValues"] for each in result["ResourceSpecificResults"]] == [
        ["aws:username"]
    ] * 2
    known = custom(house, home, **about, ContextEntries=[entry("aws:username", "ann")])
    decisions = [each["EvalResourceDecision"] for each in known["ResourceSpecificResults"]]
    assert (decisions, known["MissingContextValues"]) == (["allowed", "implicitDeny"], [])


ADDRESSES = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
TAG_KEYS = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}


@pytest.mark.parametrize(
    ("condition", "type", "values", "decision"),
    [
        ({"NumericLessThan": {"s3:max-keys": "10"}}, "numeric", ["9"], "allowed"),
        ({"Bool": {"aws:SecureTransport": "true"}}, "boolean", ["TRUE"], "allowed"),
        (ADDRESSES, "ip", ["203.0.113.9"], "allowed"),
        (ADDRESSES, "ip", ["198.51.100.1"], "implicitDeny"),
        ({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}, "date", ["1767225600"], "allowed"),
        ({"BinaryEquals": {"some:key": "QmlnVmFsdWU="}}, "binary", ["QmlnVmFsdWU="], "allowed"),
        ({"BinaryEquals": {"some:key": "QmlnVmFsdWU="}}, "binary", ["QQ=="], "implicitDeny"),
        (TAG_KEYS, "stringList", ["a", "b"], "allowed"),
        (TAG_KEYS, "stringList", ["a", "c"], "implicitDeny"),
        # A list has several values, which only set operators look at.
        ({"StringEquals": {"aws:TagKeys": "a"}}, "stringList", ["a"], "implicitDeny"),
    ],
    ids=str,
)
def test_context_entries_are_read_by_their_type(
    house: House, condition: dict[str, dict[str, Any]], type: str, values: list[str], decision: str
) -> None:
    ((key, _),) = next(iter(condition.values())).items()
    given = entry(key, *values, type=type)
    result = custom(house, policy(statement("s3:*", "*", Condition=condition)), ContextEntries=[given])
    assert result["EvalDecision"] == decision


# -- what AWS refuses ----------------------------------------------------------------------------------

ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
NO_ENTITY = "does not clearly define entity type and name"
PUBLIC = policy({**READ_B, "Principal": "*"})
FINE: dict[str, Any] = {"PolicyInputList": [policy(READ_B)], "ActionNames": ["s3:GetObject"]}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"PolicyInputList": ["{"]}, "PolicyInputList.1"),
        ({"PolicyInputList": [policy(READ_B), PUBLIC]}, "PolicyInputList.2"),
        ({"ActionNames": ["s3:*"]}, "s3:*"),
        ({"ActionNames": ["GetObject"]}, "GetObject"),
        ({"ResourceArns": ["b/k"]}, "b/k"),
        ({"ResourceOwner": "ann"}, "ann"),
        ({"CallerArn": SESSION}, NO_ENTITY),
        ({"CallerArn": f"arn:aws:iam::{ACCOUNT}:root"}, NO_ENTITY),
        ({"ResourcePolicy": PUBLIC}, "CallerArn"),
        ({"ResourcePolicy": PUBLIC, "CallerArn": ROLE}, "Caller must be an IAM user"),
        ({"ResourcePolicy": policy(READ_B), "CallerArn": ANN}, "ResourcePolicy"),
        ({"ResourcePolicy": PUBLIC, "CallerArn": ANN, "ResourceArns": [OTHER_KEY]}, OTHER_KEY),
        ({"PermissionsBoundaryPolicyInputList": [policy(READ_B)] * 2}, "one policy"),
        ({"OrderedOrganizationPolicyInputList": [{"ServiceControlPolicyInputList": []}] * 8}, "7 levels"),
        ({"ContextEntries": [entry("aws:SourceIp", "here", type="ip")]}, "here"),
        ({"ContextEntries": [entry("s3:max-keys", "many", type="numeric")]}, "many"),
        ({"ContextEntries": [entry("s3:max-keys", "NaN", type="numericList")]}, "NaN"),
        ({"ContextEntries": [entry("aws:CurrentTime", "soon", type="date")]}, "soon"),
        ({"ContextEntries": [entry("aws:SecureTransport", "1", type="boolean")]}, "boolean"),
        ({"ContextEntries": [entry("some:key", "?", type="binary")]}, "binary"),
        ({"ContextEntries": [entry("aws:username", "a", "b")]}, "one value"),
        ({"ContextEntries": [entry("username", "a")]}, "username"),
        ({"ContextEntries": [entry("aws:username", "a", type="text")]}, "text"),
        ({"ResourceHandlingOption": "EC2-Classic-EBS"}, "EC2-Classic-EBS"),
        ({"ResourceHandlingOption": "EC2-VPC-EBS-Subnet"}, "instance, image, security-group"),
    ],
    ids=str,
)  # fmt: skip
def test_invalid_input_is_refused(house: House, changed: dict[str, Any], told: str) -> None:
    code, status, message = denied(house.client("iam").simulate_custom_policy, **{**FINE, **changed})
    assert (code, status) == ("InvalidInput", 400)
    assert told in message


@pytest.mark.parametrize(
    "exclusion",
    [
        {"PolicyArn": "arn:aws:iam::*:policy/readers"},
        {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/r*d*"},
        {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:role/readers"},
    ],
    ids=str,
)
def test_an_exclusion_that_names_nothing_is_refused(house: House, exclusion: dict[str, str]) -> None:
    arn = house.user("ann")
    asked: dict[str, Any] = {
        "PolicySourceArn": arn,
        "ActionNames": ["s3:GetObject"],
        "PolicyExclusionList": [exclusion],
    }
    assert denied(house.client("iam").simulate_principal_policy, **asked)[:2] == ("InvalidInput", 400)


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_somebody_who_is_not_there_cannot_be_simulated(house: House, kind: str) -> None:
    asked: dict[str, Any] = {
        "PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:{kind}/nobody",
        "ActionNames": ["s3:GetObject"],
    }
    assert denied(house.client("iam").simulate_principal_policy, **asked) == (
        "NoSuchEntity",
        404,
        f"The {kind} with name nobody cannot be found.",
    )


def test_an_attached_policy_that_cannot_be_read_is_an_evaluation_error(house: House) -> None:
    from moto.iam.models import iam_backends

    arn = house.user("ann")
    iam_backends[ACCOUNT]["aws"].users["ann"].policies["broken"] = "{}"
    asked: dict[str, Any] = {"PolicySourceArn": arn, "ActionNames": ["s3:GetObject"]}
    code, status, message = denied(house.client("iam").simulate_principal_policy, **asked)
    assert (code, status) == ("PolicyEvaluation", 500)
    assert "user_ann_broken" in message


def test_a_simulation_needs_permission_itself(house: House) -> None:
    ann = house.user("ann", statement("iam:SimulatePrincipalPolicy", ANN))
    bob = house.user("bob")
    iam = house.client("iam", "ann")
    asked: dict[str, Any] = {"ActionNames": ["s3:GetObject"]}
    assert iam.simulate_principal_policy(PolicySourceArn=ann, **asked)["EvaluationResults"]
    assert denied(iam.simulate_principal_policy, PolicySourceArn=bob, **asked)[0] == "AccessDenied"
    assert denied(iam.simulate_custom_policy, **FINE)[0] == "AccessDenied"
