"""Put the steps in order that make a subnet public, and leave out what is no step at all."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from labs.course import Block, OrderExercise, Variant
from labs.units.cidr import networks as net


class MakeItPublic(OrderExercise):
    title = "Make it public"
    minutes = 6
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        second, third = rng.randrange(2, 250), rng.randrange(0, 250, 2)
        vpc, block = f"10.{second}.0.0/16", f"10.{second}.{third}.0/24"
        zone, other = rng.sample("abc", 2)
        return {
            "vpc": vpc,
            "block": block,
            "zone": f"us-east-1{zone}",
            "address": f"10.{second}.{third}.{rng.randrange(10, 250)}",
            "make_vpc": f"create-vpc: {vpc}",
            "make_subnet": f"create-subnet: {block} in the VPC, in us-east-1{zone}",
            "make_gateway": "create-internet-gateway: a gateway, attached to nothing yet",
            "attach": "attach-internet-gateway: the gateway to the VPC",
            "make_table": "create-route-table: a table of the VPC",
            "make_route": "create-route: in that table, 0.0.0.0/0 to the gateway",
            "associate": "associate-route-table: that table with the subnet",
            "launch": "run-instances: one in the subnet, with a public address",
            "switch": "modify-subnet-attribute: the subnet's type, from private to public",
            "stretch": f"modify-subnet-attribute: let the subnet reach into us-east-1{other} too",
            "grow": f"modify-subnet-attribute: from {block} to 10.{second}.{third}.0/23",
        }

    def blocks(self, variant: Variant) -> Sequence[Block]:
        v = variant.values
        return (
            Block(v["make_vpc"]),
            Block(v["make_subnet"], after=(v["make_vpc"],)),
            Block(v["make_gateway"], after=()),
            Block(v["attach"], after=(v["make_vpc"], v["make_gateway"])),
            Block(v["make_table"], after=(v["make_vpc"],)),
            Block(v["make_route"], after=(v["attach"], v["make_table"])),
            Block(v["associate"], after=(v["make_subnet"], v["make_table"])),
            Block(v["launch"], after=(v["make_route"], v["associate"])),
            Block(
                v["switch"],
                why="A subnet has no such type. It is public while its route table sends 0.0.0.0/0 to an "
                "internet gateway.",
                misconception="C11",
                command=net.question("internet", "i-web", 443),
                stdin=net.text_of(net.without_a_route(v["vpc"], v["block"], v["address"])),
            ),
            Block(
                v["stretch"],
                why="A subnet is in the zone that it was made in. Another zone needs another subnet.",
                misconception="C10",
                command=("cidr", "judge", "-"),
                stdin=json.dumps(_one_zone(v)),
            ),
            Block(
                v["grow"],
                why="A subnet keeps its block for life. A VPC can gain further blocks, and further subnets.",
                misconception="C9",
                command=("cidr", "secondary", v["vpc"], "100.64.0.0/16"),
            ),
        )


def _one_zone(v: Mapping[str, Any]) -> dict[str, Any]:
    """A plan of one subnet, where two zones are asked for."""
    only = {"tier": "web", "zone": "a", "cidr": v["block"]}
    return {"vpc": v["vpc"], "zones": ["a", "b"], "tiers": {"web": 100}, "subnets": [only]}
