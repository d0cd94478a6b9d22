"""What if: one fact of a design changes, and the bill with it. By how much?"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.billing.bills import (
    BILL,
    Document,
    answers_of,
    cost,
    dollars,
    estimate_of,
    lines_of,
    named,
    price,
    stdin_of,
)

if TYPE_CHECKING:
    from labs.aws.billing.comparison import Change

SIZES = (("t3.medium", "t3.small"), ("t3.small", "t3.micro"), ("m5.xlarge", "m5.large"))
NIGHT = 12
"""Hours of a day in which the worker would be stopped."""
WORKER, VOLUME, MOVED, GATEWAY = 1, 2, 3, 4
"""Where these stand among the items."""


class WhatIf(AnswerExercise):
    title = "What if?"
    minutes = 15
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        large, small = rng.choice(SIZES)
        drawn: dict[str, Any] = {
            "large": large,
            "small": small,
            "gib": rng.randrange(100, 600, 50),
            "zone_gb": rng.randrange(300, 1500, 50),
            "s3_gb": rng.randrange(500, 3000, 100),
        }
        design = _design(drawn)
        total = cost(design)
        drawn["limit"] = str(int(total * rng.choice((50, 60, 70)) / 100))
        fields = {field.name: field for field in _fields(drawn)}
        return {
            **drawn,
            **answers_of(fields.values()),
            "lines": lines_of(design),
            "a_small": named(small),
            "small_price": price(f"ec2.instance:{small}"),
            "gp3": price("ebs.storage:gp3"),
            "nights_of_all": fields["nights"].slips[0].given,
            "gateway_without_address": fields["gateway"].slips[1].given,
            "over_the_limit": fields["budget"].slips[0].given,
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        return _fields(variant.values)


def _design(v: Mapping[str, Any]) -> Document:
    """The design as it is, all through a month of 730 hours."""
    machine = {"meter": "ec2.instance", "type": v["large"]}
    return estimate_of(
        {**machine, "resource": "api"},
        {**machine, "resource": "worker"},
        {"meter": "ebs.volume", "type": "gp2", "gib": v["gib"], "resource": "worker"},
        {"meter": "transfer", "path": "cross-az", "gb": v["zone_gb"]},
        {"meter": "nat.gateway", "gb": v["s3_gb"]},
        {"meter": "ipv4", "resource": "gateway"},
    )


def _saved(v: Mapping[str, Any], *changes: Change) -> Decimal:
    """What the bill falls by when the design is changed so."""
    from labs.aws.billing import usage_from_json, what_if

    def all_of(usage: Any) -> Any:
        for change in changes:
            usage = change(usage)
        return usage

    return -what_if(usage_from_json(_design(v)), all_of).delta


def _fields(v: Mapping[str, Any]) -> tuple[Field, ...]:
    from labs.aws.billing import replacing, without

    usage: Sequence[Any] = _design(v)["usage"]
    worker = cost(estimate_of(usage[WORKER]))
    disk = cost(estimate_of(usage[VOLUME]))
    limit = Decimal(v.get("limit", 0))

    def asked(
        name: str, label: str, saved: Decimal, why: str, *slips: Slip, shows: Document | None = None
    ) -> Field:
        return Field(
            name,
            label,
            dollars(saved),
            "money",
            why=why,
            slips=slips,
            command=BILL,
            stdin=stdin_of(shows or _design(v)),
        )

    return (
        asked(
            "smaller",
            f"the worker as {named(v['small'])}",
            _saved(v, replacing(WORKER, type=v["small"])),
            "730 hours at the difference of the two prices.",
        ),
        asked(
            "gp3",
            "its volume as gp3",
            _saved(v, replacing(VOLUME, type="gp3")),
            f"{v['gib']} GB-months at the difference of the two prices.",
        ),
        asked(
            "nights",
            f"the worker stopped for {NIGHT} hours every night",
            worker * NIGHT / 24,
            "Half of its hours, and nothing of its volume.",
            Slip(
                dollars((worker + disk) * NIGHT / 24),
                "B1",
                "The volume is there at night too, and bills all day.",
            ),
            shows=estimate_of(usage[WORKER], usage[VOLUME]),
        ),
        asked(
            "zone",
            "both machines in one zone",
            _saved(v, replacing(MOVED, path="same-az")),
            "Both ends of each GB are billed now, and neither then.",
            Slip("0", "B6", "Between two zones each GB is billed, at both ends."),
            shows=estimate_of(usage[MOVED]),
        ),
        asked(
            "endpoint",
            "a gateway endpoint for S3, the NAT gateway still there",
            _saved(v, replacing(GATEWAY, gb=Decimal(0))),
            "The GB that go to S3 no longer pass the gateway. Its hours stay.",
            Slip("0", "B6", "S3 does not bill them, and the NAT gateway does."),
            shows=estimate_of(usage[GATEWAY]),
        ),
        asked(
            "gateway",
            "then the idle NAT gateway deleted, its address released",
            _saved(v, without(GATEWAY + 1), without(GATEWAY)) - _saved(v, replacing(GATEWAY, gb=Decimal(0))),
            "730 hours of the gateway and 730 of its address.",
            Slip("0", "B5", "It is idle, and each of its hours is billed."),
            Slip(
                dollars(cost(estimate_of({"meter": "nat.gateway"}))),
                "B4",
                "Its public address is billed as well, and no longer once it is released.",
            ),
            shows=estimate_of({"meter": "nat.gateway"}, usage[GATEWAY + 1]),
        ),
        asked(
            "budget",
            f"a budget of {v.get('limit', 0)} dollars",
            Decimal(0),
            "A budget sends a mail. It changes no line of the bill.",
            Slip(
                dollars(cost(_design(v)) - limit),
                "B3",
                "Nothing stops at the limit: the bill is what it was.",
            ),
        ),
    )
