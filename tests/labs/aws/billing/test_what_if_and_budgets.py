"""What if, estimates and budgets."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from labs.aws.billing import (
    Account,
    Budget,
    Threshold,
    Usage,
    adding,
    budget_status,
    estimate,
    replacing,
    usage_from_json,
    what_if,
    with_account,
    without,
)
from labs.aws.billing.charges import Where
from labs.aws.billing.compute import Ec2Instance
from labs.aws.billing.network import Ipv4, NatGateway
from labs.aws.billing.storage import EbsVolume


def january(*items: dict[str, Any], **account: Any) -> Usage:
    return usage_from_json(
        {"from": "2026-01-01", "to": "2026-02-01", "account": account, "usage": list(items)}
    )


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


MICRO = {"meter": "ec2.instance", "type": "t3.micro", "resource": "i-0a1"}
VOLUME = {"meter": "ebs.volume", "type": "gp3", "gib": 8, "resource": "vol-1"}


def test_another_type_is_one_line_less_and_one_more() -> None:
    comparison = what_if(january(MICRO, VOLUME), replacing(0, type="t3.small"))

    assert comparison.delta == Decimal("7.7376")
    assert [(each.line.usage_type, each.delta) for each in comparison.differences] == [
        ("BoxUsage:t3.small", Decimal("15.4752")),
        ("BoxUsage:t3.micro", Decimal("-7.7376")),
    ]
    assert comparison.differences[0].before == ()


def test_what_does_not_change_is_no_difference() -> None:
    comparison = what_if(january(MICRO, VOLUME), replacing(1, gib=Decimal(16)))

    [difference] = comparison.differences
    assert (difference.line.resource, difference.delta) == ("vol-1", Decimal("0.64"))
    assert difference.before[0].quantity == 8


def test_a_gateway_endpoint_instead_of_a_nat_gateway() -> None:
    nat = {"meter": "nat.gateway", "gb": 1024}
    comparison = what_if(january(MICRO, nat), without(1))

    assert comparison.delta == -(744 * Decimal("0.045") + Decimal("46.08"))


def test_something_more_and_another_account() -> None:
    usage = january(MICRO)

    assert what_if(usage, adding(Ipv4(where=Where("eip-1")))).delta == Decimal("3.72")
    assert what_if(usage, with_account(Account("legacy"))).after.total == 0


def test_an_estimate_has_730_hours() -> None:
    bill = estimate(
        Ec2Instance(type="t3.micro"),
        Ipv4(),
        EbsVolume(type="gp3", gib=Decimal(8)),
        NatGateway(gb=Decimal(10)),
    )

    assert [(label, cost) for label, cost in bill.subtotals] == [
        ("NAT gateway", Decimal("33.30")),
        ("EC2 compute", Decimal("7.592")),
        ("Public IPv4", Decimal("3.65")),
        ("EBS", Decimal("0.64")),
    ]
    assert estimate(Ec2Instance(type="t3.micro"), account=Account("legacy")).total == 0


# Budgets

M5 = {"meter": "ec2.instance", "type": "m5.large"}
BUDGET = Budget(
    Decimal(50),
    (
        Threshold(Decimal(50)),
        Threshold(Decimal(80)),
        Threshold(Decimal(100)),
        Threshold(Decimal(100), "forecast"),
    ),
)


@pytest.mark.parametrize(
    ("moment", "passed"),
    [
        (at(1), ()),
        (at(2), ("forecast 100",)),
        (at(11, 21), ("actual 50", "forecast 100")),
        (at(18), ("actual 50", "forecast 100")),
        (at(19), ("actual 50", "actual 80", "forecast 100")),
        (at(31), ("actual 50", "actual 80", "actual 100", "forecast 100")),
    ],
)
def test_a_threshold_has_passed_once_the_month_is_above_it(moment: datetime, passed: tuple[str, ...]) -> None:
    status = budget_status(BUDGET, january(M5), moment)

    assert tuple(sorted(f"{each.kind} {each.percent}" for each in status.passed)) == tuple(sorted(passed))


def test_the_forecast_carries_on_at_the_rate_so_far() -> None:
    status = budget_status(BUDGET, january({**M5, "start": "2026-01-01", "end": "2026-01-02"}), at(16, 12))

    assert status.actual == Decimal("2.304")
    assert status.forecast == Decimal("4.608")
    assert budget_status(BUDGET, january(M5), at(1)).forecast is None


def test_at_a_threshold_is_not_above_it() -> None:
    exact = Budget(Decimal("2.304"), (Threshold(Decimal(100)),))

    assert budget_status(exact, january(M5), at(2)).passed == ()
    assert budget_status(exact, january(M5), at(2, 1)).passed != ()


def test_a_budget_looks_at_one_month_and_at_what_credits_are_left() -> None:
    usage = usage_from_json(
        {
            "from": "2026-01-01",
            "to": "2026-04-01",
            "account": {"free_tier": "credits", "created": "2025-12-20"},
            "usage": [{"meter": "ebs.volume", "type": "gp3", "gib": 1000}],
        }
    )
    status = budget_status(BUDGET, usage, datetime(2026, 2, 15, tzinfo=UTC))

    assert (status.actual, status.month.name) == (Decimal(20), "2026-02")


def test_before_anything_was_used_nothing_was_spent() -> None:
    assert budget_status(BUDGET, january(M5), datetime(2025, 12, 1, tzinfo=UTC)).actual == 0
