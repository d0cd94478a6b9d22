"""A question of IAM is put as a real call of one who may do what a policy says, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labs.errors import InputError
from labs.sandbox import World
from labs.sandbox.asking import ask

OBJECT = "arn:aws:s3:::training-7f/data/a.csv"


def allowing(action: str, resource: str = "*") -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_the_policy_decides_and_the_call_stands_in_the_ledger(world: World) -> None:
    asked = ask(world, "s3:GetObject", OBJECT, allowing("s3:GetObject", "arn:aws:s3:::training-7f/data/*"))
    assert asked.verdict == "allowed"
    assert asked.told == "It went through."
    assert asked.command == "aws s3api get-object --bucket training-7f --key data/a.csv"
    # S3 says that a bucket is not there before it asks IAM, so the call is made ready for.
    assert asked.made == ("the bucket training-7f", "the object data/a.csv")

    asked = ask(world, "s3:GetObject", OBJECT, allowing("s3:GetObject", "arn:aws:s3:::other/*"), "narrow")
    assert asked.verdict == "denied"
    assert asked.told.startswith("AccessDenied: ")
    assert asked.made == ()
    last = world.events()[-1]
    assert (last.principal, last.operation) == (asked.principal, "GetObject")
    assert asked.principal.endswith(":federated-user/narrow")
    assert [(each.action, each.decision) for each in last.checks] == [("s3:GetObject", "ImplicitlyDenied")]


def test_an_ec2_call_is_a_dry_run(world: World) -> None:
    asked = ask(world, "ec2:CreateVpc", "*", allowing("ec2:CreateVpc"))

    assert asked.verdict == "allowed"
    assert asked.told.startswith("DryRunOperation: ")
    assert [each.what for each in world.history() if "CreateVpc" in each.what] == []


def test_what_is_not_there_is_told_with_what_iam_said(world: World) -> None:
    table = f"arn:aws:dynamodb:us-east-1:{world.account}:table/none"

    asked = ask(world, "dynamodb:GetItem", table, allowing("dynamodb:GetItem"))
    assert asked.verdict == "allowed"
    assert asked.told.startswith("ResourceNotFoundException: ")


@pytest.mark.parametrize(
    ("action", "policy", "told"),
    [
        ("iam:GetUser", allowing("iam:GetUser"), "may not call iam"),
        ("s3:GetObject", allowing("s3:GetObject", "arn:aws:s3:::" + "x" * 2048), "too long for a session"),
        ("s3:BypassGovernanceRetention", allowing("s3:*"), "No call is named like"),
    ],
)
def test_what_such_a_session_cannot_ask_is_told(action: str, policy: str, told: str, world: World) -> None:
    with pytest.raises(InputError, match=told):
        ask(world, action, "*", policy)
