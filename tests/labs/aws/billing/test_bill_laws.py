"""Laws that hold whatever was used."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.billing import (
    Account,
    Usage,
    adding,
    bill,
    focus_csv,
    focus_violations,
    what_if,
    without,
)
from labs.aws.billing.charges import Item
from labs.aws.billing.compute import Ec2Instance
from labs.aws.billing.money import add, times, total
from tests.labs.aws.billing import ledgers

LEDGER = st.lists(ledgers.items, max_size=5)
SAME = Decimal("1e-20")
thorough = settings(max_examples=1000, deadline=None, derandomize=True)
brief = settings(max_examples=60, deadline=None, derandomize=True)


@thorough
@given(LEDGER, ledgers.accounts)
def test_the_lines_sum_to_the_total_and_each_is_its_quantity_times_its_rate(
    ledger: list[Item], account: Account
) -> None:
    result = bill(ledgers.usage(ledger, account))

    assert result.total == total(line.cost for line in result.lines)
    assert result.total == total(cost for _, cost in result.subtotals)
    assert all(line.cost == times(line.quantity, line.rate) for line in result.lines)
    assert all((line.cost < 0) == (line.kind == "credit") for line in result.lines if line.cost)
    assert result.total >= 0


@brief
@given(LEDGER, ledgers.accounts, st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(
    ledger: list[Item], account: Account, chance: random.Random
) -> None:
    shuffled = list(ledger)
    chance.shuffle(shuffled)

    assert bill(ledgers.usage(shuffled, account)) == bill(ledgers.usage(ledger, account))


@brief
@given(LEDGER, ledgers.accounts, st.lists(ledgers.moments, min_size=2, max_size=5))
def test_a_bill_never_falls_as_time_passes(
    ledger: list[Item], account: Account, moments: list[datetime]
) -> None:
    costs = [bill(ledgers.usage(ledger, account, moment)).total for moment in sorted(moments)]

    assert costs == sorted(costs)


@brief
@given(st.lists(ledgers.plain_items, max_size=8), st.lists(ledgers.moments, max_size=5))
def test_bills_add_up_over_any_partition_of_the_clock(ledger: list[Item], cuts: list[datetime]) -> None:
    whole = ledgers.usage(list(map(ledgers.ended, ledger)))
    assert whole.start is not None
    assert whole.end is not None
    bounds = [whole.start, *sorted(cuts), whole.end]

    parts = [bill(replace(whole, start=low, end=high)) for low, high in pairwise(bounds)]

    assert abs(total(part.total for part in parts) - bill(whole).total) < SAME


@brief
@given(LEDGER, LEDGER)
def test_without_free_tier_one_bill_costs_at_most_what_its_halves_cost(
    one: list[Item], other: list[Item]
) -> None:
    joined = bill(ledgers.usage([*one, *other])).total
    apart = add(bill(ledgers.usage(one)).total, bill(ledgers.usage(other)).total)

    # Only volume tiers make a difference, and they make it cheaper.
    assert joined <= apart + SAME


@brief
@given(LEDGER)
def test_a_free_tier_makes_no_bill_dearer(ledger: list[Item]) -> None:
    plain = bill(ledgers.usage(ledger)).total

    for account in (Account("legacy"), Account("credits"), Account("legacy", ledgers.FIRST)):
        assert bill(ledgers.usage(ledger, account)).total <= plain


@brief
@given(LEDGER, ledgers.accounts)
def test_an_export_keeps_the_rules_of_focus_and_sums_to_the_invoice(
    ledger: list[Item], account: Account
) -> None:
    result = bill(ledgers.usage(ledger, account))

    assert focus_violations(focus_csv(result), invoice=result.total) == ()


@brief
@given(st.lists(ledgers.items, min_size=1, max_size=6), ledgers.items, ledgers.accounts)
def test_the_differences_of_a_what_if_sum_to_the_difference_of_the_totals(
    ledger: list[Item], extra: Item, account: Account
) -> None:
    before = ledgers.usage(ledger, account)

    for change in (adding(extra), without(0)):
        comparison = what_if(before, change)
        assert comparison.delta == total(each.delta for each in comparison.differences)
    assert what_if(ledgers.usage([*ledger, extra], account), without(len(ledger))).after == bill(before)


@brief
@given(LEDGER, st.integers(1, 10**6))
def test_half_a_cent_goes_up_and_only_the_total_is_rounded(ledger: list[Item], cents: int) -> None:
    result = bill(ledgers.usage(ledger))

    assert abs(result.shown() - result.total) <= Decimal("0.005")
    assert result.shown().as_tuple().exponent == -2


def test_an_empty_account_costs_nothing() -> None:
    for account in (Account(), Account("legacy"), Account("credits")):
        empty: Any = bill(Usage(account=account))
        assert (empty.total, empty.lines) == (0, ())


def test_a_bill_of_no_time_costs_nothing() -> None:
    later = ledgers.FIRST + timedelta(days=1)
    item = Ec2Instance(type="t3.micro", start=ledgers.FIRST)

    assert bill(Usage((item,), start=later, end=later)).total == 0
