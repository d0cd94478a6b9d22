"""Read what a block says of itself: bits, addresses, and which of two is larger."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant

EVERYTHING = ("none", "one", "every IPv4 address")


class ReadABlock(AnswerExercise):
    title = "Read a block"
    minutes = 5
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.network.addresses import Block

        prefix = rng.randrange(17, 28)
        block = Block.around((10 << 24) + rng.randrange(1 << 24), prefix)
        longer = min(prefix + rng.randrange(2, 7), 32)
        return {
            "block": str(block),
            "prefix": prefix,
            "left": block.bits - prefix,
            "addresses": block.size,
            "longer": longer,
            "times": 1 << (longer - prefix),
            "upside_down": 1 << prefix,
            "one": f"{block[rng.randrange(10, block.size - 10)]}/32",
            "bits": bits_of(block.start, prefix),
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        dissect = ("cidr", v["block"])
        return (
            Field(
                "left",
                f"How many bits of an address are left free in {v['block']}",
                str(v["left"]),
                "number",
                why=f"An address has 32 bits, and the first {v['prefix']} of them are fixed.",
                command=dissect,
            ),
            Field(
                "addresses",
                f"How many addresses {v['block']} has",
                str(v["addresses"]),
                "number",
                why="Each free bit doubles the number: it is 2 to the power of the free bits.",
                slips=(
                    Slip(
                        str(v["upside_down"]),
                        "C2",
                        f"{v['prefix']} bits are fixed. It is the free ones that are counted here.",
                    ),
                ),
                command=dissect,
            ),
            Field(
                "larger",
                f"Which has more addresses: a /{v['prefix']} or a /{v['longer']}",
                f"/{v['prefix']}",
                "choice",
                (f"/{v['prefix']}", f"/{v['longer']}"),
                slips=(
                    Slip(
                        f"/{v['longer']}",
                        "C2",
                        "The number counts fixed bits: the more are fixed, the fewer addresses there are.",
                    ),
                ),
                command=("cidr", "split", v["block"], str(v["longer"])),
            ),
            Field(
                "times",
                "How many times as many the larger of the two has",
                str(v["times"]),
                "number",
                why="Each step of the prefix length halves the block; count the steps, and double as often.",
                command=("cidr", "split", v["block"], str(v["longer"])),
            ),
            Field(
                "slash_32",
                f"How many addresses {v['one']} has",
                "1",
                "number",
                why="All 32 bits are fixed, so there is one way to write the address.",
                slips=(Slip("0", "C8", "2 to the power of 0 is 1: a /32 is the address that it names."),),
                command=("cidr", v["one"]),
            ),
            Field(
                "slash_0",
                "What 0.0.0.0/0 holds",
                EVERYTHING[2],
                "choice",
                EVERYTHING,
                why="No bit is fixed, so any address is in it.",
                slips=(Slip(EVERYTHING[0], "C8", "No bit is fixed: nothing keeps any address out of it."),),
                command=("cidr", "0.0.0.0/0"),
            ),
        )


def bits_of(address: int, prefix: int) -> str:
    """The 32 bits of an address, with a bar behind those that a prefix fixes."""
    bits = f"{address:032b}"
    marks = {8: ".", 16: ".", 24: "."} | {prefix: " | "}
    return "".join(f"{marks.get(place, '')}{bit}" for place, bit in enumerate(bits))
