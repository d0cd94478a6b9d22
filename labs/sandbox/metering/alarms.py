"""Budgets tell their subscribers, once a period, when what was spent or what is forecast passes a threshold.

AWS looks at a budget up to three times a day. So does a world; and it looks at the moment in which a
threshold will be passed if all stays as it is, and whenever somebody moves the clock, before and after.

AWS Cost Management User Guide, "Best practices for AWS Budgets" (updates) and "Creating an Amazon SNS topic
for budget notifications" (the topic's policy).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from labs.aws.billing.money import shown
from labs.sandbox.live import live
from labs.sandbox.state import WorldState

if TYPE_CHECKING:
    from labs.sandbox.metering.budgets import Alert, LiveBudget, Standing

__all__ = ["expect", "watch"]

LOOK: Final = "budgets.look"
EVERY: Final = timedelta(hours=8)
SERVICE: Final = "budgets.amazonaws.com"
_SECOND: Final = timedelta(seconds=1)


def watch(state: WorldState) -> None:
    """Let the budgets of this world be looked at."""
    state.agenda.on(LOOK, lambda moment, about: _look(state, moment))


def expect(state: WorldState, *moments: datetime) -> None:
    """Have the budgets looked at, if there are any that tell anybody."""
    if any(budget.alerts for budget in state.metering.budgets.values()):
        for moment in moments:
            state.agenda.plan(moment, LOOK, why="asked")


def _look(state: WorldState, now: datetime) -> str | None:
    """Look at all budgets, tell whoever is to be told, and plan the next looks."""
    for why in ("regular", "foreseen"):
        state.agenda.cancel(LOOK, why=why)
    told = [text for key in list(state.metering.budgets) for text in _tell(state, key, now)]
    watched = [budget for budget in state.metering.budgets.values() if budget.alerts]
    if watched:
        state.agenda.plan(now + EVERY, LOOK, why="regular")
        foreseen = [moment for budget in watched for moment in _foreseen(state, budget, now)]
        if foreseen:
            state.agenda.plan(min(foreseen), LOOK, why="foreseen")
    return "; ".join(told) or None


def _tell(state: WorldState, key: tuple[str, str], now: datetime) -> Iterator[str]:
    from labs.sandbox.metering.budgets import period_of, standing_of  # a world without budgets has no need

    budget = state.metering.budgets[key]
    if not budget.alerts or not budget.start <= now < budget.end:
        return
    period, standing = period_of(budget, now), standing_of(state.metering, budget, now)
    for alert in budget.alerts:
        amount = standing.of(alert.threshold)
        if alert.told != period.start and alert.threshold.passed(amount, budget.limit):
            assert amount is not None
            budget = budget.with_alert(alert.threshold, replace(alert, told=period.start))
            yield from _deliver(budget, alert, amount, now)
    state.metering.budgets[key] = budget


def _foreseen(state: WorldState, budget: LiveBudget, now: datetime) -> Iterator[datetime]:
    """When, before the next regular look, a threshold will be passed if all stays as it is."""
    from labs.sandbox.metering.budgets import period_of, standing_of

    period = period_of(budget, now)
    last = min(now + EVERY, period.end - timedelta(microseconds=1))
    later: Standing | None = None
    for alert in budget.alerts:
        threshold = alert.threshold
        if threshold.type != "ACTUAL" or threshold.operator != "GREATER_THAN" or alert.told == period.start:
            continue
        later = later or standing_of(state.metering, budget, last)
        if not threshold.passed(later.actual, budget.limit):
            continue
        low, high = now, last
        while high - low > _SECOND:
            middle = low + (high - low) / 2
            if threshold.passed(standing_of(state.metering, budget, middle).actual, budget.limit):
                high = middle
            else:
                low = middle
        yield high


# -- delivery ----------------------------------------------------------------------------------------------


def _deliver(budget: LiveBudget, alert: Alert, amount: Decimal, now: datetime) -> Iterator[str]:
    from labs.sandbox.strict.deliveries import lets_in

    what = f"budget {budget.name}: {_sentence(budget, alert, amount)}"
    message, subject = _message(budget, alert, amount, now), f"AWS Budgets: {budget.name} has exceeded your"
    for kind, address in alert.subscribers:
        if kind != "SNS":
            yield f"{what}; a mail goes to {address}"
            continue
        topic = _topic(address)
        if topic is None:
            yield f"{what}; nobody is told, there is no topic {address}"
        elif not lets_in(SERVICE, address, budget.arn, budget.account):
            yield f"{what}; nobody is told, the policy of {address} does not let {SERVICE} publish"
        else:
            topic.sns_backend.publish(message, arn=address, subject=f"{subject} alert threshold"[:100])
            yield f"{what}; {address} is told"


def _topic(arn: str) -> Any:
    parts = arn.split(":")
    backend = live("sns", parts[4], parts[3]) if len(parts) == 6 else None
    return backend.topics.get(arn) if backend is not None else None


def _sentence(budget: LiveBudget, alert: Alert, amount: Decimal) -> str:
    verb = "is forecast to be" if alert.threshold.type == "FORECASTED" else "is"
    level = _money(budget, alert.threshold.level(budget.limit))
    return f"{_money(budget, amount)} {verb} past {level}"


def _money(budget: LiveBudget, amount: Decimal) -> str:
    return f"${shown(amount)}" if budget.unit == "USD" else f"{shown(amount)} {budget.unit}"


_SIGNS: Final[Mapping[str, str]] = {"GREATER_THAN": ">", "LESS_THAN": "<", "EQUAL_TO": "="}
_WORDS: Final[Mapping[str, str]] = {
    "GREATER_THAN": "greater than",
    "LESS_THAN": "less than",
    "EQUAL_TO": "equal to",
}
_CURRENT: Final[Mapping[str, str]] = {
    "DAILY": "the current day",
    "MONTHLY": "the current month",
    "QUARTERLY": "the current quarter",
    "ANNUALLY": "the current year",
}


def _message(budget: LiveBudget, alert: Alert, amount: Decimal, now: datetime) -> str:
    """What the subscribers read, with the facts that AWS's own notification has."""
    threshold = alert.threshold
    level, seen = _money(budget, threshold.level(budget.limit)), _money(budget, amount)
    what = "Cost" if budget.type == "COST" else "Usage"
    return (
        f"AWS Budget Notification {now:%B %d, %Y}\n"
        f"AWS Account {budget.account}\n\n"
        "Dear AWS Customer,\n\n"
        f"The {threshold.type} {what} of your budget {budget.name} is {_WORDS[threshold.operator]} {level} "
        f"for {_CURRENT[budget.time_unit]}.\n\n"
        f"Budget Name: {budget.name}\n"
        f"Budget Type: {what}\n"
        f"Budgeted Amount: {_money(budget, budget.limit)}\n"
        f"Alert Type: {threshold.type}\n"
        f"Alert Threshold: {_SIGNS[threshold.operator]} {level}\n"
        f"{threshold.type} Amount: {seen}\n"
    )
