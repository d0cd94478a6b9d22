"""How much each EBS snapshot of a volume stores: the blocks that no earlier one has.

Source: EBS User Guide, "How Amazon EBS snapshots work" and "Delete an Amazon EBS snapshot".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from labs.aws.billing.money import quotient

__all__ = ["Block", "Snapshot", "snapshot_sizes"]

Block: TypeAlias = tuple[int, int]
"""A block of 512 KiB as a snapshot saw it: its place on the volume, and how often it had been written."""

_BLOCKS_OF_A_GIB: Final = 2048


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot: all blocks of the volume at its time, which together restore it."""

    id: str
    blocks: frozenset[Block]


def snapshot_sizes(snapshots: Iterable[Snapshot]) -> dict[str, Decimal]:
    """The GiB that each snapshot is billed for, of those that exist, the oldest first.

    Delete one from the list, and a block that a later one needs is billed there: only what nothing needs any
    more is freed.
    """
    stored: set[Block] = set()
    sizes: dict[str, Decimal] = {}
    for each in snapshots:
        fresh = each.blocks - stored
        stored |= fresh
        sizes[each.id] = quotient(len(fresh), _BLOCKS_OF_A_GIB)
    return sizes
