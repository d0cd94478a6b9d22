"""The bill of a running world: what it has used so far, and what the month costs if all stays as it is.

The bill is at list prices unless somebody asks for a Free Tier: what things cost is what there is to learn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from labs.aws.billing import Account, Bill, Usage, bill
from labs.aws.billing.charges import Item, Lasting
from labs.aws.billing.money import total
from labs.aws.billing.periods import Calendar, Month, month_of
from labs.aws.billing.prices import price_book
from labs.errors import InputError
from labs.sandbox.metering.items import items_of
from labs.sandbox.metering.meter import Metering

__all__ = ["Spending", "first_use", "priced_usage", "spending"]


@dataclass(frozen=True, slots=True)
class Spending:
    """A world's bill at a moment.

    `month_end` is what the month at hand costs in all if everything goes on as it is and nobody asks for
    anything more; None where the bill's time does not reach until now. `unpriced` names what the price book
    has no price for: it is not on the bill.
    """

    bill: Bill
    now: datetime
    month_end: Decimal | None = None
    unpriced: tuple[str, ...] = ()


def spending(
    metering: Metering,
    account: str,
    now: datetime,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    owner: Account | None = None,
) -> Spending:
    """The bill of an account, from when it first used something until now, or for another time before that.

    Raises:
        InputError: the time begins after it ends, or has not come yet.
    """
    until = now if end is None else min(end, now)
    if start is not None and start > until:
        raise InputError(
            "There is nothing to bill yet",
            f"It would be from {start:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC, "
            f"and the sandbox's clock shows {now:%Y-%m-%d %H:%M}.",
            "Take an earlier --from, or move the clock ahead: skylab advance 3d",
        )
    usage, unpriced = priced_usage(metering, account, until, start, owner)
    month_end = None
    if end is None:
        month = month_of(now)
        whole, _ = priced_usage(metering, account, month.end, None, owner)
        month_end = _of_month(bill(whole), month)
    return Spending(bill(usage), now, month_end, unpriced)


def _of_month(bill: Bill, month: Month) -> Decimal:
    return total(line.cost for line in bill.lines if line.month == month)


def priced_usage(
    metering: Metering,
    account: str,
    until: datetime,
    start: datetime | None = None,
    owner: Account | None = None,
) -> tuple[Usage, tuple[str, ...]]:
    """What an account has used until a moment, as far as it has a price; and what has none."""
    used = list(items_of(metering, account, until))
    items, unpriced = [], dict[str, None]()
    calendar = Calendar(_first(used, until), until)
    for item in used:
        missing = _missing(item, calendar)
        if missing:
            unpriced[missing] = None
        else:
            items.append(item)
    holder = replace(owner or Account(), id=account)
    return Usage(tuple(items), holder, start or calendar.start, until), tuple(unpriced)


def first_use(metering: Metering, account: str, now: datetime) -> datetime:
    """When an account first used something; now, if it has not."""
    return _first(items_of(metering, account, now), now)


def _first(items: Iterable[Item], until: datetime) -> datetime:
    """When the first of the items began."""
    moments = (each.start if isinstance(each, Lasting) else getattr(each, "at", None) for each in items)
    return min((moment for moment in moments if moment is not None), default=until)


def _missing(item: Item, calendar: Calendar) -> str:
    """What of an item has no price; empty when all of it has one."""
    for charge in item.charges(calendar):
        key, region = charge.tariff.price, charge.where.region
        if charge.amount and charge.rate is None and not price_book().find(key, region):
            return f"{charge.tariff.usage_type} in {region}"
    return ""
