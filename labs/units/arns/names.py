"""What the exercises of this unit draw from: accounts, Regions, ids and names, and the command that shows."""

from __future__ import annotations

import random
from typing import Final

__all__ = ["BUCKETS", "REGIONS", "TEAMS", "USERS", "account", "bucket", "hexadecimal", "show", "unique_id"]

REGIONS: Final = ("us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2")
USERS: Final = ("alice", "chen", "dana", "femi", "ines", "kofi", "mira", "omar")
TEAMS: Final = ("ml", "web", "data", "field", "radar", "tides")
BUCKETS: Final = ("notes", "survey", "sensor", "genome", "harvest", "tide-log")
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def account(rng: random.Random) -> str:
    """An account id; one in three begins with zeros."""
    return f"{rng.randrange(10 ** rng.choice((12, 12, 10))):012d}"


def hexadecimal(rng: random.Random, digits: int = 17) -> str:
    """The digits of an id; the first is 0, as it is in nearly all that AWS makes."""
    return f"0{rng.randrange(16 ** (digits - 1)):0{digits - 1}x}"


def bucket(rng: random.Random) -> str:
    """A bucket's name."""
    return f"{rng.choice(BUCKETS)}-{rng.randrange(16**4):04x}"


def unique_id(rng: random.Random, prefix: str) -> str:
    """An IAM unique id, 21 characters long."""
    return prefix + "".join(rng.choices(_BASE32, k=17))


def show(arn: str) -> tuple[str, ...]:
    """The words after `skylab` that take an ARN apart."""
    return ("arn", arn)
