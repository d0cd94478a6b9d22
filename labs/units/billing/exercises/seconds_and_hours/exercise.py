"""Predict how much is counted: begun seconds, at least sixty of them, or begun hours."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, PredictExercise, Slip, Variant
from labs.units.billing.bills import (
    BILL,
    GRADED_TYPES,
    Document,
    answers_of,
    bill_of,
    draw_month,
    quantity,
    stdin_of,
)

MINUTE, HOUR = 60, 3600


class SecondsAndHours(PredictExercise):
    title = "Seconds and hours"
    minutes = 6
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        drawn: dict[str, Any] = {
            "month": draw_month(rng),
            "type": rng.choice(GRADED_TYPES),
            "short": rng.randrange(8, 55),
            "hours": rng.randrange(1, 7),
            "odd": rng.randrange(1, 50),
            "starts": rng.randrange(3, 7),
            "each": rng.randrange(10, 50),
            "minutes": rng.randrange(12, 55),
            "nat_hours": rng.randrange(1, 5),
            "nat_minutes": rng.randrange(5, 55),
            "kept": rng.randrange(90, 500, 10),
        }
        return {
            **drawn,
            **answers_of(_fields(drawn)),
            "odd_in_hours": (drawn["hours"] + 1) * HOUR,
            "restarts_in_hours": drawn["starts"] * HOUR,
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        return _fields(variant.values)


def _fields(v: Mapping[str, Any]) -> tuple[Field, ...]:
    """The questions; their answers are quantities of the bill."""
    begun = "A begun hour is not billed whole: Linux On-Demand is counted by the second."
    return (
        _field("short", f"one run of {v['short']} s", _runs(v, v["short"])),
        _field(
            "odd",
            f"one run of {v['hours']} h and {v['odd']} s",
            _runs(v, v["hours"] * HOUR + v["odd"]),
            Slip(str((v["hours"] + 1) * HOUR), "B7", begun),
        ),
        _field(
            "restarts",
            f"{v['starts']} runs of {v['each']} s each",
            _runs(v, *[v["each"]] * v["starts"]),
            Slip(str(v["starts"] * HOUR), "B7", begun),
            Slip(str(HOUR), "B7", begun),
            why="Each start begins a new run, and each run costs 60 s at least.",
        ),
        _field(
            "reboot",
            f"one run of {v['minutes']} min with a reboot in the middle",
            _runs(v, v["minutes"] * MINUTE),
            Slip(str(HOUR), "B7", begun),
            why="A reboot is no stop: the instance stays in `running`, and no new run begins.",
        ),
        _field(
            "gateway",
            f"hours of a NAT gateway that is there for {v['nat_hours']} h {v['nat_minutes']} min",
            bill_of(
                v["month"],
                {
                    "meter": "nat.gateway",
                    "start": v["month"].at(1),
                    "end": v["month"].at(1, v["nat_hours"], v["nat_minutes"]),
                },
            ),
            Slip("0", "B5", "It is there, so its hours are counted, with or without traffic."),
            unit=1,
            why="Here begun hours do count whole: that is the rule of NAT gateways, not of instances.",
        ),
        _field(
            "address",
            f"seconds of an Elastic IP address kept for {v['kept']} min",
            bill_of(
                v["month"],
                {"meter": "ipv4", "start": v["month"].at(1), "end": v["month"].at(1, 0, v["kept"])},
            ),
            Slip("0", "B4", "That it is in use on a running instance makes it no cheaper."),
            why="Public addresses are counted by the second too.",
        ),
    )


def _runs(v: Mapping[str, Any], *seconds: int) -> Document:
    """One instance that runs for so long, each run on a day of its own."""
    month = v["month"]
    return bill_of(
        month,
        *(
            {
                "meter": "ec2.instance",
                "type": v["type"],
                "resource": "i-0a1",
                "start": month.at(day),
                "end": month.at(day, seconds=each),
            }
            for day, each in enumerate(seconds, start=1)
        ),
    )


def _field(
    name: str,
    label: str,
    document: Document,
    *slips: Slip,
    unit: int = HOUR,
    why: str = "By the second, and 60 s at least for each start.",
) -> Field:
    """A question for a quantity. Bills count in hours; `unit` is how many of what is asked make one."""
    answer = f"{quantity(document) * unit:.0f}"
    return Field(name, label, answer, "number", why=why, slips=slips, command=BILL, stdin=stdin_of(document))
