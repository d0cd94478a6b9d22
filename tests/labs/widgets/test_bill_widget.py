"""The notebook's bill: it follows the sliders, agrees with the engine, and says what a change does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from labs.aws.billing import bill
from labs.widgets import BillExplorer, Design, cost_by_hours, usage_of
from labs.widgets.bill import HOURS


@pytest.fixture
def explorer() -> BillExplorer:
    return BillExplorer()


def total(design: Design) -> Decimal:
    return bill(usage_of(design)).shown()


def test_it_opens_with_the_bill_of_the_engine(explorer: BillExplorer) -> None:
    assert f"${total(Design())}" in explorer.bill.value


def test_a_slider_changes_the_bill(explorer: BillExplorer) -> None:
    explorer.hours.value = 100

    assert f"${total(Design(hours=100))}" in explorer.bill.value
    assert total(Design(hours=100)) < total(Design())


@pytest.mark.parametrize(
    ("setting", "value"),
    [("type", "m5.large"), ("gib", 100), ("address", False), ("gateway", True), ("zone_gb", 500)],
)
def test_each_setting_counts(explorer: BillExplorer, setting: str, value: Any) -> None:
    before = explorer.bill.value
    explorer.settings[setting].value = value

    assert explorer.design == Design(**{setting: value})
    assert explorer.bill.value != before


def test_a_stopped_machine_still_costs(explorer: BillExplorer) -> None:
    explorer.hours.value = 0

    assert "BoxUsage" not in explorer.bill.value
    assert "EBS:VolumeUsage.gp3" in explorer.bill.value
    assert "PublicIPv4" in explorer.bill.value


def test_the_free_tier_takes_its_share(explorer: BillExplorer) -> None:
    explorer.free_tier.value = "legacy"
    assert "within the Free Tier" in explorer.bill.value
    explorer.free_tier.value = "credits"
    assert "Credits" in explorer.bill.value


def test_a_design_that_is_kept_is_compared(explorer: BillExplorer) -> None:
    explorer.keep.click()
    explorer.gateway.value = True
    more = total(Design(gateway=True)) - total(Design())

    assert f"+${more} against the design that was kept" in explorer.bill.value
    explorer.forget.click()
    assert "against the design" not in explorer.bill.value


def test_nothing_at_all_costs_nothing() -> None:
    found = BillExplorer(Design(hours=0, gib=0, address=False)).bill.value

    assert "$0.00" in found
    assert "Nothing was used that costs anything." in found


def test_the_curve_rises_to_the_month_and_holds_the_design() -> None:
    points = cost_by_hours(Design(hours=100))

    assert points[0][0] == 0
    assert points[-1][0] == HOURS
    assert 100 in [hours for hours, _ in points]
    assert sorted(points) == list(points) == sorted(points, key=lambda point: point[1])
