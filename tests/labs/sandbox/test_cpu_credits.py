"""CPU credits as CloudWatch tells them: AWS's own numbers, from the life that an instance had."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from labs.errors import InputError
from labs.sandbox import World

FIVE = timedelta(minutes=5)


def launch(world: World, kind: str = "t3.micro") -> str:
    ec2 = world.client("ec2")
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    launched = ec2.run_instances(ImageId=image["ImageId"], InstanceType=kind, MinCount=1, MaxCount=1)
    instance = str(launched["Instances"][0]["InstanceId"])
    world.metadata_endpoint(instance)
    return instance


def points(world: World, instance: str, metric: str, last: timedelta) -> list[tuple[datetime, float]]:
    """The five-minute points of a metric over the last hours."""
    now = world.clock().now
    told = world.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/EC2",
        MetricName=metric,
        Dimensions=[{"Name": "InstanceId", "Value": instance}],
        StartTime=now - last,
        EndTime=now,
        Period=300,
        Statistics=["Average"],
    )
    return sorted((each["Timestamp"], each["Average"]) for each in told["Datapoints"])


def latest(world: World, instance: str, metric: str) -> float:
    return points(world, instance, metric, timedelta(minutes=12))[-1][1]


def test_an_idle_instance_earns_twelve_credits_an_hour_up_to_a_days_worth(world: World) -> None:
    instance = launch(world)
    world.advance(hours=3)
    balance = points(world, instance, "CPUCreditBalance", timedelta(hours=1))
    assert {later[0] - earlier[0] for earlier, later in pairwise(balance)} == {FIVE}
    gains = [later[1] - earlier[1] for earlier, later in pairwise(balance)]
    assert gains == pytest.approx([1.0] * len(gains), abs=1e-5)
    assert 34.9 < balance[-1][1] <= 36
    world.advance(days=3)
    assert latest(world, instance, "CPUCreditBalance") == pytest.approx(288)


def test_a_busy_one_spends_them_and_then_borrows(world: World) -> None:
    instance = launch(world)
    world.advance(hours=2)
    world.set_cpu(instance, Decimal(1))
    world.advance(hours=1)
    assert latest(world, instance, "CPUUtilization") == pytest.approx(100)
    assert latest(world, instance, "CPUCreditUsage") == pytest.approx(10)
    assert latest(world, instance, "CPUCreditBalance") == 0
    # 24 earned in two hours, then 120 spent and 12 earned in the third; the points are up to 5 minutes old.
    assert latest(world, instance, "CPUSurplusCreditBalance") == pytest.approx(84, abs=9.5)
    world.set_cpu(instance, Decimal(0))
    world.advance(days=2)
    assert latest(world, instance, "CPUSurplusCreditBalance") == 0
    assert latest(world, instance, "CPUUtilization") == 0


def test_what_exceeds_a_days_earnings_is_charged(world: World) -> None:
    instance = launch(world)
    world.set_cpu(instance, Decimal(1))
    world.advance(hours=3)
    assert latest(world, instance, "CPUSurplusCreditsCharged") == pytest.approx(9)
    assert latest(world, instance, "CPUSurplusCreditBalance") == pytest.approx(288)


def test_a_stopped_instance_has_no_points_and_keeps_its_credits_for_a_week(world: World) -> None:
    instance = launch(world)
    ec2 = world.client("ec2")
    world.advance(days=1)
    full = latest(world, instance, "CPUCreditBalance")
    ec2.stop_instances(InstanceIds=[instance])
    world.advance(days=6)
    assert points(world, instance, "CPUCreditBalance", timedelta(days=1)) == []
    ec2.start_instances(InstanceIds=[instance])
    world.advance(minutes=10)
    assert full <= latest(world, instance, "CPUCreditBalance") <= 288
    ec2.stop_instances(InstanceIds=[instance])
    world.advance(days=8)
    ec2.start_instances(InstanceIds=[instance])
    world.advance(minutes=10)
    assert latest(world, instance, "CPUCreditBalance") < 3


def test_metric_data_tells_the_same(world: World) -> None:
    instance = launch(world)
    world.advance(hours=2)
    now = world.clock().now
    metric = {
        "Namespace": "AWS/EC2",
        "MetricName": "CPUCreditBalance",
        "Dimensions": [{"Name": "InstanceId", "Value": instance}],
    }
    query = {"Id": "a", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Average"}}
    told = world.client("cloudwatch").get_metric_data(
        StartTime=now - timedelta(hours=1), EndTime=now, MetricDataQueries=[query]
    )
    values = told["MetricDataResults"][0]["Values"]
    assert sorted(values) == pytest.approx(
        [value for _, value in points(world, instance, "CPUCreditBalance", timedelta(hours=1))], abs=1.01
    )


def test_the_metrics_are_listed_of_burstable_instances_alone(world: World) -> None:
    cloudwatch = world.client("cloudwatch")
    launch(world, "m5.large")
    world.advance(hours=1)
    assert cloudwatch.list_metrics(Namespace="AWS/EC2")["Metrics"] == []
    instance = launch(world)
    world.advance(hours=1)
    listed = cloudwatch.list_metrics(Namespace="AWS/EC2", MetricName="CPUCreditBalance")["Metrics"]
    assert [each["Dimensions"] for each in listed] == [[{"Name": "InstanceId", "Value": instance}]]


def test_the_learners_own_metrics_stand_beside_them(world: World) -> None:
    launch(world)
    world.advance(hours=1)
    world.client("cloudwatch").put_metric_data(
        Namespace="Own", MetricData=[{"MetricName": "depth", "Value": 3.0}]
    )
    names: set[Any] = {each["MetricName"] for each in world.client("cloudwatch").list_metrics()["Metrics"]}
    assert {"depth", "CPUCreditBalance"} <= names


@pytest.mark.parametrize("load", [Decimal("1.1"), Decimal("-0.1"), Decimal("80")])
def test_a_load_is_a_fraction(world: World, load: Decimal) -> None:
    instance = launch(world)
    with pytest.raises(InputError, match="fraction"):
        world.set_cpu(instance, load)


def test_an_instance_that_is_not_there_cannot_work(world: World) -> None:
    with pytest.raises(InputError, match="No such instance"):
        world.set_cpu("i-0123456789abcdef0", Decimal(1))
