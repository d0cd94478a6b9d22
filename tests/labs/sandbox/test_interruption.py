"""EC2 takes a Spot Instance back: its metadata say so two minutes ahead, and then it is done."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labs.errors import InputError
from labs.sandbox import World

SPOT = "/latest/meta-data/spot/"
MINUTE = timedelta(minutes=1)
ROUNDED = timedelta(milliseconds=1)  # what is told of the clock is cut off there


def launch(world: World, behaviour: str | None = None, market: str = "spot") -> str:
    ec2 = world.client("ec2")
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    options: dict[str, Any] = {"MarketType": "spot"}
    if behaviour is not None:
        options["SpotOptions"] = {"SpotInstanceType": "persistent", "InstanceInterruptionBehavior": behaviour}
    more = {"InstanceMarketOptions": options} if market == "spot" else {}
    launched = ec2.run_instances(
        ImageId=image["ImageId"], InstanceType="t3.micro", MinCount=1, MaxCount=1, **more
    )
    return str(launched["Instances"][0]["InstanceId"])


def ask(base: str, path: str) -> str | None:
    """What the metadata service says, None where there is nothing."""
    try:
        with urllib.request.urlopen(base + path, timeout=5) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as refused:
        with refused:
            return None if refused.code == 404 else f"status {refused.code}"


def instance_of(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.client("ec2").describe_instances()["Reservations"][0]["Instances"][0]
    return found


def test_the_metadata_tell_two_minutes_ahead_by_the_clock_of_whoever_asks(world: World) -> None:
    instance = launch(world)
    base = world.metadata_endpoint(instance)
    world.advance(days=1)
    when = world.interrupt(instance, after=timedelta(minutes=10))
    assert timedelta(minutes=9) < when - world.clock().now <= timedelta(minutes=10) + ROUNDED
    assert ask(base, SPOT + "instance-action") is None
    world.advance(to=when - 3 * MINUTE)
    assert ask(base, SPOT + "instance-action") is None
    moved = world.advance(to=when - MINUTE)
    assert [each.kind for each in moved.happened] == ["ec2.spot.notice"]
    told = json.loads(ask(base, SPOT + "instance-action") or "")
    assert told["action"] == "terminate"
    left = datetime.fromisoformat(told["time"]) - datetime.now(UTC)
    assert timedelta(seconds=40) < left <= MINUTE
    assert ask(base, SPOT + "termination-time") == told["time"]
    assert ask(base, SPOT) == "instance-action\ntermination-time"
    advised = json.loads(ask(base, "/latest/meta-data/events/recommendations/rebalance") or "")
    noticed = datetime.fromisoformat(advised["noticeTime"])
    assert datetime.fromisoformat(told["time"]) - noticed == 2 * MINUTE
    assert instance_of(world)["State"]["Name"] == "running"


def test_then_the_instance_is_terminated_and_says_why(world: World) -> None:
    instance = launch(world)
    world.advance(minutes=1)
    when = world.interrupt(instance)
    assert timedelta(seconds=100) < when - world.clock().now <= 2 * MINUTE + ROUNDED, (
        "never without its warning"
    )
    moved = world.advance(to=when)
    assert moved.happened[-1].text == f"{instance} was interrupted: terminate"
    found = instance_of(world)
    assert found["State"]["Name"] == "shutting-down"
    assert found["StateReason"]["Code"] == "Server.SpotInstanceTermination"
    world.advance(seconds=30)
    assert instance_of(world)["State"]["Name"] == "terminated"


def test_one_that_is_to_be_stopped_is_stopped(world: World) -> None:
    instance = launch(world, "stop")
    base = world.metadata_endpoint(instance)
    when = world.interrupt(instance)
    assert json.loads(ask(base, SPOT + "instance-action") or "")["action"] == "stop"
    assert ask(base, SPOT + "termination-time") is None
    world.advance(to=when + MINUTE)
    found = instance_of(world)
    assert (found["State"]["Name"], found["StateReason"]["Code"]) == (
        "stopped",
        "Server.SpotInstanceShutdown",
    )
    world.client("ec2").start_instances(InstanceIds=[instance])
    world.advance(minutes=5)
    assert instance_of(world)["State"]["Name"] == "running"
    assert ask(base, SPOT + "instance-action") is None


def test_hibernation_begins_with_its_notice(world: World) -> None:
    instance = launch(world, "hibernate")
    world.advance(minutes=1)
    when = world.interrupt(instance)
    assert when - world.clock().now < timedelta(seconds=1)
    world.advance(seconds=30)
    assert instance_of(world)["State"]["Name"] == "stopped"


def test_a_request_tells_how_its_instance_fared(world: World) -> None:
    ec2 = world.client("ec2")
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    asked = ec2.request_spot_instances(
        InstanceCount=1, LaunchSpecification={"ImageId": image["ImageId"], "InstanceType": "t3.micro"}
    )
    request = asked["SpotInstanceRequests"][0]["SpotInstanceRequestId"]

    def status() -> tuple[str, str]:
        (found,) = ec2.describe_spot_instance_requests(SpotInstanceRequestIds=[request])[
            "SpotInstanceRequests"
        ]
        return found["State"], found["Status"]["Code"]

    world.advance(minutes=1)
    assert status() == ("active", "fulfilled")
    when = world.interrupt(instance_of(world)["InstanceId"])
    assert status() == ("active", "marked-for-termination")
    world.advance(to=when)
    assert status() == ("closed", "instance-terminated-no-capacity")


def test_the_last_word_on_when_is_the_one_that_counts(world: World) -> None:
    instance = launch(world)
    world.advance(minutes=1)
    world.interrupt(instance, after=timedelta(minutes=5))
    when = world.interrupt(instance, after=timedelta(hours=1))
    world.advance(minutes=30)
    assert instance_of(world)["State"]["Name"] == "running"
    world.advance(to=when)
    assert instance_of(world)["State"]["Name"] == "shutting-down"


def test_one_that_is_gone_before_is_left_alone(world: World) -> None:
    instance = launch(world)
    when = world.interrupt(instance, after=timedelta(minutes=5))
    world.client("ec2").terminate_instances(InstanceIds=[instance])
    moved = world.advance(to=when + MINUTE)
    assert [each.kind for each in moved.happened] == ["ec2.arrival"]
    assert instance_of(world)["StateReason"]["Code"] == "Client.UserInitiatedShutdown"


def test_only_spot_instances_that_run_can_be_interrupted(world: World) -> None:
    with pytest.raises(InputError, match="No such instance"):
        world.interrupt("i-0123456789abcdef0")
    with pytest.raises(InputError, match="Only Spot"):
        world.interrupt(launch(world, market="on-demand"))
    instance = launch(world)
    world.client("ec2").terminate_instances(InstanceIds=[instance])
    with pytest.raises(InputError, match="does not run"):
        world.interrupt(instance)
