"""Which blocks AWS takes, by their size and their range; and which of them are private."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Lettered, Slip, Variant

VERDICTS = ("private", "public", "refused")
"""AWS takes it and it is private; AWS takes it though it is public; AWS refuses it."""
SIZES = "A VPC and a subnet are a /16 to a /28."
RANGES = "Private are 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16, and no other."


NEAR = f"The range ends at 172.31.255.255. {RANGES}"
BELIEFS = {
    "public": ("C7", NEAR),
    "private": (None, RANGES),
    "home": (None, RANGES),
    "tiny": ("C5", SIZES),
    "huge": ("C5", SIZES),
    "link": (None, "169.254.0.0/16 is link-local; the metadata service has its address there."),
    "other": ("C7", f"Of 192, only 192.168 is. {RANGES}"),
}
"""By what a block is, the belief of whoever takes it for private, and what is so."""


class WillAwsTakeIt(Lettered, AnswerExercise):
    title = "Will AWS take it?"
    minutes = 6
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        prefix = rng.choice((20, 21, 22, 23, 24))
        step = 1 << (24 - prefix)
        number = rng.randrange(0, 256, step)
        blocks = {
            "public": f"172.{rng.randrange(32, 64)}.{number}.0/{prefix}",
            "private": f"172.{rng.randrange(18, 31)}.{number}.0/{prefix}",
            "home": f"192.168.{rng.randrange(0, 256, 2)}.0/23",
            "tiny": f"10.{rng.randrange(2, 250)}.{rng.randrange(250)}.{rng.randrange(0, 256, 8)}/29",
            "huge": f"10.{rng.choice((16, 32, 48, 64, 80, 96, 112, 128))}.0.0/{rng.choice((12, 13, 14))}",
            "link": f"169.254.{number}.0/{prefix}",
            "other": f"192.{rng.randrange(170, 250)}.{number}.0/{prefix}",
        }
        return {**blocks, "listed": "\n".join(sorted(blocks.values()))}

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        return tuple(_field(kind, variant.values[kind]) for kind in BELIEFS)


def _field(kind: str, block: str) -> Field:
    """What AWS says of a block: the verdict of the engine."""
    belief, why = BELIEFS[kind]
    return Field(
        kind,
        block,
        verdict_on(block),
        "choice",
        VERDICTS,
        why=why,
        slips=(Slip(VERDICTS[0], belief, why),) if belief else (),
        command=("cidr", block),
    )


def verdict_on(text: str) -> str:
    """Whether AWS takes a block for a VPC, and if so whether it is private."""
    from labs.aws.network.addresses import Block, describe

    found = describe(Block.parse(text))
    if not found.vpc_allowed:
        return VERDICTS[2]
    return VERDICTS[0] if found.home is not None and found.home.kind == "private" else VERDICTS[1]
