"""What was spent over the time of a sandbox: heights, the axis, the services on one scale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.draw.chart import CostChart, Spent, axis_top, between

Draw = Callable[..., str]

NINE = datetime(2026, 1, 14, 9, tzinfo=UTC)
CHART = """\
           $2.00 │          ▁▃▅█
                 │       ▂▄▆████
           $1.00 │   ▁▃▅████████
                 │▂▄▆███████████
           $0.00 └──────────────
                    14 Jan 13:00
EC2 compute       ▁▁▁▂▂▃▄▄▅▅▆▆▇█        1.60
EBS               ▁▁▁▁▁▁▁▁▁▁▁▁▁▂        0.40"""


def spent(hours: float, compute: str, volumes: str) -> Spent:
    services = (("EC2 compute", Decimal(compute)), ("EBS", Decimal(volumes)))
    return Spent(NINE + timedelta(hours=hours), Decimal(compute) + Decimal(volumes), services)


def test_a_chart_of_costs(drawn: Draw) -> None:
    chart = CostChart(NINE, (spent(2, "0.8", "0.2"), spent(4, "1.6", "0.4")))

    assert drawn(chart, width=45) == CHART


def test_nothing_spent_is_drawn_flat(drawn: Draw) -> None:
    chart = CostChart(NINE, (Spent(NINE, Decimal(0)),))

    assert "▁" not in drawn(chart, width=60)
    assert "$0.01" in drawn(chart, width=60)


def test_credits_have_an_amount_and_no_bar(drawn: Draw) -> None:
    costs = (("EC2 compute", Decimal(2)), ("Credits", Decimal(-2)))
    told = drawn(CostChart(NINE, (Spent(NINE + timedelta(hours=1), Decimal(0), costs),)), width=60)

    assert "-2.00" in told.splitlines()[-1]
    assert "▁" not in told.splitlines()[-1]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.decimals("0.000001", "1000000", places=6))
def test_the_axis_ends_at_a_round_number_a_little_above_the_cost(cost: Decimal) -> None:
    top = axis_top(cost)

    assert cost <= top <= cost * Decimal("2.5")
    assert str(top.normalize().as_tuple().digits).strip("(),").replace(", ", "") in ("1", "2", "25", "5")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8), st.floats(-1, 12))
def test_between_two_moments_costs_lie_between(costs: list[int], hours: float) -> None:
    rising = sorted(costs)
    points = [(NINE + timedelta(hours=hour), Decimal(cost)) for hour, cost in enumerate(rising)]
    value = between(points, NINE + timedelta(hours=max(hours, 0)))

    assert rising[0] <= value <= rising[-1]


@pytest.mark.parametrize("width", [20, 45, 76, 200])
def test_no_line_is_wider_than_there_is_room(width: int, drawn: Draw) -> None:
    chart = CostChart(NINE, (spent(2, "0.8", "0.2"), spent(400, "1.6", "0.4")), 6)

    assert max(map(len, drawn(chart, width=max(width, 41)).splitlines())) <= max(width, 41)
