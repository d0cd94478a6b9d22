"""Plan six subnets: three tiers in two zones, with hosts at the edge of what a block holds."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from labs.course import Place, PlanExercise, Variant

ZONES = ("a", "b")
TIERS = ("web", "app", "db")
KEEP_FREE = 40


class PlanTheSubnets(PlanExercise):
    title = "Plan the subnets"
    minutes = 15
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.network.addresses import Block

        # Each number is one that a block would hold, if AWS kept only the first and the last address.
        hosts = {
            "web": 62 - rng.randrange(3),
            "app": 126 - rng.randrange(3),
            "db": 14 - rng.randrange(3),
        }
        vpc = Block.parse(f"10.{rng.randrange(2, 250)}.{rng.randrange(0, 256, 8)}.0/21")
        values: dict[str, Any] = {
            "vpc": str(vpc),
            "vpc_last": str(vpc[-1]),
            "hosts": hosts,
            "keep": KEEP_FREE,
        }
        values |= {f"{tier}_hosts": count for tier, count in hosts.items()}
        values |= self.planned(Variant(self, "", 0, 0, values))
        return values | _mistakes(vpc)

    def asked(self, variant: Variant) -> Mapping[str, Any]:
        v = variant.values
        tiers = {tier: {"hosts": count, "double": True} for tier, count in v["hosts"].items()}
        return {"vpc": v["vpc"], "zones": list(ZONES), "tiers": tiers, "keep_free": KEEP_FREE}

    def places(self, variant: Variant) -> Sequence[Place]:
        return tuple(Place(f"{tier}_{zone}", tier, zone) for tier in TIERS for zone in ZONES)


def _mistakes(vpc: Any) -> dict[str, str]:
    """Blocks that students give, for the wrong answers."""
    from labs.aws.network.addresses import Block

    def block(offset: int, prefix: int) -> str:
        return str(Block(4, vpc.start + offset, prefix))

    third = vpc.start >> 8 & 255
    stem = str(vpc[0]).rsplit(".", 2)[0]
    return {
        "tight_app_a": block(0, 25),
        "tight_app_b": block(256, 25),
        "tight_web_a": block(512, 26),
        "tight_web_b": block(640, 26),
        "tight_db_a": block(768, 28),
        "tight_db_b": block(800, 28),
        "crooked_app_a": f"{stem}.{third}.64/24",
        "tiny_db_a": block(1280, 29),
        "tiny_db_b": block(1296, 29),
        "inside_web_a": block(128, 25),
    }
