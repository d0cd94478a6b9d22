"""Audit a lecture's handout on networks: is each claim right, and what is the exact figure?"""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import ROUND_FLOOR
from typing import TYPE_CHECKING, Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.billing.bills import BILL, cost, stdin_of
from labs.units.cidr import networks as net

if TYPE_CHECKING:
    from labs.aws.billing.audit import Finding

VERDICTS = ("right", "imprecise", "wrong")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")
NAT_A_MONTH, NAT_WITH_TRAFFIC = 10, 11
"""The rows of the audited lecture that are about NAT gateways."""


class AuditTheLecture(AnswerExercise):
    title = "Audit the lecture"
    minutes = 12
    points = 9

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.billing import price_book
        from labs.aws.network.addresses import Block, usable

        second, third = rng.randrange(2, 250), rng.randrange(1, 250)
        vpc, small = Block.parse(f"10.{second}.0.0/16"), Block.parse(f"10.{second}.{third}.0/24")
        month = rng.randrange(len(MONTHS))
        budget = rng.randrange(52, 100, 2)
        book = price_book()
        drawn = {
            "vpc": str(vpc),
            "vpc_first": str(vpc[0]),
            "vpc_last": str(vpc[-1]),
            "vpc_size": f"{vpc.size:,}",
            "small": str(small),
            "small_last": str(small[-1]),
            "small_size": small.size,
            "usable": usable(small),
            "habit": small.size - 2,
            "address": str(small[20]),
            "month": MONTHS[month],
            "from": f"2026-{month + 1:02d}-01",
            "to": f"2026-{month + 2:02d}-01",
            "budget": budget,
            "hourly": str(book.price("nat.hours").rate),
            "per_gb": str(book.price("nat.bytes").rate),
        }
        claimed = (*_claimed(NAT_A_MONTH)[:1], *_claimed(NAT_WITH_TRAFFIC))
        return drawn | {
            "nat_month": f"{cost(_month(drawn)):.2f}",
            "gb": _gb_for(budget),
            "nat_verdict": _finding(NAT_A_MONTH).verdict,
            "traffic_verdict": _finding(NAT_WITH_TRAFFIC).verdict,
            "claimed": claimed[0],
            "claimed_low": claimed[1],
            "claimed_high": claimed[2],
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        return (
            Field(
                "block",
                f"Claim 1, {v['vpc']} and its addresses",
                VERDICTS[0],
                "choice",
                VERDICTS,
                points=1,
                why="16 free bits: the first address, the last and the number are all as it says.",
                command=("cidr", v["vpc"]),
            ),
            Field(
                "instances",
                f"Claim 2, the addresses of {v['small']}",
                VERDICTS[1],
                "choice",
                VERDICTS,
                points=1,
                why="The block has so many addresses. But not all are for instances to use.",
                slips=(Slip(VERDICTS[0], "C1", "AWS keeps five of them: the first four and the last."),),
                command=("cidr", v["small"]),
            ),
            Field(
                "usable",
                f"How many of the addresses of {v['small']} instances can have",
                str(v["usable"]),
                "number",
                points=2,
                why="AWS keeps five of them: the first four and the last.",
                slips=tuple(
                    Slip(str(each), "C1", "AWS keeps five of them: the first four and the last.")
                    for each in (v["habit"], v["small_size"])
                ),
                command=("cidr", v["small"]),
            ),
            Field(
                "public",
                "Claim 3, what makes a subnet public",
                VERDICTS[0],
                "choice",
                VERDICTS,
                points=1,
                why="Public and private are words for a route, and the handout says so.",
                slips=tuple(
                    Slip(each, "C11", "There is no other setting: the route makes the difference.")
                    for each in VERDICTS[1:]
                ),
                command=net.question("i-web", "internet", 443),
                stdin=net.text_of(net.without_a_route(v["vpc"], v["small"], v["address"])),
            ),
            Field(
                "gateway",
                f"Claim 4, a NAT gateway costs ~${v['claimed']} a month",
                v["nat_verdict"],
                "choice",
                VERDICTS,
                points=1,
                why="It depends on how long the month is, and the handout does not say which it means.",
                command=BILL,
                stdin=stdin_of(_month(v)),
            ),
            Field(
                "nat_month",
                f"What a NAT gateway without traffic costs in {v['month']} 2026, in dollars",
                v["nat_month"],
                "money",
                points=1,
                why=f"Count the hours of {v['month']}, and bill each at ${v['hourly']}.",
                slips=(Slip("0", "B5", "It bills each hour that it exists, whether it is used or not."),),
                command=BILL,
                stdin=stdin_of(_month(v)),
            ),
            Field(
                "traffic",
                f"Claim 5, ${v['claimed_low']} to ${v['claimed_high']} with moderate traffic",
                v["traffic_verdict"],
                "choice",
                VERDICTS,
                points=1,
                why="It can be right; nobody can check it, for it does not say how much is moderate.",
                command=BILL,
                stdin=stdin_of(_hours_and(v["gb"])),
            ),
            Field(
                "gb",
                f"How many whole GB ${v['budget']} pay for, in a month of 730 hours",
                str(v["gb"]),
                "number",
                points=1,
                why=f"Take the hours from ${v['budget']}, and divide what is left by ${v['per_gb']}.",
                command=BILL,
                stdin=stdin_of(_hours_and(v["gb"])),
            ),
        )


def _finding(number: int) -> Finding:
    """A row of the audited lecture."""
    from labs.aws.billing.audit import audit

    return next(each for each in audit() if each.number == number)


def _claimed(number: int) -> list[str]:
    """The figures that the lecture gives in a row."""
    return [each.says for each in _finding(number).figures if each.says is not None]


def _month(v: Mapping[str, Any]) -> dict[str, Any]:
    """The usage of a NAT gateway that stands idle for the month."""
    return {"from": v["from"], "to": v["to"], "usage": [{"meter": "nat.gateway"}]}


def _hours_and(gb: int) -> dict[str, Any]:
    """The usage of a NAT gateway over 730 hours, with so much traffic."""
    return {"month": "730h", "usage": [{"meter": "nat.gateway", "gb": str(gb)}]}


def _gb_for(budget: int) -> int:
    """How many whole GB a NAT gateway passes on in 730 hours for so many dollars."""
    each = cost(_hours_and(1)) - cost(_hours_and(0))
    return int(((budget - cost(_hours_and(0))) / each).to_integral_value(ROUND_FLOOR))
