"""Predict on which days a budget speaks, and what it does: it tells, and stops nothing."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from labs.course import Field, PredictExercise, Slip, Variant
from labs.units.billing.bills import (
    BILL,
    Document,
    Period,
    answers_of,
    bill_field,
    bill_of,
    draw_month,
    named,
    price,
    quantity,
    rate,
    stdin_of,
)

if TYPE_CHECKING:
    from labs.aws.billing import Threshold

STARTED = 9
"""The hour of the day at which the instance is started."""
TYPES = ("p3.2xlarge", "m5.xlarge", "m5.large")
THEN = ("AWS stops it", "it runs on", "AWS terminates it")
ENDS = ("a lower limit", "a second mail address", "a budget action")


class BudgetDay(PredictExercise):
    title = "The day of the budget"
    minutes = 8
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        machine = rng.choice(TYPES)
        # What it costs in so many days, so that both thresholds are passed well within the month.
        daily = rate(f"ec2.instance:{machine}") * 24
        step = Decimal(5) if daily > 10 else Decimal(1)
        drawn: dict[str, Any] = {
            "month": (month := draw_month(rng)),
            "month_name": month.name,
            "type": machine,
            "a_type": named(machine),
            "hourly": price(f"ec2.instance:{machine}"),
            "day": rng.randrange(2, 6),
            "closed": rng.randrange(15, 20),
            "percent": rng.choice((60, 70, 80)),
            "limit": str((daily * rng.randrange(7, 15)) // step * step),
            "last_day": month.days,
        }
        drawn["worked"] = drawn["closed"] - STARTED
        return {**drawn, **answers_of(_fields(drawn))}

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        return _fields(variant.values)


def _fields(v: Mapping[str, Any]) -> tuple[Field, ...]:
    month, usage = v["month"], _forgotten(v)
    tells = "A budget tells you. It has no hands: what runs, runs on."
    hours = quantity(usage)
    return (
        _day(v, "warned", f"the day of the mail at {v['percent']} %", Decimal(v["percent"])),
        _day(v, "reached", "the day of the mail at 100 %", Decimal(100)),
        Field(
            "then",
            "what happens to the instance at 100 %",
            THEN[1],
            "choice",
            THEN,
            why=tells,
            slips=tuple(Slip(each, "B3", tells) for each in (THEN[0], THEN[2])),
            command=BILL,
            stdin=stdin_of(usage),
        ),
        bill_field(
            "total",
            f"the bill of {month.name}",
            usage,
            why=f"It runs to the end of the month: {hours} hours.",
            slips=(Slip(v["limit"], "B3", "That is the limit. The instance ran on behind it."),),
            points=2,
        ),
        Field(
            "hours",
            "hours billed, though the notebook was closed",
            f"{hours:f}",
            "number",
            why="From its start to the end of the month, whoever looks at it.",
            slips=(
                Slip(str(v["worked"]), "L3", "The notebook is a page in a browser. The instance is not."),
            ),
            command=BILL,
            stdin=stdin_of(usage),
        ),
        Field(
            "ends",
            "what could have ended it without anybody",
            ENDS[2],
            "choice",
            ENDS,
            why="A budget action can stop instances, or attach a policy that denies new ones.",
            slips=tuple(Slip(each, "B3", tells) for each in ENDS[:2]),
            command=BILL,
            stdin=stdin_of(usage),
        ),
    )


def _forgotten(v: Mapping[str, Any]) -> Document:
    start = v["month"].at(v["day"] - 1, STARTED)
    return bill_of(v["month"], {"meter": "ec2.instance", "type": v["type"], "start": start})


def _day(v: Mapping[str, Any], name: str, label: str, percent: Decimal) -> Field:
    """A question for the day on which a threshold is passed; the bill up to that day's end shows it."""
    day = _passed_on(v, percent)
    month = v["month"]
    until = Period(month.start, month.start + timedelta(days=day))
    return Field(
        name,
        label,
        str(day),
        "number",
        why=f"The month costs {percent * Decimal(v['limit']) / 100:f} dollars for the first time that day.",
        command=BILL,
        stdin=stdin_of({**_forgotten(v), **until.ends}),
    )


def _passed_on(v: Mapping[str, Any], percent: Decimal) -> int:
    from labs.aws.billing import Budget, Threshold, budget_status, usage_from_json

    threshold: Threshold = Threshold(percent)
    budget = Budget(Decimal(v["limit"]), (threshold,))
    usage, month = usage_from_json(_forgotten(v)), v["month"]
    days = range(1, month.days + 1)
    ends = ((day, month.start + timedelta(days=day, seconds=-1)) for day in days)
    return next(day for day, end in ends if budget_status(budget, usage, end).passed)
