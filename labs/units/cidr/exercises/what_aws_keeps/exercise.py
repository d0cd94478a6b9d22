"""How many hosts a subnet has addresses for, beside the five that AWS keeps, and which those are."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant

KEEPS = "AWS keeps five addresses of each subnet: the first four and the last."


class WhatAwsKeeps(AnswerExercise):
    title = "What AWS keeps"
    minutes = 6
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.network.addresses import Block, prefix_for, reserved, usable

        second, third = rng.randrange(2, 250), rng.randrange(250)
        prefix = rng.choice((25, 26, 27))
        size = 1 << (32 - prefix)
        block = Block.parse(f"10.{second}.{third}.{rng.randrange(0, 256, size)}/{prefix}")
        # So many hosts that a subnet of the next size is too small only because of what AWS keeps.
        trap = rng.choice((25, 26, 27))
        hosts = (1 << (32 - trap)) - rng.choice((2, 3, 4))
        return {
            "whole": f"10.{second}.{(third + 1) % 250}.0/24",
            "whole_usable": usable(Block.parse("10.0.0.0/24")),
            "block": str(block),
            "size": size,
            "usable": usable(block),
            "habit": size - 2,
            "hosts": hosts,
            "prefix": prefix_for(hosts),
            "trap": trap,
            "trap_size": 1 << (32 - trap),
            "smallest": usable(Block.parse("10.0.0.0/28")),
            "first": str(block[len(reserved(block)) - 1]),
            "second": str(block[1]),
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        dissect = ("cidr", v["block"])
        return (
            Field(
                "whole",
                f"How many instances a subnet {v['whole']} has addresses for",
                str(v["whole_usable"]),
                "number",
                why=KEEPS,
                slips=(
                    Slip("254", "C1", f"Two are kept elsewhere, the first and the last. {KEEPS}"),
                    Slip("256", "C1", KEEPS),
                ),
                command=("cidr", v["whole"]),
            ),
            Field(
                "usable",
                f"How many a subnet {v['block']} has",
                str(v["usable"]),
                "number",
                why=KEEPS,
                slips=(Slip(str(v["habit"]), "C1", KEEPS), Slip(str(v["size"]), "C1", KEEPS)),
                command=dissect,
            ),
            Field(
                "smallest",
                "How many the smallest subnet has that AWS makes, a /28",
                str(v["smallest"]),
                "number",
                why=KEEPS,
                slips=(Slip("14", "C1", KEEPS), Slip("16", "C1", KEEPS)),
                command=("cidr", "hosts", str(v["smallest"])),
            ),
            Field(
                "prefix",
                f"The prefix length of the smallest subnet for {v['hosts']} hosts",
                str(v["prefix"]),
                "number",
                why=f"Add the five that AWS keeps to {v['hosts']}, and go up to the next power of two.",
                slips=(
                    Slip(
                        lambda given: given.lstrip("/") == str(v["trap"]),
                        "C1",
                        f"A /{v['trap']} has {v['trap_size']} addresses, and five of them are not yours.",
                    ),
                ),
                command=("cidr", "hosts", str(v["hosts"])),
            ),
            Field(
                "first",
                f"The first address of {v['block']} that an instance can have",
                v["first"],
                why=f"{KEEPS} So the first that is free ends four further than the block begins.",
                slips=(Slip(v["second"], "C1", "That one is the VPC's router."),),
                command=dissect,
            ),
            Field(
                "router",
                "The address of the VPC's router in that subnet",
                v["second"],
                why="The network address comes first, then the router.",
                command=dissect,
            ),
        )
