"""What if: one fact of the usage changed, and what that does to the bill, line by line.

>>> what_if(usage, replacing(0, type="t3.small")).delta
Decimal('7.5920')
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from labs.aws.billing.account import Account
from labs.aws.billing.bills import Bill, bill
from labs.aws.billing.charges import Item
from labs.aws.billing.lines import Line
from labs.aws.billing.money import subtract, total
from labs.aws.billing.usage import Usage

__all__ = ["Change", "Comparison", "Difference", "adding", "replacing", "what_if", "with_account", "without"]

Change: TypeAlias = Callable[[Usage], Usage]
"""From the usage as it is to the usage as it might be."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Lines of one usage of one resource in one month, by one rule; either side may be empty."""

    before: tuple[Line, ...]
    after: tuple[Line, ...]

    @property
    def line(self) -> Line:
        """A line that says what it is about."""
        return (self.after or self.before)[0]

    @property
    def delta(self) -> Decimal:
        """What is paid more, in US dollars; less where it is below zero."""
        return subtract(_cost(self.after), _cost(self.before))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two bills, and where they differ: the largest difference first."""

    before: Bill
    after: Bill
    differences: tuple[Difference, ...]

    @property
    def delta(self) -> Decimal:
        """What is paid more in all, in US dollars."""
        return subtract(self.after.total, self.before.total)


def what_if(usage: Usage, change: Change) -> Comparison:
    """The bill for some usage beside the bill after a change.

    Raises:
        UsageError: one of the two cannot be billed.
    """
    before, after = bill(usage), bill(change(usage))
    old, new = _by_subject(before.lines), _by_subject(after.lines)
    pairs = (Difference(old.get(key, ()), new.get(key, ())) for key in {**old, **new})
    differing = [each for each in pairs if each.before != each.after]
    return Comparison(before, after, tuple(sorted(differing, key=lambda each: abs(each.delta), reverse=True)))


def replacing(place: int, **facts: Any) -> Change:
    """The change of some facts of one item: `replacing(0, type="t3.small")`."""

    def change(usage: Usage) -> Usage:
        items = list(usage.items)
        items[place] = replace(items[place], **facts)
        return replace(usage, items=tuple(items))

    return change


def without(place: int) -> Change:
    """The change that leaves one item away."""
    return lambda usage: replace(usage, items=usage.items[:place] + usage.items[place + 1 :])


def adding(*items: Item) -> Change:
    """The change that adds items."""
    return lambda usage: replace(usage, items=(*usage.items, *items))


def with_account(account: Account) -> Change:
    """The same usage in another account."""
    return lambda usage: replace(usage, account=account)


_Subject: TypeAlias = tuple[str, str, str, tuple[object, ...], datetime, str]


def _by_subject(lines: Iterable[Line]) -> dict[_Subject, tuple[Line, ...]]:
    found: dict[_Subject, tuple[Line, ...]] = {}
    for line in lines:
        subject = (line.kind, line.meter, line.usage_type, line.where, line.month.start, line.rule)
        found[subject] = (*found.get(subject, ()), line)
    return found


def _cost(lines: Iterable[Line]) -> Decimal:
    return total(line.cost for line in lines)
