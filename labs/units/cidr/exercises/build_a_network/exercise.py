"""Build a VPC with public and private subnets in two zones, with boto3; judged by what stands afterwards."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.course import Call, CodeExercise, CounterExample, Criterion, Run, Variant
from labs.course.kinds.plan import Aspect, mark_plan
from labs.course.marks import failed, passed, skipped
from labs.units.cidr import networks as net
from labs.units.cidr.live import Found, allow_ec2, called

if TYPE_CHECKING:
    from labs.sandbox import World

BUILDER = "user/builder"
BUILT = "build() makes a VPC with the block"
PUBLIC = "The public subnets are public: by their routes"
PRIVATE = "The private subnets are not"
ASPECTS = (
    Aspect("The subnets are blocks that lie apart in the VPC", ("alignment", "size", "containment",
           "disjointness"), 2),
    Aspect("Each has addresses for its hosts", ("capacity",), 2),
    Aspect("Both tiers are in both zones, alike in each", ("zones", "symmetry"), 2),
)  # fmt: skip
TIERS = ("public", "private")


class BuildANetwork(CodeExercise):
    title = "Build a network"
    minutes = 30
    points = 12

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        zones = sorted(rng.sample("abcd", 2))
        return {
            "vpc": f"10.{rng.randrange(2, 250)}.{rng.randrange(0, 256, 8)}.0/21",
            "zones": [f"us-east-1{zone}" for zone in zones],
            "zone_list": ", ".join(f'"us-east-1{zone}"' for zone in zones),
            "public_hosts": rng.randrange(20, 50),
            # A /24 has 251; it would do if AWS kept one address less, or only two.
            "private_hosts": 252,
        }

    def prepare(self, world: World, variant: Variant) -> None:
        allow_ec2(world, "builder")

    def calls(self, variant: Variant) -> Sequence[Call]:
        v = variant.values
        arguments = (v["vpc"], v["zones"], v["public_hosts"], v["private_hosts"])
        return (Call("build", arguments, as_=BUILDER),)

    def mark(self, world: World, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        v = variant.values
        built = _the_vpc(world, v["vpc"])
        if built is None or run.results[0].error is not None:
            said = run.results[0].error or f"There is no VPC {v['vpc']}, or more than one."
            others = ((each.name, each.points) for each in ASPECTS)
            later = ((PUBLIC, 3), (PRIVATE, 2))
            return (
                failed(BUILT, 1, said),
                *(skipped(name, points, "") for name, points in (*others, *later)),
            )
        found = Found(world, built)
        return (
            passed(BUILT, 1),
            *mark_plan(_asked(v), [_as_planned(each) for each in found.subnets], ASPECTS),
            *_mark_routes(found, v),
        )


def _asked(v: Mapping[str, Any]) -> dict[str, Any]:
    tiers = {
        "public": {"hosts": v["public_hosts"], "double": False},
        "private": {"hosts": v["private_hosts"], "double": False},
    }
    return {"vpc": v["vpc"], "zones": v["zones"], "tiers": tiers}


def _the_vpc(world: World, block: str) -> str | None:
    """The id of the one VPC with the block."""
    found = world.client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": [block]}])["Vpcs"]
    return found[0]["VpcId"] if len(found) == 1 else None


def _as_planned(subnet: Mapping[str, Any]) -> dict[str, Any]:
    """A subnet as an item of a plan; what it is for stands in its Name tag."""
    return {
        "tier": _name(subnet),
        "zone": subnet["AvailabilityZone"],
        "cidr": subnet["CidrBlock"],
        "name": f"{_name(subnet)} {subnet['SubnetId']}",
    }


def _name(subnet: Mapping[str, Any]) -> str:
    return called(subnet) or "without a name"


def _mark_routes(found: Found, v: Mapping[str, Any]) -> tuple[Criterion, ...]:
    """Whether the public subnets have a way to an attached internet gateway, and the private ones none."""
    public, private = ([each for each in found.subnets if _name(each) == tier] for tier in TIERS)
    if not public or not private:
        said = 'No subnet has the Name "public", or none has the Name "private".'
        return failed(PUBLIC, 3, said), skipped(PRIVATE, 2, "")
    closed = [each for each in public if not found.is_public(each["SubnetId"])]
    opened = [each for each in private if found.is_public(each["SubnetId"])]
    return _mark_public(closed, v), _mark_private(opened)


def _mark_public(closed: Sequence[Mapping[str, Any]], v: Mapping[str, Any]) -> Criterion:
    from labs.aws.network.addresses import Block, reserved

    if not closed:
        return passed(PUBLIC, 3)
    first = closed[0]
    where = f"{first['SubnetId']} ({first['CidrBlock']})"
    said = f"{where} has no route of 0.0.0.0/0 to an internet gateway that is attached."
    if not first.get("MapPublicIpOnLaunch"):
        return failed(PUBLIC, 3, said)
    said += " That new instances get a public address changes no route."
    block = Block.parse(first["CidrBlock"])
    document = net.without_a_route(v["vpc"], str(block), str(block[len(reserved(block))]))
    example = CounterExample.of_command(net.question("internet", "i-web", 443), net.text_of(document))
    return failed(PUBLIC, 3, said, misconception="C11", example=example)


def _mark_private(opened: Sequence[Mapping[str, Any]]) -> Criterion:
    if not opened:
        return passed(PRIVATE, 2)
    where = f"{opened[0]['SubnetId']} ({opened[0]['CidrBlock']})"
    said = f"{where} has a route to the internet gateway, and so it is public."
    return failed(PRIVATE, 2, said)
