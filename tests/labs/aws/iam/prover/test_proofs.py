"""Every golden pair of policies: the verdict, the request that shows it, and AWS's page behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labs.aws.iam import case_from_json, evaluate, parse_policy
from labs.aws.iam.prover import Budget, Comparison, compare, comparison_to_json

CASES: list[dict[str, Any]] = [
    case
    for file in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for case in json.loads(file.read_text())
]
SWAPPED = {"wider": "narrower", "narrower": "wider"}


def compared(case: dict[str, Any], *, swapped: bool = False) -> Comparison:
    kind = case.get("kind", "identity")
    reference, candidate = (parse_policy(case[name], name, type=kind) for name in ("reference", "candidate"))
    pair = (candidate, reference) if swapped else (reference, candidate)
    return compare(*pair, kind, budget=Budget(seconds=600))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_verdict_and_its_witnesses_are_the_expected_ones(case: dict[str, Any]) -> None:
    comparison = compared(case)
    answer: dict[str, Any] = comparison_to_json(comparison)

    assert comparison.verdict == case["verdict"], comparison.sentence
    for side in ("wider", "narrower"):
        assert (answer[side] is not None) is (case["verdict"] in (side, "incomparable"))
        for part, value in case.get(side, {}).items():
            assert (answer[side] or {}).get(part, {}) == value, answer[side]
    assert sorted(comparison.consenting) == case.get("consenting", [])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_witness_replays_from_its_json(case: dict[str, Any]) -> None:
    kind = case.get("kind", "identity")
    answer: dict[str, Any] = comparison_to_json(compared(case))

    for side, allows in (("wider", "candidate"), ("narrower", "reference")):
        if answer[side] is None:
            continue
        for name in ("reference", "candidate"):
            question = {"request": answer[side], **answer.get("assuming", {}).get(side, {})}
            if kind == "identity":
                question["identityPolicies"] = [case[name]]
            else:
                question["resourcePolicy"] = case[name]
            decision = evaluate(*case_from_json(json.loads(json.dumps(question))))
            assert decision.allowed is (name == allows), decision.reason


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_other_way_round_the_verdict_is_turned(case: dict[str, Any]) -> None:
    turned = compared(case, swapped=True)

    assert turned.verdict == SWAPPED.get(case["verdict"], case["verdict"])


def test_every_case_has_its_own_id_and_a_page_of_aws() -> None:
    assert len(CASES) == len({case["id"] for case in CASES}) >= 100
    for case in CASES:
        assert case["source"].startswith("https://docs.aws.amazon.com/")
        assert case["says"]
