"""Requests and all else that is counted: sums by the hour, so that they stay few however many there are.

A change that is made again, after a restart or a rewind, is counted again by that. What nobody makes again,
as a read or how long a function ran, is written into the journal: the line of the next change says what was
counted since the change before. Until then it waits, apart from what is settled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

__all__ = ["Count", "Counts", "Sums", "read_sums", "write_sums"]

Json = Any
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)

# Whether the change at hand is made again, and the journal tells what was counted along with it.
_told: ContextVar[bool] = ContextVar("told", default=False)


class Count(NamedTuple):
    """What is counted: in which hour, whose, where, by which meter, of which operation and resource.

    `detail` is what else the price depends on, as the memory of a function.
    """

    hour: int
    account: str
    region: str
    meter: str
    operation: str = ""
    resource: str = ""
    detail: str = ""

    @property
    def start(self) -> datetime:
        """When its hour began."""
        return _EPOCH + self.hour * _HOUR


Sums = Mapping[Count, int]


def hour_of(moment: datetime) -> int:
    """The hours since 1970."""
    return (moment - _EPOCH) // _HOUR


def write_sums(sums: Sums) -> list[Json]:
    """Sums as the journal writes them."""
    return [[*count, amount] for count, amount in sums.items()]


def read_sums(written: Json) -> dict[Count, int]:
    """Read what `write_sums` wrote.

    Raises:
        ValueError: it is something else.
    """
    sums: dict[Count, int] = {}
    for row in written if isinstance(written, list) else [None]:
        if not isinstance(row, list) or len(row) != 8:
            raise ValueError("its usage is not a list of sums")
        hour, *texts, amount = row
        if not all(isinstance(each, int) and not isinstance(each, bool) for each in (hour, amount)):
            raise ValueError("its usage counts with something else than whole numbers")
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("its usage does not say what was counted")
        sums[Count(hour, *texts)] = amount
    return sums


class Counts:
    """The sums of one world. The world's lock orders all calls.

    `unwritten` is how many times something was counted that the journal does not know of at all.
    """

    def __init__(self) -> None:
        self._settled: dict[Count, int] = {}
        self._waiting: dict[Count, int] = {}
        self.unwritten = 0

    def add(self, count: Count, amount: int, *, made_again: bool) -> None:
        """Add to a sum.

        Args:
            made_again: whether a replay of the change at hand counts it again by itself. What it does not
                is left to the journal, while a change is made again.
        """
        if made_again:
            self._settled[count] = self._settled.get(count, 0) + amount
        elif not _told.get():
            self._waiting[count] = self._waiting.get(count, 0) + amount
            self.unwritten += 1

    @contextmanager
    def told(self, sums: Sums) -> Iterator[None]:
        """Within this a change is made again; this is what its line in the journal says was counted."""
        for count, amount in sums.items():
            self._waiting[count] = self._waiting.get(count, 0) + amount
        token = _told.set(True)
        try:
            yield
        finally:
            _told.reset(token)

    def settle(self) -> Sums:
        """A change was accepted: what waited belongs to it. Returns what its line in the journal must say."""
        waiting, self._waiting, self.unwritten = self._waiting, {}, 0
        for count, amount in waiting.items():
            self._settled[count] = self._settled.get(count, 0) + amount
        return waiting

    @property
    def waiting(self) -> Sums:
        """What no line of the journal holds yet."""
        return self._waiting

    def wait(self, sums: Sums) -> None:
        """Let this wait for the next change, in place of what does."""
        self._waiting, self.unwritten = dict(sums), len(sums)

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Within this, changes are made again that lie before what waits."""
        waiting, unwritten = self._waiting, self.unwritten
        self._waiting = {}
        try:
            yield
        finally:
            self._waiting, self.unwritten = waiting, unwritten

    def clear(self) -> None:
        """Forget all."""
        self._settled, self._waiting, self.unwritten = {}, {}, 0

    def all(self) -> Iterator[tuple[Count, int]]:
        """Each sum, settled or waiting; one that is both comes twice."""
        yield from self._settled.items()
        yield from self._waiting.items()

    def saved(self) -> Sequence[tuple[Count, int]]:
        """What a checkpoint keeps."""
        return tuple(self._settled.items())

    def restore(self, saved: Sequence[tuple[Count, int]]) -> None:
        """Back to what a checkpoint kept; what waits goes on waiting."""
        self._settled = dict(saved)
