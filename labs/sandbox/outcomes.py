"""What steering a world leads to: where its clock stands, what fell due, what can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

__all__ = ["Advance", "Change", "ClockReading", "Happening"]

Json = Any


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was planned and came about: when, of which kind, and what, in a sentence."""

    moment: datetime
    kind: str
    text: str

    def to_json(self) -> dict[str, Json]:
        return {"time": _text(self.moment), "kind": self.kind, "text": self.text}

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        return cls(_moment(obj["time"]), obj["kind"], obj["text"])


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the world's clock shows, and how far it is ahead of its clients' clocks."""

    now: datetime
    offset: timedelta

    @property
    def client_now(self) -> datetime:
        """What the clients' clocks show at the same time."""
        return self.now - self.offset

    def to_json(self) -> dict[str, Json]:
        return {"now": _text(self.now), "offset": self.offset.total_seconds()}

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        return cls(_moment(obj["now"]), timedelta(seconds=obj["offset"]))


@dataclass(frozen=True, slots=True)
class Advance:
    """What moving the clock led to: the time before, the clock after, and what fell due in between."""

    before: datetime
    clock: ClockReading
    happened: tuple[Happening, ...] = ()

    @property
    def now(self) -> datetime:
        """The time after."""
        return self.clock.now

    def to_json(self) -> dict[str, Json]:
        happened = [each.to_json() for each in self.happened]
        return {"before": _text(self.before), **self.clock.to_json(), "happened": happened}

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        happened = tuple(Happening.from_json(each) for each in obj["happened"])
        return cls(_moment(obj["before"]), ClockReading.from_json(obj), happened)


@dataclass(frozen=True, slots=True)
class Change:
    """One change that can be taken back.

    `number` is what `rewind` goes by, 0 for the beginning; `counts` is False for credentials that were handed
    out on the way, which `rewind` by steps passes over; `checkpoints` are the names of the state after it.
    """

    number: int
    time: datetime
    what: str
    counts: bool = True
    checkpoints: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {
            "number": self.number,
            "time": _text(self.time),
            "what": self.what,
            "counts": self.counts,
            "checkpoints": list(self.checkpoints),
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        names = tuple(obj["checkpoints"])
        return cls(obj["number"], _moment(obj["time"]), obj["what"], obj["counts"], names)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
