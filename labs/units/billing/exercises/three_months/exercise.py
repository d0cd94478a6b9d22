"""The same price in three different months, and in tiers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.billing.bills import (
    GRADED_TYPES,
    answers_of,
    bill_field,
    bill_of,
    cost,
    dollars,
    draw_month,
    estimate_of,
    named,
    price,
)

GB = 2**30


class ThreeMonths(AnswerExercise):
    title = "Three months"
    minutes = 12
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        first, days = rng.randrange(2, 9), rng.randrange(6, 16)
        machine = rng.choice(GRADED_TYPES)
        drawn: dict[str, Any] = {
            "month": (month := draw_month(rng)),
            "month_name": month.name,
            "month_days": month.days,
            "month_hours": month.hours,
            "type": machine,
            "a_type": named(machine),
            "gib": rng.randrange(100, 1000, 50),
            "first": first,
            "days": days,
            "worked": rng.choice((4, 6, 8)),
            "gb": rng.randrange(200, 3000, 100),
            "kept": rng.randrange(4, 25),
            "tb": rng.randrange(12, 45),
            "archive": rng.randrange(60, 120) * 1000,
            "hourly": price(f"ec2.instance:{machine}"),
            "nat": price("nat.hours"),
            "gp3": price("ebs.storage:gp3"),
            "tiers": _tiers("s3.storage"),
            "ways_out": _tiers("transfer:internet-out"),
        }
        fields = _fields(drawn)
        volume = next(field for field in fields if field.name == "volume")
        return {
            **drawn,
            **answers_of(fields),
            "volume_while_working": volume.slips[0].given,
            "archive_gb": f"{drawn['archive']:,}",
            "tb_in_gb": f"{drawn['tb'] * 1024:,}",
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        return _fields(variant.values)


def _fields(v: Mapping[str, Any]) -> tuple[Field, ...]:
    month = v["month"]
    volume = bill_of(
        month,
        {
            "meter": "ebs.volume",
            "type": "gp3",
            "gib": v["gib"],
            "start": month.at(v["first"] - 1),
            "end": month.at(v["first"] - 1 + v["days"]),
        },
    )
    while_working = dollars(cost(volume) * Decimal(v["worked"]) / 24)
    return (
        bill_field(
            "estimate",
            f"an estimate for a {v['type']} that always runs",
            estimate_of({"meter": "ec2.instance", "type": v["type"]}),
            why="An estimate reckons with 730 hours, whatever the calendar says.",
        ),
        bill_field(
            "gateway",
            f"the idle NAT gateway in {month.name}",
            bill_of(month, {"meter": "nat.gateway"}),
            why=f"A bill counts the hours of the calendar: {month.name} has {month.hours}.",
            slips=(Slip("0", "B5", "It stands there all month, so every hour of it is billed."),),
        ),
        bill_field(
            "volume",
            f"the volume that was there for {v['days']} days",
            volume,
            why=f"The size, times {v['days']} of {month.days} days: the share of this month's seconds.",
            slips=(
                Slip(
                    while_working, "B1", "It bills while it exists; whether its instance runs is no matter."
                ),
            ),
        ),
        bill_field(
            "objects",
            f"the {v['gb']} GB in S3 for {v['kept']} days",
            bill_of(
                month,
                {
                    "meter": "s3.storage",
                    "bytes": v["gb"] * GB,
                    "start": month.at(),
                    "end": month.at(v["kept"]),
                },
            ),
            why=f"Byte-hours by the hours of the month: {v['gb']} GB × {v['kept']} of {month.days} days.",
        ),
        bill_field(
            "archive",
            f"the archive of {v['archive']:,} GB",
            bill_of(month, {"meter": "s3.storage", "bytes": v["archive"] * GB}),
            why="Each GB has the price of the tier that it falls into; the first tier stays as it is.",
        ),
        bill_field(
            "downloads",
            f"{v['tb']} TB to the internet",
            bill_of(month, {"meter": "transfer", "path": "internet-out", "gb": v["tb"] * 1024}),
            why="A TB has 1,024 GB. Fill the first tier, and only the rest has the second price.",
        ),
    )


def _tiers(key: str) -> str:
    """The prices of a tiered thing, in words, as far as this exercise needs them."""
    from labs.aws.billing import price_book

    first, second = price_book().find(key)[:2]
    return f"${first.listed} a GB up to {second.above:,} GB a month, ${second.listed} for what is above"
