"""Dry runs and client tokens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.labs.sandbox.houses import House, code
from tests.labs.sandbox.strict.cases import (
    Attempt,
    Refusal,
    Repair,
    Table,
    client,
    try_refusal,
    try_repair,
)
from tests.labs.sandbox.strict.networks import image, vpc

TABLE = Table()
refused, repaired = TABLE.refused, TABLE.repaired


def _launch(house: House, token: str, kind: str = "t3.micro") -> dict[str, Any]:
    launch = {"ImageId": image(house), "MinCount": 1, "MaxCount": 1, "ClientToken": token}
    return {**launch, "InstanceType": kind}


@refused("ec2.dry-run", "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
def dry_run_of_a_vpc(house: House) -> Attempt:
    return lambda: client(house, "ec2").create_vpc(CidrBlock="10.0.0.0/16", DryRun=True)


def test_a_dry_run_comes_after_iam_and_after_the_rules(house: House) -> None:
    house.user("ann")
    asked = {"CidrBlock": "169.254.0.0/16", "DryRun": True}
    assert code(client(house, "ec2", "ann").create_vpc, **asked) == "UnauthorizedOperation"
    assert code(client(house, "ec2").create_vpc, **asked) == "InvalidVpc.Range"
    assert code(client(house, "ec2").describe_vpcs, DryRun=True) == "DryRunOperation"
    assert house.last.status == 412


@repaired("ec2.client-token", aws=1, moto=2)
def launch_that_is_sent_again(house: House) -> Any:
    ec2, launch = client(house, "ec2"), _launch(house, "once")
    answers: list[Any] = [ec2.run_instances(**launch), ec2.run_instances(**launch)]
    return len({answer["Instances"][0]["InstanceId"] for answer in answers})


def test_the_event_of_a_retry_says_that_nothing_was_done(house: House) -> None:
    ec2, launch = client(house, "ec2"), _launch(house, "once")
    ec2.run_instances(**launch)
    assert not house.last.explanations
    ec2.run_instances(**launch)
    assert [each.rule for each in house.last.explanations] == ["ec2.client-token"]
    ec2.run_instances(**_launch(house, "twice"))
    assert len(ec2.describe_instances()["Reservations"]) == 2


@refused("ec2.client-token-mismatch", "IdempotentParameterMismatch", "inconsistent with arguments used")
def token_used_for_something_else(house: House) -> Attempt:
    ec2 = client(house, "ec2")
    ec2.run_instances(**_launch(house, "once"))
    other = _launch(house, "once", "t3.small")
    return lambda: ec2.run_instances(**other)


def test_only_so_many_tokens_are_remembered(house: House) -> None:
    ec2, home = client(house, "ec2"), vpc(house)
    for number in range(60):
        ec2.create_route_table(VpcId=home, ClientToken=str(number))
    assert len(house.state.client_tokens) == 50


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)


@pytest.mark.parametrize("on", [True, False], ids=["aws", "moto"])
@pytest.mark.parametrize("case", TABLE.repairs, ids=lambda case: case.name)
def test_the_world_is_as_aws_has_it(house: House, case: Repair, on: bool) -> None:
    try_repair(house, case, on)
