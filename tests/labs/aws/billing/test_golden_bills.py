"""Every golden bill: the exact amount, and the page that it comes from."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from labs.aws.billing import bill, bill_to_json, focus_csv, focus_violations, usage_from_json
from labs.aws.billing.meters import METERS
from labs.aws.billing.rules import RULES

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "golden.json").read_text())
CLOSE = Decimal("1e-9")
NOTES = ("id", "says", "source", "total", "shown", "lines")


def document(case: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in case.items() if key not in NOTES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_bill_is_exact(case: dict[str, Any]) -> None:
    result = bill(usage_from_json(document(case)))

    assert abs(result.total - Decimal(case["total"])) < CLOSE, [line.sentence for line in result.lines]
    if "shown" in case:
        assert result.shown() == Decimal(case["shown"])
    if "lines" in case:
        expected = sorted(map(Decimal, case["lines"]))
        found = sorted(line.cost for line in result.lines)
        assert [cost.quantize(CLOSE) for cost in found] == [cost.quantize(CLOSE) for cost in expected]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_line_explains_itself(case: dict[str, Any]) -> None:
    for line in bill(usage_from_json(document(case))).lines:
        assert RULES[line.rule] in line.sentence
        assert line.formula in line.sentence
        assert line.source
        assert line.quantity * line.rate - line.cost < CLOSE


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_its_export_keeps_the_rules_of_focus(case: dict[str, Any]) -> None:
    result = bill(usage_from_json(document(case)))

    assert focus_violations(focus_csv(result), invoice=result.total) == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_bill_is_json_with_every_digit(case: dict[str, Any]) -> None:
    result = bill(usage_from_json(document(case)))

    written = json.loads(json.dumps(bill_to_json(result)))

    assert Decimal(written["total"]) == result.total
    assert [Decimal(line["cost"]) for line in written["lines"]] == [line.cost for line in result.lines]


def test_the_cases_reach_every_meter_and_every_rule_of_usage() -> None:
    meters = {item["meter"] for case in CASES for item in case["usage"]}
    rules = {line.rule for case in CASES for line in bill(usage_from_json(document(case))).lines}

    assert meters == set(METERS)
    assert set(RULES) - rules == {"ec2.spot-at-most", "credits"}


def test_every_case_has_its_own_id_a_claim_and_a_source() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES) >= 60
    assert all(case["says"] and case["source"] for case in CASES)
