"""What is stored: how many bytes a bucket or a table held, for how long.

Each change of a level closes a stretch in which it was the same. Short stretches within one hour are added
up, so a bucket that is written to a thousand times an hour has one stretch an hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from labs.sandbox.metering.counts import hour_of
from labs.sandbox.metering.periods import Thing

__all__ = ["Stores", "Stretch"]

_MICROSECOND: Final = timedelta(microseconds=1)


class Stretch(NamedTuple):
    """A time, and how many byte-microseconds were stored in it."""

    start: datetime
    end: datetime
    amount: int


class _Level(NamedTuple):
    since: datetime
    bytes: int


class Stores:
    """The levels of one world. The world's lock orders all calls."""

    def __init__(self) -> None:
        self._levels: dict[Thing, _Level] = {}
        self._over: dict[Thing, tuple[Stretch, ...]] = {}

    def add(self, thing: Thing, by: int, moment: datetime) -> None:
        """A store holds so many bytes more, or fewer."""
        since, held = self._levels.get(thing, _Level(moment, 0))
        self._close(thing, since, held, moment)
        self._levels[thing] = _Level(moment, max(0, held + by))

    def empty(self, thing: Thing, moment: datetime) -> None:
        """A store is gone, with all that it held."""
        if thing in self._levels:
            since, held = self._levels.pop(thing)
            self._close(thing, since, held, moment)

    def _close(self, thing: Thing, since: datetime, held: int, moment: datetime) -> None:
        if moment <= since or not held:
            return
        over = self._over.get(thing, ())
        amount = held * ((moment - since) // _MICROSECOND)
        last = over[-1] if over else None
        if last is not None and hour_of(last.start) == hour_of(moment):
            self._over[thing] = (*over[:-1], Stretch(last.start, moment, last.amount + amount))
        else:
            self._over[thing] = (*over, Stretch(since, moment, amount))

    def all(self, now: datetime) -> Iterator[tuple[Thing, Sequence[Stretch]]]:
        """The stretches of each store until now."""
        for thing in {**self._over, **self._levels}:
            stretches = self._over.get(thing, ())
            level = self._levels.get(thing)
            if level is not None and level.bytes and now > level.since:
                amount = level.bytes * ((now - level.since) // _MICROSECOND)
                stretches = (*stretches, Stretch(level.since, now, amount))
            yield thing, stretches

    def levels(self) -> Iterator[tuple[Thing, int]]:
        """How many bytes each store holds."""
        for thing, level in self._levels.items():
            yield thing, level.bytes

    def clear(self) -> None:
        """Forget all."""
        self._levels, self._over = {}, {}

    def saved(self) -> object:
        """What a checkpoint keeps."""
        return dict(self._levels), dict(self._over)

    def restore(self, saved: Any) -> None:
        """Back to what a checkpoint kept."""
        levels, over = saved
        self._levels, self._over = dict(levels), dict(over)
