"""Money runs out of a live world: find what nobody needs, in whatever Region, and end it."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labs.course import CounterExample, Criterion, Variant, WorldExercise
from labs.course.marks import failed, passed, skipped
from labs.units.billing.bills import BILL, bill_of, estimate_of, month_of, stdin_of
from labs.units.billing.scenery import ROOT_GIB, allocate, launch

if TYPE_CHECKING:
    from labs.sandbox import World

HOME = "us-east-1"
ELSEWHERE = ("us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1", "ap-southeast-2", "sa-east-1")
MAY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "ec2:Describe*",
                "ec2:StartInstances",
                "ec2:StopInstances",
                "ec2:TerminateInstances",
                "ec2:DetachVolume",
                "ec2:DeleteVolume",
                "ec2:DisassociateAddress",
                "ec2:ReleaseAddress",
                "ec2:DeleteNatGateway",
            ],
            "Resource": "*",
        }
    ],
}
UNUSED = "the volume and the address that nothing uses are gone"
GATEWAY = "the NAT gateway is gone, and its address too"
FAR = "nothing bills in the other Region"
KEPT = "the web server runs, with its disk and its address"


class ForgottenThings(WorldExercise):
    title = "Forgotten things"
    minutes = 25
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        machine = rng.choice(("t3.medium", "m5.large", "m5.xlarge"))
        far, gib, web = rng.choice(ELSEWHERE), rng.randrange(50, 500, 10), rng.choice(("web", "shop", "wiki"))
        return {
            "far": far,
            "gib": gib,
            "web": web,
            "type": machine,
            "report": _report(far, gib, machine, rng.randrange(300, 700)),
        }

    def prepare(self, world: World, variant: Variant) -> None:
        v = variant.values
        ec2, far, iam = world.client("ec2"), world.client("ec2", region=v["far"]), world.client("iam")
        (server,) = launch(ec2, "t3.micro", name=v["web"])
        ec2.associate_address(AllocationId=allocate(ec2, v["web"]), InstanceId=server)
        ec2.create_volume(AvailabilityZone=f"{HOME}b", Size=v["gib"], VolumeType="gp3")
        allocate(ec2)
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        ec2.create_nat_gateway(SubnetId=subnet, AllocationId=allocate(ec2))
        launch(far, v["type"], name="trial")
        iam.create_user(UserName="learner")
        iam.put_user_policy(UserName="learner", PolicyName="clean-up", PolicyDocument=json.dumps(MAY))

    def mark(self, world: World, variant: Variant) -> tuple[Criterion, ...]:
        v = variant.values
        here, there = _look(world, HOME), _look(world, v["far"])
        unused, gateway, far = _mark_unused(here, v), _mark_gateway(here), _mark_far(there, v)
        ended = [each for each in (unused, gateway, far) if each.state == "pass"]
        if not ended:
            # The server runs from the first moment, and that earns nothing.
            return unused, gateway, far, skipped(KEPT, 2, "It counts once something is gone.")
        if unused in ended and gateway in ended and there.running:
            far = replace(far, misconception="B9")
        if unused in ended and here.gateways:
            gateway = replace(gateway, misconception="B5")
        return unused, gateway, far, _mark_kept(here, v)


def _report(far: str, gib: int, machine: str, hours: int) -> str:
    """Last month's usage, as the account's report has it: what was used, and nothing of what it cost."""
    from labs.aws.billing import bill, usage_from_json
    from labs.aws.billing.lines import number

    month = month_of(2026, 10)
    trial = {"region": far, "start": month.at(hours=month.hours - hours)}
    document = bill_of(
        month,
        {"meter": "ec2.instance", "type": "t3.micro"},
        {"meter": "ebs.volume", "type": "gp2", "gib": ROOT_GIB},
        {"meter": "ebs.volume", "type": "gp3", "gib": gib},
        {"meter": "nat.gateway"},
        {"meter": "ipv4"},
        {"meter": "ipv4", "used_by": "other"},
        {"meter": "ipv4", "used_by": "nothing"},
        # What it costs there is no matter: the report has amounts of use only.
        {"meter": "ec2.instance", "type": machine, "rate": 0, **trial},
        {"meter": "ebs.volume", "type": "gp2", "gib": ROOT_GIB, "rate": 0, **trial},
        {"meter": "ipv4", "rate": 0, **trial},
    )
    lines = bill(usage_from_json(document)).lines
    amounts: dict[tuple[str, str], Any] = {}
    for line in lines:
        key = line.usage_type, line.unit
        amounts[key] = amounts.get(key, 0) + line.quantity
    return "\n".join(
        f" {usage:<30}{number(amount)[0]:>12}  {unit}" for (usage, unit), amount in sorted(amounts.items())
    )


# Looking


@dataclass(frozen=True, slots=True)
class Place:
    """What there is in one Region."""

    instances: tuple[Mapping[str, Any], ...]
    volumes: tuple[Mapping[str, Any], ...]
    addresses: tuple[Mapping[str, Any], ...]
    gateways: tuple[str, ...]

    def in_state(self, *states: str) -> tuple[Mapping[str, Any], ...]:
        return tuple(each for each in self.instances if each["State"]["Name"] in states)

    @property
    def running(self) -> bool:
        return bool(self.in_state("running", "pending"))


def _look(world: World, region: str) -> Place:
    ec2 = world.client("ec2", region=region)
    reservations = ec2.describe_instances()["Reservations"]
    gateways = ec2.describe_nat_gateways()["NatGateways"]
    return Place(
        tuple(instance for each in reservations for instance in each["Instances"]),
        tuple(ec2.describe_volumes()["Volumes"]),
        tuple(ec2.describe_addresses()["Addresses"]),
        tuple(each["NatGatewayId"] for each in gateways if each["State"] not in ("deleting", "deleted")),
    )


def _name(thing: Mapping[str, Any]) -> str:
    return next((tag["Value"] for tag in thing.get("Tags", ()) if tag["Key"] == "Name"), "")


# Judging

_IDLE = {"meter": "ipv4", "used_by": "nothing"}


def _costs(name: str, message: str, misconception: str | None, *usage: Mapping[str, Any]) -> Criterion:
    """A criterion that does not hold, with what that costs in a month."""
    example = CounterExample("What it costs in a month.", None, BILL, stdin_of(estimate_of(*usage)))
    return failed(name, 2, message, misconception=misconception, example=example)


def _mark_unused(here: Place, v: Mapping[str, Any]) -> Criterion:
    volumes = [each["VolumeId"] for each in here.volumes if each["State"] == "available"]
    # Of the addresses that are not the server's, one was the gateway's.
    spare = len(_unnamed(here)) > 1
    left = [*volumes, *(["an address"] if spare else [])]
    if left:
        volume = {"meter": "ebs.volume", "type": "gp3", "gib": v["gib"]}
        usage = [*([volume] if volumes else []), *([_IDLE] if spare else [])]
        return _costs(UNUSED, f"Still there, and used by nothing: {' and '.join(left)}.", None, *usage)
    return passed(UNUSED, 2)


def _mark_gateway(here: Place) -> Criterion:
    if here.gateways:
        gateway, address = {"meter": "nat.gateway"}, {"meter": "ipv4", "used_by": "other"}
        return _costs(GATEWAY, f"{here.gateways[0]} is still there.", None, gateway, address)
    if _unnamed(here):
        said = "The gateway is gone. Its address stayed behind, and bills until it is released."
        return _costs(GATEWAY, said, "B1", _IDLE)
    return passed(GATEWAY, 2)


def _unnamed(here: Place) -> Sequence[Mapping[str, Any]]:
    return [each for each in here.addresses if not _name(each)]


def _mark_far(there: Place, v: Mapping[str, Any]) -> Criterion:
    volume = {"meter": "ebs.volume", "type": "gp2", "gib": ROOT_GIB}
    if there.running:
        machine = {"meter": "ec2.instance", "type": v["type"]}
        said = "A machine still runs somewhere. The report says where."
        return _costs(FAR, said, None, machine, volume)
    stopped = there.in_state("stopping", "stopped")
    if stopped:
        said = f"{stopped[0]['InstanceId']} is stopped. Its volume is kept for it, and bills."
        return _costs(FAR, said, "B1", volume)
    if there.volumes:
        said = f"{there.volumes[0]['VolumeId']} is left of the machine that is gone."
        return _costs(FAR, said, "B1", volume)
    return passed(FAR, 2)


def _mark_kept(here: Place, v: Mapping[str, Any]) -> Criterion:
    server = next((each for each in here.in_state("running") if _name(each) == v["web"]), None)
    if server is None:
        return failed(KEPT, 2, f"The server {v['web']} does not run any more. It was needed.")
    if not any(each.get("InstanceId") == server["InstanceId"] for each in here.addresses):
        return failed(KEPT, 2, f"The server {v['web']} has lost its address. It was needed.")
    return passed(KEPT, 2)
