"""From usage to a bill: charges added up, the Free Tier's share taken off, tiers filled, credits spent.

>>> usage = usage_from_json({"from": "2026-01-01", "to": "2026-02-01", "usage": [
...     {"meter": "ec2.instance", "type": "t3.micro", "end": "2026-01-31T10:00:00Z"}]})
>>> bill(usage).total
Decimal('7.5920')

Sources: AWS Billing User Guide, "Understanding your bill" and "Applying AWS credits".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Final, TypeAlias

from labs.aws.billing import money
from labs.aws.billing.account import Account
from labs.aws.billing.charges import Charge, Tariff, Where
from labs.aws.billing.lines import Line
from labs.aws.billing.periods import Calendar
from labs.aws.billing.prices import Allowance, Price, PriceBook, price_book
from labs.aws.billing.rules import SERVICES
from labs.aws.billing.usage import Usage
from labs.errors import UsageError

__all__ = ["Bill", "bill"]

_NOTHING: Final = Decimal(0)
_ORDER: Final = {name: place for place, name in enumerate(SERVICES)}
_Alike: TypeAlias = tuple[Tariff, Where, int, Decimal | None]


@dataclass(frozen=True, slots=True)
class Bill:
    """What an account owes for a time, line by line, in US dollars and without any rounding."""

    account: Account
    start: datetime
    end: datetime
    lines: tuple[Line, ...]
    estimate: bool = False

    @property
    def total(self) -> Decimal:
        """The exact sum of the lines."""
        return money.total(line.cost for line in self.lines)

    @property
    def subtotals(self) -> tuple[tuple[str, Decimal], ...]:
        """What each service costs, the dearest first; credits come last."""
        labels = dict.fromkeys(line.label for line in self.lines)
        sums = [
            (each, money.total(line.cost for line in self.lines if line.label == each)) for each in labels
        ]
        return tuple(sorted(sums, key=lambda pair: pair[1], reverse=True))

    def shown(self) -> Decimal:
        """The total as a bill shows it: half up to whole cents, once, at the end."""
        return money.shown(self.total)


def bill(usage: Usage) -> Bill:
    """The bill for some usage.

    Raises:
        UsageError: an item has no price, or no time; its `path` says which.
    """
    book, calendar = price_book(), usage.calendar
    charges = sorted(_added_up(usage, calendar, book), key=_by_time)
    lines = list(_priced(charges, usage.account, book))
    lines += _credits(lines, usage.account, calendar)
    return Bill(
        usage.account, calendar.start, calendar.end, tuple(sorted(lines, key=_by_service)), usage.estimate
    )


class _Sum:
    """Charges that are alike, added up; mutable while the adding lasts."""

    __slots__ = ("amount", "end", "periods", "rate", "span", "start", "tariff", "tiers", "where")

    def __init__(self, charge: Charge, tiers: tuple[Price, ...]) -> None:
        self.tariff, self.where, self.span, self.start, self.end, self.amount, self.rate = charge
        self.tiers = tiers
        self.periods = 1

    def add(self, charge: Charge) -> None:
        self.amount = _plus(self.amount, charge.amount)
        if charge.start < self.start:
            self.start = charge.start
        if charge.end > self.end:
            self.end = charge.end
        self.periods += 1


def _plus(a: int | Decimal, b: int | Decimal) -> int | Decimal:
    return a + b if isinstance(a, int) and isinstance(b, int) else money.add(Decimal(a), b)


def _added_up(usage: Usage, calendar: Calendar, book: PriceBook) -> Iterable[_Sum]:
    """The charges of all items, those that are alike as one."""
    sums: dict[_Alike, _Sum] = {}
    for place, item in enumerate(usage.items):
        try:
            for charge in item.charges(calendar):
                if not charge.amount:
                    continue
                alike = (charge.tariff, charge.where, charge.span.index, charge.rate)
                found = sums.get(alike)
                if found is None:
                    sums[alike] = _Sum(charge, _tiers(charge, book))
                else:
                    found.add(charge)
        except UsageError as error:
            raise error.within(f"usage[{place}]") from None
    return sums.values()


def _tiers(charge: Charge, book: PriceBook) -> tuple[Price, ...]:
    key, region = charge.tariff.price, charge.where.region
    if charge.rate is not None:
        return (book.given(key, region, charge.rate),)
    found = book.find(key, region)
    if found:
        return found
    kind, _, name = key.partition(":")
    elsewhere = book.find(key)
    near = [] if elsewhere else get_close_matches(name[:80], book.names(kind), n=1)
    raise UsageError(
        f"The price book has no price for {f'{kind} {name}'.strip()[:120]}",
        f"it is in {region}, and the book has {'this for us-east-1' if elsewhere else 'none in any Region'}.",
        f'{f"Perhaps {near[0]} was meant. " if near else ""}Or give the price: "rate": "0.0104".',
        path="region" if elsewhere else {"ec2.instance": "type", "rds.instance": "class"}.get(kind, ""),
    )


def _by_time(each: _Sum) -> tuple[object, ...]:
    """In the order of time, and whatever the order of the items: who comes first fills the lower tier."""
    return each.start, each.tariff, each.where, each.rate is not None, each.rate or 0


# Prices


def _priced(charges: Iterable[_Sum], account: Account, book: PriceBook) -> Iterator[Line]:
    """A line for each sum: what the Free Tier covers apart, and a line for each tier that it reaches."""
    left: dict[tuple[datetime, str], tuple[Decimal, int]] = {}
    used: dict[tuple[datetime, str, str], tuple[int | Decimal, int]] = {}
    for each in charges:
        amount, month = each.amount, each.span.month.start
        key, divisor = each.tariff.price, each.tariff.divisor
        allowance = book.allowances.get(key) if each.tariff.free else None
        if allowance is not None and account.has(allowance.regime, each.span.first_year):
            pool = (month, allowance.name)
            if pool in left:
                rest = Decimal(_counted(*left[pool], divisor))
            else:
                rest = money.times(allowance.quantity, divisor)
            covered = min(rest, Decimal(amount))
            left[pool] = money.subtract(rest, covered), divisor
            if covered:
                yield _line(each, covered, each.tiers[0], allowance)
                amount = money.subtract(Decimal(amount), covered)
        if not amount:
            continue
        if len(each.tiers) == 1:
            yield _line(each, amount, each.tiers[0])
            continue
        tier = (month, each.where.region, key)
        before = _counted(*used.get(tier, (0, divisor)), divisor)
        after = _plus(before, amount)
        used[tier] = after, divisor
        for price, following in zip(each.tiers, (*each.tiers[1:], None), strict=True):
            low = max(before, money.times(price.above, divisor))
            high = Decimal(after)
            if following is not None:
                high = min(high, money.times(following.above, divisor))
            if high > low:
                yield _line(each, money.subtract(high, low), price)


def _counted(amount: int | Decimal, of: int, divisor: int) -> int | Decimal:
    """The same amount for another divisor than `of`, which turns it into units."""
    return amount if of == divisor else money.quotient(money.times(Decimal(amount), divisor), of)


def _line(each: _Sum, amount: int | Decimal, price: Price, allowance: Allowance | None = None) -> Line:
    tariff, month = each.tariff, each.span.month
    quantity = Decimal(amount) if tariff.divisor == 1 else money.quotient(amount, tariff.divisor)
    rate = price.rate if allowance is None else _NOTHING
    return Line(
        "usage",
        tariff.meter,
        tariff.usage_type,
        each.where,
        month,
        each.start,
        each.end,
        quantity,
        price.unit,
        rate,
        money.times(quantity, rate),
        tariff.rule if allowance is None else f"free-tier.{allowance.regime}",
        price,
        allowance,
        each.periods,
    )


def _by_service(line: Line) -> tuple[object, ...]:
    """By month and service, credits last; what is alike keeps the order of time and of tiers."""
    service = _ORDER[line.meter.partition(".")[0]]
    return line.month.start, line.kind == "credit", service, line.usage_type, line.where


# Credits


def _credits(lines: Iterable[Line], account: Account, calendar: Calendar) -> Iterator[Line]:
    """A line for each month and meter that credits pay for, in the order of time, until they are spent."""
    if account.free_tier != "credits":
        return
    spent, paid = _NOTHING, dict[tuple[datetime, str], list[Line]]()
    terms = price_book().free_tier
    for line in sorted(lines, key=lambda each: (each.month.start, each.start)):
        if line.cost and _payable(line, account):
            paid.setdefault((line.month.start, line.meter), []).append(line)
    for (_, meter), owing in paid.items():
        month = owing[0].month
        given = account.credit_until(min(month.end, calendar.end))
        owed = money.total(line.cost for line in owing)
        amount = min(owed, money.subtract(given, spent))
        if amount <= 0:
            continue
        spent = money.add(spent, amount)
        yield Line(
            "credit",
            meter,
            f"FreeTierCredits:{meter}",
            Where(),
            month,
            min(line.start for line in owing),
            max(line.end for line in owing),
            amount.copy_negate(),
            "USD",
            Decimal(1),
            amount.copy_negate(),
            "credits",
            remark=f"${money.shown(money.subtract(given, spent))} of ${money.plain(given)} left",
            basis=terms.source,
        )


def _payable(line: Line, account: Account) -> bool:
    """Whether credits pay for a line: on the free plan not for an instance of a type that the plan lacks."""
    if account.credits_end is not None and line.start >= account.credits_end:
        return False
    kind, _, name = line.price.key.partition(":") if line.price is not None else ("", "", "")
    return kind != "ec2.instance" or account.plan == "paid" or name in price_book().free_tier.credit_types
