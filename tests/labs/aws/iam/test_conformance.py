"""Every golden case: AWS's documented answer, and the page that it comes from."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from labs.aws.iam import Principal, PrincipalKind, case_from_json, case_to_json, evaluate, explain
from labs.aws.iam.operators import OPERATORS

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


def test_every_sharp_case_is_there_with_the_answer_that_it_is_known_for() -> None:
    sharp = json.loads((Path(__file__).parent / "sharp_cases.json").read_text())
    answers = {case["id"]: case["want"] for case in CASES}

    assert len(sharp) == 69
    assert {name: answers.get(name) for name in sharp} == sharp


@pytest.mark.parametrize(
    ("feature", "least"),
    [
        ("endpointPolicy", 12),
        ("rcps", 20),
        ("scps", 25),
        ("managementAccount", 5),
        ("boundary", 12),
        ("sessionPolicy", 12),
        ("resourcePolicy", 100),
    ],
)
def test_every_type_of_policy_has_its_cases(feature: str, least: int) -> None:
    assert sum(feature in case for case in CASES) >= least


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_has_its_cases(operator: str) -> None:
    written = "".join(json.dumps(case) for case in CASES)

    assert re.search(rf'["":]{operator}(IfExists)?":', written)


@pytest.mark.parametrize("kind", PrincipalKind)
def test_every_kind_of_principal_has_its_cases(kind: PrincipalKind) -> None:
    kinds = [Principal.parse(case["request"]["principal"]).kind for case in CASES]

    assert kinds.count(kind) >= 5


def test_every_case_has_its_own_id_and_a_page_of_aws() -> None:
    assert len(CASES) == len({case["id"] for case in CASES}) >= 400
    for case in CASES:
        assert case["source"].startswith("https://docs.aws.amazon.com/")
        assert case["says"]
