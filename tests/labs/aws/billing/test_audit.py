"""The course's numbers, audited: every row reproduced, and its verdict follows from its figures."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from labs.aws.billing import bill as billed
from labs.aws.billing import focus_csv, focus_violations, usage_from_json
from labs.aws.billing.audit import Figure, Finding, audit
from labs.aws.billing.money import shown
from labs.aws.identifiers import resource_id_fault

FIGURES = [
    pytest.param(figure, id=f"{row.number}-{figure.name}") for row in audit() for figure in row.figures
]
CLOSE = Decimal("1e-9")


@pytest.fixture(scope="module")
def given() -> dict[str, Any]:
    """The names of all instance types: moto's copy of what AWS answers."""
    spec = find_spec("moto")
    assert spec is not None
    assert spec.submodule_search_locations
    table = Path(spec.submodule_search_locations[0]) / "ec2" / "resources" / "instance_types.json.gz"
    return {"names": tuple(json.loads(gzip.decompress(table.read_bytes())))}


@pytest.mark.parametrize("figure", FIGURES)
def test_the_engine_gives_what_is_exact(figure: Figure, given: dict[str, Any]) -> None:
    value = figure.computed(**given)

    if figure.places is not None:
        assert shown(value, figure.places) == figure.exact
    else:
        assert abs(value - figure.exact) < CLOSE


@pytest.mark.parametrize("row", audit(), ids=lambda row: str(row.number))
def test_the_verdict_follows_from_the_figures(row: Finding) -> None:
    said = [figure for figure in row.figures if figure.says is not None]
    right = [figure.agrees for figure in said]

    if row.verdict == "right":
        assert all(right)
    elif row.verdict == "imprecise":
        assert row.leaves_out or not all(right)
    else:
        assert not all(right)
    if row.verdict == "inconsistent":
        assert any(right)
    assert row.because


def test_all_31_rows_are_there_with_a_verdict_each() -> None:
    verdicts = {row.number: row.verdict for row in audit()}

    assert sorted(verdicts) == list(range(1, 32))
    assert {number for number, verdict in verdicts.items() if verdict == "right"} == {
        1,
        2,
        5,
        12,
        13,
        14,
        27,
        28,
        29,
    }
    assert {number for number, verdict in verdicts.items() if verdict == "inconsistent"} == {15, 16, 18}


def test_the_documents_can_be_exported() -> None:
    for row in audit():
        for figure in row.figures:
            if figure.document is not None:
                result = billed(usage_from_json(figure.document))
                assert focus_violations(focus_csv(result), invoice=result.total) == ()


def test_the_example_id_has_the_fault_that_is_counted() -> None:
    assert "hexadecimal" in str(resource_id_fault("i-0abcd1234efgh5678"))
