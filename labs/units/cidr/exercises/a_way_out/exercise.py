"""Put the steps in order that give a private subnet a way out, through a NAT gateway."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from labs.course import Block, OrderExercise, Variant
from labs.units.cidr import networks as net

OUTER, INNER = ("web", "edge", "front", "dmz", "gate"), ("app", "core", "back", "jobs", "store")
"""Names of public subnets and of private ones; each is of a zone."""


class AWayOut(OrderExercise):
    title = "A way out"
    minutes = 6
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        second = rng.randrange(2, 250)
        front, back = rng.sample(range(250), 2)
        name, hidden = f"{rng.choice(OUTER)}-{rng.choice('abc')}", f"{rng.choice(INNER)}-{rng.choice('abc')}"
        return {
            "vpc": f"10.{second}.0.0/16",
            "public": name,
            "private": hidden,
            "public_block": f"10.{second}.{front}.0/24",
            "private_block": f"10.{second}.{back}.0/24",
            "allocate": "allocate-address: an Elastic IP address",
            "make_nat": f"create-nat-gateway: in the subnet {name}, with that address",
            "wait": "wait nat-gateway-available: until it is ready",
            "make_table": "create-route-table: a new table of the VPC",
            "make_route": "create-route: in the new table, 0.0.0.0/0 to the NAT gateway",
            "associate": f"associate-route-table: the new table with the subnet {hidden}",
            "nat_inside": f"create-nat-gateway: in the subnet {hidden}, with that address",
            "route_public": f"create-route: in the table of the subnet {name}, 0.0.0.0/0 to the NAT gateway",
            "straight": "create-route: in the new table, 0.0.0.0/0 to the internet gateway",
        }

    def blocks(self, variant: Variant) -> Sequence[Block]:
        v = variant.values
        out = net.question("i-machine", "internet", 443)
        return (
            Block(v["allocate"]),
            Block(v["make_nat"]),
            Block(v["wait"]),
            Block(v["make_table"], after=()),
            Block(v["make_route"], after=(v["wait"], v["make_table"])),
            Block(v["associate"], after=(v["make_table"],)),
            Block(
                v["nat_inside"],
                why=f"In {v['private']} it sends by the table of {v['private']}, which leads back to it. It "
                "has to stand where the way to the internet is.",
                misconception="C12",
                command=out,
                stdin=net.text_of(_setup(v, "subnet-private", "nat-1")),
            ),
            Block(
                v["route_public"],
                why=f"Then {v['public']} has lost its way to the internet gateway, and the NAT gateway with "
                f"it. It is {v['private']} whose table should point at the NAT gateway.",
                misconception="C12",
                command=out,
                stdin=net.text_of(_setup(v, "subnet-public", "nat-1", public_to="nat-1")),
            ),
            Block(
                v["straight"],
                why=f"That makes {v['private']} a public subnet. And without public addresses its machines "
                "get nowhere by that route.",
                misconception="C11",
                command=out,
                stdin=net.text_of(_setup(v, "subnet-public", "igw-lab")),
            ),
        )


def _setup(v: Mapping[str, Any], nat_in: str, private_to: str, public_to: str = "igw-lab") -> dict[str, Any]:
    """The network with its NAT gateway in a subnet, and each table's 0.0.0.0/0 leading somewhere."""
    home = v["private_block"] if nat_in == "subnet-private" else v["public_block"]
    stem = home.rpartition(".")[0]
    return net.network(
        net.vpc("vpc-lab", v["vpc"]),
        net.subnet("subnet-public", "vpc-lab", v["public_block"]),
        net.subnet("subnet-private", "vpc-lab", v["private_block"]),
        net.table("rtb-public", "vpc-lab", v["vpc"], {net.ANYWHERE: public_to}, "subnet-public"),
        net.table("rtb-private", "vpc-lab", v["vpc"], {net.ANYWHERE: private_to}, "subnet-private"),
        net.gateway("igw-lab", "vpc-lab"),
        net.nat("nat-1", "vpc-lab", nat_in, f"{stem}.9", "54.0.0.9"),
        net.group("sg-1", "vpc-lab"),
        net.instance(
            "i-machine",
            "vpc-lab",
            "subnet-private",
            v["private_block"].replace(".0/24", ".20"),
            "sg-1",
        ),
    )
