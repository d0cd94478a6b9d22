"""Predict for seven packets in one network whether they arrive, and whether the answer comes back."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Variant
from labs.units.cidr import networks as net


class DoesItArrive(Lettered, PredictExercise):
    title = "Does it arrive?"
    minutes = 10
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        lab, hub, data = rng.sample(range(2, 250), 3)
        front, back, side, deep = rng.sample(range(250), 4)
        return {
            "lab": f"10.{lab}.0.0/16",
            "hub": f"10.{hub}.0.0/16",
            "data": f"10.{data}.0.0/16",
            "front": f"10.{lab}.{front}.0/24",
            "back": f"10.{lab}.{back}.0/24",
            "side": f"10.{lab}.{side}.0/24",
            "deep": f"10.{lab}.{deep}.0/24",
            "hub_host": f"10.{hub}.1.{rng.randrange(10, 250)}",
            "data_host": f"10.{data}.1.{rng.randrange(10, 250)}",
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        document = described(v)
        arrive = net.OUTCOMES[0]
        return (
            net.arrival(
                "web",
                "internet to web, port 443",
                document,
                ("internet", "i-web", 443),
                why="Route, gateway, public address, security group: all four are there.",
            ),
            net.arrival(
                "blog",
                "blog to the internet, port 443",
                document,
                ("i-blog", "internet", 443),
                (arrive, "C11", "The subnet is public, and blog has no public address to go out with."),
                why="Look at what blog lacks, and web has.",
            ),
            net.arrival(
                "app",
                "app to the internet, port 443",
                document,
                ("i-app", "internet", 443),
                why="The NAT gateway stands in a public subnet, and the table of back points at it.",
            ),
            net.arrival(
                "job",
                "job to the internet, port 443",
                document,
                ("i-job", "internet", 443),
                (
                    arrive,
                    "C12",
                    "nat-side sends by the table of its own subnet, which leads back to nat-side.",
                ),
                why="Where does nat-side itself send?",
            ),
            net.arrival(
                "db",
                "app to db, port 5432",
                document,
                ("i-app", "i-db", 5432),
                why="Within a VPC the local route leads everywhere, and db lets the group of app in.",
            ),
            net.arrival(
                "hub",
                f"app to {v['hub_host']} in the VPC hub, port 443",
                document,
                ("i-app", v["hub_host"], 443),
                why="The table of hub has no route back to this VPC.",
            ),
            net.arrival(
                "data",
                f"app to {v['data_host']} in the VPC data, port 443",
                document,
                ("i-app", v["data_host"], 443),
                (
                    arrive,
                    "C13",
                    "hub is not a router: a peering connection takes packets for its own VPC only.",
                ),
                (
                    net.OUTCOMES[1],
                    "C13",
                    "It does not even arrive: hub passes nothing on, whatever its routes.",
                ),
                why="Two peering connections do not make a third.",
            ),
        )


def described(v: Mapping[str, Any]) -> dict[str, Any]:
    """The VPC lab with its four subnets, and hub and data behind it."""
    lab, hub, data = v["lab"], v["hub"], v["data"]

    def at(block: str, number: int) -> str:
        return f"{block.rpartition('.')[0]}.{number}"

    return net.network(
        *(net.vpc(f"vpc-{name}", v[name]) for name in ("lab", "hub", "data")),
        *(net.subnet(f"subnet-{name}", "vpc-lab", v[name]) for name in ("front", "back", "side", "deep")),
        net.subnet("subnet-hub", "vpc-hub", hub.replace(".0.0/16", ".1.0/24")),
        net.subnet("subnet-data", "vpc-data", data.replace(".0.0/16", ".1.0/24")),
        net.table("rtb-lab", "vpc-lab", lab, {}),
        net.table("rtb-front", "vpc-lab", lab, {net.ANYWHERE: "igw-lab"}, "subnet-front"),
        net.table(
            "rtb-back",
            "vpc-lab",
            lab,
            {net.ANYWHERE: "nat-front", hub: "pcx-hub", data: "pcx-hub"},
            "subnet-back",
        ),
        net.table("rtb-side", "vpc-lab", lab, {net.ANYWHERE: "nat-side"}, "subnet-side"),
        net.table("rtb-hub", "vpc-hub", hub, {data: "pcx-data"}),
        net.table("rtb-data", "vpc-data", data, {hub: "pcx-data", lab: "pcx-data"}),
        net.gateway("igw-lab", "vpc-lab"),
        net.nat("nat-front", "vpc-lab", "subnet-front", at(v["front"], 9), "54.0.0.9"),
        net.nat("nat-side", "vpc-lab", "subnet-side", at(v["side"], 9), "54.0.0.10"),
        net.peering("pcx-hub", ("vpc-lab", lab), ("vpc-hub", hub)),
        net.peering("pcx-data", ("vpc-hub", hub), ("vpc-data", data)),
        net.group("sg-web", "vpc-lab", (443, net.ANYWHERE)),
        net.group("sg-app", "vpc-lab"),
        net.group("sg-db", "vpc-lab", (5432, "sg-app")),
        net.group("sg-hub", "vpc-hub", (443, "10.0.0.0/8")),
        net.group("sg-data", "vpc-data", (443, "10.0.0.0/8")),
        net.instance("i-web", "vpc-lab", "subnet-front", at(v["front"], 20), "sg-web", public="54.0.0.7"),
        net.instance("i-blog", "vpc-lab", "subnet-front", at(v["front"], 21), "sg-web"),
        net.instance("i-app", "vpc-lab", "subnet-back", at(v["back"], 20), "sg-app"),
        net.instance("i-job", "vpc-lab", "subnet-side", at(v["side"], 20), "sg-app"),
        net.instance("i-db", "vpc-lab", "subnet-deep", at(v["deep"], 20), "sg-db"),
        net.instance("i-hub", "vpc-hub", "subnet-hub", v["hub_host"], "sg-hub"),
        net.instance("i-data", "vpc-data", "subnet-data", v["data_host"], "sg-data"),
    )
