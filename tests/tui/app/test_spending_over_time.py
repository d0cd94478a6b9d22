"""The course of a bill: each moment is asked for once, until something is taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.billing import bill, usage_from_json
from labs.sandbox import Change
from labs.sandbox.metering.spending import Spending
from tui.screens.world.spending import MOST, Costs, hourly, moments

NINE = datetime(2026, 1, 14, 9, tzinfo=UTC)


class Meter:
    """A world of one instance that has run since nine; it counts what it is asked."""

    def __init__(self, hours: int) -> None:
        self.now = NINE + timedelta(hours=hours)
        self.past = [Change(0, NINE, "the beginning"), Change(1, NINE, "ec2 RunInstances")]
        self.asked: list[datetime | None] = []

    def history(self) -> tuple[Change, ...]:
        return tuple(self.past)

    def bill(self, start: datetime | None = None, end: datetime | None = None) -> Spending:
        self.asked.append(end)
        until = end or self.now
        usage: Any = {
            "from": NINE.isoformat(),
            "to": until.isoformat(),
            "usage": [{"meter": "ec2.instance", "type": "t3.micro", "start": NINE.isoformat()}],
        }
        return Spending(bill(usage_from_json(usage)), self.now)


def test_a_bill_is_looked_up_at_moments_and_only_the_new_ones_later() -> None:
    world: Any = Meter(hours=10)
    costs = Costs()
    ledger = costs.read(world)

    totals = [each.total for each in ledger.spent]
    assert totals == sorted(totals)
    assert ledger.spent[-1].total == ledger.now.bill.total
    first = len(world.asked)
    assert 20 < first <= MOST + 1

    world.now += timedelta(minutes=30)
    costs.read(world)
    assert len(world.asked) - first <= 4


def test_what_was_taken_back_is_asked_for_again() -> None:
    world: Any = Meter(hours=10)
    costs = Costs()
    costs.read(world)
    first = len(world.asked)
    world.past[-1] = Change(1, NINE, "s3 CreateBucket")

    costs.read(world)
    assert len(world.asked) == 2 * first


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.integers(0, 400 * 86400))
def test_moments_are_few_and_stay_the_same_for_a_while(seconds: int) -> None:
    end = NINE + timedelta(seconds=seconds)
    found = list(moments(NINE, end))

    assert len(found) <= MOST
    assert all(NINE < each < end for each in found)
    # A moment later they are the same ones, unless it is time for a larger step.
    later = list(moments(NINE, end + timedelta(microseconds=1)))
    assert later[: len(found)] == found or len(found) == MOST


def test_what_an_hour_costs_follows_from_what_the_month_will() -> None:
    world: Any = Meter(hours=10)
    spending = world.bill()
    assert hourly(spending) is None

    hours = (datetime(2026, 2, 1, tzinfo=UTC) - NINE) // timedelta(hours=1)
    forecast = Spending(spending.bill, spending.now, Decimal("0.0104") * hours)
    assert hourly(forecast) == Decimal("0.0104")
