"""Schedules of EventBridge rules: `rate(…)` and `cron(…)`, and when they are due.

Source: Amazon EventBridge User Guide, "Setting a schedule pattern for scheduled rules (legacy) in Amazon
EventBridge".
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from labs.errors import InputError

__all__ = ["Cron", "Rate", "Schedule", "parse_schedule"]

_RATE = re.compile(r"rate\((\d+) (minutes?|hours?|days?)\)")
_CRON = re.compile(r"cron\(([^()]+)\)")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LAST_YEAR = 2199


@dataclass(frozen=True, slots=True)
class Rate:
    """Every so often, counted from when the rule was made."""

    every: timedelta

    def after(self, moment: datetime, since: datetime) -> datetime:
        """The first time after a moment that this is due; `since` is when the rule was made."""
        return since + ((moment - since) // self.every + 1) * self.every


@dataclass(frozen=True, slots=True)
class Cron:
    """At the minutes, hours and days that the six fields name, in UTC.

    Days count by the month (`days`) or by the week (`weekdays`); the one that is not counted by is empty.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int]

    def after(self, moment: datetime, since: datetime) -> datetime | None:
        """The first time after a moment that this is due; None when it never is again."""
        first = moment.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        year, month = first.year, first.month
        while year <= _LAST_YEAR and year <= max(self.years):
            if year in self.years and month in self.months:
                for day in sorted(self._days(year, month)):
                    found = self._on(datetime(year, month, day, tzinfo=UTC), first)
                    if found is not None:
                        return found
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return None

    def _on(self, day: datetime, first: datetime) -> datetime | None:
        if day.date() < first.date():
            return None
        times = (day.replace(hour=h, minute=m) for h in sorted(self.hours) for m in sorted(self.minutes))
        return next((time for time in times if time >= first), None)

    def _days(self, year: int, month: int) -> set[int]:
        length = monthrange(year, month)[1]
        if self.days:
            return _days_of_month(self.days, year, month, length)
        return _days_of_week(self.weekdays, year, month, length)


Schedule: TypeAlias = Rate | Cron


def parse_schedule(text: str) -> Schedule:
    """Read a schedule expression.

    >>> parse_schedule("rate(5 minutes)")
    Rate(every=datetime.timedelta(seconds=300))

    Raises:
        InputError: it is none.
    """
    if found := _RATE.fullmatch(text):
        number, unit = int(found[1]), found[2]
        if number < 1 or (number == 1) == unit.endswith("s"):
            raise _invalid(text, "The unit is singular for 1, plural for more, and the value is not 0.")
        return Rate(number * _UNITS[unit.rstrip("s")])
    if not (found := _CRON.fullmatch(text)):
        raise _invalid(text, "Write rate(5 minutes), or cron(0 12 * * ? *).")
    fields = found[1].upper().split()
    if len(fields) != 6:
        raise _invalid(text, "The fields are: minutes, hours, day of month, month, day of week, year.")
    minutes, hours, days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):
        raise _invalid(text, "One of day-of-month and day-of-week is a ?, the other one is not.")
    try:
        schedule = Cron(
            _numbers(minutes, 0, 59),
            _numbers(hours, 0, 23),
            "" if days == "?" else days,
            _numbers(_named(months, _MONTHS), 1, 12),
            "" if weekdays == "?" else _named(weekdays, _DAYS),
            _numbers(years, 1970, _LAST_YEAR),
        )
        for month in range(1, 13):  # the fields of days are read by the month, so a bad one shows here
            schedule._days(2028, month)
    except ValueError as broken:
        raise _invalid(text, f"{broken}.") from None
    return schedule


def _invalid(text: str, hint: str) -> InputError:
    return InputError("This is no schedule", f"{text!r} cannot be read.", hint)


def _named(field: str, names: tuple[str, ...]) -> str:
    """A field with numbers for names: they count from 1."""
    return re.sub("|".join(names), lambda found: str(names.index(found[0]) + 1), field)


def _numbers(field: str, low: int, high: int) -> frozenset[int]:
    """What `*`, `5`, `1-5`, `0/15`, `*/2` and lists of these stand for."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        start = low if span == "*" else _number(first, low, high)
        if dash:
            end = _number(last, low, high)
        else:
            end = high if slash or span == "*" else start
        every = _number(step, 1, high) if slash else 1
        if end < start:
            raise ValueError(f"{part!r} ends before it begins")
        found.update(range(start, end + 1, every))
    return frozenset(found)


def _number(text: str, low: int, high: int) -> int:
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ValueError(f"{text!r} is no number from {low} to {high}")
    return int(text)


def _days_of_month(field: str, year: int, month: int, length: int) -> set[int]:
    """Days by the month; `L` is the last one, and `15W` the weekday nearest to the 15th."""
    if field == "L":
        return {length}
    if field.endswith("W"):
        day = length if field == "LW" else min(_number(field[:-1], 1, 31), length)
        return {_nearest_weekday(year, month, day, length)}
    return {day for day in _numbers(field, 1, 31) if day <= length}


def _nearest_weekday(year: int, month: int, day: int, length: int) -> int:
    weekday = datetime(year, month, day, tzinfo=UTC).isoweekday()
    if weekday == 6:
        return day - 1 if day > 1 else day + 2
    if weekday == 7:
        return day + 1 if day < length else day - 2
    return day


def _days_of_week(field: str, year: int, month: int, length: int) -> set[int]:
    """Days by the week, 1 for Sunday; `3#2` is the second Tuesday of a month, and `6L` its last Friday."""
    by_weekday: dict[int, list[int]] = {}
    for day in range(1, length + 1):
        weekday = datetime(year, month, day, tzinfo=UTC).isoweekday() % 7 + 1
        by_weekday.setdefault(weekday, []).append(day)
    if "#" in field:
        name, _, place = field.partition("#")
        among = by_weekday[_number(name, 1, 7)]
        at = _number(place, 1, 5)
        return {among[at - 1]} if at <= len(among) else set()
    if field.endswith("L"):
        return {by_weekday[_number(field[:-1] or "7", 1, 7)][-1]}
    return {day for weekday in _numbers(field, 1, 7) for day in by_weekday[weekday]}
