"""Predict what is left on the bill when an instance is stopped, and when it is terminated."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, PredictExercise, Slip, Variant
from labs.units.billing.bills import (
    GRADED_TYPES,
    answers_of,
    bill_field,
    bill_of,
    cost,
    dollars,
    draw_month,
    named,
    price,
)


class StoppedNotFree(PredictExercise):
    title = "Stopped, not free"
    minutes = 8
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        machine = rng.choice(GRADED_TYPES)
        drawn: dict[str, Any] = {
            "month": (month := draw_month(rng)),
            "month_name": month.name,
            "month_hours": month.hours,
            "type": machine,
            "a_type": named(machine),
            "root": rng.choice((8, 12, 16, 20, 30)),
            "data": rng.randrange(50, 500, 10),
            "kept": rng.randrange(10, 60, 5),
            "gp3": price("ebs.storage:gp3"),
            "snapshot_price": price("ebs.snapshot"),
            "ipv4": price("ipv4"),
        }
        fields = {field.name: field for field in _fields(drawn)}
        return {
            **drawn,
            **answers_of(fields.values()),
            "without_disks": fields["stopped"].slips[1].given,
            "without_address": fields["stopped"].slips[2].given,
            "without_data": fields["terminated"].slips[0].given,
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        return _fields(variant.values)


def _fields(v: Mapping[str, Any]) -> tuple[Field, ...]:
    month = v["month"]
    root = {"meter": "ebs.volume", "type": "gp3", "gib": v["root"], "resource": "vol-root"}
    data = {"meter": "ebs.volume", "type": "gp3", "gib": v["data"], "resource": "vol-data"}
    snapshot = {"meter": "ebs.snapshot", "gib": v["kept"]}
    address = {"meter": "ipv4", "used_by": "ec2"}
    idle = {"meter": "ipv4", "used_by": "nothing"}

    def amount(*usage: Mapping[str, Any]) -> str:
        return dollars(cost(bill_of(month, *usage)))

    kept = "A stopped instance keeps its disks, and so you keep paying for them."
    public = "Every public IPv4 address bills: attached or idle, the instance running or not."
    return (
        bill_field(
            "computing",
            "the computing of the stopped instance",
            bill_of(month),
            why="No second of the month was spent in the state `running`.",
        ),
        bill_field(
            "disks",
            "its two volumes",
            bill_of(month, root, data),
            why="Both sizes, all month, at the price of gp3.",
            slips=(Slip("0", "B1", kept), Slip(amount(root), "B1", kept), Slip(amount(data), "B1", kept)),
        ),
        bill_field(
            "address",
            "its Elastic IP address",
            bill_of(month, address),
            why="All hours of the month.",
            slips=(Slip("0", "B4", public),),
        ),
        bill_field(
            "stopped",
            "the whole bill, stopped",
            bill_of(month, root, data, snapshot, address),
            why="Two volumes, the snapshot and the address.",
            slips=(
                Slip("0", "B1", kept),
                Slip(amount(snapshot, address), "B1", kept),
                Slip(amount(root, data, snapshot), "B4", public),
            ),
        ),
        bill_field(
            "terminated",
            "the whole bill, terminated before the month began",
            bill_of(month, data, snapshot, idle),
            points=2,
            why="The root volume goes with the instance. What else was there stays until you delete it.",
            slips=(
                Slip(amount(snapshot, idle), "E8", "By default only the root volume is deleted."),
                Slip(amount(data, snapshot), "B4", "The address stays in your account until you release it."),
            ),
        ),
    )
