"""Sets of port numbers as intervals: the shape that every filter on a path has, and every answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["ALL_PORTS", "NO_PORTS", "Ports"]

HIGHEST: Final = 65535


@dataclass(frozen=True, slots=True)
class Ports:
    """A set of ports: intervals with both ends included, in order, apart from one another.

    Make one with `Ports.of`, which brings any intervals into that form.
    """

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, *ranges: tuple[int, int] | int) -> Ports:
        """The union of intervals and single ports; an interval that runs backwards is empty."""
        pairs = ((each, each) if isinstance(each, int) else each for each in ranges)
        return cls(tuple(_merged(pairs)))

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __contains__(self, port: int) -> bool:
        return any(low <= port <= high for low, high in self.ranges)

    def __len__(self) -> int:
        return sum(high - low + 1 for low, high in self.ranges)

    def __and__(self, other: Ports) -> Ports:
        if self is other:
            return self
        return Ports(
            tuple(
                (max(low, other_low), min(high, other_high))
                for low, high in self.ranges
                for other_low, other_high in other.ranges
                if max(low, other_low) <= min(high, other_high)
            )
        )

    def __or__(self, other: Ports) -> Ports:
        return Ports(tuple(_merged((*self.ranges, *other.ranges))))

    def __sub__(self, other: Ports) -> Ports:
        return self & other.complement()

    def complement(self) -> Ports:
        """All the other ports."""
        gaps: list[tuple[int, int]] = []
        begin = 0
        for low, high in self.ranges:
            if begin < low:
                gaps.append((begin, low - 1))
            begin = high + 1
        if begin <= HIGHEST:
            gaps.append((begin, HIGHEST))
        return Ports(tuple(gaps))

    @property
    def lowest(self) -> int:
        """The first port; there must be one."""
        return self.ranges[0][0]

    def as_json(self) -> list[list[int]]:
        """`[[80, 80], [1024, 2047]]`."""
        return [[low, high] for low, high in self.ranges]

    def __str__(self) -> str:
        if self == ALL_PORTS:
            return "all ports"
        return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in self.ranges) or "none"


def _merged(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The intervals in order; those that touch become one."""
    current: tuple[int, int] | None = None
    for low, high in sorted(pair for pair in pairs if pair[0] <= pair[1]):
        if current is None:
            current = low, high
        elif low <= current[1] + 1:
            current = current[0], max(current[1], high)
        else:
            yield current
            current = low, high
    if current is not None:
        yield current


ALL_PORTS: Final = Ports(((0, HIGHEST),))
NO_PORTS: Final = Ports()
