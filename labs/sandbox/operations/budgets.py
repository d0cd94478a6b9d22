"""Budgets: two permissions for all of its calls, to look at a budget and to change it.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Budget Service".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labs.sandbox.operations.plan import PlannedCheck, Rule, Scene, tag_context

__all__ = ["RULES"]


def _needs(action: str) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        budget = scene.params.get("Budget") or scene.params.get("NewBudget") or {}
        name = scene.text("BudgetName") or budget.get("BudgetName") or "*"
        account = scene.text("AccountId") or scene.account
        arn = f"arn:aws:budgets::{account}:budget/{name}"
        tags = tag_context(scene.params.get("ResourceTags"), ())
        yield PlannedCheck(f"budgets:{action}", arn, context=tags)
        if tags:
            yield PlannedCheck("budgets:TagResource", arn, context=tags)

    return rule


_LOOKS = (
    "DescribeBudget",
    "DescribeBudgets",
    "DescribeBudgetNotificationsForAccount",
    "DescribeBudgetPerformanceHistory",
    "DescribeNotificationsForBudget",
    "DescribeSubscribersForNotification",
)
_CHANGES = (
    "CreateBudget",
    "UpdateBudget",
    "DeleteBudget",
    "CreateNotification",
    "UpdateNotification",
    "DeleteNotification",
    "CreateSubscriber",
    "UpdateSubscriber",
    "DeleteSubscriber",
)
RULES: Mapping[str, Rule] = {
    **dict.fromkeys(_LOOKS, _needs("ViewBudget")),
    **dict.fromkeys(_CHANGES, _needs("ModifyBudget")),
}
