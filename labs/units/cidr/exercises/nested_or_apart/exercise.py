"""Predict which blocks overlap: by their addresses, never by how their texts look."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant

RELATIONS = ("overlap", "apart")
YES_NO = ("yes", "no")


class NestedOrApart(Lettered, PredictExercise):
    title = "Nested or apart?"
    minutes = 6
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        second = rng.randrange(2, 250)
        third = rng.randrange(2, 240)
        odd = rng.randrange(1, 240, 2)
        digit = rng.randrange(2, 24, 2)
        step = rng.choice((32, 64))
        place = rng.randrange(0, 256 // step - 1) * step
        prefix = 32 - step.bit_length() + 1
        far = rng.randrange(100, 250)
        return {
            "outer": f"10.{second}.{third}.0/24",
            "inner": f"10.{second}.{third}.128/25",
            "looks": f"10.{second}.{digit}.0/23",
            "alike": f"10.{second}.{digit * 10}.0/24",
            "odd": f"10.{second}.{odd}.0/23",
            "even": f"10.{second}.{odd - 1}.0/24",
            "left": f"10.{second}.{third}.{place}/{prefix}",
            "right": f"10.{second}.{third}.{place + step}/{prefix}",
            "a": f"10.{second}.0.0/16",
            "b": f"10.{second}.{far // 4 * 4}.0/22",
            "c": f"10.{second + 1}.{far // 4 * 4}.0/22",
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        return (
            _pair(
                "half",
                v["outer"],
                v["inner"],
                Slip("apart", "C6", "The second is the upper half of the first: it lies inside."),
            ),
            _pair("alike", v["looks"], v["alike"], why="Compare where each begins and ends, not the digits."),
            _pair(
                "written",
                v["odd"],
                v["even"],
                Slip(
                    "apart",
                    "C4",
                    "No /23 begins at an odd third number. AWS makes the block that does hold it.",
                ),
            ),
            _pair("side", v["left"], v["right"], why="The second begins right after the first ends."),
            _peers("peer", v["a"], v["b"], Slip("yes", "C13", "AWS peers no two VPCs whose blocks overlap.")),
            _peers("other", v["a"], v["c"], why="They share no address, so nothing is in the way."),
        )


def _pair(name: str, first: str, second: str, *slips: Slip, why: str = "") -> Field:
    answer = RELATIONS[0] if overlap_of(first, second) else RELATIONS[1]
    label = f"{first} and {second}"
    command = ("cidr", "overlap", first, second)
    return Field(name, label, answer, "choice", RELATIONS, why=why, slips=slips, command=command)


def _peers(name: str, first: str, second: str, *slips: Slip, why: str = "") -> Field:
    answer = YES_NO[1] if overlap_of(first, second) else YES_NO[0]
    label = f"Can a VPC {first} be peered with a VPC {second}"
    command = ("cidr", "overlap", first, second)
    return Field(name, label, answer, "choice", YES_NO, why=why, slips=slips, command=command)


def overlap_of(first: str, second: str) -> bool:
    """Whether two blocks, as AWS makes them, share an address."""
    from labs.aws.network.addresses import Block

    return Block.parse(first).overlaps(Block.parse(second))
