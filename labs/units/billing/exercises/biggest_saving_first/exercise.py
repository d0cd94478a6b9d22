"""Put changes in order by what they save, and leave out those that save nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from labs.course import Block, Inversion, OrderExercise, Variant
from labs.course.kinds.order import DIVIDER
from labs.units.billing.bills import BILL, Document, cost, estimate_of, named, price, stdin_of

APART = Decimal(4)
"""Dollars that any two savings are apart at least."""


@dataclass(frozen=True, slots=True)
class Saving:
    """A change, what it takes off the bill, and the belief of those who put it too low."""

    text: str
    items: tuple[Mapping[str, Any], ...]
    saved: Decimal
    misconception: str | None = None
    message: str = ""


class BiggestSavingFirst(OrderExercise):
    title = "The biggest saving first"
    minutes = 12
    points = 6
    choosing = "takes what saves money, and nothing else"
    ordering = "the biggest saving first"

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        while True:
            drawn = _draw(rng)
            savings = sorted(_savings(drawn), key=lambda each: each.saved, reverse=True)
            amounts = [each.saved for each in savings]
            # The address is the smallest, so that each of the others can be put too low.
            far = all(a - b >= APART for a, b in pairwise(amounts))
            if far and savings[-1].misconception is None:
                break
        return {
            **drawn,
            "savings": savings,
            "amounts": "\n".join(f"- {each.text}: {each.saved:.2f}" for each in savings),
            "a_small": named(drawn["small"]),
            "nat_hour": price("nat.hours"),
            "nat_gb": price("nat.bytes"),
            "zone_gb_price": price("transfer:cross-az"),
            "gp3": price("ebs.storage:gp3"),
            "ipv4": price("ipv4"),
            "large_price": price(f"ec2.instance:{drawn['large']}"),
            "small_price": price(f"ec2.instance:{drawn['small']}"),
            **{f"too_low_{each.misconception}": _too_low(each, savings) for each in savings},
            **{f"with_{name}": _with(block, savings) for name, block in _useless(drawn).items()},
        }

    def blocks(self, variant: Variant) -> Sequence[Block]:
        return (
            *(Block(each.text) for each in variant.values["savings"]),
            *_useless(variant.values).values(),
        )

    def inversions(self, variant: Variant) -> Sequence[Inversion]:
        return tuple(_inversions(variant.values["savings"]))


def _draw(rng: random.Random) -> dict[str, Any]:
    large, small = rng.choice(
        (("t3.medium", "t3.small"), ("m5.xlarge", "m5.large"), ("m5.large", "t3.medium"))
    )
    return {
        "large": large,
        "small": small,
        "unused": "m5.large" if large.startswith("t3") else "t3.micro",
        "s3_gb": rng.randrange(300, 3500, 100),
        "zone_gb": rng.randrange(500, 5000, 100),
        "gib": rng.randrange(150, 1500, 50),
        "limit": rng.choice((50, 80, 100, 120)),
    }


def _savings(v: Mapping[str, Any]) -> tuple[Saving, ...]:
    gateway, address = {"meter": "nat.gateway"}, {"meter": "ipv4", "used_by": "nothing"}
    large, small = ({"meter": "ec2.instance", "type": v[size]} for size in ("large", "small"))
    moved = {"meter": "transfer", "path": "cross-az", "gb": v["zone_gb"]}
    volume = {"meter": "ebs.volume", "type": "gp3", "gib": v["gib"]}
    idle = (gateway, {"meter": "ipv4", "used_by": "other"})
    passing = cost(estimate_of({**gateway, "gb": v["s3_gb"]})) - cost(estimate_of(gateway))

    def saving(text: str, *items: Mapping[str, Any], belief: str | None = None, why: str = "") -> Saving:
        return Saving(text, items, cost(estimate_of(*items)), belief, why)

    return (
        Saving(
            "send the traffic to S3 through a gateway endpoint",
            ({**gateway, "gb": v["s3_gb"]},),
            passing,
        ),
        saving(
            "delete the idle NAT gateway and release its address",
            *idle,
            belief="B5",
            why="An idle gateway bills every hour, and so does its address.",
        ),
        saving(
            "put the two services into one zone",
            moved,
            belief="B6",
            why="Between two zones each GB is billed twice, once at each end.",
        ),
        saving(
            "delete the volume of the instance that was stopped for good",
            volume,
            belief="B1",
            why="Stopped, the instance costs nothing, and its volume its full size.",
        ),
        Saving(
            f"run the {v['large']} as {named(v['small'])}",
            (large,),
            cost(estimate_of(large)) - cost(estimate_of(small)),
        ),
        saving("release the address that nothing uses", address),
    )


def _useless(v: Mapping[str, Any]) -> dict[str, Block]:
    """What saves nothing, by a short name, each with the belief behind it."""
    never_run = {"meter": "ec2.instance", "type": v["unused"], "resource": "reserved"}
    running = {"meter": "ec2.instance", "type": v["large"]}
    address = {"meter": "ipv4", "used_by": "nothing"}
    return {
        "budget": _block(
            f"set a budget of {v['limit']} dollars",
            "A budget sends a mail. The bill is the same with it.",
            "B3",
            estimate_of(running),
        ),
        "notebook": _block(
            "close the notebooks in the browser at night",
            "The instances behind them run on, and bill.",
            "L3",
            estimate_of(running),
        ),
        "reservation": _block(
            f"buy a reservation for the type {v['unused']}, which you never run",
            "It is a promise to pay for hours, used or not. With nothing to apply to, it only adds.",
            "B8",
            estimate_of(never_run),
        ),
        "attach": _block(
            "attach the unused address to an instance that runs",
            "In use it costs the same as idle. Only a released address is free.",
            "B4",
            estimate_of(address, {**address, "used_by": "ec2"}),
        ),
    }


def _block(text: str, why: str, misconception: str, document: Document) -> Block:
    return Block(text, why=why, misconception=misconception, command=BILL, stdin=stdin_of(document))


def _inversions(savings: Sequence[Saving]) -> Iterator[Inversion]:
    """For each change that people put too low: the smaller ones that it should stand before."""
    for place, larger in enumerate(savings):
        if larger.misconception is None:
            continue
        for smaller in savings[place + 1 :]:
            yield Inversion(
                larger.text,
                smaller.text,
                larger.misconception,
                larger.message,
                BILL,
                stdin_of(estimate_of(*larger.items)),
            )


def _too_low(saving: Saving, savings: Sequence[Saving]) -> str:
    """The order of somebody who thinks that this one saves nothing much."""
    return "\n".join([*(each.text for each in savings if each is not saving), saving.text, DIVIDER])


def _with(block: Block, savings: Sequence[Saving]) -> str:
    """The right order, with something useless at its end."""
    return "\n".join([*(each.text for each in savings), block.text, DIVIDER])
