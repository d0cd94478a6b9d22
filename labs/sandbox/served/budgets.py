"""AWS Budgets, whose budgets stand against what the world has metered; moto's never move.

Source: AWS Billing and Cost Management API Reference, "CreateBudget" and the other operations of AWS Budgets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from labs.aws.billing.money import plain, shown
from labs.sandbox.metering import alarms
from labs.sandbox.metering.budgets import (
    FILTERS,
    FOREVER,
    Alert,
    LiveBudget,
    Threshold,
    period_of,
    standing_of,
)
from labs.sandbox.served.ask import Ask, Declined, Handler, Key
from labs.sandbox.served.ce_filters import filter_from

__all__ = ["HANDLERS"]

_Subscribers = tuple[tuple[str, str], ...]

_TIME_UNITS: Final = ("DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY")
_MOST_ALERTS, _MOST_MAILS, _MOST_TOPICS = 10, 10, 1
_COST_TYPES: Final = {
    **dict.fromkeys(
        ("IncludeTax", "IncludeSubscription", "IncludeRefund", "IncludeCredit", "IncludeUpfront"), True
    ),
    **dict.fromkeys(
        ("IncludeRecurring", "IncludeOtherSubscription", "IncludeSupport", "IncludeDiscount"), True
    ),
    "UseBlended": False,
    "UseAmortized": False,
}


def _bad(message: str) -> Declined:
    return Declined("InvalidParameterException", message)


def _missing(message: str) -> Declined:
    return Declined("NotFoundException", message)


def _account(ask: Ask) -> str:
    account = ask.text("AccountId")
    if account != ask.account:
        message = f"Account {ask.account} is not authorized to access the budgets of account {account}"
        raise Declined("AccessDeniedException", message)
    return account


def _budget(ask: Ask, doing: str = "get") -> LiveBudget:
    name = ask.text("BudgetName")
    found = ask.state.metering.budgets.get((_account(ask), name))
    if found is None:
        raise _missing(f"Unable to {doing} budget: {name} - the budget doesn't exist.")
    return found


def _keep(ask: Ask, budget: LiveBudget) -> Mapping[str, Any]:
    """The budget is like this from now on, and is looked at."""
    ask.state.metering.budgets[budget.account, budget.name] = budget
    alarms.expect(ask.state, ask.now)
    return {}


# -- budgets -----------------------------------------------------------------------------------------------


def _create(ask: Ask) -> Mapping[str, Any]:
    account, told = _account(ask), ask.params.get("Budget") or {}
    budget = _read_budget(told, account, ask.now)
    if (account, budget.name) in ask.state.metering.budgets:
        message = f"Error creating budget: {budget.name} - the budget already exists."
        raise Declined("DuplicateRecordException", message)
    for each in ask.params.get("NotificationsWithSubscribers") or ():
        subscribers = _read_subscribers(each.get("Subscribers") or ())
        budget = _added(budget, Alert(_read_threshold(each.get("Notification")), subscribers))
    return _keep(ask, budget)


def _update(ask: Ask) -> Mapping[str, Any]:
    account, told = _account(ask), ask.params.get("NewBudget") or {}
    before = ask.state.metering.budgets.get((account, str(told.get("BudgetName") or "")))
    if before is None:
        raise _missing(f"Unable to update budget: {told.get('BudgetName')} - the budget doesn't exist.")
    alerts = tuple(replace(alert, told=None) for alert in before.alerts)
    return _keep(ask, replace(_read_budget(told, account, ask.now), alerts=alerts))


def _delete(ask: Ask) -> Mapping[str, Any]:
    budget = _budget(ask, "delete")
    del ask.state.metering.budgets[budget.account, budget.name]
    return {}


def _describe(ask: Ask) -> Mapping[str, Any]:
    return {"Budget": _written(ask, _budget(ask))}


def _describe_all(ask: Ask) -> Mapping[str, Any]:
    account = _account(ask)
    own = [each for each in ask.state.metering.budgets.values() if each.account == account]
    return {"Budgets": [_written(ask, each) for each in sorted(own, key=lambda each: each.name)]}


def _read_budget(told: Mapping[str, Any], account: str, now: datetime) -> LiveBudget:
    name, kind = str(told.get("BudgetName") or ""), str(told.get("BudgetType") or "")
    if not 0 < len(name) <= 100 or ":" in name or "\\" in name:
        raise _bad("Budget name must have 1 to 100 characters, without : and \\.")
    if kind not in ("COST", "USAGE"):
        raise _bad(
            f"Budget type {kind} is not supported here: there are no reservations and no Savings Plans."
        )
    time_unit = str(told.get("TimeUnit") or "")
    if time_unit not in _TIME_UNITS:
        raise _bad(f"Invalid time unit {time_unit}. Valid values are {', '.join(_TIME_UNITS)}.")
    limit = told.get("BudgetLimit")
    if not limit:
        raise _bad(
            "Unable to create/update budget - please provide one of the followings: Budget Limit/ "
            "Planned Budget Limit/ Auto Adjust Data"
        )
    unit = str(limit.get("Unit") or "")
    if kind == "COST" and unit != "USD":
        raise _bad(f"Invalid unit {unit} for a cost budget: it must be USD.")
    period = told.get("TimePeriod") or {}
    budget = LiveBudget(
        account=account,
        name=name,
        type=kind,
        limit=_number(limit.get("Amount"), "Budget limit"),
        unit=unit,
        time_unit=time_unit,
        start=now,
        end=_moment(period.get("End")) or FOREVER,
        updated=now,
        filters=_read_filters(told.get("CostFilters") or {}),
        expression=told.get("FilterExpression"),
        cost_types={**_COST_TYPES, **(told.get("CostTypes") or {})},
    )
    filter_from(budget.expression)
    start = _moment(period.get("Start")) or period_of(budget, now).start
    if start >= budget.end:
        raise _bad("Start time should be before end time.")
    return replace(budget, start=start)


def _read_filters(told: Mapping[str, Sequence[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    for name in told:
        if name not in FILTERS and name != "TagKeyValue":
            raise _bad(f"Invalid cost filter {name}. Valid ones are {', '.join((*FILTERS, 'TagKeyValue'))}.")
    return tuple((name, tuple(map(str, values))) for name, values in told.items())


def _number(told: object, what: str) -> Decimal:
    try:
        number = Decimal(str(told))
    except InvalidOperation:
        number = Decimal(-1)
    if not 0 <= number <= 15_000_000_000_000:
        raise _bad(f"{what} must be a number of 0 or more.")
    return number


def _moment(told: object) -> datetime | None:
    if told is None:
        return None
    if isinstance(told, datetime):
        return told if told.tzinfo else told.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(str(told)), UTC)


def _written(ask: Ask, budget: LiveBudget) -> dict[str, Any]:
    standing = standing_of(ask.state.metering, budget, ask.now)
    calculated = {"ActualSpend": _spend(standing.actual, budget.unit)}
    if standing.forecast is not None:
        calculated["ForecastedSpend"] = _spend(standing.forecast, budget.unit)
    told: dict[str, Any] = {
        "BudgetName": budget.name,
        "BudgetLimit": {"Amount": _amount(budget.limit), "Unit": budget.unit},
        "CostFilters": {name: list(values) for name, values in budget.filters},
        "TimeUnit": budget.time_unit,
        "TimePeriod": {"Start": budget.start, "End": budget.end},
        "CalculatedSpend": calculated,
        "BudgetType": budget.type,
        "LastUpdatedTime": budget.updated,
    }
    if budget.type == "COST":
        told["CostTypes"] = dict(budget.cost_types)
    if budget.expression:
        told["FilterExpression"] = budget.expression
    return told


def _spend(amount: Decimal, unit: str) -> dict[str, str]:
    return {"Amount": _amount(shown(amount, 3)), "Unit": unit}


def _amount(amount: Decimal) -> str:
    """With one decimal at least, as Budgets writes amounts."""
    text = plain(amount)
    return text if "." in text else f"{text}.0"


# -- notifications -----------------------------------------------------------------------------------------


def _read_threshold(told: Mapping[str, Any] | None) -> Threshold:
    told = told or {}
    threshold = Threshold.from_api({**told, "Threshold": _number(told.get("Threshold"), "Threshold")})
    for value, allowed in (
        (threshold.type, ("ACTUAL", "FORECASTED")),
        (threshold.operator, ("GREATER_THAN", "LESS_THAN", "EQUAL_TO")),
        (threshold.unit, ("PERCENTAGE", "ABSOLUTE_VALUE")),
    ):
        if value not in allowed:
            raise _bad(f"Invalid value {value} in a notification. Valid values are {', '.join(allowed)}.")
    return threshold


def _read_subscribers(told: Iterable[Mapping[str, Any]]) -> _Subscribers:
    found = tuple((str(each.get("SubscriptionType")), str(each.get("Address"))) for each in told)
    if not found:
        raise _bad("A notification must have at least one subscriber.")
    if len(set(found)) < len(found):
        raise Declined("DuplicateRecordException", "The subscriber already exists.")
    kinds = [kind for kind, _ in found]
    if kinds.count("SNS") > _MOST_TOPICS or kinds.count("EMAIL") > _MOST_MAILS:
        message = f"A notification has at most {_MOST_TOPICS} SNS topic and {_MOST_MAILS} email addresses."
        raise Declined("CreationLimitExceededException", message)
    for kind, address in found:
        if kind not in ("SNS", "EMAIL"):
            raise _bad(f"Invalid subscription type {kind}. Valid values are SNS, EMAIL.")
        if not (address.startswith("arn:aws:sns:") if kind == "SNS" else "@" in address):
            raise _bad(f"Invalid address {address} for a subscriber of type {kind}.")
    return found


def _added(budget: LiveBudget, alert: Alert) -> LiveBudget:
    if budget.alert(alert.threshold) is not None:
        raise Declined("DuplicateRecordException", "The notification already exists.")
    if len(budget.alerts) >= _MOST_ALERTS:
        message = f"A budget has at most {_MOST_ALERTS} notifications."
        raise Declined("CreationLimitExceededException", message)
    return replace(budget, alerts=(*budget.alerts, alert))


def _alert(ask: Ask, budget: LiveBudget, member: str = "Notification") -> Alert:
    found = budget.alert(_read_threshold(ask.params.get(member)))
    if found is None:
        raise _missing(f"Unable to find the notification of budget: {budget.name}.")
    return found


def _create_notification(ask: Ask) -> Mapping[str, Any]:
    budget = _budget(ask, "create notification for")
    subscribers = _read_subscribers(ask.params.get("Subscribers") or ())
    return _keep(ask, _added(budget, Alert(_read_threshold(ask.params.get("Notification")), subscribers)))


def _update_notification(ask: Ask) -> Mapping[str, Any]:
    budget = _budget(ask)
    old, new = _alert(ask, budget, "OldNotification"), _read_threshold(ask.params.get("NewNotification"))
    if new != old.threshold and budget.alert(new) is not None:
        raise Declined("DuplicateRecordException", "The notification already exists.")
    return _keep(ask, budget.with_alert(old.threshold, Alert(new, old.subscribers)))


def _delete_notification(ask: Ask) -> Mapping[str, Any]:
    budget = _budget(ask)
    return _keep(ask, budget.with_alert(_alert(ask, budget).threshold, None))


def _describe_notifications(ask: Ask) -> Mapping[str, Any]:
    budget = _budget(ask)
    return {"Notifications": _notifications(ask, budget)}


def _describe_account(ask: Ask) -> Mapping[str, Any]:
    account = _account(ask)
    own = [each for each in ask.state.metering.budgets.values() if each.account == account]
    told = [{"BudgetName": each.name, "Notifications": _notifications(ask, each)} for each in own]
    return {"BudgetNotificationsForAccount": told}


def _notifications(ask: Ask, budget: LiveBudget) -> list[dict[str, Any]]:
    standing = standing_of(ask.state.metering, budget, ask.now) if budget.alerts else None
    told = []
    for threshold in (alert.threshold for alert in budget.alerts):
        passed = standing is not None and threshold.passed(standing.of(threshold), budget.limit)
        told.append(
            {
                "NotificationType": threshold.type,
                "ComparisonOperator": threshold.operator,
                "Threshold": float(threshold.amount),
                "ThresholdType": threshold.unit,
                "NotificationState": "ALARM" if passed else "OK",
            }
        )
    return told


# -- subscribers -------------------------------------------------------------------------------------------


def _subscriber(told: Mapping[str, Any] | None) -> tuple[str, str]:
    ((kind, address),) = _read_subscribers([told or {}])
    return kind, address


def _with_subscribers(ask: Ask, change: Callable[[_Subscribers], _Subscribers]) -> Mapping[str, Any]:
    budget = _budget(ask)
    alert = _alert(ask, budget)
    subscribers = change(alert.subscribers)
    told = [{"SubscriptionType": kind, "Address": address} for kind, address in subscribers]
    changed = replace(alert, subscribers=_read_subscribers(told))
    return _keep(ask, budget.with_alert(alert.threshold, changed))


def _known(subscribers: _Subscribers, wanted: tuple[str, str]) -> None:
    if wanted not in subscribers:
        raise _missing("Unable to find the subscriber of the notification.")


def _create_subscriber(ask: Ask) -> Mapping[str, Any]:
    new = _subscriber(ask.params.get("Subscriber"))
    return _with_subscribers(ask, lambda subscribers: (*subscribers, new))


def _delete_subscriber(ask: Ask) -> Mapping[str, Any]:
    old = _subscriber(ask.params.get("Subscriber"))

    def without(subscribers: _Subscribers) -> _Subscribers:
        _known(subscribers, old)
        return tuple(each for each in subscribers if each != old)

    return _with_subscribers(ask, without)


def _update_subscriber(ask: Ask) -> Mapping[str, Any]:
    old, new = (_subscriber(ask.params.get(name)) for name in ("OldSubscriber", "NewSubscriber"))

    def exchanged(subscribers: _Subscribers) -> _Subscribers:
        _known(subscribers, old)
        return tuple(new if each == old else each for each in subscribers)

    return _with_subscribers(ask, exchanged)


def _describe_subscribers(ask: Ask) -> Mapping[str, Any]:
    alert = _alert(ask, _budget(ask))
    return {
        "Subscribers": [{"SubscriptionType": kind, "Address": address} for kind, address in alert.subscribers]
    }


HANDLERS: Mapping[Key, Handler] = {
    ("budgets", "CreateBudget"): _create,
    ("budgets", "UpdateBudget"): _update,
    ("budgets", "DeleteBudget"): _delete,
    ("budgets", "DescribeBudget"): _describe,
    ("budgets", "DescribeBudgets"): _describe_all,
    ("budgets", "CreateNotification"): _create_notification,
    ("budgets", "UpdateNotification"): _update_notification,
    ("budgets", "DeleteNotification"): _delete_notification,
    ("budgets", "DescribeNotificationsForBudget"): _describe_notifications,
    ("budgets", "DescribeBudgetNotificationsForAccount"): _describe_account,
    ("budgets", "CreateSubscriber"): _create_subscriber,
    ("budgets", "UpdateSubscriber"): _update_subscriber,
    ("budgets", "DeleteSubscriber"): _delete_subscriber,
    ("budgets", "DescribeSubscribersForNotification"): _describe_subscribers,
}
