"""Metered usage as one value: whose it is, which time is billed, and what was used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Final

from labs.aws.billing.account import Account
from labs.aws.billing.charges import Counted, Item, Lasting
from labs.aws.billing.periods import ESTIMATE_HOURS, HOUR, MICROSECOND, Calendar
from labs.aws.billing.prices import price_book
from labs.errors import UsageError

__all__ = ["Usage"]

_ENDLESS: Final = "Say when with from and to, or give each item a start and an end."


@dataclass(frozen=True, slots=True)
class Usage:
    """What one bill is made from.

    `start` and `end` (exclusive, UTC) are the time that is billed: of an item, the part that falls into it.
    Without them it is all the time of the items. An `estimate` has one month of 730 hours.

    Raises:
        UsageError: the time ends before it starts, or an estimate is given an end.
    """

    items: tuple[Item, ...] = ()
    account: Account = field(default_factory=Account)
    start: datetime | None = None
    end: datetime | None = None
    estimate: bool = False

    def __post_init__(self) -> None:
        if self.estimate and self.end is not None:
            raise UsageError(
                "An estimate has no end of its own",
                f"its month has {ESTIMATE_HOURS} hours.",
                "Leave to away, or the 730-hour month.",
                path="to",
            )
        if self.start is not None and self.end is not None and self.end < self.start:
            raise UsageError(
                "The bill's time ends before it starts",
                f"it is from {self.start:%Y-%m-%dT%H:%M:%SZ} to {self.end:%Y-%m-%dT%H:%M:%SZ}.",
                "Exchange from and to.",
                path="to",
            )

    @property
    def calendar(self) -> Calendar:
        """The bill's time, cut into months.

        Raises:
            UsageError: an item does not say when it was there, and neither does the bill.
        """
        if self.estimate:
            start = self.start or _default_start()
            end = start + ESTIMATE_HOURS * HOUR
        else:
            start = self.start or self._first()
            end = self.end or self._last(start)
            start = min(start, end)
        ends = self.account.first_year_ends
        return Calendar(start, end, first_year_ends=ends, estimate=self.estimate)

    def _first(self) -> datetime:
        """The earliest moment of any item."""
        known: list[datetime] = []
        for place, item in enumerate(self.items):
            moment = (
                item.start if isinstance(item, Lasting) else item.at if isinstance(item, Counted) else None
            )
            if moment is not None:
                known.append(moment)
            elif isinstance(item, Lasting):
                raise _unknown(place, "start")
        return min(known, default=_default_start() if self.end is None else self.end)

    def _last(self, start: datetime) -> datetime:
        """The latest moment of any item: one microsecond past a single one, so that it is billed."""
        known = [start]
        for place, item in enumerate(self.items):
            if isinstance(item, Counted) and item.at is not None:
                known.append(item.at + MICROSECOND)
            elif isinstance(item, Lasting):
                if item.end is None:
                    raise _unknown(place, "end")
                known.append(item.end)
        return max(known)


def _unknown(place: int, key: str) -> UsageError:
    return UsageError(
        f"It is not known when this {'began' if key == 'start' else 'ended'}",
        f"there is no {key}, and the bill does not say which time it is for.",
        _ENDLESS,
        path=f"usage[{place}].{key}",
    )


@cache
def _default_start() -> datetime:
    """When usage happened that says nothing of time: in the month of the price book."""
    year, month = price_book().free_tier.as_of.split("-")
    return datetime(int(year), int(month), 1, tzinfo=UTC)
