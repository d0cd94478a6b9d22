"""Write a function that finds what still costs money: of every kind, and in every Region."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.course import Call, CodeExercise, CounterExample, Criterion, Run, Variant
from labs.course.marks import failed, passed, skipped
from labs.units.billing.bills import BILL, Document, estimate_of, stdin_of
from labs.units.billing.scenery import ROOT_GIB, allocate, instances

if TYPE_CHECKING:
    from labs.sandbox import World

AUDITOR = "user/auditor"
MAY_LOOK = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}],
}
HOME = "us-east-1"
REGIONS = ("us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1", "ap-southeast-2", "sa-east-1")

RUNS = "finds the instance that runs, and none that does not"
VOLUMES = "finds every volume"
ADDRESSES = "finds every Elastic IP address"
GATEWAYS = "finds the NAT gateway that is there, and not the one that was deleted"
ELSEWHERE = "finds what is in the other Region"


class StillBilling(CodeExercise):
    title = "What still bills?"
    minutes = 20
    points = 10

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        far = rng.choice(REGIONS)
        return {
            "far": far,
            "home": HOME,
            "who": rng.choice(("Alice", "Chen", "Dana", "Femi", "Ines", "Kofi", "Mira", "Omar")),
            "team": rng.choice(("genome", "survey", "sensor", "archive", "robotics")),
            "sizes": rng.sample(range(10, 400, 10), 2),
            "type": rng.choice(("t3.micro", "t3.small", "t3.medium")),
        }

    def prepare(self, world: World, variant: Variant) -> None:
        v = variant.values
        iam = world.client("iam")
        iam.create_user(UserName="auditor")
        iam.put_user_policy(UserName="auditor", PolicyName="look", PolicyDocument=json.dumps(MAY_LOOK))

        ec2 = world.client("ec2")
        launched = instances(ec2, v["type"], 3)
        running, stopped, gone = (each["InstanceId"] for each in launched)
        ec2.stop_instances(InstanceIds=[stopped])
        ec2.terminate_instances(InstanceIds=[gone])
        ec2.create_volume(AvailabilityZone=f"{HOME}a", Size=v["sizes"][0], VolumeType="gp3")
        used, first, second = (allocate(ec2) for _ in range(3))
        ec2.associate_address(AllocationId=used, InstanceId=running)
        subnet = launched[0]["SubnetId"]
        made = [
            ec2.create_nat_gateway(SubnetId=subnet, AllocationId=each)["NatGateway"]["NatGatewayId"]
            for each in (first, second)
        ]
        # Its address stays behind, idle.
        ec2.delete_nat_gateway(NatGatewayId=made[1])

        far = world.client("ec2", region=v["far"])
        far.create_volume(AvailabilityZone=f"{v['far']}a", Size=v["sizes"][1], VolumeType="gp3")
        allocate(far)

    def calls(self, variant: Variant) -> Sequence[Call]:
        return (Call("still_billing", ([HOME, variant.values["far"]],), as_=AUDITOR),)

    def mark(self, world: World, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        (result,) = run.results
        names = (RUNS, VOLUMES, ADDRESSES, GATEWAYS, ELSEWHERE)
        if result.error is not None:
            return (failed(RUNS, 2, result.error), *(skipped(name, 2, "") for name in names[1:]))
        if not isinstance(result.value, list) or not all(isinstance(each, str) for each in result.value):
            said = f"It returned {result.value!r}; a list of ids is asked for."
            return tuple(failed(name, 2, said) for name in names)
        found = set(result.value)
        if not found:
            return tuple(skipped(name, 2, "The function finds nothing yet.") for name in names)
        home = _there(world.client("ec2"))
        far = world.client("ec2", region=variant.values["far"])  # a volume and an address, and nothing else
        elsewhere = _ids(_volumes(far), "VolumeId") | _ids(_addresses(far), "AllocationId")
        return (
            _mark(RUNS, found, home["running"], home["idle"]),
            _mark(VOLUMES, found, home["volume"], frozenset(), "B1", home["of_stopped"], _KEPT),
            _mark(ADDRESSES, found, home["address"], frozenset(), "B4", home["in_use"], _IN_USE),
            _mark(GATEWAYS, found, home["gateway"], home["deleted"], "B5", home["gateway"], _IDLE),
            _mark(ELSEWHERE, found, elsewhere, frozenset(), "B9", elsewhere, _far(variant)),
        )


_IN_USE = estimate_of({"meter": "ipv4", "used_by": "ec2"})
_IDLE = estimate_of({"meter": "nat.gateway"})
_KEPT = estimate_of({"meter": "ebs.volume", "type": "gp2", "gib": ROOT_GIB})


def _far(variant: Variant) -> Document:
    """What stands in the other Region, at the price book's rates, which are us-east-1's."""
    return estimate_of(
        {"meter": "ebs.volume", "type": "gp3", "gib": variant.values["sizes"][1]},
        {"meter": "ipv4", "used_by": "nothing"},
    )


def _there(ec2: Any) -> dict[str, frozenset[str]]:
    """What is in a Region, by what it is to this exercise."""
    states = {
        each["InstanceId"]: each["State"]["Name"]
        for reservation in ec2.describe_instances()["Reservations"]
        for each in reservation["Instances"]
    }
    volumes, addresses = _volumes(ec2), _addresses(ec2)
    gateways = {each["NatGatewayId"]: each["State"] for each in ec2.describe_nat_gateways()["NatGateways"]}
    return {
        "running": _those(states, "running"),
        "idle": frozenset(states) - _those(states, "running"),
        "volume": _ids(volumes, "VolumeId"),
        "of_stopped": frozenset(
            each["VolumeId"]
            for each in volumes
            if any(states.get(at["InstanceId"]) == "stopped" for at in each["Attachments"])
        ),
        "address": _ids(addresses, "AllocationId"),
        "in_use": frozenset(_in_use(addresses)),
        "gateway": _those(gateways, "available"),
        "deleted": frozenset(gateways) - _those(gateways, "available"),
    }


def _volumes(ec2: Any) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = ec2.describe_volumes()["Volumes"]
    return found


def _addresses(ec2: Any) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = ec2.describe_addresses()["Addresses"]
    return found


def _ids(things: Sequence[Mapping[str, Any]], name: str) -> frozenset[str]:
    return frozenset(each[name] for each in things)


def _those(states: Mapping[str, str], state: str) -> frozenset[str]:
    return frozenset(id for id, each in states.items() if each == state)


def _in_use(addresses: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    return (each["AllocationId"] for each in addresses if each.get("AssociationId"))


def _mark(
    name: str,
    found: set[str],
    wanted: frozenset[str],
    unwanted: frozenset[str],
    misconception: str | None = None,
    believed_free: frozenset[str] = frozenset(),
    shows: Document | None = None,
) -> Criterion:
    """All that is wanted and nothing of the rest; what is believed to be free, and missed, says why."""
    missed, extra = wanted - found, unwanted & found
    if extra:
        return failed(name, 2, f"It names {min(extra)}, which is there and bills nothing of this kind.")
    if not missed:
        return passed(name, 2)
    believes = misconception if believed_free and missed & believed_free else None
    example = CounterExample("What it costs in a month.", None, BILL, stdin_of(shows)) if shows else None
    return failed(
        name,
        2,
        f"It misses {', '.join(sorted(missed))}.",
        misconception=believes,
        example=example if believes else None,
    )
