"""Predict what a T3 instance at full speed costs beside its hours, and what an idle one costs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, PredictExercise, Slip, Variant
from labs.units.billing.bills import (
    BILL,
    Document,
    answers_of,
    bill_field,
    bill_of,
    cost,
    dollars,
    draw_month,
    price,
    quantity,
    rate,
    stdin_of,
)

HOUR = 60
"""Minutes of an hour."""
TYPES = ("t3.micro", "t3.small", "t3.medium")
CHARGED = ("at the end of the month", "when it stops", "never")


class TheSurplus(PredictExercise):
    title = "Credits and their surplus"
    minutes = 10
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.ec2 import credit_rule

        machine = rng.choice(TYPES)
        rule = credit_rule(machine)
        drawn: dict[str, Any] = {
            "month": draw_month(rng),
            "type": machine,
            "baseline": f"{rule.baseline * 100:.0f} %",
            "vcpus": rule.vcpus,
            "busy": rng.choice((24, 30, 36, 40, 48)),
            "short": rng.randrange(60, 155, 5),
            "worked": rng.randrange(3, 7),
            "idle": rng.randrange(40, 90),
            "hourly": price(f"ec2.instance:{machine}"),
            "credit_hour": price("ec2.cpu-credits:t3"),
        }
        return {**drawn, **answers_of(_fields(drawn)), "until_closed": _until_closed(drawn)}

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        return _fields(variant.values)


def _fields(v: Mapping[str, Any]) -> tuple[Field, ...]:
    from labs.aws.ec2 import credit_rule

    earned = credit_rule(v["type"]).earned_per_hour
    owed = "What was borrowed and not earned back is charged the moment it stops."
    return (
        Field(
            "earned",
            f"credits that a {v['type']} earns an hour",
            f"{earned:.0f}",
            "number",
            why="A credit is one vCPU at full speed for a minute: vCPUs × baseline × 60.",
        ),
        _surplus(
            v,
            "standard",
            f"{v['busy']} h at full speed, standard",
            v["busy"] * HOUR,
            mode="standard",
            why="Standard mode never borrows: it falls to the baseline.",
        ),
        _surplus(
            v,
            "long",
            f"{v['busy']} h at full speed, unlimited",
            v["busy"] * HOUR,
            Slip("0", "B1", owed),
            why="Spent less earned, in vCPU-hours: vCPUs × (1 − baseline) × hours.",
            points=2,
        ),
        _surplus(
            v,
            "short",
            f"{v['short']} min at full speed, unlimited",
            v["short"],
            Slip("0", "B1", owed),
            why="It stops before anything could be earned back, so all of it is charged.",
        ),
        Field(
            "charged",
            "when that surplus is charged",
            CHARGED[1],
            "choice",
            CHARGED,
            why=owed,
            slips=(Slip(CHARGED[2], "B1", owed),),
            command=BILL,
            stdin=stdin_of(_busy(v, v["short"])),
        ),
        bill_field(
            "idle",
            "the notebook's instance, to the minute it was stopped",
            _used(v, v["worked"] + v["idle"]),
            why="It runs until somebody stops it; nearly idle, it borrows nothing.",
            slips=(Slip(_until_closed(v), "L3", "Closing the browser stopped no instance."),),
        ),
    )


def _busy(v: Mapping[str, Any], minutes: int, mode: str = "unlimited") -> Document:
    """Full speed for so long, and then the end."""
    month = v["month"]
    period = {"start": month.at(2), "end": month.at(2, minutes=minutes)}
    return bill_of(month, {"meter": "ec2.instance", "type": v["type"], "cpu": 1, "credits": mode, **period})


def _used(v: Mapping[str, Any], hours: int) -> Document:
    month = v["month"]
    period = {"start": month.at(2), "end": month.at(2, hours)}
    return bill_of(month, {"meter": "ec2.instance", "type": v["type"], "cpu": "0.02", **period})


def _surplus(
    v: Mapping[str, Any],
    name: str,
    label: str,
    minutes: int,
    *slips: Slip,
    mode: str = "unlimited",
    why: str,
    points: int = 1,
) -> Field:
    """A question for what surplus credits cost: one line of the bill that is shown."""
    document = _busy(v, minutes, mode)
    surplus = quantity(document, "ec2.cpu-credits") * rate("ec2.cpu-credits:t3")
    return Field(
        name,
        f"the surplus of {label}",
        dollars(surplus),
        "money",
        points=points,
        why=why,
        slips=slips,
        command=BILL,
        stdin=stdin_of(document),
    )


def _until_closed(v: Mapping[str, Any]) -> str:
    return dollars(cost(_used(v, v["worked"])))
