"""Where blocks begin: what host bits come to, and which addresses a block of a size can start at."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant

YES_NO = ("yes", "no")


class WhereItBegins(AnswerExercise):
    title = "Where does it begin?"
    minutes = 7
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.network.addresses import Block, beginning

        second, third = rng.randrange(2, 250), rng.randrange(3, 250)
        wide = Block.parse(f"10.{second}.{third}.0/16")
        odd = rng.randrange(1, 250, 2)
        prefix = rng.choice((20, 21, 22))
        step = 1 << (24 - prefix)
        # An address whose third number is not where a block begins.
        number = rng.randrange(0, 256 // step - 1) * step + rng.randrange(1, step)
        address = f"10.{second}.{number}.{rng.randrange(4, 250)}"
        home = Block.parse(f"{address}/{prefix}")
        return {
            "wide": wide.written,
            "wide_is": str(wide),
            "wide_last": str(wide[-1]),
            "naive_end": f"10.{second}.{third}.255",
            "odd": f"10.{second}.{odd}.0/23",
            "odd_is": str(Block.parse(f"10.{second}.{odd}.0/23")),
            "address": address,
            "prefix": prefix,
            "step": step,
            "rule": beginning(prefix),
            "home": str(home),
            "next": str(Block(4, home.stop, prefix)),
            "last": str(home[-1]),
            "naive_home": f"10.{second}.{number}.0/{prefix}",
            "naive_next": f"10.{second}.{(home.start >> 8) % 256 + 1}.0/{prefix}",
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        home = ("cidr", f"{v['address']}/{v['prefix']}")
        return (
            Field(
                "made",
                f"The block that AWS makes of {v['wide']}",
                v["wide_is"],
                "cidr",
                why="Bits behind the prefix are set to zero.",
                slips=(
                    Slip(v["wide"], "C3", "The third number lies behind the first 16 bits: AWS makes it 0."),
                ),
                command=("cidr", v["wide"]),
            ),
            Field(
                "ends",
                "The last address of that block",
                v["wide_last"],
                why="In the last address every free bit is 1.",
                slips=(
                    Slip(
                        lambda given: _begins_with(given, v["wide"]) and given.endswith(".255"),
                        "C3",
                        "That is the end of one /24. In a /16 the last two numbers are free.",
                    ),
                ),
                command=("cidr", v["wide"]),
            ),
            Field(
                "is_block",
                f"Is {v['odd']} a block, just as it is written",
                "no",
                "choice",
                YES_NO,
                slips=(
                    Slip(
                        "yes",
                        "C4",
                        f"A /23 begins at an even third number; AWS would make {v['odd_is']} of it.",
                    ),
                ),
                command=("cidr", v["odd"]),
            ),
            Field(
                "home",
                f"The /{v['prefix']} that holds {v['address']}",
                v["home"],
                "cidr",
                why=v["rule"].capitalize(),
                slips=(
                    Slip(v["naive_home"], "C4", v["rule"].capitalize()),
                    Slip(
                        f"{v['address']}/{v['prefix']}",
                        "C3",
                        "The bits behind the prefix are zero in a block.",
                    ),
                ),
                command=home,
            ),
            Field(
                "last",
                "The last address of that one",
                v["last"],
                why=f"It is the one before the next /{v['prefix']} begins.",
                command=home,
            ),
            Field(
                "next",
                f"The next /{v['prefix']} after it",
                v["next"],
                "cidr",
                why=f"It begins one step further, and the step of a /{v['prefix']} is {v['step']}.",
                slips=(
                    Slip(
                        v["naive_next"], "C4", f"That lies inside the block before. {v['rule'].capitalize()}"
                    ),
                ),
                command=("cidr", v["naive_next"]),
            ),
        )


def _begins_with(given: str, written: str) -> bool:
    """Whether an address has the three numbers that a block is written with."""
    return given.startswith(written.rpartition(".")[0] + ".")
