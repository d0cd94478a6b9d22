"""Estimates: what something costs in a month of 730 hours, as AWS's calculator and the course text reckon."""

from __future__ import annotations

from labs.aws.billing.account import Account
from labs.aws.billing.bills import Bill, bill
from labs.aws.billing.charges import Item
from labs.aws.billing.usage import Usage

__all__ = ["estimate"]


def estimate(*items: Item, account: Account | None = None) -> Bill:
    """The bill of items that are there all month, in a month of 730 hours; requests are a month's.

    Raises:
        UsageError: an item has no price.
    """
    return bill(Usage(items, account or Account(), estimate=True))
