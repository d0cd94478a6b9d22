"""Time as bills count it: calendar months, seconds and hours that were begun, and the spans of one bill.

Three months are kept apart. An estimate's month has 730 hours, whatever the calendar says. The calendar's has
672, 696, 720 or 744, which divide S3's byte-hours; the same month in seconds divides what EBS provisioned.

Sources: Amazon EBS pricing (seconds of the month); Amazon S3 User Guide, "Understanding your AWS billing and
usage reports" (byte-hours); AWS Pricing Calculator User Guide, "Assumptions" (730 hours).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

__all__ = [
    "ESTIMATE_HOURS",
    "HOUR",
    "MICROSECOND",
    "Calendar",
    "Month",
    "Span",
    "billed_seconds",
    "month_of",
    "months_after",
    "started_hours",
]

MICROSECOND: Final = timedelta(microseconds=1)
SECOND: Final = timedelta(seconds=1)
HOUR: Final = timedelta(hours=1)
ESTIMATE_HOURS: Final = 730
"""The hours of a month in an estimate: 8,760 of a year, divided by twelve."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month of billing, UTC; `end` is exclusive."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        """How many seconds it has: what EBS divides by."""
        return (self.end - self.start) // SECOND

    @property
    def hours(self) -> int:
        """How many hours it has: what S3 divides by."""
        return (self.end - self.start) // HOUR

    @property
    def name(self) -> str:
        """`2026-01`."""
        return f"{self.start:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a bill's time in which nothing changes: one month, on one side of the Free Tier's end."""

    start: datetime
    end: datetime
    month: Month
    first_year: bool
    index: int


class Calendar:
    """The time that one bill covers, cut into spans; `first_year_ends` is when the legacy Free Tier ends."""

    def __init__(
        self,
        start: datetime,
        end: datetime,
        *,
        first_year_ends: datetime | None = None,
        estimate: bool = False,
    ) -> None:
        self.start = start
        self.end = end
        months = [Month(start, start + ESTIMATE_HOURS * HOUR)] if estimate else _months(start, end)
        self.spans: list[Span] = []
        for month in months:
            low, last = max(month.start, start), min(month.end, end)
            if first_year_ends is not None and low < first_year_ends < last:
                self._add(low, first_year_ends, month, first_year_ends)
                low = first_year_ends
            self._add(low, last, month, first_year_ends)
        self._starts = [each.start for each in self.spans]

    def _add(self, low: datetime, high: datetime, month: Month, first_year_ends: datetime | None) -> None:
        first_year = first_year_ends is not None and low < first_year_ends
        self.spans.append(Span(low, high, month, first_year, len(self.spans)))

    def span_at(self, moment: datetime) -> Span | None:
        """The span that a moment falls into; None outside the bill's time."""
        if moment == self.start:
            return self.spans[0]
        if not self.start <= moment < self.end:
            return None
        return self.spans[bisect_right(self._starts, moment) - 1]

    def pieces(self, start: datetime, end: datetime) -> Sequence[tuple[Span, datetime, datetime]]:
        """The period cut by the spans; what lies outside the bill's time is left away."""
        low = start if start > self.start else self.start
        high = end if end < self.end else self.end
        if low >= high:
            return ()
        place = bisect_right(self._starts, low) - 1
        span = self.spans[place]
        if high <= span.end:
            return ((span, low, high),)
        found = []
        while low < high:
            span = self.spans[place]
            until = high if high <= span.end else span.end
            found.append((span, low, until))
            low, place = until, place + 1
        return found


def billed_seconds(start: datetime, moment: datetime, least: int) -> int:
    """How many seconds are billed by `moment` of what began at `start`: each begun one, `least` at once."""
    if moment <= start:
        return 0
    return max(least, -((start - moment) // SECOND))


def started_hours(start: datetime, moment: datetime) -> int:
    """How many hours have begun by `moment`, each of which is billed whole."""
    return 0 if moment <= start else -((start - moment) // HOUR)


@lru_cache(maxsize=4096)
def _month(year: int, number: int) -> Month:
    start = datetime(year, number, 1, tzinfo=UTC)
    return Month(start, months_after(start, 1))


def month_of(moment: datetime) -> Month:
    """The calendar month that a moment, in UTC, falls into."""
    return _month(moment.year, moment.month)


def months_after(moment: datetime, months: int) -> datetime:
    """The same day and time some months on; the month's last day where it has no such day."""
    years, month = divmod(moment.month - 1 + months, 12)
    first = moment.replace(year=moment.year + years, month=month + 1, day=1)
    following = first + timedelta(days=31)
    last = (following.replace(day=1) - timedelta(days=1)).day
    return first.replace(day=min(moment.day, last))


def _months(start: datetime, end: datetime) -> Iterator[Month]:
    month = month_of(start)
    yield month
    while month.end < end:
        month = month_of(month.end)
        yield month
