"""What the drills draw from: names, accounts and Regions."""

from __future__ import annotations

import random
from typing import Final

__all__ = ["REGIONS", "account", "bucket", "key", "name", "path", "region", "team", "user"]

REGIONS: Final = ("us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2")
_USERS: Final = ("ada", "bela", "cyril", "duna", "elif", "farid", "gwen", "hanne", "ivo", "jun")
_TEAMS: Final = ("survey", "plankton", "glacier", "orbit", "harbour", "seismic", "pollen", "delta")
_THINGS: Final = ("ingest", "resize", "train", "report", "archive", "index", "notify", "replay")


def account(rng: random.Random) -> str:
    """An account id; some begin with zeros."""
    return f"{rng.randrange(10 ** rng.choice((12, 12, 11))):012d}"


def region(rng: random.Random) -> str:
    """A Region of the partition aws."""
    return rng.choice(REGIONS)


def team(rng: random.Random) -> str:
    """A team's name."""
    return rng.choice(_TEAMS)


def user(rng: random.Random) -> str:
    """A person's name."""
    return rng.choice(_USERS)


def name(rng: random.Random) -> str:
    """The name of a role, a function or a queue."""
    return f"{rng.choice(_THINGS)}-{rng.randrange(100):02d}"


def path(rng: random.Random) -> str:
    """An IAM path, without the slashes at its ends."""
    return "/".join(rng.sample(_TEAMS, rng.choice((1, 1, 2))))


def bucket(rng: random.Random) -> str:
    """A bucket's name."""
    return f"{rng.choice(_TEAMS)}-{rng.randrange(16**4):04x}"


def key(rng: random.Random) -> str:
    """An object's key."""
    return f"{rng.choice(_THINGS)}/{rng.randrange(2020, 2027)}/{rng.randrange(1, 1000):03d}.csv"
