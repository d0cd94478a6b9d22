"""Every golden case: AWS's documented answer, and the page that it comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labs.aws.iam import case_from_json, case_to_json, evaluate, explain

CASES: list[dict[str, Any]] = [
    case
    for file in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for case in json.loads(file.read_text())
]
NOTES = ("id", "says", "source", "want", "because")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_answer_is_aws_s(case: dict[str, Any]) -> None:
    question = {key: value for key, value in case.items() if key not in NOTES}
    request, policies = case_from_json(question)

    decision = explain(request, policies)

    assert decision.outcome.value == case["want"], decision.reason
    assert case.get("because", "") in decision.reason
    quick = evaluate(request, policies)
    assert (quick.outcome, quick.stage, quick.policy, quick.statement) == (
        decision.outcome,
        decision.stage,
        decision.policy,
        decision.statement,
    )
    assert quick.reason == decision.reason


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_survives_json(case: dict[str, Any]) -> None:
    question = {key: value for key, value in case.items() if key not in NOTES}
    request, policies = case_from_json(question)

    written = json.loads(json.dumps(case_to_json(request, policies)))

    assert case_from_json(written) == (request, policies)


def test_every_case_has_its_own_id_and_a_page_of_aws() -> None:
    assert len(CASES) == len({case["id"] for case in CASES}) >= 150
    for case in CASES:
        assert case["source"].startswith("https://docs.aws.amazon.com/")
        assert case["says"]
