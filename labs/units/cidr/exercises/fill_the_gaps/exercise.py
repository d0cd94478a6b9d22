"""A plan with blanks: where the next block of each size goes, and what is left over."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant


class FillTheGaps(AnswerExercise):
    title = "Fill the gaps"
    minutes = 8
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.network.addresses import Block, free

        second, third = rng.randrange(2, 250), rng.randrange(0, 250, 4)
        vpc = Block.parse(f"10.{second}.{third}.0/22")
        # One behind the other, as they were asked for: the gap that this leaves is the point of the exercise.
        web_a = Block(4, vpc.start, 25)
        web_b = Block(4, web_a.stop, 25)
        small = rng.choice((26, 27))
        db_a = Block(4, web_b.stop, small)
        db_b = Block(4, db_a.stop, small)
        app_a = Block(4, vpc.start + 512, 24)
        admin = Block(4, db_b.stop, 28)
        everything = (web_a, web_b, db_a, db_b, app_a, Block(4, app_a.stop, 24), admin)
        return {
            "vpc": str(vpc),
            "vpc_last": str(vpc[-1]),
            "web_a": str(web_a),
            "web_b": str(web_b),
            "db_a": str(db_a),
            "db_b": str(db_b),
            "small": small,
            "step": db_a.size,
            "app_a": str(app_a),
            "app_unaligned": f"{admin[0]}/24",
            "app_b": str(everything[5]),
            "admin": str(admin),
            "free": sum(each.size for each in free((vpc,), everything)),
            "over_web": f"{web_b[0]}/{small}",
            "over_app": f"{app_a[0]}/28",
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        taken = [v[each] for each in ("web_a", "web_b", "db_a", "db_b", "app_a", "app_b")]

        def overlapping(other: str, block: str) -> tuple[str, ...]:
            return "cidr", "overlap", other, block

        return (
            Field(
                "web_b",
                "web in zone b, a /25: the next free one",
                v["web_b"],
                "cidr",
                why=f"{v['web_a']} takes the lower half of its /24. The upper half begins at .128.",
                slips=(
                    Slip(
                        v["web_a"],
                        "C10",
                        "A subnet is in one zone; zone b needs a block of its own.",
                        ("cidr", "judge", "-"),
                        _one_for_both(v),
                    ),
                ),
                command=overlapping(v["web_a"], v["web_b"]),
            ),
            Field(
                "db_a",
                f"db in zone a, a /{v['small']}: the next free one",
                v["db_a"],
                "cidr",
                why="It begins where the second /25 ends.",
                slips=(
                    Slip(overlaps(v["web_a"], v["web_b"]), "C6", "That lies inside one of the two /25s."),
                ),
                command=overlapping(v["web_b"], v["over_web"]),
            ),
            Field(
                "db_b",
                f"db in zone b, a /{v['small']}: the next free one",
                v["db_b"],
                "cidr",
                why=f"One step further, and the step of a /{v['small']} is {v['step']}.",
                command=overlapping(v["db_a"], v["db_b"]),
            ),
            Field(
                "app_a",
                "app in zone a, a /24: the next place where a /24 can begin",
                v["app_a"],
                "cidr",
                why="A /24 begins where the last number is 0, so a gap stays free before it.",
                slips=(
                    Slip(
                        v["app_unaligned"],
                        "C4",
                        "A /24 begins where the last number is 0. AWS would set the rest to 0, and then it "
                        "overlaps the databases.",
                    ),
                ),
                command=("cidr", v["app_unaligned"]),
            ),
            Field(
                "admin",
                "admin in zone a, a /28: the lowest that is free, with app in zone b after app in zone a",
                v["admin"],
                "cidr",
                why="The gap between the databases and the /24s is large enough for it.",
                slips=(
                    Slip(
                        overlaps(*taken),
                        "C6",
                        "That lies inside a subnet that is there already.",
                    ),
                ),
                command=overlapping(v["app_a"], v["over_app"]),
            ),
            Field(
                "free",
                "How many addresses of the VPC no subnet has, in the end",
                str(v["free"]),
                "number",
                why="Take the sizes of all seven subnets from 1,024.",
                command=("cidr", "exclude", v["vpc"], *taken, v["admin"]),
            ),
        )


def overlaps(*taken: str) -> Callable[[str], bool]:
    """The test whether a typed block has an address of those that are taken."""

    def test(given: str) -> bool:
        from labs.aws.network.addresses import AddressError, Block

        try:
            block = Block.parse(given.strip("\"' "))
        except AddressError:
            return False
        return any(block.overlaps(Block.parse(each)) for each in taken)

    return test


def _one_for_both(v: Mapping[str, Any]) -> str:
    """A plan in which zone b has the block of zone a."""
    subnets = [{"tier": "web", "zone": zone, "cidr": v["web_a"]} for zone in ("a", "b")]
    return json.dumps({"vpc": v["vpc"], "zones": ["a", "b"], "tiers": {"web": 100}, "subnets": subnets})
