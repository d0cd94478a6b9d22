"""An account as far as its bill depends on it: when it was opened, and what of the Free Tier it has.

Source: AWS Billing User Guide, "Trying services with AWS Free Tier" and "Free Tier benefits for accounts
created before July 15, 2025".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from labs.aws.billing.money import add, total
from labs.aws.billing.periods import months_after
from labs.aws.billing.prices import Regime, price_book

__all__ = ["EXAMPLE_ID", "Account", "EarnedCredit", "FreeTier", "Plan"]

FreeTier: TypeAlias = Literal["none", "legacy", "credits"]
Plan: TypeAlias = Literal["free", "paid"]
EXAMPLE_ID: Final = "123456789012"


@dataclass(frozen=True, slots=True)
class EarnedCredit:
    """Credit for an activity, in US dollars: an instance launched, a budget set."""

    at: datetime
    usd: Decimal = Decimal(20)


@dataclass(frozen=True, slots=True)
class Account:
    """Whose bill it is.

    `free_tier`: `none` has no allowance of any kind; `legacy` has the monthly allowances for twelve months
    after `created`, and the always-free ones for ever; `credits` has the always-free ones, and pays the rest
    from what it got at sign-up and `earned` since. Without `created`, the twelve months are not over.
    """

    free_tier: FreeTier = "none"
    created: datetime | None = None
    earned: tuple[EarnedCredit, ...] = ()
    plan: Plan = "free"
    id: str = EXAMPLE_ID
    name: str = ""

    @classmethod
    def opened(cls, created: datetime) -> Account:
        """An account with the Free Tier that AWS gave to accounts opened at that time, in UTC."""
        changed = datetime.combine(price_book().free_tier.changed, datetime.min.time(), UTC)
        return cls("legacy" if created < changed else "credits", created)

    @property
    def first_year_ends(self) -> datetime | None:
        """When the legacy allowances end; None when they never do, or there are none."""
        if self.free_tier != "legacy" or self.created is None:
            return None
        return months_after(self.created, price_book().free_tier.legacy_months)

    def has(self, regime: Regime, first_year: bool) -> bool:
        """Whether allowances of a regime apply, in the first year or after it."""
        if self.free_tier == "none":
            return False
        if regime == "always":
            return True
        return self.free_tier == "legacy" and (first_year or self.created is None)

    def credit_until(self, moment: datetime) -> Decimal:
        """All credit that the account was given before a moment, in US dollars, spent or not."""
        terms = price_book().free_tier
        if self.free_tier != "credits":
            return Decimal(0)
        earned = total(each.usd for each in self.earned if each.at < moment)
        return min(add(terms.sign_up_credit, earned), terms.most_credit)

    @property
    def credits_end(self) -> datetime | None:
        """When credits lapse; None when it is not known when the account was opened."""
        if self.created is None:
            return None
        return months_after(self.created, price_book().free_tier.credit_months)
