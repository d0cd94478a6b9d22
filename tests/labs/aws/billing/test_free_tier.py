"""What accounts get for nothing: by when they were opened, and shared by all that they use."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from labs.aws.billing import Account, EarnedCredit
from labs.aws.billing.lines import Line
from tests.labs.aws.billing.ledgers import bill_of, total

JANUARY = {"start": "2026-01-01", "end": "2026-02-01"}
LEGACY = {"free_tier": "legacy", "created": "2025-06-01"}
EXPIRED = {"free_tier": "legacy", "created": "2024-01-01"}
CREDITS = {"free_tier": "credits", "created": "2025-12-01"}


def instance(kind: str = "t3.micro", **rest: Any) -> dict[str, Any]:
    return {"meter": "ec2.instance", "type": kind, **rest}


def rules(lines: tuple[Line, ...]) -> list[str]:
    return sorted({line.rule for line in lines})


def test_one_instance_all_month_is_within_750_hours() -> None:
    assert total(instance(), account=LEGACY, **JANUARY) == 0


def test_two_instances_share_the_750_hours() -> None:
    bill = bill_of(instance(resource="i-1"), instance(resource="i-2"), account=LEGACY, **JANUARY)

    assert bill.total == Decimal("7.6752")
    assert sum(line.quantity for line in bill.lines if line.cost) == 738
    assert sum(line.quantity for line in bill.lines if line.allowance) == 750


def test_another_type_is_not_covered() -> None:
    assert total(instance("t3.small"), account=LEGACY, **JANUARY) == Decimal("15.4752")


def test_t2_and_t3_micro_share_one_allowance() -> None:
    bill = bill_of(instance("t2.micro"), instance("t3.micro"), account=LEGACY, **JANUARY)

    assert sum(line.quantity for line in bill.lines if line.allowance) == 750


def test_none_means_not_even_what_is_always_free() -> None:
    million = {"meter": "lambda", "requests": 1_000_000, "ms": 200, "mb": 512}

    assert total(million, account={"free_tier": "none"}) == Decimal("1.86667")
    assert total(million, account=EXPIRED, **JANUARY) == 0


def test_the_legacy_free_tier_ends_twelve_months_after_the_account_was_created() -> None:
    assert total(instance(), account=EXPIRED, **JANUARY) == Decimal("7.7376")
    bill = bill_of(instance(), account={"free_tier": "legacy", "created": "2025-01-16T12:00:00Z"}, **JANUARY)

    assert bill.total == Decimal("0.0104") * (744 - 15 * 24 - 12)
    assert rules(bill.lines) == ["ec2.running", "free-tier.legacy"]


def test_the_allowances_begin_anew_each_month() -> None:
    bill = bill_of(instance(), account=LEGACY, start="2026-01-01", end="2026-04-01")

    assert bill.total == 0
    assert len(bill.lines) == 3


def test_spot_and_the_cpu_surcharge_are_not_covered() -> None:
    assert total(instance(market="spot"), account=LEGACY, **JANUARY) == Decimal("7.7376")
    day = {"start": "2026-01-05", "end": "2026-01-06"}
    assert total(instance(cpu=1, **day), account=LEGACY, **JANUARY) == Decimal("2.16")


def test_thirty_gb_of_ebs_are_shared_by_general_purpose_volumes() -> None:
    volumes = [
        {"meter": "ebs.volume", "type": "gp3", "gib": 20, "resource": "vol-1"},
        {"meter": "ebs.volume", "type": "gp2", "gib": 20, "resource": "vol-2"},
    ]
    bill = bill_of(*volumes, account=LEGACY, **JANUARY)

    assert sum(line.quantity for line in bill.lines if line.allowance) == 30
    assert total({"meter": "ebs.volume", "type": "io2", "gib": 4}, account=LEGACY, **JANUARY) == Decimal(
        "0.5"
    )


def test_other_legacy_allowances() -> None:
    assert total({"meter": "s3.storage", "bytes": 5 * 2**30}, account=LEGACY, **JANUARY) == 0
    assert total({"meter": "rds.instance", "class": "db.t3.micro"}, account=LEGACY, **JANUARY) == 0
    doubled = {"meter": "rds.instance", "class": "db.t3.micro", "multi_az": True}
    assert total(doubled, account=LEGACY, **JANUARY) == 2 * 744 * Decimal("0.017")
    assert total({"meter": "ipv4"}, account=LEGACY, **JANUARY) == 0
    assert total({"meter": "ipv4", "used_by": "other"}, account=LEGACY, **JANUARY) == Decimal("3.72")


def test_a_rate_of_its_own_is_covered_as_well() -> None:
    assert total(instance(rate="0.0104"), account=LEGACY, **JANUARY) == 0


# Credits


def test_credits_pay_until_they_are_spent() -> None:
    volume = {"meter": "ebs.volume", "type": "gp3", "gib": 1000}
    bill = bill_of(volume, account=CREDITS, start="2026-01-01", end="2026-03-01")

    assert [line.cost for line in bill.lines] == [80, -80, 80, -20]
    assert bill.total == 60
    assert "$0.00 of $100 left" in bill.lines[-1].sentence


def test_credits_earned_by_activities_count_from_then_on_and_up_to_200() -> None:
    volume = {"meter": "ebs.volume", "type": "gp3", "gib": 2000}
    earned = [{"at": "2026-02-10"}, {"at": "2026-02-11", "usd": "500"}]
    bill = bill_of(volume, account={**CREDITS, "earned": earned}, start="2026-01-01", end="2026-03-01")

    assert [line.cost for line in bill.lines] == [160, -100, 160, -100]


def test_on_the_free_plan_credits_pay_only_for_types_that_it_has() -> None:
    large = instance("m5.large", start="2026-01-05", end="2026-01-06")

    assert total(large, account=CREDITS, **JANUARY) == Decimal("2.304")
    assert total(large, account={**CREDITS, "plan": "paid"}, **JANUARY) == 0
    assert total(instance("t3.small"), account=CREDITS, **JANUARY) == 0


def test_credits_lapse_after_twelve_months() -> None:
    old = {**CREDITS, "created": "2024-12-01"}

    assert total(instance(), account=old, **JANUARY) == Decimal("7.7376")


def test_what_is_always_free_comes_before_credits() -> None:
    bill = bill_of({"meter": "transfer", "path": "internet-out", "gb": 150}, account=CREDITS, **JANUARY)

    assert [line.cost for line in bill.lines] == [0, Decimal("4.5"), Decimal("-4.5")]


@pytest.mark.parametrize(("created", "regime"), [("2025-07-14", "legacy"), ("2025-07-15", "credits")])
def test_the_day_an_account_was_opened_decides_which_free_tier_it_has(created: str, regime: str) -> None:
    assert Account.opened(datetime.fromisoformat(created).replace(tzinfo=UTC)).free_tier == regime


def test_an_activity_earns_twenty_dollars() -> None:
    assert EarnedCredit(datetime(2026, 1, 1, tzinfo=UTC)).usd == 20
