"""Private machines that cannot fetch updates, in a live world: the NAT gateway stands in the wrong place."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import CounterExample, Criterion, Variant, WorldExercise
from labs.course.marks import failed, passed, skipped
from labs.units.cidr.live import Built, Found, allow_ec2

if TYPE_CHECKING:
    from labs.sandbox import World

PRIVATE = "the subnet of the machine is still private"
TIDY = "no NAT gateway is left that nobody uses"


class NoWayOut(WorldExercise):
    title = "No way out"
    minutes = 20
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        second = rng.randrange(2, 250)
        front, back = rng.sample(range(250), 2)
        return {
            "name": rng.choice(("mill", "harbour", "orchard", "kiln", "forge")),
            "vpc": f"10.{second}.0.0/16",
            "public": rng.choice(("edge", "front", "entry")),
            "private": rng.choice(("jobs", "inside", "workers")),
            "public_block": f"10.{second}.{front}.0/24",
            "private_block": f"10.{second}.{back}.0/24",
            "machine": rng.choice(("builder", "crawler", "trainer")),
        }

    def prepare(self, world: World, variant: Variant) -> None:
        v = variant.values
        built = Built(world, v["vpc"], v["name"])
        public = built.subnet(v["public"], v["public_block"], "us-east-1a")
        private = built.subnet(v["private"], v["private_block"], "us-east-1a")
        built.table(v["public"], public, GatewayId=built.gateway("gateway"))
        # In the subnet that it is to serve: its own packets come back to it.
        built.table(v["private"], private, NatGatewayId=built.nat("nat", private))
        built.machines((v["machine"], private, built.group(v["machine"])))
        allow_ec2(world, "learner")
        world.advance(minutes=5)  # by then the machine runs and the gateway is available

    def mark(self, world: World, variant: Variant) -> tuple[Criterion, ...]:
        v = variant.values
        found = Found.by_name(world, v["name"])
        machine, private = found.machine(v["machine"]), found.subnet(v["private"])
        out = f"{v['machine']} reaches the internet on port 443, and is answered"
        if not machine or not private:
            said = f"There is no instance {v['machine']}, or no subnet {v['private']}."
            return failed(out, 4, said), skipped(PRIVATE, 2, ""), skipped(TIDY, 2, "")
        if not found.arrives(machine, "internet", 443):
            later = "It counts once the machine gets out."
            said = "It is blocked on the way there, or its answers on the way back."
            belief = _belief(found)
            # To whom has changed nothing yet, an example would show the whole solution.
            example = found.example(machine, "internet", 443) if belief else None
            lost = failed(out, 4, said, misconception=belief, example=example)
            return lost, skipped(PRIVATE, 2, later), skipped(TIDY, 2, later)
        return passed(out, 4), _mark_private(found, private, machine), _mark_tidy(found)


def _belief(found: Found) -> str | None:
    """What somebody believes who has changed something, and still nothing gets out."""
    gateways = found.document["NatGateways"]
    alive = [each for each in gateways if each["State"] in ("pending", "available")]
    inside = any(not found.is_public(each["SubnetId"]) for each in alive)
    return "C12" if inside and len(gateways) > 1 else None


def _mark_private(found: Found, private: str, machine: str) -> Criterion:
    if not found.is_public(private):
        return passed(PRIVATE, 2)
    said = "Its route table sends 0.0.0.0/0 to the internet gateway, and that makes it a public subnet."
    example = found.example(machine, "internet", 443)
    return failed(PRIVATE, 2, said, misconception="C11", example=example)


def _mark_tidy(found: Found) -> Criterion:
    used = {route.get("NatGatewayId") for table in found.document["RouteTables"] for route in table["Routes"]}
    alive = [each for each in found.document["NatGateways"] if each["State"] in ("pending", "available")]
    idle = [each["NatGatewayId"] for each in alive if each["NatGatewayId"] not in used]
    if not idle:
        return passed(TIDY, 2)
    said = f"No route leads to {idle[0]}, and each hour that it exists is billed."
    usage = {"month": "730h", "usage": [{"meter": "nat.gateway"}]}
    example = CounterExample.of_command(("bill", "-"), json.dumps(usage))
    return failed(TIDY, 2, said, misconception="B5", example=example)
