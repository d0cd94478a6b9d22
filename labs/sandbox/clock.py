"""The world's clock. The gate asks it for the time, never the machine; `govern_moto` has moto ask it too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

__all__ = ["Clock", "govern_moto"]

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


def govern_moto() -> None:
    """Have all that moto dates follow the clock, so that a replayed change bears its recorded time.

    Modules of moto that are loaded later take over the function from `moto.core.utils` as it is then.
    """
    from moto.core import utils

    def utcnow() -> datetime:
        """moto's own form: UTC without saying so."""
        return (_moment.get() or datetime.now(UTC)).replace(tzinfo=None)

    own = utils.utcnow
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and vars(module).get("utcnow") is own:
            setattr(module, "utcnow", utcnow)  # noqa: B010  # mypy knows no such attribute of a module
