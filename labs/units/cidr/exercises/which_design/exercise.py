"""Judge designs: a full subnet, a zone that fails, a VPC to be joined, one NAT gateway or two."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.billing.bills import BILL, cost, stdin_of

FULL = (
    "add a second block to the VPC, and a subnet in it",
    "give the subnet a larger block",
    "make the route table larger",
)
ZONE = (
    "let the subnet span both zones",
    "a larger subnet in the same zone",
    "a second subnet in the other zone, with machines in both",
)
NAT = ("one for both zones", "one in each zone")


class WhichDesign(AnswerExercise):
    title = "Which design?"
    minutes = 10
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.billing import price_book

        office, mine, other = rng.sample(range(2, 250), 3)
        slice_ = rng.randrange(0, 256, 16)
        gb = rng.choice((200, 300, 500, 800, 1200, 2500, 3000, 4000, 6000))
        book = price_book()
        drawn = {
            "office": f"10.{office}.0.0/16",
            "inside": f"10.{office}.{slice_}.0/20",
            "apart": f"10.{other}.{slice_}.0/20",
            "public": f"172.{rng.randrange(32, 60)}.{slice_}.0/20",
            "vpc": f"10.{mine}.0.0/24",
            "second": f"10.{mine}.4.0/22",
            "gb": gb,
            "hourly": str(book.price("nat.hours").rate),
            "per_gb": str(book.price("nat.bytes").rate),
            "per_gb_zones": str(book.price("transfer:cross-az").rate),
        }
        blocks = tuple(rng.sample((drawn["inside"], drawn["apart"], drawn["public"]), 3))
        one, two = cost(_one(gb)), cost(_two(gb))
        return drawn | {
            "blocks": blocks,
            "suggested": f"{blocks[0]}, {blocks[1]} or {blocks[2]}",
            "one": f"{one:.2f}",
            "two": f"{two:.2f}",
            "cheaper": NAT[0] if one < two else NAT[1],
            "dearer": NAT[1] if one < two else NAT[0],
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        return (
            Field(
                "full",
                f"A VPC {v['vpc']} is one subnet, and that is full. What do you do?",
                FULL[0],
                "choice",
                FULL,
                why="Route tables hold routes, not machines.",
                slips=(Slip(FULL[1], "C9", "A subnet's block cannot be changed, larger or smaller."),),
                command=("cidr", "secondary", v["vpc"], v["second"]),
            ),
            Field(
                "zone",
                "A service should survive the loss of its zone. What do you do?",
                ZONE[2],
                "choice",
                ZONE,
                why="Whatever is in one zone goes with it, however large it is.",
                slips=(Slip(ZONE[0], "C10", "A subnet is in exactly one zone."),),
                command=("cidr", "judge", "-"),
                stdin=json.dumps(_in_one_zone(v)),
            ),
            Field(
                "join",
                f"A new VPC will be joined to the office, {v['office']}. Which block does it get?",
                v["apart"],
                "choice",
                v["blocks"],
                why="Private, and apart from the office.",
                slips=(
                    Slip(
                        v["inside"],
                        "C13",
                        "That lies inside the office's block. Of two homes for one address, one is never "
                        "reached, and AWS peers no VPCs that overlap.",
                    ),
                    Slip(
                        v["public"],
                        "C7",
                        "That is not private: the range ends at 172.31.255.255.",
                        ("cidr", v["public"]),
                    ),
                ),
                command=("cidr", "overlap", v["office"], v["inside"]),
            ),
            _dollars("one", f"{NAT[0].capitalize()}: what NAT costs in the month", v["one"], _one(v["gb"])),
            _dollars("two", f"{NAT[1].capitalize()}: what NAT costs in the month", v["two"], _two(v["gb"])),
            Field(
                "cheaper",
                "Which of the two is cheaper?",
                v["cheaper"],
                "choice",
                NAT,
                why="Compare the two amounts.",
                command=BILL,
                stdin=stdin_of(_one(v["gb"])),
            ),
            Field(
                "survives",
                "With which of the two do the machines in zone b still get out when zone a is lost?",
                NAT[1],
                "choice",
                NAT,
                slips=(
                    Slip(
                        NAT[0],
                        "C10",
                        "A NAT gateway stands in a subnet, and a subnet is in one zone. It goes with zone a.",
                    ),
                ),
                command=("cidr", "judge", "-"),
                stdin=json.dumps(_in_one_zone(v)),
            ),
        )


def _dollars(name: str, label: str, answer: str, document: Mapping[str, Any]) -> Field:
    return Field(
        name,
        label,
        answer,
        "money",
        why="Hours, and GB passed on; with one gateway also the GB between the zones, at both ends.",
        slips=(Slip("0", "B5", "A NAT gateway bills each hour that it exists."),),
        command=BILL,
        stdin=stdin_of(document),
    )


def _one(gb: int) -> dict[str, Any]:
    """One gateway in zone a: the traffic of zone b crosses to it."""
    usage: list[dict[str, Any]] = [
        {"meter": "nat.gateway", "gb": str(2 * gb)},
        {"meter": "transfer", "path": "cross-az", "gb": str(gb)},
    ]
    return {"month": "730h", "usage": usage}


def _two(gb: int) -> dict[str, Any]:
    """A gateway in each zone, each with the traffic of its own."""
    return {"month": "730h", "usage": [{"meter": "nat.gateway", "gb": str(gb)} for _ in range(2)]}


def _in_one_zone(v: Mapping[str, Any]) -> dict[str, Any]:
    """A plan whose only subnet is in zone a."""
    only = {"tier": "service", "zone": "a", "cidr": v["vpc"]}
    return {"vpc": v["vpc"], "zones": ["a", "b"], "tiers": {"service": 50}, "subnets": [only]}
