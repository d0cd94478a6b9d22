"""Predict which of six routes a packet takes: the longest prefix that matches."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.cidr import networks as net

DROPPED = "dropped"
TARGETS = ("local", "igw-lab", "nat-lab", "pcx-data", "pcx-build", DROPPED)
TABLE = "rtb-jobs"
DEFAULT = "igw-lab"


class WhichRouteWins(Lettered, PredictExercise):
    title = "Which route wins?"
    minutes = 6
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        lab, data = rng.sample(range(2, 250), 2)
        quarter = rng.choice((64, 128, 192))
        outside = rng.choice([each for each in range(1, 250) if not quarter <= each < quarter + 64])
        partner, gone = rng.sample(("198.51.100", "203.0.113", "192.0.2"), 2)
        tail = rng.randrange(4, 250)
        return {
            "lab": f"10.{lab}.0.0/16",
            "data": f"10.{data}.0.0/16",
            "build": f"10.{data}.{quarter}.0/18",
            "partner": f"{partner}.0/24",
            "gone": f"{gone}.0/24",
            "to_inside": f"10.{lab}.{rng.randrange(250)}.{tail}",
            "to_data": f"10.{data}.{outside}.{tail}",
            "to_build": f"10.{data}.{quarter + rng.randrange(64)}.{tail}",
            "to_internet": rng.choice(("1.1.1.1", "8.8.8.8", "9.9.9.9", "93.184.216.34")),
            "to_partner": f"{partner}.{tail}",
            "to_gone": f"{gone}.{tail}",
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        document = described(v)

        def field(name: str, why: str, slip: str = "") -> Field:
            to = v[f"to_{name}"]
            return Field(
                name,
                f"Where a packet to {to} goes",
                target_of(document, to),
                "choice",
                TARGETS,
                why=why,
                slips=(Slip(DEFAULT, "C14", slip),) if slip else (),
                command=net.question("i-job", to, 443),
                stdin=net.text_of(document),
            )

        return (
            field(
                "inside",
                "It is an address of the VPC itself.",
                "Inside the VPC the local route matches by 16 bits, 0.0.0.0/0 by none.",
            ),
            field(
                "data",
                f"{v['data']} holds it, and {v['build']} does not.",
                f"0.0.0.0/0 matches too, but {v['data']} matches by more bits.",
            ),
            field(
                "build",
                f"Both {v['data']} and {v['build']} hold it, and the /18 is longer.",
                f"0.0.0.0/0 matches too, but {v['build']} matches by more bits.",
            ),
            field("internet", "Only 0.0.0.0/0 holds it."),
            field(
                "partner",
                f"{v['partner']} holds it.",
                f"0.0.0.0/0 matches too, but {v['partner']} matches by more bits.",
            ),
            field(
                "gone",
                "The route that wins leads to something that is no longer there.",
                f"{v['gone']} wins, and it is a blackhole. 0.0.0.0/0 does not step in for it.",
            ),
        )


def described(v: Mapping[str, Any]) -> dict[str, Any]:
    """The network: a VPC with a machine, two peers, and the table of six routes."""
    stem = v["lab"].removesuffix(".0.0/16")
    routes = {
        v["data"]: "pcx-data",
        v["build"]: "pcx-build",
        v["partner"]: "nat-lab",
        v["gone"]: "pcx-old",
        net.ANYWHERE: "igw-lab",
    }
    document = net.network(
        net.vpc("vpc-lab", v["lab"]),
        net.vpc("vpc-data", v["data"]),
        net.vpc("vpc-build", v["build"]),
        net.subnet("subnet-jobs", "vpc-lab", f"{stem}.252.0/24"),
        net.subnet("subnet-nat", "vpc-lab", f"{stem}.253.0/24"),
        net.table(TABLE, "vpc-lab", v["lab"], routes, "subnet-jobs"),
        net.table("rtb-nat", "vpc-lab", v["lab"], {net.ANYWHERE: "igw-lab"}, "subnet-nat"),
        net.gateway("igw-lab", "vpc-lab"),
        net.nat("nat-lab", "vpc-lab", "subnet-nat", f"{stem}.253.9", "54.0.0.9"),
        net.peering("pcx-data", ("vpc-lab", v["lab"]), ("vpc-data", v["data"])),
        net.peering("pcx-build", ("vpc-lab", v["lab"]), ("vpc-build", v["build"])),
        net.group("sg-jobs", "vpc-lab"),
        net.instance("i-job", "vpc-lab", "subnet-jobs", f"{stem}.252.20", "sg-jobs", public="54.0.0.7"),
    )
    (blackhole,) = (
        each for each in document["RouteTables"][0]["Routes"] if each["DestinationCidrBlock"] == v["gone"]
    )
    blackhole["State"] = "blackhole"
    return document


def target_of(document: Mapping[str, Any], address: str) -> str:
    """Where the table sends a packet for an address."""
    from ipaddress import ip_address

    from labs.aws.network.paths import network_from_json
    from labs.aws.network.paths.routes import choose

    network = network_from_json(document)
    route = choose(network, network.route_tables[TABLE], ip_address(address)).route
    return DROPPED if route is None or route.blackhole else route.target
