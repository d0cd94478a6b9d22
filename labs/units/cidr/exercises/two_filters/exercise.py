"""Predict what a security group and a network ACL do to a packet, and to its answer."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.cidr import networks as net

WHO = ("the machines of the VPC", "the machines of the account", "everyone on IPv4", "everyone, IPv6 too")
Entry = tuple[str, int, str, str, str]


class TwoFilters(Lettered, PredictExercise):
    title = "Two filters"
    minutes = 8
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        second, third = rng.randrange(2, 250), rng.randrange(250)
        bad = rng.choice(("198.51.100", "192.0.2", "203.0.113"))
        return {
            "vpc": f"10.{second}.0.0/16",
            "block": f"10.{second}.{third}.0/24",
            "private": f"10.{second}.{third}.{rng.randrange(10, 250)}",
            "port": rng.choice((443, 8443, 8080, 9000)),
            "bad": f"{bad}.0/24",
            "caller": f"{bad}.{rng.randrange(4, 250)}",
            "low": rng.choice((80, 90, 95)),
            "high": rng.choice((110, 150, 200)),
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        port, anyone = str(v["port"]), net.ANYWHERE
        answered, _, blocked = net.OUTCOMES
        arriving = ("in", 100, "allow", port, anyone)
        narrow = (arriving, ("out", 100, "allow", port, anyone))
        wide = (arriving, ("out", 100, "allow", "1024-65535", anyone))
        open_ = (("in", 100, "allow", "all", anyone), ("out", 100, "allow", "all", anyone))
        from_internet, from_bad = ("internet", "i-web", v["port"]), (v["caller"], "i-web", v["port"])
        return (
            Field(
                "who",
                f"Whom the rule “tcp {port} from 0.0.0.0/0” of sg-web lets in",
                WHO[2],
                "choice",
                WHO,
                why="0.0.0.0/0 is every IPv4 address; IPv6 is ::/0, and there is no rule for it.",
                slips=tuple(
                    Slip(each, "C15", f"They are among them. For the VPC alone you would write {v['vpc']}.")
                    for each in WHO[:2]
                ),
                command=net.question(*from_internet),
                stdin=net.text_of(described(v, open_)),
            ),
            net.arrival(
                "union",
                f"ACL 1: internet to web, port {port} (sg-base says nothing of it)",
                described(v, open_),
                from_internet,
                (blocked, "C17", "The rules of all groups are added up. What one does not say, another may."),
                why="sg-web allows it, and no group can forbid it.",
            ),
            net.arrival(
                "narrow",
                f"ACL 2: internet to web, port {port}",
                described(v, narrow),
                from_internet,
                (
                    answered,
                    "C16",
                    f"The answer goes to a high port. The ACL lets {port} out, and remembers nobody.",
                ),
                why="Follow the answer: to which port does it go?",
            ),
            net.arrival(
                "wide",
                f"ACL 3: internet to web, port {port}",
                described(v, wide),
                from_internet,
                why="The answer goes to a high port of the caller, and that is let out.",
            ),
            net.arrival(
                "late",
                f"ACL 4: {v['caller']} to web, port {port}",
                described(v, (*open_, ("in", v["high"], "deny", "all", v["bad"]))),
                from_bad,
                (
                    blocked,
                    "C17",
                    "The first that matches counts, by its number, and that is 100. Being a Deny is no help.",
                ),
                why="Which rule matches first?",
            ),
            net.arrival(
                "early",
                f"ACL 5: {v['caller']} to web, port {port}",
                described(v, (*open_, ("in", v["low"], "deny", "all", v["bad"]))),
                from_bad,
                (answered, "C17", "The Deny has the lower number, so it is the first that matches."),
                why="Which rule matches first?",
            ),
        )


def described(v: Mapping[str, Any], entries: Sequence[Entry]) -> dict[str, Any]:
    """A web server with two security groups, behind an ACL with these entries."""
    return net.network(
        net.vpc("vpc-lab", v["vpc"]),
        net.subnet("subnet-web", "vpc-lab", v["block"]),
        net.table("rtb-web", "vpc-lab", v["vpc"], {net.ANYWHERE: "igw-lab"}, "subnet-web"),
        net.gateway("igw-lab", "vpc-lab"),
        net.acl("acl-web", "vpc-lab", "subnet-web", entries),
        net.group("sg-base", "vpc-lab", (22, v["vpc"])),
        net.group("sg-web", "vpc-lab", (v["port"], net.ANYWHERE)),
        net.instance("i-web", "vpc-lab", "subnet-web", v["private"], "sg-base", "sg-web", public="54.0.0.7"),
    )
