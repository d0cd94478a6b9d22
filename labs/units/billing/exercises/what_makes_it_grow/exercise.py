"""Tell from a line of a bill what makes it grow: time, size, use, movement, or nothing."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.billing.bills import BILL, Document, estimate_of, stdin_of

CHOICES: Final = ("time", "size", "use", "movement", "nothing")


@dataclass(frozen=True, slots=True)
class Item:
    """Something that stands in an account, and what makes its line grow."""

    name: str
    says: str
    answer: str
    why: str
    usage: Mapping[str, Any] | None
    slips: tuple[Slip, ...] = ()

    @property
    def document(self) -> Document:
        return estimate_of(*([self.usage] if self.usage else ()))


class WhatMakesItGrow(AnswerExercise):
    title = "What makes it grow?"
    minutes = 5
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        gib = rng.choice((20, 50, 80, 120, 200))
        drawn = rng.sample(_others(rng), 4)
        asked = [*_always(gib), *drawn]
        rng.shuffle(asked)
        return {
            "gib": gib,
            "items": asked,
            "table": "\n".join(f"| `{item.name}` | {item.says} |" for item in asked),
            "questions": "\n".join(f'{item.name} = ""' for item in asked),
            "answers": "\n".join(f'{item.name} = "{item.answer}"' for item in asked),
            "rest": "\n".join(f'{item.name} = "{item.answer}"' for item in drawn),
            "reasons": "\n".join(f"- `{item.name}`: {item.answer}. {item.why}" for item in asked),
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        return tuple(
            Field(
                item.name,
                item.says,
                item.answer,
                "choice",
                CHOICES,
                why=item.why,
                slips=item.slips,
                command=BILL,
                stdin=stdin_of(item.document),
            )
            for item in variant.values["items"]
        )


def _slips(misconception: str, message: str, *given: str) -> tuple[Slip, ...]:
    return tuple(Slip(each, misconception, message) for each in given)


def _always(gib: int) -> tuple[Item, ...]:
    """The four that people get wrong."""
    return (
        Item(
            "volume",
            f"a gp3 volume of {gib} GiB, its instance stopped",
            "size",
            "You pay for the size that you reserved, whatever the instance does.",
            {"meter": "ebs.volume", "type": "gp3", "gib": gib},
            _slips("B1", "The disk is kept for you while the instance is stopped.", "nothing", "time"),
        ),
        Item(
            "gateway",
            "a NAT gateway that nobody sends anything through",
            "time",
            "Each hour that it exists is billed; traffic comes on top.",
            {"meter": "nat.gateway"},
            _slips("B5", "Its hours bill without a single byte.", "nothing", "use", "movement"),
        ),
        Item(
            "address",
            "an Elastic IP address on an instance that runs",
            "time",
            "Every public IPv4 address bills by time, in use or not.",
            {"meter": "ipv4"},
            _slips("B4", "In use or idle makes no difference.", "nothing"),
        ),
        Item(
            "zones",
            "files copied to an instance in another Availability Zone",
            "movement",
            "Each GB is billed where it leaves and where it arrives.",
            {"meter": "transfer", "path": "cross-az", "gb": 100},
            _slips("B6", "Within one zone it would be free; between two it is not.", "nothing"),
        ),
    )


def _others(rng: random.Random) -> tuple[Item, ...]:
    """Those that vary, with numbers that vary too."""
    gb = rng.choice((10, 40, 75, 300))
    thousands = rng.choice((20, 50, 400))
    return (
        Item(
            "instance",
            f"an {rng.choice(('m5.large', 'm5.xlarge'))} that runs",
            "time",
            "On-Demand Linux is billed by the second while it runs.",
            {"meter": "ec2.instance", "type": "m5.large"},
        ),
        Item(
            "objects",
            f"{gb} GB of objects in S3",
            "use",
            "S3 bills the bytes that are there, hour by hour; nothing is reserved.",
            {"meter": "s3.storage", "bytes": gb * 2**30},
        ),
        Item(
            "uploads",
            f"{thousands},000 PUT requests to S3",
            "use",
            "Each call counts, however small the object.",
            {"meter": "s3.request", "operation": "PUT", "count": thousands * 1000},
        ),
        Item(
            "speed",
            f"{rng.choice((1000, 2000, 5000)):,} provisioned IOPS above what gp3 includes",
            "size",
            "Speed that is reserved bills like space that is reserved.",
            {"meter": "ebs.volume", "type": "gp3", "gib": 100, "iops": 6000},
        ),
        Item(
            "website",
            f"{gb} GB sent to readers on the internet",
            "movement",
            "What leaves AWS is billed by the GB.",
            {"meter": "transfer", "path": "internet-out", "gb": gb},
        ),
        Item(
            "arrival",
            f"{gb} GB that arrive from the internet",
            "nothing",
            "What comes into AWS is free.",
            {"meter": "transfer", "path": "internet-in", "gb": gb},
        ),
        Item(
            "function",
            f"a Lambda function that is called {thousands},000 times",
            "use",
            "Calls, and the milliseconds times the memory that they take; idle it costs nothing.",
            {"meter": "lambda", "requests": thousands * 1000, "ms": 200, "mb": 512},
        ),
        Item(
            "halted",
            "the computing of an instance that is stopped",
            "nothing",
            "A stopped instance has no running seconds; what else it has is another line.",
            None,
        ),
        Item(
            "abroad",
            f"{gb} GB copied to a bucket in another Region",
            "movement",
            "Between Regions each GB is billed where it leaves.",
            {"meter": "transfer", "path": "cross-region", "region_to": "eu-west-1", "gb": gb},
            _slips("B6", "It stays within AWS, and crosses Regions all the same.", "nothing"),
        ),
    )
