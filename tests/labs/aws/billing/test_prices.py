"""The price book: every row complete, every sum of the course's own table among them."""

from __future__ import annotations

import re
from dataclasses import fields
from decimal import Decimal

import pytest

from labs.aws.billing import price_book
from labs.aws.billing.prices import Allowance, Price
from labs.aws.billing.rules import SERVICES

BOOK = price_book()
ROWS = BOOK.prices
ALLOWANCES = tuple({each.name: each for each in BOOK.allowances.values()}.values())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.key}-{row.region}-{row.above}")
def test_every_price_has_all_its_fields(row: Price) -> None:
    for name in {field.name for field in fields(row)} - {"course", "verify", "above"}:
        assert getattr(row, name) not in ("", None), name
    assert row.rate * row.per == row.listed >= 0
    assert row.rate.is_finite()
    assert row.url.startswith(("https://aws.amazon.com/", "https://docs.aws.amazon.com/"))
    assert re.fullmatch(r"20\d\d-[01]\d", row.as_of)
    assert row.above >= 0
    assert row.key.partition(".")[0].partition(":")[0] in SERVICES
    assert row.source == f"{row.page}, {row.region}, as of {row.as_of}"


@pytest.mark.parametrize("row", ALLOWANCES, ids=lambda row: row.name)
def test_every_allowance_has_all_its_fields_and_covers_prices_that_exist(row: Allowance) -> None:
    for field in fields(row):
        assert getattr(row, field.name) not in ("", None, ()), field.name
    assert row.quantity > 0
    for key in row.covers:
        assert BOOK.find(key)
        assert {price.unit for price in BOOK.find(key)} == {row.unit}


def test_the_prices_are_read_once() -> None:
    assert price_book() is BOOK


@pytest.mark.parametrize(
    ("key", "rate"),
    [
        ("ec2.instance:t3.micro", "0.0104"),
        ("ec2.instance:t3.small", "0.0208"),
        ("ec2.instance:t3.medium", "0.0416"),
        ("ec2.instance:m5.large", "0.096"),
        ("ec2.instance:m5.xlarge", "0.192"),
        ("ec2.instance:p3.2xlarge", "3.06"),
        ("nat.hours", "0.045"),
        ("ipv4", "0.005"),
        ("sqs.request:standard", "0.0000004"),
        ("lambda.duration:arm", "0.0000133334"),
    ],
)
def test_a_price_is_for_one_unit(key: str, rate: str) -> None:
    assert BOOK.price(key).rate == Decimal(rate)


def test_tiers_come_in_order() -> None:
    tiers = BOOK.find("transfer:internet-out")

    assert [(price.above, price.rate) for price in tiers] == [
        (Decimal(0), Decimal("0.09")),
        (Decimal(10_240), Decimal("0.085")),
        (Decimal(51_200), Decimal("0.07")),
        (Decimal(153_600), Decimal("0.05")),
    ]


def test_what_no_page_was_read_for_says_so() -> None:
    assert BOOK.price("ec2.instance:c5.large").verify
    assert not BOOK.price("ec2.instance:t3.micro").verify


def test_where_the_course_text_differs_the_row_says_what_it_says() -> None:
    assert "7.59" in BOOK.price("ec2.instance:t3.micro").course
    assert "each direction" in BOOK.price("transfer:cross-az").course
    assert BOOK.price("ebs.storage:gp3").course == ""


def test_other_regions_have_their_own_prices_or_none() -> None:
    assert BOOK.price("transfer:internet-out", "sa-east-1").rate == Decimal("0.150")
    assert BOOK.find("nat.hours", "sa-east-1") == ()
    assert BOOK.price("transfer:internet-in").rate == 0
    assert BOOK.find("transfer:internet-in", "sa-east-1")[0].rate == 0
