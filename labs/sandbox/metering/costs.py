"""What was spent in each of some stretches of time, by kind: the table behind Cost Explorer and budgets.

A stretch costs what the bill has grown by in it. So the stretches of any partition add up to the bill, and
tiers that are filled over a month are filled in the order of time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from labs.aws.billing import Usage, bill
from labs.aws.billing.money import add, subtract, total
from labs.aws.billing.periods import month_of
from labs.sandbox.metering.dimensions import Kind, kind_of
from labs.sandbox.metering.meter import Metering
from labs.sandbox.metering.spending import priced_usage

__all__ = ["Spent", "Table", "costs_between", "month_so_far"]


class Spent(NamedTuple):
    """An amount of US dollars, and the usage that it is for."""

    cost: Decimal
    quantity: Decimal


Table = Mapping[Kind, Spent]
_NOTHING = Spent(Decimal(0), Decimal(0))


def costs_between(
    metering: Metering, account: str, moments: Sequence[datetime], now: datetime
) -> tuple[Table, ...]:
    """What an account spent between each two moments that follow each other; nothing after now."""
    until = min(max(moments), now)
    usage, _ = priced_usage(metering, account, until)
    start = month_of(moments[0]).start
    grown = [_until(usage, account, start, min(moment, until)) for moment in moments]
    return tuple(_difference(before, after) for before, after in pairwise(grown))


def _until(usage: Usage, account: str, start: datetime, moment: datetime) -> Table:
    table: dict[Kind, Spent] = {}
    if moment <= start:
        return table
    for line in bill(Usage(usage.items, usage.account, start, moment)).lines:
        kind = kind_of(line, account)
        cost, quantity = table.get(kind, _NOTHING)
        table[kind] = Spent(add(cost, line.cost), add(quantity, line.quantity))
    return table


def _difference(before: Table, after: Table) -> Table:
    grown = {}
    for kind, (cost, quantity) in after.items():
        was = before.get(kind, _NOTHING)
        spent = Spent(subtract(cost, was.cost), subtract(quantity, was.quantity))
        if spent != _NOTHING:
            grown[kind] = spent
    return grown


def month_so_far(metering: Metering, account: str, now: datetime) -> Table:
    """What an account has spent in the month at hand."""
    (table,) = costs_between(metering, account, (month_of(now).start, now), now)
    return table


def sum_of(table: Table) -> Decimal:
    """All of it, in US dollars."""
    return total(spent.cost for spent in table.values())
