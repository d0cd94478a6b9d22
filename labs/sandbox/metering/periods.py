"""What lasts: for each resource since when it has been as it is, and how it was before.

After each change the resources are looked at, and what differs from the last look began or ended then. A
look sees only states that last, so what began and what ended is known to the microsecond of the change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

__all__ = ["Facts", "Period", "Periods", "Seen", "Thing"]

Facts = tuple[tuple[str, Any], ...]
"""What the price depends on, by the names that `labs.aws.billing` gives it."""


class Thing(NamedTuple):
    """One thing that is metered: by which meter, whose it is and where, and its id."""

    meter: str
    account: str
    region: str
    resource: str


class Seen(NamedTuple):
    """A thing as a look saw it."""

    thing: Thing
    facts: Facts
    zone: str = ""
    tags: tuple[tuple[str, str], ...] = ()


class Period(NamedTuple):
    """A time in which a thing was the same; `end` is None while it is."""

    thing: Thing
    facts: Facts
    zone: str
    start: datetime
    end: datetime | None = None


class Periods:
    """The periods of one world. The world's lock orders all calls."""

    def __init__(self) -> None:
        self._over: list[Period] = []
        self._open: dict[str, dict[Thing, Period]] = {}
        self._tags: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}

    def look(self, service: str, seen: Iterable[Seen], moment: datetime) -> Mapping[Thing, Facts]:
        """Compare what there is of a service now with what there was.

        Returns:
            What ended, or became something else, with what it was.
        """
        before = self._open.get(service, {})
        after: dict[Thing, Period] = {}
        ended: dict[Thing, Facts] = {}
        for thing, facts, zone, tags in seen:
            known = before.get(thing)
            if known is None or known.facts != facts:
                known = Period(thing, facts, zone, moment)
            after[thing] = known
            if tags or self._tags.get((thing.account, thing.resource)):
                self._tags[thing.account, thing.resource] = tags
        for thing, period in before.items():
            if after.get(thing) is not period:
                ended[thing] = period.facts
                self._over.append(period._replace(end=moment))
        self._open[service] = after
        return ended

    def amend_last(self, thing: Thing, facts: Facts) -> None:
        """Say more of the period of a thing that has just ended."""
        for place in range(len(self._over) - 1, -1, -1):
            if self._over[place].thing == thing:
                self._over[place] = self._over[place]._replace(facts=facts)
                return

    def tags(self, thing: Thing) -> tuple[tuple[str, str], ...]:
        """The tags that a thing was last seen with."""
        return self._tags.get((thing.account, thing.resource), ())

    def all(self) -> Iterator[Period]:
        """Every period, those that are over first."""
        yield from self._over
        for things in self._open.values():
            yield from things.values()

    def clear(self) -> None:
        """Forget all."""
        self._over, self._open, self._tags = [], {}, {}

    def saved(self) -> object:
        """What a checkpoint keeps."""
        return (
            tuple(self._over),
            {name: dict(things) for name, things in self._open.items()},
            dict(self._tags),
        )

    def restore(self, saved: Any) -> None:
        """Back to what a checkpoint kept."""
        over, there, tags = saved
        self._over, self._tags = list(over), dict(tags)
        self._open = {name: dict(things) for name, things in there.items()}
