"""What a meter reads: charges, each an amount of one thing in one span of time, before any price.

An amount is a whole number or a short decimal in the meter's own unit (seconds, GiB-seconds, byte-
microseconds), and `divisor` says how many of these make one priced unit: so nothing is rounded while amounts
are added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import ClassVar, Final, NamedTuple

from labs.aws.billing.money import times
from labs.aws.billing.periods import (
    HOUR,
    MICROSECOND,
    Calendar,
    Span,
    billed_seconds,
    started_hours,
)
from labs.aws.billing.prices import HOME_REGION
from labs.errors import UsageError

__all__ = [
    "BYTE_HOUR",
    "HOURS",
    "REGION_CODES",
    "Charge",
    "Counted",
    "Item",
    "Lasting",
    "Tariff",
    "Where",
    "prefix",
]

HOURS: Final = 3600
BYTE_HOUR: Final = HOUR // MICROSECOND
"""Microseconds of an hour: byte-microseconds by it are byte-hours."""

REGION_CODES: Final = {
    "us-east-1": "USE1",
    "us-east-2": "USE2",
    "us-west-1": "USW1",
    "us-west-2": "USW2",
    "ca-central-1": "CAN1",
    "eu-west-1": "EU",
    "eu-west-2": "EUW2",
    "eu-west-3": "EUW3",
    "eu-central-1": "EUC1",
    "eu-north-1": "EUN1",
    "eu-south-1": "EUS1",
    "ap-northeast-1": "APN1",
    "ap-northeast-2": "APN2",
    "ap-northeast-3": "APN3",
    "ap-southeast-1": "APS1",
    "ap-southeast-2": "APS2",
    "ap-south-1": "APS3",
    "ap-east-1": "APE1",
    "sa-east-1": "SAE1",
    "me-south-1": "MES1",
    "af-south-1": "AFS1",
}
"""How usage types write a Region. Source: AWS Billing User Guide, "AWS Region billing codes"."""


class Where(NamedTuple):
    """What a charge is for: the resource, as far as it is known, where it is, and the API operation."""

    resource: str = ""
    region: str = HOME_REGION
    zone: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    operation: str = ""


_HOME: Final = Where()


class Tariff(NamedTuple):
    """How one thing is charged: the key of its price, AWS's name for the usage, and the rule that counts it.

    `free` is whether a Free Tier allowance for this price may cover it.
    """

    meter: str
    price: str
    usage_type: str
    rule: str
    divisor: int = 1
    free: bool = True

    def by(self, divisor: int) -> Tariff:
        """The same with another divisor."""
        return _divided(self, divisor)


@lru_cache(maxsize=1024)
def _divided(tariff: Tariff, divisor: int) -> Tariff:
    return tariff._replace(divisor=divisor)


class Charge(NamedTuple):
    """An amount of one thing in a part of one span; `rate` overrides the price book."""

    tariff: Tariff
    where: Where
    span: Span
    start: datetime
    end: datetime
    amount: int | Decimal
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One resource's use in one period, or one sum of requests.

    `rate` overrides the price book for the item's first line, in the form in which the book lists that price.
    """

    meter: ClassVar[str]

    where: Where = _HOME
    rate: Decimal | None = None

    def charges(self, calendar: Calendar) -> Iterable[Charge]:
        """What the item is charged for in a bill's time."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting(Item):
    """An item that lasts. Without `start` it was there before the bill's time, without `end` it still is.

    Whatever is counted, is counted from the item's own start: so the parts of a period that two bills charge
    for add up to the whole.

    Raises:
        UsageError: the period ends before it starts.
    """

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise UsageError(
                "The period ends before it starts",
                f"it starts at {self.start:%Y-%m-%dT%H:%M:%SZ} and ends at {self.end:%Y-%m-%dT%H:%M:%SZ}.",
                "Exchange start and end, or leave end out for what still runs.",
                path="end",
            )

    def period(self, calendar: Calendar) -> tuple[datetime, datetime]:
        """The item's own start and end."""
        start = self.start or calendar.start
        end = self.end or calendar.end
        return start, end if end > start else start

    def seconds(
        self, calendar: Calendar, tariff: Tariff, least: int = 0, factor: int = 1
    ) -> Iterator[Charge]:
        """Each second that was begun, `least` at once."""
        start, end = self.period(calendar)
        for span, low, high in calendar.pieces(start, end):
            seconds = billed_seconds(start, high, least) - billed_seconds(start, low, least)
            yield Charge(tariff, self.where, span, low, high, seconds * factor, self.rate)

    def provisioned(
        self, calendar: Calendar, tariff: Tariff, amount: Decimal, least: int = 0
    ) -> Iterator[Charge]:
        """An amount as a share of each month's seconds."""
        start, end = self.period(calendar)
        for span, low, high in calendar.pieces(start, end):
            seconds = billed_seconds(start, high, least) - billed_seconds(start, low, least)
            monthly = tariff.by(span.month.seconds)
            yield Charge(monthly, self.where, span, low, high, times(amount, seconds), self.rate)

    def hours(self, calendar: Calendar, tariff: Tariff, factor: int = 1) -> Iterator[Charge]:
        """Each hour that was begun, whole."""
        start, end = self.period(calendar)
        for span, low, high in calendar.pieces(start, end):
            hours = started_hours(start, high) - started_hours(start, low)
            yield Charge(tariff, self.where, span, low, high, hours * factor, self.rate)

    def spread(self, calendar: Calendar, tariff: Tariff, amount: Decimal) -> Iterator[Charge]:
        """An amount spread evenly over the period, at the price book's rate."""
        start, end = self.period(calendar)
        for span, low, high in calendar.pieces(start, end):
            if low == start and high == end:
                yield Charge(tariff, self.where, span, low, high, amount)
            else:
                part, whole = (high - low) // MICROSECOND, (end - start) // MICROSECOND
                yield Charge(tariff.by(whole), self.where, span, low, high, times(amount, part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Item):
    """A sum of requests or bytes, `at` a moment; without one, at the start of the bill's time."""

    at: datetime | None = None

    def once(
        self, calendar: Calendar, tariff: Tariff, amount: Decimal, *, rate: bool = True
    ) -> tuple[Charge, ...]:
        """The amount in the span of its moment, if that is in the bill's time."""
        at = self.at or calendar.start
        span = calendar.span_at(at)
        if span is None:
            return ()
        return (Charge(tariff, self.where, span, at, at, amount, self.rate if rate else None),)


@lru_cache(maxsize=64)
def prefix(region: str) -> str:
    """What a usage type of the Region starts with; nothing in us-east-1."""
    return "" if region == HOME_REGION else f"{REGION_CODES.get(region, region.upper())}-"
