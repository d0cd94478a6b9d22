"""The price book: what AWS publishes for each thing that it meters, with page, date and the course's words.

The numbers live in `prices.toml`. Sources: the pricing pages that each row names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, TypeAlias

from labs.aws.billing.money import plain, quotient

__all__ = ["HOME_REGION", "Allowance", "FreeTierTerms", "Price", "PriceBook", "Regime", "price_book"]

Regime: TypeAlias = Literal["legacy", "always"]
HOME_REGION: Final = "us-east-1"
GIVEN: Final = "the rate given with the usage"


@dataclass(frozen=True, slots=True)
class Price:
    """One price: `listed` dollars for `per` units, so `rate` dollars for one; from `above` units a month on.

    `page` is the title of AWS's page and `as_of` the month of it; `verify` marks what is generally known and
    was not read there; `course` is what the course text says where that differs, else empty.
    """

    key: str
    listed: Decimal
    per: int
    rate: Decimal
    unit: str
    region: str
    page: str
    url: str
    as_of: str
    verify: bool
    course: str
    above: Decimal

    @property
    def source(self) -> str:
        """The page, the Region and the month of the price."""
        return f"{self.page}, {self.region}, as of {self.as_of}" if self.as_of else self.page

    def given(self, rate: Decimal) -> Price:
        """The same thing at a rate that came with the usage, in the form in which this price is listed."""
        return replace(
            self,
            listed=rate,
            rate=quotient(rate, self.per),
            page=GIVEN,
            url="",
            as_of="",
            verify=False,
            course="",
            above=Decimal(0),
        )


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the Free Tier gives each calendar month, shared by all prices that it covers."""

    name: str
    regime: Regime
    quantity: Decimal
    unit: str
    covers: tuple[str, ...]
    page: str
    url: str
    as_of: str
    course: str

    @property
    def source(self) -> str:
        """The page and its month."""
        return f"{self.page}, as of {self.as_of}"


@dataclass(frozen=True, slots=True)
class FreeTierTerms:
    """The two regimes of the Free Tier: `changed` is the day on which new accounts began to get credits."""

    title: str
    url: str
    as_of: str
    changed: date
    legacy_months: int
    credit_months: int
    sign_up_credit: Decimal
    most_credit: Decimal
    credit_types: tuple[str, ...]
    course: str

    @property
    def source(self) -> str:
        """The page and its month."""
        return f"{self.title}, as of {self.as_of}"


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All prices, by Region and key and in the order of their tiers, and what the Free Tier gives."""

    tiers: Mapping[tuple[str, str], tuple[Price, ...]]
    allowances: Mapping[str, Allowance]
    free_tier: FreeTierTerms

    @property
    def prices(self) -> tuple[Price, ...]:
        """Every price."""
        return tuple(price for tiers in self.tiers.values() for price in tiers)

    def find(self, key: str, region: str = HOME_REGION) -> tuple[Price, ...]:
        """The tiers of one price, the first one first; empty when the book has none.

        What is free at home is free in every Region.
        """
        found = self.tiers.get((region, key))
        if found is None:
            home = self.tiers.get((HOME_REGION, key), ())
            found = home if home and not home[0].rate else ()
        return found

    def price(self, key: str, region: str = HOME_REGION) -> Price:
        """The price of the first unit.

        Raises:
            KeyError: the book has none.
        """
        return self.tiers[region, key][0]

    def given(self, key: str, region: str, rate: Decimal) -> Price:
        """A price at a rate that came with the usage, for a type or a Region that the book may not have."""
        known = self.find(key, region) or self.find(key) or self._like(key)
        return replace(known[0].given(rate), key=key, region=region)

    def _like(self, key: str) -> tuple[Price, ...]:
        kind = key.partition(":")[0]
        return next(tiers for (_, each), tiers in self.tiers.items() if each.partition(":")[0] == kind)

    def names(self, kind: str, region: str = HOME_REGION) -> tuple[str, ...]:
        """What the book has of a kind in a Region: of `ec2.instance` the types."""
        start = f"{kind}:"
        return tuple(
            key.removeprefix(start) for where, key in self.tiers if where == region and key.startswith(start)
        )


@cache
def price_book() -> PriceBook:
    """The price book that ships with the course, read once."""
    return _read(tomllib.loads((resources.files(__package__) / "prices.toml").read_text("utf-8")))


def _read(book: Mapping[str, Any]) -> PriceBook:
    tiers: dict[tuple[str, str], tuple[Price, ...]] = {}
    for page in book["page"]:
        for row in page["prices"]:
            price = _price({**page, **row})
            where = (price.region, price.key)
            tiers[where] = tuple(sorted((*tiers.get(where, ()), price), key=lambda each: each.above))
    terms = book["free_tier"]
    allowances = [_allowance({**terms, **row}) for row in book["allowance"]]
    return PriceBook(
        tiers,
        {key: allowance for allowance in allowances for key in allowance.covers},
        FreeTierTerms(
            title=terms["title"],
            url=terms["url"],
            as_of=terms["as_of"],
            changed=terms["changed"],
            legacy_months=terms["legacy_months"],
            credit_months=terms["credit_months"],
            sign_up_credit=Decimal(terms["sign_up_credit"]),
            most_credit=Decimal(terms["most_credit"]),
            credit_types=tuple(terms["credit_types"]),
            course=terms["course"],
        ),
    )


def _price(row: Mapping[str, Any]) -> Price:
    listed, per = Decimal(row["rate"]), row.get("per", 1)
    return Price(
        key=row["key"],
        listed=listed,
        per=per,
        rate=Decimal(plain(quotient(listed, per))),
        unit=row["unit"],
        region=row["region"],
        page=row["title"],
        url=row["url"],
        as_of=row["as_of"],
        verify=row.get("verify", False),
        course=row.get("course", ""),
        above=Decimal(row.get("above", 0)),
    )


def _allowance(row: Mapping[str, Any]) -> Allowance:
    return Allowance(
        name=row["name"],
        regime=row["regime"],
        quantity=Decimal(row["quantity"]),
        unit=row["unit"],
        covers=tuple(row["covers"]),
        page=row["title"],
        url=row["url"],
        as_of=row["as_of"],
        course=row.get("course", ""),
    )
