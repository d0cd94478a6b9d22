"""The audit of where moto differs from AWS: each row has rules, or tests of another part, or a reason."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from labs.sandbox import strict

HERE = Path(__file__).parent
TESTS = HERE.parents[2]
ROWS: list[dict[str, Any]] = tomllib.loads((HERE / "divergences.toml").read_text("utf-8"))["row"]
"""That each rule has a test which fails without it is for `test_book` to show."""


def test_each_row_is_there_once() -> None:
    assert [row for row, times in Counter(row["moto"] for row in ROWS).items() if times > 1] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["moto"][:40])
def test_each_divergence_is_met_or_has_its_reason(row: dict[str, Any]) -> None:
    assert len(row.keys() & {"rules", "tests", "reason"}) == 1
    assert [each for each in row.get("rules", ()) if strict.rule_named(each) is None] == []
    for each in row.get("tests", ()):
        file, _, name = each.partition("::")
        assert f"def {name}(" in (TESTS / file).read_text("utf-8")
    assert len(row.get("reason", "." * 40)) >= 40
