"""Budgets: what a month costs so far, where it is heading, and which thresholds that has passed.

A budget tells; it stops nothing.

Source: AWS Cost Management User Guide, "Managing your costs with AWS Budgets".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from labs.aws.billing.bills import bill
from labs.aws.billing.money import quotient, times, total
from labs.aws.billing.periods import MICROSECOND, Month, month_of
from labs.aws.billing.usage import Usage

__all__ = ["Budget", "BudgetStatus", "Threshold", "budget_status"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A percentage of the limit, and whether what was spent or what is forecast is held against it."""

    percent: Decimal
    kind: Literal["actual", "forecast"] = "actual"


@dataclass(frozen=True, slots=True)
class Budget:
    """A monthly cost budget in US dollars, credits counted."""

    limit: Decimal
    thresholds: tuple[Threshold, ...] = (Threshold(Decimal(80)), Threshold(Decimal(100), "forecast"))
    name: str = "monthly"


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """A budget at a moment: `passed` are the thresholds above which the month is, or is heading.

    `forecast` is None at the month's first moment, when there is nothing to go by.
    """

    budget: Budget
    at: datetime
    month: Month
    actual: Decimal
    forecast: Decimal | None
    passed: tuple[Threshold, ...]


def budget_status(budget: Budget, usage: Usage, at: datetime) -> BudgetStatus:
    """The state of a budget at a moment, UTC, from all usage until then.

    The forecast carries on at the month's average rate so far. AWS weighs in earlier months, and forecasts
    only once it has about five weeks of them.

    Raises:
        UsageError: the usage cannot be billed.
    """
    month = month_of(at)
    actual = _spent(usage, month, at)
    elapsed = (at - month.start) // MICROSECOND
    whole = (month.end - month.start) // MICROSECOND
    forecast = quotient(times(actual, whole), elapsed) if elapsed else None
    values = {"actual": actual, "forecast": forecast}
    passed = tuple(each for each in budget.thresholds if _passed(each, budget, values[each.kind]))
    return BudgetStatus(budget, at, month, actual, forecast, passed)


def _spent(usage: Usage, month: Month, at: datetime) -> Decimal:
    """What the month costs until a moment. Earlier months count too, for credits that they have spent."""
    start = usage.calendar.start
    if at <= start:
        return Decimal(0)
    end = at if usage.end is None else min(at, usage.end)
    until = bill(replace(usage, start=start, end=end))
    return total(line.cost for line in until.lines if line.month == month)


def _passed(threshold: Threshold, budget: Budget, amount: Decimal | None) -> bool:
    return amount is not None and times(amount, 100) > times(threshold.percent, budget.limit)
