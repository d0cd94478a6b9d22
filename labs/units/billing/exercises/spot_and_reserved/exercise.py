"""Predict what Spot costs when AWS interrupts it, what that does to a job, and what a reservation is."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
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
    named,
    price,
    rate,
    stdin_of,
)

TYPES = ("m5.large", "m5.xlarge", "p3.2xlarge")
AFTER = ("it resumes by itself", "it starts from the beginning", "AWS gives it an On-Demand instance")
HOUR = 60
"""Minutes of an hour."""


class SpotAndReserved(PredictExercise):
    title = "Spot and reserved"
    minutes = 10
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        machine = rng.choice(TYPES)
        on_demand = rate(f"ec2.instance:{machine}")
        drawn: dict[str, Any] = {
            "month": (month := draw_month(rng)),
            "month_name": month.name,
            "month_hours": month.hours,
            "type": machine,
            "a_type": named(machine).capitalize(),
            "hourly": price(f"ec2.instance:{machine}"),
            "spot": dollars(on_demand * rng.randrange(28, 45) / 100, 4),
            "reserved": dollars(on_demand * rng.randrange(58, 68) / 100, 4),
            "early": rng.randrange(12, 55),
            "hours": (hours := rng.randrange(2, 6)),
            "minutes": rng.randrange(6, 50),
            "own": rng.randrange(12, 55),
            "needed": hours + rng.randrange(2, 5),
        }
        fields = {field.name: field for field in _fields(drawn)}
        return {
            **drawn,
            **answers_of(fields.values()),
            "late_in_hours": fields["late"].slips[0].given,
            "own_in_hours": fields["own"].slips[0].given,
            "resumed": fields["again"].slips[0].given,
            "three_machines": fields["two"].slips[0].given,
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        return _fields(variant.values)


def _fields(v: Mapping[str, Any]) -> tuple[Field, ...]:
    late = v["hours"] * HOUR + v["minutes"]
    again = _spot(v, (late, "aws"), (v["needed"] * HOUR, "user"))
    begun = "By the second: an hour that was begun is not billed whole."
    lost = "Nothing of the lost run is kept, unless the job itself saved it."
    discount = "A reservation is no instance. It is a price for hours of a type, used or not."
    return (
        bill_field(
            "early",
            f"interrupted by AWS after {v['early']} min",
            _spot(v, (v["early"], "aws")),
            places=4,
            why="AWS does not charge for a run that it interrupts in its first hour.",
        ),
        bill_field(
            "late",
            f"interrupted by AWS after {v['hours']} h {v['minutes']} min",
            _spot(v, (late, "aws")),
            places=4,
            why="After the first hour the seconds that were used are charged.",
            slips=(Slip(_hours_at(v["spot"], v["hours"] + 1), "B7", begun),),
        ),
        bill_field(
            "own",
            f"terminated by you after {v['own']} min",
            _spot(v, (v["own"], "user")),
            places=4,
            why="Only an interruption by AWS is free, in the first hour. Yours is charged by the second.",
            slips=(Slip(_hours_at(v["spot"], 1), "B7", begun),),
        ),
        Field(
            "then",
            "what a new Spot Instance does with the job",
            AFTER[1],
            "choice",
            AFTER,
            why=lost,
            slips=(Slip(AFTER[0], "L1", lost),),
            command=BILL,
            stdin=stdin_of(again),
        ),
        bill_field(
            "again",
            f"both runs, until {v['needed']} h of work are done",
            again,
            places=4,
            why=f"{lost} So the second run takes all {v['needed']} h.",
            slips=(Slip(_hours_at(v["spot"], v["needed"]), "L1", lost),),
        ),
        Field(
            "machines",
            "instances that run because a reservation was bought",
            "0",
            "number",
            why=discount,
            slips=(Slip("1", "B8", discount),),
            command=BILL,
            stdin=stdin_of(bill_of(v["month"], _reserved(v))),
        ),
        bill_field(
            "two",
            f"two {v['type']} all month, one reserved",
            bill_of(v["month"], _reserved(v), _on_demand(v)),
            why="One of the two has the reserved price for each hour, the other the On-Demand price.",
            slips=(
                Slip(
                    dollars(cost(bill_of(v["month"], _reserved(v), _on_demand(v), _on_demand(v)))),
                    "B8",
                    "Only two instances run; the reservation is the price of one of them, not a third.",
                ),
            ),
        ),
        bill_field(
            "none",
            "no instance all month, one reserved",
            bill_of(v["month"], _reserved(v)),
            why="What was reserved is paid for each hour, used or not.",
            slips=(Slip("0", "B8", "There is nothing to switch off: you agreed to pay for the hours."),),
        ),
    )


def _spot(v: Mapping[str, Any], *runs: tuple[int, str]) -> Document:
    """Spot runs of so many minutes, each ended by somebody, each on a day of its own."""
    month = v["month"]
    return bill_of(
        month,
        *(
            {
                "meter": "ec2.instance",
                "type": v["type"],
                "market": "spot",
                "rate": v["spot"],
                "ended_by": by,
                "start": month.at(day),
                "end": month.at(day, minutes=minutes),
            }
            for day, (minutes, by) in enumerate(runs, start=2)
        ),
    )


def _hours_at(price: str, hours: int) -> str:
    return dollars(Decimal(price) * hours, 4)


def _reserved(v: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**_on_demand(v), "rate": v["reserved"], "resource": "reserved"}


def _on_demand(v: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"meter": "ec2.instance", "type": v["type"]}
