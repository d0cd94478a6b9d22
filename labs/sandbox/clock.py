"""The world's clock: it runs beside the machine's, and can be moved ahead.

Clients keep their own time, so a world has two: `client` time, which whoever signs a request goes by, and
`world` time, in which everything in the world happens. The gate asks the clock, never the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

__all__ = ["Clock", "Timeline", "is_stopped"]

# Of the request at hand, not of the world: a replayed request happens at the time that its entry says, while
# another thread answers a live one.
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
_NONE = timedelta()


def is_stopped() -> bool:
    """Whether this thread works at a moment that was given, and not at the one that the clock shows."""
    return _moment.get() is not None


@dataclass(frozen=True, slots=True)
class Timeline:
    """How far the world's time is ahead of the clients', and since when.

    `first` is the offset that the world began with; each jump is a moment of client time and the offset that
    has been in force since.
    """

    first: timedelta = _NONE
    jumps: tuple[tuple[datetime, timedelta], ...] = ()

    @property
    def offset(self) -> timedelta:
        """How far the world is ahead now."""
        return self.jumps[-1][1] if self.jumps else self.first

    def offset_at(self, client: datetime) -> timedelta:
        """How far the world was ahead at a moment of client time."""
        return next((offset for since, offset in reversed(self.jumps) if since <= client), self.first)

    def world(self, client: datetime) -> datetime:
        """What the world's clock said when the client's said this."""
        return client + self.offset_at(client)

    def client(self, world: datetime) -> datetime:
        """What the client's clock will say when the world's says this, if nobody moves it before."""
        return world - self.offset

    def jumped(self, client: datetime, by: timedelta) -> Timeline:
        """The timeline with one jump more."""
        return replace(self, jumps=(*self.jumps, (client, self.offset + by)))


class Clock:
    """Tells the world's time: the machine's and the offset, or inside `at` the moment that was given."""

    timeline = Timeline()

    def __init__(self, first: timedelta = _NONE) -> None:
        self.timeline = Timeline(first)

    def now(self) -> datetime:
        """The world's time, aware, in UTC."""
        return _moment.get() or datetime.now(UTC) + self.timeline.offset

    def client_now(self) -> datetime:
        """The clients' time; of a replayed request, the time at which it was sent."""
        moment = _moment.get()
        return datetime.now(UTC) if moment is None else self.timeline.client(moment)

    def jump(self, by: timedelta) -> None:
        """Move the world ahead of its clients; what falls due on the way is the caller's business."""
        self.timeline = self.timeline.jumped(self.client_now(), by)

    def saved(self) -> object:
        """What a checkpoint keeps: the offset, and how it came about. The machine's clock goes on."""
        return self.timeline

    def restore(self, saved: Timeline) -> None:
        """Back to what a checkpoint kept."""
        self.timeline = saved

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Stop the clock at a moment, for this thread only."""
        token = _moment.set(moment)
        try:
            yield
        finally:
            _moment.reset(token)
