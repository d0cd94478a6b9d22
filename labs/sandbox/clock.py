"""The world's clock. Everything in the gate asks it for the time, and nothing asks the machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

__all__ = ["Clock"]

# Of the request at hand, not of the world: a replayed request happens at the time that its entry says, while
# another thread answers a live one.
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


class Clock:
    """Tells the time: the machine's, or inside `at` the moment that was given."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return _moment.get() or datetime.now(UTC)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Stop the clock at a moment, for this thread only."""
        token = _moment.set(moment)
        try:
            yield
        finally:
            _moment.reset(token)
