"""The FOCUS export, and the validator: each rule is broken once, and found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from labs.aws.billing import Bill, focus_csv, focus_violations
from labs.aws.billing.focus import FOCUS_COLUMNS, UNCONDITIONAL_COLUMNS, csv_of, focus_rows
from tests.labs.aws.billing.ledgers import bill_of

JANUARY = {"start": "2026-01-01", "end": "2026-02-01"}


@pytest.fixture
def bill() -> Bill:
    """A usage row with a resource, a free row, and a credit row."""
    return bill_of(
        {"meter": "ec2.instance", "type": "t3.micro", "resource": "i-0a1", "zone": "us-east-1a"},
        {"meter": "transfer", "path": "internet-out", "gb": 50, "at": "2026-01-05T10:00:00.5Z"},
        account={"free_tier": "credits", "created": "2025-12-01", "name": "Alice"},
        **JANUARY,
    )


def test_the_header_is_the_documented_one(bill: Bill) -> None:
    header = focus_csv(bill).splitlines()[0].split(",")

    assert tuple(header) == FOCUS_COLUMNS
    assert header[:21] == list(UNCONDITIONAL_COLUMNS) == sorted(UNCONDITIONAL_COLUMNS)
    assert len(header) == 30


def test_a_usage_row_says_what_was_used_and_what_it_costs(bill: Bill) -> None:
    row = next(focus_rows(bill))

    assert row["ChargeCategory"] == "Usage"
    assert (row["ListUnitPrice"], row["PricingQuantity"], row["PricingUnit"]) == ("0.0104", "744", "Hours")
    assert row["ListCost"] == row["BilledCost"] == row["EffectiveCost"] == row["ContractedCost"] == "7.7376"
    assert (row["ServiceName"], row["ServiceCategory"]) == ("Amazon Elastic Compute Cloud", "Compute")
    assert (row["ResourceId"], row["AvailabilityZone"], row["RegionId"]) == (
        "i-0a1",
        "us-east-1a",
        "us-east-1",
    )
    assert (row["BillingAccountId"], row["BillingAccountName"]) == ("123456789012", "Alice")
    assert (row["BillingPeriodStart"], row["BillingPeriodEnd"]) == (
        "2026-01-01T00:00:00Z",
        "2026-02-01T00:00:00Z",
    )
    assert row["ChargeClass"] is None


def test_a_credit_row_has_no_price_and_its_costs_are_what_is_billed(bill: Bill) -> None:
    row = list(focus_rows(bill))[-1]

    assert row["ChargeCategory"] == "Credit"
    assert row["BilledCost"] == row["EffectiveCost"] == row["ListCost"] == row["ContractedCost"] == "-7.7376"
    assert row["ListUnitPrice"] is row["PricingQuantity"] is row["PricingUnit"] is row["ConsumedUnit"] is None


def test_a_charge_of_a_moment_has_a_period_of_a_second(bill: Bill) -> None:
    row = list(focus_rows(bill))[1]

    assert (row["ChargePeriodStart"], row["ChargePeriodEnd"]) == (
        "2026-01-05T10:00:00Z",
        "2026-01-05T10:00:01Z",
    )


def test_the_export_of_several_bills_has_one_header(bill: Bill) -> None:
    text = focus_csv(bill, bill)

    assert text.count("BilledCost") == 1
    assert len(text.splitlines()) == 1 + 2 * len(bill.lines)


def test_an_empty_bill_is_a_header(bill: Bill) -> None:
    text = focus_csv(bill_of())

    assert len(text.splitlines()) == 1
    assert focus_violations(text, invoice=Decimal(0)) == ()


BROKEN: list[tuple[str, Any, str]] = [
    ("BilledCost", "1e-7", "digits"),
    ("BilledCost", "$7.74", "digits"),
    ("BilledCost", "+7.7376", "digits"),
    ("BilledCost", "7,737.6", "digits"),
    ("BilledCost", None, "not null"),
    ("ListCost", "7.7377", "exactly"),
    ("ListUnitPrice", None, "list price"),
    ("PricingQuantity", None, "list price"),
    ("PricingUnit", "hours spent", "capitalised"),
    ("ConsumedQuantity", "0", "Above zero"),
    ("BillingCurrency", "usd", "ISO 4217"),
    ("BillingPeriodEnd", "2026-01-01T00:00:00Z", "length"),
    ("ChargePeriodEnd", "2026-02-01T00:00:01Z", "within"),
    ("ChargePeriodStart", "2025-12-31T23:59:59Z", "within"),
    ("ChargePeriodStart", "2026-01-01", "UTC"),
    ("ChargePeriodStart", "2026-01-32T00:00:00Z", "UTC"),
    ("ChargePeriodEnd", "2026-02-01T00:00:00+01:00", "UTC"),
    ("ChargeCategory", "Usages", "One of"),
    ("ChargeClass", "Wrong", "Correction"),
    ("ServiceCategory", "Computing", "categories"),
    ("ServiceCategory", "Networking", ""),
    ("ServiceName", None, "not null"),
    ("ResourceId", "N/A", "no word"),
    ("Tags", "team=red", "JSON"),
    ("Tags", '{"a": "b", "a": "c"}', "JSON"),
    ("Tags", '{"a": ["b"]}', "JSON"),
]


@pytest.mark.parametrize(("column", "value", "said"), BROKEN)
def test_a_broken_rule_is_found(bill: Bill, column: str, value: str | None, said: str) -> None:
    rows = list(focus_rows(bill))
    sound = dict(rows[0])
    rows[0] = {**sound, column: value}
    if column == "ServiceCategory" and not said:
        rows.append(sound)

    found = focus_violations(csv_of(FOCUS_COLUMNS, rows))

    assert column in {each.column for each in found}
    assert any(said in each.rule for each in found if each.column == column)


def test_a_credit_whose_effective_cost_differs_is_found(bill: Bill) -> None:
    rows = list(focus_rows(bill))
    rows[-1] = {**rows[-1], "EffectiveCost": "0"}

    assert [each.column for each in focus_violations(csv_of(FOCUS_COLUMNS, rows))] == ["EffectiveCost"]


def test_an_invoice_that_the_rows_do_not_sum_to_is_found(bill: Bill) -> None:
    [found] = focus_violations(focus_csv(bill), invoice=Decimal("7.74"))

    assert (found.row, found.column) == (0, "BilledCost")


def test_a_missing_column_a_double_one_and_a_short_row_are_found(bill: Bill) -> None:
    rows = list(focus_rows(bill))
    without = csv_of([name for name in FOCUS_COLUMNS if name != "ListCost"], rows)
    double = csv_of([*FOCUS_COLUMNS, "Tags"], rows)

    assert [each.column for each in focus_violations(without)] == ["ListCost"]
    assert [each.column for each in focus_violations(double)] == ["Tags"]
    assert focus_violations(focus_csv(bill) + "1,2\n")[-1].rule == "Every row has a field for each column."
    assert focus_violations("")[0].rule == "There is a header."


def test_quotes_around_nothing_are_not_null(bill: Bill) -> None:
    text = focus_csv(bill)
    quoted = text.replace(",us-east-1a,", ',"",')

    assert [each.rule for each in focus_violations(quoted)] == [
        "Null is an empty field, not an empty text in quotes."
    ]


def test_quotes_line_breaks_and_commas_in_a_field_are_its_own(bill: Bill) -> None:
    rows = [{**row, "ChargeDescription": 'a "b",\r\nc ""'} for row in focus_rows(bill)]

    assert focus_violations(csv_of(FOCUS_COLUMNS, rows)) == ()
    assert focus_violations(csv_of(FOCUS_COLUMNS, rows).replace("\n", "\r\n")) == ()
    assert focus_violations(focus_csv(bill) + '"never closed') != ()
