"""Arithmetic with blocks: split, summarise, exclude, what is free, and how two blocks lie to each other.

Everything works on ranges of numbers and gives back the fewest blocks that cover them, in order of address.
Sources: RFC 4632, "CIDR" (section 5, aggregation); Python documentation, "ipaddress".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from labs.aws.network.addresses.block import Block
from labs.errors import AddressError

__all__ = [
    "MOST_PARTS",
    "Exclusion",
    "Overlap",
    "Relation",
    "Summary",
    "cover",
    "exclude",
    "free",
    "overlap",
    "split",
    "summarise",
]

MOST_PARTS: Final = 65_536
"""As many parts as a /16 has /32s; nobody reads more."""


def split(block: Block, *, prefix: int | None = None, parts: int | None = None) -> tuple[Block, ...]:
    """The equal parts of a block: all that have a prefix length, or at least so many (a power of two).

    Raises:
        AddressError: the block has no such parts, or they are more than `MOST_PARTS`.
    """
    if parts is not None:
        if parts < 1:
            raise AddressError("A block has one part at least", f"{parts} are asked for.", "")
        prefix = block.prefix + (parts - 1).bit_length()
    if prefix is None:
        raise AddressError("A split needs a size", "Neither a prefix length nor a number is given.", "")
    if not block.prefix <= prefix <= block.bits:
        reason = "larger than the block itself" if prefix < block.prefix else "smaller than one address"
        asked = f"{parts} parts of {block} would be" if parts else f"{block} would be cut into"
        raise AddressError(
            "The block has no such parts",
            f"{asked} /{prefix}s, and a /{prefix} is {reason}.",
            f"Give a prefix length from {block.prefix} to {block.bits}: a larger number is a smaller part.",
        )
    if (count := 1 << (prefix - block.prefix)) > MOST_PARTS:
        raise AddressError(
            "That is more parts than anybody reads",
            f"{block} has {count:,} /{prefix}s, and {MOST_PARTS:,} is the most.",
            "Take larger parts, or split one of the parts.",
        )
    step = 1 << (block.bits - prefix)
    return tuple(Block(block.version, block.start + number * step, prefix) for number in range(count))


def cover(version: int, start: int, stop: int) -> Iterator[Block]:
    """The fewest blocks that hold exactly the addresses from one number up to, not including, another."""
    bits = 32 if version == 4 else 128
    while start < stop:
        aligned = (start & -start).bit_length() - 1 if start else bits
        fits = (stop - start).bit_length() - 1
        size_bits = min(aligned, fits)
        yield Block(version, start, bits - size_bits)
        start += 1 << size_bits


def _merged(blocks: Iterable[Block]) -> Iterator[tuple[int, int, int]]:
    """The ranges of the blocks (version, start, stop), in order; what overlaps or touches is one."""
    running: tuple[int, int, int] | None = None
    for block in sorted(blocks):
        if running and running[0] == block.version and block.start <= running[2]:
            running = (running[0], running[1], max(running[2], block.stop))
        else:
            if running:
                yield running
            running = (block.version, block.start, block.stop)
    if running:
        yield running


def free(blocks: Iterable[Block], taken: Iterable[Block]) -> tuple[Block, ...]:
    """What is left of the blocks when the taken ones are gone: the fewest blocks, in order of address."""
    left: list[Block] = []
    holes = list(_merged(taken))
    for version, start, stop in _merged(blocks):
        for other, hole, behind in holes:
            if other == version and hole < stop and start < behind:
                left += cover(version, start, hole)
                start = behind
        left += cover(version, start, stop)
    return tuple(left)


@dataclass(frozen=True, slots=True)
class Summary:
    """Blocks as few as possible (`blocks`).

    `whole` is the smallest single block over all of them, and `extra` what it holds besides; there is none
    over IPv4 and IPv6 together.
    """

    given: tuple[Block, ...]
    blocks: tuple[Block, ...]
    whole: Block | None
    extra: tuple[Block, ...]

    @property
    def one(self) -> bool:
        """Whether the blocks join to one, without any address besides."""
        return len(self.blocks) == 1


def summarise(blocks: Sequence[Block]) -> Summary:
    """The fewest blocks that hold exactly the addresses of the given ones.

    Raises:
        AddressError: no blocks are given.
    """
    if not blocks:
        raise AddressError("There is nothing to join", "No blocks are given.", "Give one block at least.")
    fewest = free(blocks, ())
    whole, first, last = None, fewest[0], fewest[-1]
    if first.version == last.version:
        prefix = min(each.prefix for each in fewest)
        whole = first.resized(min(prefix, first.bits - (first.start ^ (last.stop - 1)).bit_length()))
    return Summary(tuple(blocks), fewest, whole, free((whole,), fewest) if whole else ())


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A block without others (`holes`): what is left, the fewest blocks in order of address.

    `outside` are those of the others that took nothing away.
    """

    block: Block
    holes: tuple[Block, ...]
    left: tuple[Block, ...]
    outside: tuple[Block, ...]


def exclude(block: Block, holes: Sequence[Block]) -> Exclusion:
    """What is left of a block without others."""
    outside = tuple(each for each in holes if not each.overlaps(block))
    return Exclusion(block, tuple(holes), free((block,), holes), outside)


class Relation(Enum):
    """How two blocks lie to each other: nested or apart, never anything between."""

    SAME = "same"
    CONTAINS = "contains"
    INSIDE = "inside"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Overlap:
    """How one block lies to another, and why in words; `shared` is the block of what both have."""

    first: Block
    second: Block
    relation: Relation
    shared: Block | None
    sentence: str

    @property
    def overlap(self) -> bool:
        """Whether some address is in both."""
        return self.shared is not None


def overlap(first: Block, second: Block) -> Overlap:
    """Compare two blocks as numbers, never as texts."""
    if first.version != second.version:
        sentence = (
            f"{first} is IPv{first.version} and {second} is IPv{second.version}: they share no address."
        )
        return Overlap(first, second, Relation.APART, None, sentence)
    if first == second:
        said = f"{_named(first)} and {_named(second)} are the same block."
        return Overlap(first, second, Relation.SAME, first.canonical, said)
    if first.covers(second) or second.covers(first):
        inner, outer = (second, first) if first.covers(second) else (first, second)
        relation = Relation.CONTAINS if inner is second else Relation.INSIDE
        sentence = f"{_named(inner)} lies inside {_named(outer)}: {inner[0]} – {inner[-1]} is in both."
        return Overlap(first, second, relation, inner.canonical, sentence)
    low, high = (first, second) if first.start < second.start else (second, first)
    between = high.start - low.stop
    gap = f"{between:,} addresses later" if between else "right behind it"
    ends, begins = f"{_named(low)} ends at {low[-1]}", f"{_named(high)} begins {gap}, at {high[0]}"
    return Overlap(first, second, Relation.APART, None, f"{ends}, and {begins}: they share no address.")


def _named(block: Block) -> str:
    """The block, and how it was written when that is another text for it."""
    return f"{block} (written {block.written})" if block.host else str(block)
