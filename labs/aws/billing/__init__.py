"""Billing: usage that was metered, the price book, and a bill that explains each of its lines.

usage = usage_from_json({"account": {…}, "from": "2026-01-01", "to": "2026-02-01", "usage": [{…}, {…}]})
january = bill(usage)
january.total, january.shown(), january.lines[0].sentence
what_if(usage, replacing(0, type="t3.small")).delta
focus_csv(january)

What is metered is one of the classes in `labs.aws.billing.meters`, or the JSON object that stands for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.facade import facade

if TYPE_CHECKING:
    from labs.aws.billing.account import Account, EarnedCredit
    from labs.aws.billing.bills import Bill, bill
    from labs.aws.billing.budgets import Budget, BudgetStatus, Threshold, budget_status
    from labs.aws.billing.comparison import (
        Comparison,
        Difference,
        adding,
        replacing,
        what_if,
        with_account,
        without,
    )
    from labs.aws.billing.documents import bill_to_json, usage_from_json
    from labs.aws.billing.estimates import estimate
    from labs.aws.billing.focus import focus_csv
    from labs.aws.billing.focus_rules import focus_violations
    from labs.aws.billing.lines import Line
    from labs.aws.billing.prices import Price, price_book
    from labs.aws.billing.usage import Usage
    from labs.errors import UsageError

__all__ = [
    "Account",
    "Bill",
    "Budget",
    "BudgetStatus",
    "Comparison",
    "Difference",
    "EarnedCredit",
    "Line",
    "Price",
    "Threshold",
    "Usage",
    "UsageError",
    "adding",
    "bill",
    "bill_to_json",
    "budget_status",
    "estimate",
    "focus_csv",
    "focus_violations",
    "price_book",
    "replacing",
    "usage_from_json",
    "what_if",
    "with_account",
    "without",
]

__getattr__, __dir__ = facade(
    __name__,
    {
        "account": "Account EarnedCredit",
        "bills": "Bill bill",
        "budgets": "Budget BudgetStatus Threshold budget_status",
        "comparison": "Comparison Difference adding replacing what_if with_account without",
        "documents": "bill_to_json usage_from_json",
        "estimates": "estimate",
        "focus": "focus_csv",
        "focus_rules": "focus_violations",
        "labs.errors": "UsageError",
        "lines": "Line",
        "prices": "Price price_book",
        "usage": "Usage",
    },
)
