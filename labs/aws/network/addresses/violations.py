"""What a judge of plans finds: the property that does not hold, in words, and what would mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from labs.aws.network.addresses.repairs import Repair

__all__ = ["Property", "Violation", "listed"]


class Property(Enum):
    """What a plan is judged by, in the order in which violations are named."""

    VPC = "vpc"
    PEERS = "peers"
    ALIGNMENT = "alignment"
    SIZE = "size"
    CONTAINMENT = "containment"
    DISJOINTNESS = "disjointness"
    CAPACITY = "capacity"
    ZONES = "zones"
    SYMMETRY = "symmetry"
    ROOM = "room"
    FREE = "free"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class Violation:
    """A property that does not hold.

    `about` names what it does not hold of: a subnet, a tier, a block of the VPC. `code` is AWS's error where
    AWS itself would refuse; it is empty where the plan is only unwise.
    """

    property: Property
    about: str
    sentence: str
    subnets: tuple[str, ...]
    repair: Repair
    code: str = ""


def listed(names: Sequence[str], most: int = 4) -> str:
    """`a`, `a and b`, `a, b and c`; how many more when there are many."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1] if names else "")))
