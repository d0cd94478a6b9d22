"""Predict what traffic costs by its path: in, out, between zones, between Regions, past a gateway."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, PredictExercise, Slip, Variant
from labs.units.billing.bills import (
    BILL,
    answers_of,
    bill_field,
    cost,
    dollars,
    estimate_of,
    price,
    stdin_of,
)

REGIONS = {
    "us-east-2": "Ohio",
    "eu-west-1": "Ireland",
    "ap-northeast-1": "Tokyo",
    "eu-central-1": "Frankfurt",
}


class WhatMoves(PredictExercise):
    title = "What moves"
    minutes = 8
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        region = rng.choice(list(REGIONS))
        drawn: dict[str, Any] = {
            "gb": rng.randrange(100, 900, 50),
            "moved": rng.randrange(100, 900, 50),
            "region": region,
            "city": REGIONS[region],
            "prices": _price_list(region),
        }
        return {**drawn, **answers_of(_fields(drawn))}

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        return _fields(variant.values)


def _fields(v: Mapping[str, Any]) -> tuple[Field, ...]:
    gb, moved = v["gb"], v["moved"]

    def path(name: str, gb: int, **more: str) -> Mapping[str, Any]:
        return estimate_of({"meter": "transfer", "path": name, "gb": gb, **more})

    # The hours of the gateway are the same without this traffic, and are not asked for.
    gateway = estimate_of({"meter": "nat.gateway", "gb": moved})
    passed_on = cost(gateway) - cost(estimate_of({"meter": "nat.gateway"}))
    ends = "A GB between two zones is billed where it leaves and again where it arrives."
    return (
        bill_field("upload", f"{gb} GB from the internet", path("internet-in", gb), why="In is free."),
        bill_field(
            "download",
            f"{gb} GB to the internet",
            path("internet-out", gb),
            why="What leaves AWS is billed by the GB, and this account has no Free Tier.",
        ),
        bill_field(
            "zones",
            f"{moved} GB to another zone",
            path("cross-az", moved),
            why=ends,
            slips=(Slip("0", "B6", ends),),
        ),
        bill_field(
            "public",
            f"{moved} GB within one zone, over public addresses",
            path("same-az", moved, addresses="public"),
            why="Only over private addresses is it free; over public ones both ends are billed.",
            slips=(Slip("0", "B6", "That is free over private addresses only."),),
        ),
        bill_field(
            "bucket",
            f"{moved} GB to a bucket in the same Region",
            path("same-region", moved),
            why="Between EC2 and S3 in one Region it is free.",
        ),
        Field(
            "gateway",
            f"the same {moved} GB through a NAT gateway, beside its hours",
            dollars(passed_on),
            "money",
            why="The gateway bills each GB that it passes on, wherever that goes.",
            slips=(Slip("0", "B6", "S3 charges nothing for it, and the gateway on the way does."),),
            command=BILL,
            stdin=stdin_of(gateway),
        ),
        bill_field(
            "region",
            f"{moved} GB to {v['city']}",
            path("cross-region", moved, region_to=v["region"]),
            why="Between Regions each GB is billed once, where it leaves.",
            slips=(Slip("0", "B6", "It stays within AWS, and leaves the Region all the same."),),
        ),
    )


def _price_list(region: str) -> str:
    """What the task tells of prices; which of its paths are free, it does not tell."""
    from labs.aws.billing import price_book

    own = f"transfer:cross-region:{region}"
    abroad = own if price_book().find(own) else "transfer:cross-region"
    rows = (
        ("to the internet", "transfer:internet-out", ""),
        ("between two Availability Zones", "transfer:cross-az", ", at each end"),
        (f"from us-east-1 to {region}", abroad, ""),
        ("through a NAT gateway", "nat.bytes", ", beside its hours"),
    )
    return "\n".join(f"| {what} | {price(key)}{after} |" for what, key, after in rows)
