"""A VPC that is full, in a live world: make room for a new tier, apart from a network that it will join."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.course import CounterExample, Criterion, Variant, WorldExercise
from labs.course.kinds.plan import Aspect, mark_plan
from labs.course.marks import failed, passed, skipped
from labs.units.cidr.live import Built, allow_ec2, called

if TYPE_CHECKING:
    from labs.sandbox import World

ZONES = ("us-east-1a", "us-east-1b")
KEPT = "the VPC and its two subnets are as they were"
FOUND = "the VPC has subnets called batch"
ASPECTS = (
    Aspect("AWS takes the blocks, for the VPC and for its subnets", ("vpc", "alignment", "size"), 1),
    Aspect(
        "all lie apart: subnets, and the VPC from the office", ("containment", "disjointness", "peers"), 2
    ),
    Aspect("batch has addresses for its hosts", ("capacity",), 2),
    Aspect("batch is in both zones, alike in each", ("zones", "symmetry"), 2),
)


class RoomToGrow(WorldExercise):
    title = "Room to grow"
    minutes = 20
    points = 10

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        mine, office = rng.sample(range(2, 240), 2)
        third = rng.randrange(250)
        free = next(each for each in (mine + 1, mine + 2) if each != office)
        return {
            "name": rng.choice(("lab", "studio", "clinic", "depot")),
            "vpc": f"10.{mine}.{third}.0/24",
            "web_a": f"10.{mine}.{third}.0/25",
            "web_b": f"10.{mine}.{third}.128/25",
            "office": f"10.{office}.0.0/16",
            # A /24 would do if AWS kept only two.
            "hosts": rng.randrange(252, 255),
            "second": f"10.{free}.0.0/22",
            "first_half": f"10.{free}.0.0/23",
            "other_half": f"10.{free}.2.0/23",
            "small_a": f"10.{free}.0.0/24",
            "small_b": f"10.{free}.2.0/24",
            "taken": f"10.{office}.64.0/22",
            "taken_a": f"10.{office}.64.0/23",
            "taken_b": f"10.{office}.66.0/23",
        }

    def prepare(self, world: World, variant: Variant) -> None:
        v = variant.values
        built = Built(world, v["vpc"], v["name"])
        for block, zone in zip((v["web_a"], v["web_b"]), ZONES, strict=True):
            built.subnet("web", block, zone)
        allow_ec2(world, "learner")

    def mark(self, world: World, variant: Variant) -> tuple[Criterion, ...]:
        v = variant.values
        ec2 = world.client("ec2")
        vpcs, subnets = ec2.describe_vpcs()["Vpcs"], ec2.describe_subnets()["Subnets"]
        mine = [each for each in vpcs if called(each) == v["name"] and each["CidrBlock"] == v["vpc"]]
        inside = [each for each in subnets if mine and each["VpcId"] == mine[0]["VpcId"]]
        web = {each["CidrBlock"] for each in inside if called(each) == "web"}
        kept = bool(mine) and web == {v["web_a"], v["web_b"]}
        batch = [each for each in inside if called(each) == "batch"]
        if not batch or not kept:
            return _waiting(v, kept, elsewhere=any(called(each) == "batch" for each in subnets))
        blocks = [each["CidrBlock"] for each in mine[0]["CidrBlockAssociationSet"] if _stands(each)]
        return (
            passed(KEPT, 1),
            passed(FOUND, 2),
            *mark_plan(_asked(v, blocks), [_as_planned(each) for each in batch], ASPECTS),
        )


def _waiting(v: Mapping[str, Any], kept: bool, elsewhere: bool) -> tuple[Criterion, ...]:
    """The marks while there is nothing to judge in the VPC."""
    later = [skipped(each.name, each.points, "") for each in ASPECTS]
    example = CounterExample.of_command(("cidr", "secondary", v["vpc"], v["second"]))
    if not kept:
        said = (
            "A subnet is gone, or the VPC. What runs in a subnet stays where it is while it grows elsewhere."
        )
        lost = failed(KEPT, 1, said, misconception="C9", example=example)
        return (lost, skipped(FOUND, 2, ""), *later)
    said = "There is none yet."
    if elsewhere:
        said = "There is one in another VPC. A VPC keeps its block, and it can gain further ones."
    first = failed(
        FOUND, 2, said, misconception="C9" if elsewhere else None, example=example if elsewhere else None
    )
    return (skipped(KEPT, 1, "It counts once there is something new."), first, *later)


def _asked(v: Mapping[str, Any], blocks: Sequence[str]) -> dict[str, Any]:
    return {
        "vpc": list(blocks),
        "zones": list(ZONES),
        "tiers": {"batch": {"hosts": v["hosts"], "double": False}},
        "peers": {"office": v["office"]},
    }


def _stands(association: Mapping[str, Any]) -> bool:
    """Whether a block is the VPC's: not one that was taken away again."""
    return association["CidrBlockState"]["State"] in ("associated", "associating")


def _as_planned(subnet: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "tier": "batch",
        "zone": subnet["AvailabilityZone"],
        "cidr": subnet["CidrBlock"],
        "name": subnet["SubnetId"],
    }
