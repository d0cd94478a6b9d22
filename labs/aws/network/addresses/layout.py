"""Where the parts of a plan stand in a row of some width: the arithmetic that every face draws by.

A row is one block, drawn from its first address to its last. Within a row, width is size: parts are as wide
as they have addresses; but none is narrower than the label that it must hold, nor than a smaller part. A
block whose labels do not fit is cut into its halves, a row each, until they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal, TypeAlias

from labs.aws.network.addresses.block import Block
from labs.aws.network.addresses.plans import Plan, Subnet, Survey

__all__ = ["Cell", "Kind", "Part", "Row", "parts", "rows", "scaled", "strip", "widths"]

Kind: TypeAlias = Literal["subnet", "overlap", "room", "free"]


@dataclass(frozen=True, slots=True)
class Part:
    """A run of addresses, from a number up to, not including, another.

    It is a subnet's, or that of several that overlap, or kept for one to double into (`room`), or free.
    """

    kind: Kind
    start: int
    stop: int
    subnets: tuple[Subnet, ...] = ()

    @property
    def size(self) -> int:
        """How many addresses it has."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Cell:
    """A part in a row: in which column it begins, and how many columns it has."""

    part: Part
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Row:
    """One block across the whole width."""

    block: Block
    cells: tuple[Cell, ...]


def rows(plan: Plan, width: int, least: Callable[[Part], int]) -> tuple[Row, ...]:
    """The rows of a plan, in order of address, each `width` columns wide.

    `least` says how many columns a part must have, for its label; a part that is alone in its row has all of
    them, whatever it says.
    """
    survey = Survey(plan)
    return tuple(
        row
        for block in plan.requirements.blocks
        for row in _rows(tuple(_parts(survey, block)), block, width, least)
    )


def parts(plan: Plan, within: Block) -> tuple[Part, ...]:
    """What a block holds in a plan, in order of address and without a gap."""
    return tuple(_parts(Survey(plan), within))


def strip(plan: Plan, block: Block, width: int) -> tuple[Part, ...]:
    """A block true to scale: for each column of a row the part that has most of the column's addresses."""
    held = parts(plan, block)
    columns: list[Part] = []
    for column in range(width):
        start = block.start + column * block.size // width
        stop = max(start + 1, block.start + (column + 1) * block.size // width)
        columns.append(max(held, key=lambda part: min(part.stop, stop) - max(part.start, start)))
    return tuple(columns)


def scaled(block: Block, whole: Block, width: int) -> tuple[int, int]:
    """Where a block begins in a row that shows a whole around it, and how wide it is: one column at least.

    >>> scaled(Block.parse("10.0.0.128/25"), Block.parse("10.0.0.0/24"), 40)
    (20, 20)
    """
    x = min(width - 1, (block.start - whole.start) * width // whole.size)
    return x, max(1, (block.stop - whole.start) * width // whole.size - x)


def widths(sizes: Sequence[int], total: int, least: Sequence[int]) -> tuple[int, ...] | None:
    """Divide a width by sizes: the widths add up to `total`, and none is under its least.

    Where no least is in the way a width differs from the exact share by less than one. None when the leasts
    do not fit.

    >>> widths([4096, 4096, 8192], 40, [3, 3, 3])
    (10, 10, 20)
    """
    if sum(least) > total:
        return None
    held = set[int]()
    while True:
        open_ = [place for place in range(len(sizes)) if place not in held]
        left = total - sum(least[place] for place in held)
        whole = sum(sizes[place] for place in open_)
        short = {place for place in open_ if sizes[place] * left < least[place] * whole}
        if not short:
            break
        held |= short
    found = [least[place] if place in held else sizes[place] * left // whole for place in range(len(sizes))]
    by_remainder = sorted(open_, key=lambda place: (-(sizes[place] * left % whole), place))
    for place in by_remainder[: total - sum(found)]:
        found[place] += 1
    return tuple(found)


def _rows(held: Sequence[Part], block: Block, width: int, least: Callable[[Part], int]) -> Iterator[Row]:
    sizes = [part.size for part in held]
    labels = [width] if len(held) == 1 else [least(part) for part in held]
    found = widths(sizes, width, _rising(sizes, labels)) if sum(labels) <= width else None
    if found is not None:
        places = accumulate(found, initial=0)
        yield Row(block, tuple(Cell(*each) for each in zip(held, places, found, strict=False)))
        return
    for half in block.halves:
        yield from _rows(tuple(_clipped(held, half)), half, width, least)


def _rising(sizes: Sequence[int], labels: Sequence[int]) -> list[int]:
    """The least widths, so that no part must be wider than a larger one."""
    return [max(label for label, other in zip(labels, sizes, strict=True) if other <= size) for size in sizes]


def _clipped(held: Sequence[Part], block: Block) -> Iterator[Part]:
    for part in held:
        if part.start < block.stop and block.start < part.stop:
            yield replace(part, start=max(part.start, block.start), stop=min(part.stop, block.stop))


def _parts(survey: Survey, within: Block) -> Iterator[Part]:
    """Sweep over the addresses: between two places where a subnet begins or ends, nothing changes."""
    events: list[tuple[int, int, Subnet]] = []
    for subnet in reversed([*survey.inside(within)]):
        events.append((max(subnet.block.start, within.start), 1, subnet))
        events.append((min(subnet.block.stop, within.stop), 0, subnet))
    rooms = {room.start: room for room in survey.rooms if within.covers(room)}
    active: list[Subnet] = []
    place = within.start
    for where, begins, subnet in sorted(events, key=lambda event: event[:2]):
        yield from _run(active, rooms, place, where)
        place = where
        active = [*active, subnet] if begins else [each for each in active if each is not subnet]
    yield from _run(active, rooms, place, within.stop)


def _run(active: Sequence[Subnet], rooms: dict[int, Block], start: int, stop: int) -> Iterator[Part]:
    """The parts of one stretch between two events: of subnets, or free with rooms in it."""
    if active and start < stop:
        yield Part("subnet" if len(active) == 1 else "overlap", start, stop, tuple(active))
        return
    free = start
    while start < stop:
        if (room := rooms.get(start)) is not None:
            if free < start:
                yield Part("free", free, start)
            yield Part("room", start, room.stop)
            start = free = room.stop
        else:
            start = min((each for each in rooms if start < each < stop), default=stop)
    if free < stop:
        yield Part("free", free, stop)
