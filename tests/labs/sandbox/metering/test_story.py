"""The stories of the lesson on billing, told with real boto3 calls: the bill is exact, Cost Explorer agrees.

Golden numbers: AWS's rules at its list prices of us-east-1, by hand (EC2: seconds while running, 60 at least
for each start; EBS: GiB times seconds by the seconds of the month; S3: by the request; IPv4: by the second).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from labs.aws.billing.money import shown
from labs.aws.ec2.lifecycle import InstanceState
from labs.sandbox import Nursery, World, lifecycle, read_journal
from tests.labs.sandbox.houses import House
from tests.labs.sandbox.metering.clocks import HOUR, START, at, bill_at


def launch(ec2: Any, kind: str = "gp2") -> str:
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]
    disk = {"DeviceName": image["RootDeviceName"], "Ebs": {"VolumeSize": 8, "VolumeType": kind}}
    launched = ec2.run_instances(
        ImageId=image["ImageId"],
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        BlockDeviceMappings=[disk],
    )
    return str(launched["Instances"][0]["InstanceId"])


def costs(house: House, now: datetime) -> dict[str, Decimal]:
    return {line.usage_type: line.cost for line in bill_at(house, now).lines}


def test_a_micro_instance_that_is_stopped_started_and_terminated_costs_its_seconds(house: House) -> None:
    # At once running, as while a world is prepared, so that the hours are full ones.
    house.state.agenda.hurried = True
    ec2, ends = house.client("ec2"), START + 7 * HOUR + timedelta(seconds=20)
    with at(house, START):
        instance = launch(ec2)
    with at(house, START + 5 * HOUR):
        ec2.stop_instances(InstanceIds=[instance])
    with at(house, START + 7 * HOUR):
        ec2.start_instances(InstanceIds=[instance])
    with at(house, ends):
        ec2.terminate_instances(InstanceIds=[instance])

    found = costs(house, ends + 24 * HOUR)

    seconds = 5 * 3600 + 60
    assert seconds == 18_060
    assert found["BoxUsage:t3.micro"] * 3600 == pytest.approx(
        seconds * Decimal("0.0104"), abs=Decimal("1e-30")
    )
    assert f"{found['BoxUsage:t3.micro']:.7f}" == "0.0521733"
    month = 31 * 86_400
    assert found["EBS:VolumeUsage.gp2"] * month == pytest.approx(
        8 * 25_220 * Decimal("0.10"), abs=Decimal("1e-30")
    )
    assert f"{found['EBS:VolumeUsage.gp2']:.8f}" == "0.00753286"
    # Its public address, which it lost while it was stopped.
    assert found["PublicIPv4:InUseAddress"] * 3600 == pytest.approx(
        18_020 * Decimal("0.005"), abs=Decimal("1e-30")
    )
    assert len(found) == 3


def test_an_instance_costs_from_when_it_runs_and_not_while_it_stops(house: House) -> None:
    lifecycle.watch(house.state)
    lifecycle.take_time()
    house.state.agenda.hurried = False
    ec2, boot = house.client("ec2"), lifecycle.TAKES[InstanceState.PENDING]
    with at(house, START):
        instance = launch(ec2)
    with at(house, START + boot + HOUR):
        ec2.stop_instances(InstanceIds=[instance])

    found = costs(house, START + 24 * HOUR)

    assert found["BoxUsage:t3.micro"] == Decimal("0.0104")
    assert found["PublicIPv4:InUseAddress"] == Decimal("0.005")


@pytest.fixture
def world(nursery: Nursery) -> Iterator[World]:
    with nursery.world(seed=1, start=START) as world:
        yield world


def test_boto3_and_advance_bill_what_the_journal_says_and_cost_explorer_has_the_same_total(
    world: World, tmp_path: Any
) -> None:
    """Here the clock goes on while calls are made: the seconds follow from the journal's times."""
    ec2 = world.client("ec2")
    instance = launch(ec2)
    world.advance(hours=5)
    ec2.stop_instances(InstanceIds=[instance])
    world.advance(hours=2)
    ec2.start_instances(InstanceIds=[instance])
    world.advance(seconds=23)
    ec2.terminate_instances(InstanceIds=[instance])
    world.advance(days=1)
    spent = world.bill()

    file = tmp_path / "journal"
    world.open_journal(file, "sandbox")
    calls = [
        entry.time for entry in read_journal(file).entries if b"Action=" in getattr(entry.change, "body", b"")
    ]
    ran, stopped, started, ended = calls
    boot = lifecycle.TAKES[InstanceState.PENDING]
    seconds = max(60, up(stopped - ran - boot)) + max(60, up(ended - started - boot))
    month = 31 * 86_400
    expected = (
        seconds * Decimal("0.0104") / 3600
        + 8 * up(ended - ran) * Decimal("0.10") / month
        + (up(stopped - ran - boot) + up(ended - started - boot)) * Decimal("0.005") / 3600
    )
    assert abs(spent.bill.total - expected) < Decimal("1e-20")

    ce = world.client("ce")
    period = {"Start": "2026-01-01", "End": "2026-02-01"}
    [month_told] = ce.get_cost_and_usage(TimePeriod=period, Granularity="MONTHLY", Metrics=["UnblendedCost"])[
        "ResultsByTime"
    ]
    assert Decimal(month_told["Total"]["UnblendedCost"]["Amount"]) == shown(spent.bill.total, 10)
    days = ce.get_cost_and_usage(
        TimePeriod=period,
        Granularity="DAILY",
        Metrics=["UnblendedCost"],
        GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}],
    )["ResultsByTime"]
    amounts = [
        Decimal(group["Metrics"]["UnblendedCost"]["Amount"]) for day in days for group in day["Groups"]
    ]
    assert abs(sum(amounts) - spent.bill.total) < Decimal("1e-8")
    assert {group["Keys"][0] for day in days for group in day["Groups"]} == {
        "Amazon Elastic Compute Cloud - Compute",
        "EC2 - Other",
        "Amazon Virtual Private Cloud",
    }


def up(time: timedelta) -> int:
    """The seconds that have begun."""
    return -(-time // timedelta(seconds=1))


def test_nothing_costs_nothing(world: World) -> None:
    spent = world.bill()

    assert spent.bill.lines == ()
    assert spent.bill.total == 0
