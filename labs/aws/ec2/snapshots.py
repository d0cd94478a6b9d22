"""Snapshots of one volume: what each stores, and what deleting one frees.

A snapshot remembers, for each block that has ever been written, which write it holds. What a block held is
stored once however many snapshots remember it, and goes when no snapshot does.

>>> history = History().write(range(10)).snapshot("monday").write([3]).snapshot("tuesday")
>>> history.delete("monday")[1]
1

Source: EBS User Guide, "How Amazon EBS snapshots work" and "Delete an Amazon EBS snapshot".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from labs.errors import Ec2Error

__all__ = ["BLOCK_KIB", "Block", "History", "Snapshot"]

BLOCK_KIB: Final = 512
"""The size of a snapshot block in KiB. Source: EBS User Guide, "EBS direct APIs"."""

Block: TypeAlias = tuple[int, int]
"""What one write left in one block: the block's number, and the number of the write."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A volume at one moment: the write that each written block held."""

    name: str
    blocks: frozenset[Block]


@dataclass(frozen=True, slots=True)
class History:
    """A volume and its snapshots, oldest first; each method gives a new history."""

    image: Mapping[int, int] = field(default_factory=dict)
    snapshots: tuple[Snapshot, ...] = ()
    writes: int = 0

    def write(self, blocks: Iterable[int]) -> History:
        """Write to blocks, by number; the same content again is a write too.

        Raises:
            Ec2Error: a block number below 0.
        """
        chosen = set(blocks)
        if wrong := [block for block in chosen if block < 0]:
            raise Ec2Error(
                "Blocks are counted from 0", f"There is no block {min(wrong)}.", "Write 0 or more."
            )
        image = {**self.image, **dict.fromkeys(chosen, self.writes)}
        return replace(self, image=image, writes=self.writes + 1)

    def snapshot(self, name: str) -> History:
        """Take a snapshot of the volume as it is.

        Raises:
            Ec2Error: a snapshot of this name exists.
        """
        if any(each.name == name for each in self.snapshots):
            raise Ec2Error("Two snapshots cannot have one name", f"It is {name}.", "Choose another name.")
        taken = Snapshot(name, frozenset(self.image.items()))
        return replace(self, snapshots=(*self.snapshots, taken))

    def delete(self, name: str) -> tuple[History, int]:
        """Delete a snapshot: the history without it, and how many stored blocks that frees.

        Raises:
            Ec2Error: there is no such snapshot.
        """
        self.find(name)
        rest = replace(self, snapshots=tuple(each for each in self.snapshots if each.name != name))
        return rest, len(self.stored) - len(rest.stored)

    def find(self, name: str) -> Snapshot:
        """The snapshot of this name.

        Raises:
            Ec2Error: there is none.
        """
        for each in self.snapshots:
            if each.name == name:
                return each
        listed = ", ".join(each.name for each in self.snapshots) or "none"
        raise Ec2Error(
            "There is no such snapshot",
            f"It is {name}.",
            f"The snapshots are: {listed}.",
            code="InvalidSnapshot.NotFound",
        )

    @property
    def stored(self) -> frozenset[Block]:
        """Every block that some snapshot remembers: what is billed, each once."""
        return frozenset().union(*(each.blocks for each in self.snapshots))

    @property
    def stored_kib(self) -> int:
        """What is billed, in KiB."""
        return len(self.stored) * BLOCK_KIB

    def added_by(self, name: str) -> frozenset[Block]:
        """What a snapshot holds that no earlier one does: its own share, as the chain stands now."""
        found = self.find(name)
        earlier = self.snapshots[: self.snapshots.index(found)]
        return found.blocks.difference(*(each.blocks for each in earlier))

    def only_in(self, name: str) -> frozenset[Block]:
        """What deleting a snapshot would free: the blocks that no other one remembers."""
        found = self.find(name)
        others = (each.blocks for each in self.snapshots if each is not found)
        return found.blocks.difference(*others)
