"""Instances take their time to change their state; nobody who waits for them waits longer than that."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labs.aws.ec2.lifecycle import InstanceState
from labs.sandbox import Nursery, World
from labs.sandbox.lifecycle import TAKES

PENDING, STOPPING, SHUTTING_DOWN = InstanceState.PENDING, InstanceState.STOPPING, InstanceState.SHUTTING_DOWN


def launch(world: World, count: int = 1, **more: Any) -> list[str]:
    ec2 = world.client("ec2")
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    launched = ec2.run_instances(
        ImageId=image["ImageId"], InstanceType="t3.micro", MinCount=count, MaxCount=count, **more
    )
    assert {each["State"]["Name"] for each in launched["Instances"]} == {"pending"}
    return [each["InstanceId"] for each in launched["Instances"]]


def states(world: World, **asked: Any) -> list[str]:
    found = world.client("ec2").describe_instances(**asked)["Reservations"]
    return [each["State"]["Name"] for reservation in found for each in reservation["Instances"]]


def test_an_instance_is_pending_until_its_time_has_come(world: World) -> None:
    launch(world, 2)
    assert states(world) == ["pending", "pending"]
    moved = world.advance(seconds=TAKES[PENDING].total_seconds())
    assert [each.kind for each in moved.happened] == ["ec2.arrival"] * 2
    assert states(world) == ["running", "running"]


def test_it_arrives_with_nobodys_help(world: World) -> None:
    launch(world)
    time.sleep(TAKES[PENDING].total_seconds() + 0.3)
    assert states(world) == ["running"]


@pytest.mark.parametrize(
    ("operation", "answer", "via", "end"),
    [
        ("stop_instances", "StoppingInstances", STOPPING, "stopped"),
        ("terminate_instances", "TerminatingInstances", SHUTTING_DOWN, "terminated"),
    ],
)
def test_stopping_and_terminating_take_time_as_well(
    world: World, operation: str, answer: str, via: InstanceState, end: str
) -> None:
    (instance,) = launch(world)
    world.advance(seconds=60)
    (told,) = getattr(world.client("ec2"), operation)(InstanceIds=[instance])[answer]
    assert (told["PreviousState"]["Name"], told["CurrentState"]["Name"]) == ("running", via.value)
    assert states(world) == [via.value]
    assert states(world, Filters=[{"Name": "instance-state-name", "Values": [via.value]}]) == [via.value]
    world.advance(seconds=TAKES[via].total_seconds())
    assert states(world) == [end]


def test_a_start_leads_through_pending_and_is_a_new_launch(world: World) -> None:
    (instance,) = launch(world)
    ec2 = world.client("ec2")
    world.advance(hours=1)
    first = ec2.describe_instances()["Reservations"][0]["Instances"][0]["LaunchTime"]
    ec2.stop_instances(InstanceIds=[instance])
    world.advance(hours=1)
    ec2.start_instances(InstanceIds=[instance])
    assert states(world) == ["pending"]
    world.advance(seconds=10)
    again = ec2.describe_instances()["Reservations"][0]["Instances"][0]
    assert again["State"]["Name"] == "running"
    assert timedelta(hours=2) <= again["LaunchTime"] - first < timedelta(hours=2, minutes=1)


def test_what_is_there_already_stays_there(world: World) -> None:
    (instance,) = launch(world)
    ec2 = world.client("ec2")
    world.advance(seconds=10)
    ec2.start_instances(InstanceIds=[instance])
    assert states(world) == ["running"]
    ec2.stop_instances(InstanceIds=[instance])
    world.advance(seconds=10)
    ec2.stop_instances(InstanceIds=[instance])
    assert states(world) == ["stopped"]


def test_a_call_that_sends_it_elsewhere_is_the_one_that_counts(world: World) -> None:
    (instance,) = launch(world)
    world.client("ec2").terminate_instances(InstanceIds=[instance])
    world.advance(seconds=TAKES[PENDING].total_seconds())
    assert states(world) == ["shutting-down"]
    world.advance(seconds=10)
    assert states(world) == ["terminated"]


WAITERS: list[tuple[str, Callable[[Any, str], object] | None]] = [
    ("instance_running", None),
    ("instance_stopped", lambda ec2, instance: ec2.stop_instances(InstanceIds=[instance])),
    ("instance_terminated", lambda ec2, instance: ec2.terminate_instances(InstanceIds=[instance])),
]


def test_waiters_come_back_when_the_state_is_there_and_not_15_seconds_later(world: World) -> None:
    (instance,) = launch(world)
    ec2 = world.client("ec2")
    for name, begin in WAITERS:
        if begin is not None:
            begin(ec2, instance)
        asked = len(world.events())
        waiting = threading.Thread(target=ec2.get_waiter(name).wait, kwargs={"InstanceIds": [instance]})
        waiting.start()
        if begin is not None:  # the first one waits until the time has really passed
            world.advance(seconds=60)
        waiting.join(60)
        assert not waiting.is_alive()
        assert len(world.events()) == asked + 1, f"{name} asked more than once"


def test_a_plain_look_is_answered_at_once(world: World) -> None:
    (instance,) = launch(world)
    assert states(world, InstanceIds=[instance]) == ["pending"]


def test_a_prepared_instance_runs_when_preparation_ends(nursery: Nursery) -> None:
    with nursery.world(prepare=launch) as world:
        assert states(world) == ["running"]
        launch(world)
        assert states(world) == ["running", "pending"]
        world.reset()
        assert states(world) == ["running"]


def test_nobody_is_on_an_instance_before_it_runs(world: World) -> None:
    (instance,) = launch(world)
    world.metadata_endpoint(instance)
    assert states(world) == ["running"]
    assert timedelta() < world.clock().offset <= TAKES[PENDING]
    world.metadata_endpoint(instance)
    assert world.clock().offset <= TAKES[PENDING]
    assert [change.what[:26] for change in world.history() if change.counts] == ["ec2 RunInstances image/ami"]


def test_a_restart_goes_on_with_what_is_under_way(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with nursery.world(seed=1, journal=path) as world:
        (instance,) = launch(world)
        world.advance(seconds=10)
        world.client("ec2").stop_instances(InstanceIds=[instance])
    with nursery.world(seed=1, journal=path) as world:
        assert states(world) in (["stopping"], ["stopped"])
        world.advance(seconds=10)
        assert states(world) == ["stopped"]


def test_a_launch_that_fails_leaves_nothing_behind(nursery: Nursery) -> None:
    addresses = []
    for fails in (False, True):
        with nursery.world(seed=1) as world:
            ec2 = world.client("ec2")
            if fails:
                spec = {"DeviceIndex": 0, "SubnetId": "subnet-0123456789abcdef0"}
                with pytest.raises(ClientError):
                    launch(world, NetworkInterfaces=[spec])
            launch(world, SubnetId=ec2.describe_subnets()["Subnets"][0]["SubnetId"])
            found = ec2.describe_instances()["Reservations"]
            assert [len(each["Instances"]) for each in found] == [1]
            addresses.append(found[0]["Instances"][0]["PrivateIpAddress"])
    assert addresses[0] == addresses[1]
