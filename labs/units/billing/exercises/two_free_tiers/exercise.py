"""Predict what the Free Tier pays, in an account opened before 15 July 2025 and in one opened after."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from typing import Any

from labs.course import Field, PredictExercise, Slip, Variant
from labs.units.billing.bills import (
    BILL,
    Document,
    answers_of,
    bill_of,
    cost,
    dollars,
    month_of,
    quantity,
    stdin_of,
)

MICRO = {"meter": "ec2.instance", "type": "t3.micro"}
PAYERS = ("750 free hours", "credits", "the card")


class TwoFreeTiers(PredictExercise):
    title = "Two Free Tiers"
    minutes = 8
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        month = rng.choice((1, 2, 3))
        drawn: dict[str, Any] = {
            "month": month_of(2026, month),
            "month_name": month_of(2026, month).name,
            "month_hours": month_of(2026, month).hours,
            "year_after": month_of(2027, month),
            "year_after_name": month_of(2027, month).name,
            "old": date(2025, rng.randrange(4, 8), rng.randrange(1, 12)).isoformat(),
            "new": date(2025, rng.choice((10, 11, 12)), rng.randrange(1, 28)).isoformat(),
            "machines": rng.randrange(2, 5),
            "downloads": rng.randrange(110, 400, 10),
        }
        return {**drawn, **answers_of(_fields(drawn))}

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        return _fields(variant.values)


def _fields(v: Mapping[str, Any]) -> tuple[Field, ...]:
    month, machines = v["month"], v["machines"]
    legacy = {"free_tier": "legacy", "created": v["old"]}
    new = {"account": {"free_tier": "credits", "created": v["new"]}, **bill_of(month, MICRO)}
    shared = "The 750 hours are of the account: all its t3.micro draw on them together."
    no_hours = "Accounts opened on 15 July 2025 or later have no monthly hours. They get credits."
    return (
        _counted(
            "alone",
            "hours charged for one t3.micro",
            {"account": legacy, **bill_of(month, MICRO)},
            why="A whole month fits into 750 hours, just.",
        ),
        _counted(
            "several",
            f"hours charged for {machines} t3.micro",
            {"account": legacy, **bill_of(month, *[MICRO] * machines)},
            Slip("0", "B2", shared),
            why=f"{machines} × {month.hours} hours, less 750.",
        ),
        _counted(
            "small",
            "hours charged for one t3.small",
            {"account": legacy, **bill_of(month, {**MICRO, "type": "t3.small"})},
            why="The hours are for t2.micro and t3.micro; a t3.small is charged from its first second.",
        ),
        _counted(
            "later",
            "hours charged for one t3.micro a year later",
            {"account": legacy, **bill_of(v["year_after"], MICRO)},
            why="The monthly allowances end twelve months after the account was opened.",
        ),
        _counted(
            "downloads",
            f"GB charged of {v['downloads']} GB out, a year later",
            {
                "account": legacy,
                **bill_of(
                    v["year_after"], {"meter": "transfer", "path": "internet-out", "gb": v["downloads"]}
                ),
            },
            why="100 GB a month are always free, in the first year and after it.",
        ),
        Field(
            "payer",
            "what pays for a t3.micro in the newer account",
            "credits",
            "choice",
            PAYERS,
            why="What the account got at sign-up is spent first.",
            slips=(Slip(PAYERS[0], "B2", no_hours),),
            command=BILL,
            stdin=stdin_of(new),
        ),
        Field(
            "spent",
            "credit spent on it in that month",
            # Credits pay what the same usage costs where nothing is free.
            dollars(cost(bill_of(month, MICRO))),
            "money",
            why="Credits pay the ordinary price of every second.",
            slips=(Slip("0", "B2", no_hours),),
            command=BILL,
            stdin=stdin_of(new),
        ),
    )


def _counted(name: str, label: str, document: Document, *slips: Slip, why: str) -> Field:
    """A question for how much is charged: what is left when the Free Tier has had its share."""
    answer = f"{quantity(document):f}"
    return Field(name, label, answer, "number", why=why, slips=slips, command=BILL, stdin=stdin_of(document))
