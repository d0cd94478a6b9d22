"""A line of a bill, and how it explains itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from labs.aws.billing.charges import Where
from labs.aws.billing.money import plain, shown, times
from labs.aws.billing.periods import Month
from labs.aws.billing.prices import Allowance, Price
from labs.aws.billing.rules import RULES, Service, service_of

__all__ = ["Line", "number"]

_UNITS: Final = {
    "Hrs": ("h", "hour"),
    "GB-Mo": ("GB-months", "GB-month"),
    "IOPS-Mo": ("IOPS-months", "IOPS-month"),
    "MiBps-Mo": ("MiB/s-months", "MiB/s-month"),
    "GB-Seconds": ("GB-seconds", "GB-second"),
    "vCPU-Hours": ("vCPU-hours", "vCPU-hour"),
    "LCU-Hrs": ("LCU-hours", "LCU-hour"),
    "WriteRequestUnits": ("write units", "write unit"),
    "ReadRequestUnits": ("read units", "read unit"),
    "Requests": ("requests", "request"),
    "Notifications": ("notifications", "notification"),
}
"""AWS's units, in words: several, and one."""
_PERIODS: Final = frozenset({"ec2.running", "ec2.spot", "ec2.spot-at-most", "rds.running", "rds.multi-az"})

_REQUESTS: Final = frozenset({"s3.request", "transfer", "sqs.request", "dynamodb.read", "dynamodb.write"})
"""Meters of which one operation costs as another one does, so that a line must say which it is."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `quantity` units at `rate` US dollars, both exact, so that `cost` is their product.

    A line adds up all that is alike: one usage type of one resource at one rate in one month. `periods` says
    how many items it adds up; `start` and `end` (exclusive) are the time that they cover. `price` is the row
    of the price book, `allowance` the Free Tier's where that makes the rate 0. A `credit` line has a cost
    below zero, and no price.
    """

    kind: Literal["usage", "credit"]
    meter: str
    usage_type: str
    where: Where
    month: Month
    start: datetime
    end: datetime
    quantity: Decimal
    unit: str
    rate: Decimal
    cost: Decimal
    rule: str
    price: Price | None = None
    allowance: Allowance | None = None
    periods: int = 1
    remark: str = ""
    basis: str = ""

    @property
    def service(self) -> Service:
        """The service that the line belongs to."""
        return service_of(self.meter)

    @property
    def label(self) -> str:
        """What bills group the line under."""
        return "Credits" if self.kind == "credit" else self.service.label

    @property
    def resource(self) -> str:
        """The resource's id, empty where it is not known."""
        return self.where.resource

    @property
    def source(self) -> str:
        """The page of the price or of the Free Tier, and its month."""
        if self.allowance is not None:
            return self.allowance.source
        return self.price.source if self.price is not None else self.basis

    @property
    def course(self) -> str:
        """What the course text says, where that differs."""
        if self.allowance is not None:
            return self.allowance.course
        return self.price.course if self.price is not None else ""

    @property
    def verify(self) -> bool:
        """Whether the price is generally known and was not read on the page."""
        return self.allowance is None and self.price is not None and self.price.verify

    @property
    def formula(self) -> str:
        """`730 h × $0.0104`: the quantity and the rate, in the form in which the rate is listed."""
        if self.kind == "credit":
            return f"${plain(shown(self.cost.copy_negate(), 4))} of credit"
        return f"{self._amount()} × {self._rate()}"

    @property
    def subject(self) -> str:
        """What the line is for: `t3.micro i-0a1, 3 periods`."""
        kind = self.price.key.partition(":")[2] if self.price is not None and self.rule in _PERIODS else ""
        asked = self.where.operation if self.meter in _REQUESTS else ""
        what = " ".join(filter(None, (kind or self.usage_type, asked, self.resource)))
        counted = f"{self.periods} periods" if self.periods > 1 and self.rule in _PERIODS else ""
        return ", ".join(filter(None, (what, counted)))

    @property
    def sentence(self) -> str:
        """The formula, what the line is for, and the rule that counted it."""
        said = ", ".join(filter(None, (RULES[self.rule], self.remark)))
        return f"{self.formula}: {self.subject}, {said}."

    @property
    def listed(self) -> str:
        """`$0.0104 per hour`: the price as its page lists it; empty where there is none."""
        if self.price is None or self.allowance is not None:
            return ""
        several, one = _UNITS.get(self.price.unit, (self.price.unit, self.price.unit))
        per = one if self.price.per == 1 else f"{self.price.per:,} {several}"
        above = f", above {number(self.price.above)[0]} {several} a month" if self.price.above else ""
        return f"{_dollars(self.price.listed)} per {per}{above}"

    def _amount(self) -> str:
        text, exact = number(self.quantity)
        if self.unit == "Hrs" and not exact:
            seconds, whole = number(times(self.quantity, 3600))
            return f"{seconds} s" if whole else f"≈ {text} h"
        several, one = _UNITS.get(self.unit, (self.unit, self.unit))
        if self.unit == "Hrs":
            one = several
        return f"{'' if exact else '≈ '}{text} {one if text == '1' else several}"

    def _rate(self) -> str:
        if self.price is None or self.allowance is not None:
            return _dollars(self.rate)
        per = f" per {self.price.per:,}" if self.price.per > 1 else ""
        hours = self.unit == "Hrs" and self._amount().endswith(" s")
        return f"{_dollars(self.price.listed)}{per}{' an hour' if hours else ''}"


def _dollars(amount: Decimal) -> str:
    """An amount with all its digits, two decimals at least where it has any: `$0.10`."""
    text = plain(amount)
    return f"${text}0" if len(text.partition(".")[2]) == 1 else f"${text}"


def number(value: Decimal) -> tuple[str, bool]:
    """A number for a reader, and whether that is all of it.

    It has at most six decimals, or three digits where it is so small that these would all be zeros.
    """
    small = value != 0 and value.adjusted() < -6
    rounded = shown(value, 2 - value.adjusted() if small else 6)
    # Up to the 20th digit: what is beyond comes from a division that never ends.
    exact = abs(value - rounded) <= abs(value).scaleb(-20)
    return f"{Decimal(plain(rounded)):,f}", exact
