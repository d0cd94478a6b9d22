"""A bill with blanks: the quantities and amounts follow from what happened, line by line."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.billing.bills import (
    BILL,
    GRADED_TYPES,
    bill_of,
    cost,
    dollars,
    draw_month,
    price,
    quantity,
    rate,
    stdin_of,
)

MINUTE, HOUR = 60, 3600


class ReadTheBill(AnswerExercise):
    title = "Read the bill"
    minutes = 8
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        month = draw_month(rng)
        machine = rng.choice(GRADED_TYPES)
        hours, minutes, seconds = rng.randrange(4, 10), rng.randrange(2, 50), rng.randrange(1, 60)
        short = rng.randrange(10, 55)
        gib, gb = rng.choice((8, 12, 20, 30, 40, 60)), rng.randrange(20, 300, 5)
        ran = hours * HOUR + minutes * MINUTE + seconds
        computer = {"meter": "ec2.instance", "type": machine, "resource": "i-0a1"}
        runs = (
            {**computer, "start": month.at(3, 8), "end": month.at(3, 8, seconds=ran)},
            {**computer, "start": month.at(5, 9), "end": month.at(5, 9, seconds=short)},
        )
        volume = {"meter": "ebs.volume", "type": "gp3", "gib": gib}
        address = {"meter": "ipv4"}
        traffic = {"meter": "transfer", "path": "internet-out", "gb": gb}
        document = bill_of(month, *runs, volume, address, traffic)
        whole_hours = (hours + 1) * HOUR + HOUR
        running = Decimal(ran) / (month.hours * HOUR)
        return {
            "document": document,
            "month": month.name,
            "type": machine,
            "ran": f"{hours} h {minutes} min {seconds} s",
            "short": short,
            "gib": gib,
            "gb": gb,
            "table": _table(
                ("(a) s", f"{price(f'ec2.instance:{machine}')} an hour", "(b)"),
                (f"{gib} GB-months", price("ebs.storage:gp3"), "(c)"),
                (f"{month.hours} h", f"{price('ipv4')} an hour", "(d)"),
                (f"{gb} GB", price("transfer:internet-out"), "(e)"),
            ),
            "seconds": f"{quantity(bill_of(month, *runs)) * HOUR:.0f}",
            "whole_hours": str(whole_hours),
            "computing": dollars(cost(bill_of(month, *runs)), 4),
            "computing_whole_hours": dollars(rate(f"ec2.instance:{machine}") * whole_hours / HOUR, 4),
            "volume": dollars(cost(bill_of(month, volume))),
            "volume_while_running": dollars(cost(bill_of(month, volume)) * running),
            "address": dollars(cost(bill_of(month, address))),
            "address_while_stopped": dollars(cost(bill_of(month, address)) * (1 - running)),
            "traffic": dollars(cost(bill_of(month, traffic))),
            "total": dollars(cost(document)),
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        slips = {
            "seconds": (_hours(v["whole_hours"]),),
            "computing": (_hours(v["computing_whole_hours"]),),
            "volume": tuple(
                Slip(given, "B1", "The volume was there all month, and stopped or not it bills.")
                for given in ("0", v["volume_while_running"])
            ),
            "address": tuple(
                Slip(given, "B4", "The address bills all month: in use, and while the instance is stopped.")
                for given in ("0", v["address_while_stopped"])
            ),
        }
        return tuple(
            Field(
                name,
                label,
                v[name],
                "number" if name == "seconds" else "money",
                why=why,
                slips=slips.get(name, ()),
                command=BILL,
                stdin=stdin_of(v["document"]),
            )
            for name, label, why in _QUESTIONS
        )


_QUESTIONS = (
    ("seconds", "(a) the seconds billed", "Count each run by the second; one shorter than 60 s counts 60."),
    ("computing", "(b) the instance", "An hour has 3,600 s: seconds, times the price, by 3,600."),
    ("volume", "(c) the volume", "A volume that is there all month is its size in GB-months."),
    ("address", "(d) the address", "All hours of this month, times the price."),
    ("traffic", "(e) the traffic", "The GB that left, times the price: this account has no Free Tier."),
    ("total", "(f) the total", "Add the lines as they are, and round once, at the end."),
)


def _table(*lines: tuple[str, str, str]) -> str:
    """The bill as a table of plain text, its total open."""
    rows = [("line", "quantity", "price", "cost")]
    rows += [(str(number), *line) for number, line in enumerate(lines, start=1)]
    rows.append(("", "", "total", "(f)"))
    return "\n".join(f" {a:<6}{b:<16}{c:<18}{d}".rstrip() for a, b, c, d in rows)


def _hours(given: str) -> Slip:
    return Slip(given, "B7", "That counts begun hours. Linux On-Demand is billed by the second.")
