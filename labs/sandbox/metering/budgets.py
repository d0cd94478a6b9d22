"""Budgets of a world: what is held against their limits, and which of their thresholds that has passed.

Sources: AWS Cost Management User Guide, "Managing your costs with AWS Budgets" and "Creating a cost budget";
AWS Billing and Cost Management API Reference, "Budget", "Notification".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from labs.aws.billing.money import add, quotient, times, total
from labs.aws.billing.periods import MICROSECOND, months_after
from labs.sandbox.metering.costs import Table, costs_between
from labs.sandbox.metering.dimensions import DIMENSIONS, Kind
from labs.sandbox.metering.meter import Metering
from labs.sandbox.metering.spending import first_use

__all__ = [
    "Alert",
    "LiveBudget",
    "Period",
    "Standing",
    "Threshold",
    "held_against",
    "period_of",
    "standing_of",
]

FOREVER: Final = datetime(2087, 6, 15, tzinfo=UTC)
"""When a budget ends that nobody has given an end."""
_LEAST: Final = timedelta(days=1)
_LEAST_OF_A_DAY: Final = timedelta(hours=1)
"""What must have passed before there is a forecast: an hour that has only begun would pass for many."""
_MONTHS: Final = {"MONTHLY": 1, "QUARTERLY": 3, "ANNUALLY": 12}


class Threshold(NamedTuple):
    """What makes a notification the one that it is; of one budget no two are alike."""

    type: str
    operator: str
    amount: Decimal
    unit: str

    @classmethod
    def from_api(cls, told: Mapping[str, Any]) -> Threshold:
        """Read a Notification of the API; without a type its threshold is a percentage."""
        return cls(
            str(told.get("NotificationType") or ""),
            str(told.get("ComparisonOperator") or ""),
            Decimal(str(told.get("Threshold", 0))),
            str(told.get("ThresholdType") or "PERCENTAGE"),
        )

    def level(self, limit: Decimal) -> Decimal:
        """The amount that is compared with, in the budget's unit."""
        return quotient(times(limit, self.amount), 100) if self.unit == "PERCENTAGE" else self.amount

    def passed(self, amount: Decimal | None, limit: Decimal) -> bool:
        """Whether an amount is past it."""
        if amount is None:
            return False
        level = self.level(limit)
        return {
            "GREATER_THAN": amount > level,
            "LESS_THAN": amount < level,
            "EQUAL_TO": amount == level,
        }[self.operator]


@dataclass(frozen=True, slots=True)
class Alert:
    """A notification of a budget: whom it tells, and the beginning of the period in which it last did."""

    threshold: Threshold
    subscribers: tuple[tuple[str, str], ...]
    told: datetime | None = None


@dataclass(frozen=True, slots=True)
class LiveBudget:
    """A budget of an account: its limit in its unit, and what it is about, by filters or an expression."""

    account: str
    name: str
    type: str
    limit: Decimal
    unit: str
    time_unit: str
    start: datetime
    end: datetime
    updated: datetime
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    expression: Mapping[str, Any] | None = None
    cost_types: Mapping[str, bool] = field(default_factory=dict)
    alerts: tuple[Alert, ...] = ()

    @property
    def arn(self) -> str:
        return f"arn:aws:budgets::{self.account}:budget/{self.name}"

    def with_alert(self, threshold: Threshold, alert: Alert | None) -> LiveBudget:
        """The budget with another alert in place of that of a threshold, or with none."""
        kept = [alert if each.threshold == threshold else each for each in self.alerts]
        return replace(self, alerts=tuple(each for each in kept if each is not None))

    def alert(self, threshold: Threshold) -> Alert | None:
        """The alert of a threshold."""
        return next((each for each in self.alerts if each.threshold == threshold), None)


class Period(NamedTuple):
    """One period of a budget; its end is exclusive."""

    start: datetime
    end: datetime


def period_of(budget: LiveBudget, moment: datetime) -> Period:
    """The budget's period that a moment falls into."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if budget.time_unit == "DAILY":
        return Period(midnight, midnight + timedelta(days=1))
    months = _MONTHS.get(budget.time_unit, 1)
    first = midnight.replace(day=1)
    start = months_after(first, -((first.month - 1) % months))
    return Period(start, months_after(start, months))


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget at a moment, in its unit; there is no forecast before there is something to go by."""

    actual: Decimal
    forecast: Decimal | None

    def of(self, threshold: Threshold) -> Decimal | None:
        """What a threshold is compared with."""
        return self.forecast if threshold.type == "FORECASTED" else self.actual


def standing_of(metering: Metering, budget: LiveBudget, now: datetime) -> Standing:
    """Where a budget stands: what was spent or used in its period, and what it will be at this rate."""
    period = period_of(budget, now)
    start = max(period.start, budget.start)
    if now <= start:
        return Standing(Decimal(0), None)
    (table,) = costs_between(metering, budget.account, (start, now), now)
    actual = held_against(budget, table)
    elapsed = now - max(start, first_use(metering, budget.account, now))
    if elapsed < (_LEAST_OF_A_DAY if budget.time_unit == "DAILY" else _LEAST):
        return Standing(actual, None)
    ahead = quotient(times(actual, (period.end - now) // MICROSECOND), elapsed // MICROSECOND)
    return Standing(actual, add(actual, ahead))


def held_against(budget: LiveBudget, table: Table) -> Decimal:
    """What of the costs, or of the usage, a budget is about."""
    wanted = _wanted(budget)
    kept = [spent for kind, spent in table.items() if wanted(kind)]
    return total(spent.quantity if budget.type == "USAGE" else spent.cost for spent in kept)


def _wanted(budget: LiveBudget) -> Callable[[Kind], bool]:
    if budget.expression:
        from labs.sandbox.served.ce_filters import filter_from

        return filter_from(budget.expression)
    parts = [(_reader(name), frozenset(values)) for name, values in budget.filters]
    return lambda kind: all(read(kind) & values for read, values in parts)


def _reader(name: str) -> Callable[[Kind], frozenset[str]]:
    """What a filter of a budget looks at, by the name that CostFilters gives it."""
    if name == "TagKeyValue":
        return lambda kind: frozenset(f"user:{key}${value}" for key, value in kind.where.tags)
    read = DIMENSIONS.get(FILTERS.get(name, ""))
    return (lambda kind: frozenset((read(kind),))) if read is not None else (lambda _: frozenset())


FILTERS: Final = {
    "AZ": "AZ",
    "InstanceType": "INSTANCE_TYPE",
    "LinkedAccount": "LINKED_ACCOUNT",
    "Operation": "OPERATION",
    "PurchaseType": "PURCHASE_TYPE",
    "Region": "REGION",
    "Service": "SERVICE",
    "UsageType": "USAGE_TYPE",
}
"""CostFilters by their names in the API, and the dimensions that they are."""
