"""Every golden case: the verdict, the blocker and its code, and that the repairs turn it around."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from labs.aws.network.paths import Verdict, apply, network_from_json, path_to_json, question_from_json, trace

Changed = Callable[[Iterable[dict[str, Any]]], dict[str, Any]]

FILES = sorted((Path(__file__).parent / "cases").glob("*.json"))
CASES: list[dict[str, Any]] = [case for file in FILES for case in json.loads(file.read_text())]
RULES = {f"R{number}" for number in range(1, 18)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_path_is_aws_s(case: dict[str, Any], changed: Changed) -> None:
    network = network_from_json(changed(case["changes"]))
    question = question_from_json(case["ask"])

    path = trace(network, question)

    assert path.verdict.value == case["want"], [each.detail for each in path.blockers]
    if "ports" in case:
        assert path.ports.as_json() == case["ports"]
    met = [each.component for each in path.forward]
    assert set(case.get("through", ())) <= set(met)
    assert not set(case.get("avoids", ())) & {*met, *(each.component for each in path.reply)}
    if "rule" in case:
        assert case["rule"] in [each.rule for each in (*path.forward, *path.reply)]
    if "codes" in case:
        assert [each.code.value for each in path.blockers] == case["codes"]
    if case["want"] == "reachable":
        assert not path.blockers
        return
    first = path.blockers[0] if "codes" not in case else None
    named = [(each.component, each.code.value, each.direction.value) for each in path.blockers]
    wanted = case["blocker"]["component"], case["blocker"]["code"], case["blocker"]["direction"]
    assert wanted in named
    assert first is None or named[0] == wanted
    calls = [call.operation for each in path.blockers if each.repair for call in each.repair.calls]
    assert calls == (case["repairs"] or [])
    assert path.repairable is (case["repairs"] is not None)
    if path.repairable:
        for each in path.blockers:
            assert each.repair is not None
            network = apply(each.repair, network)
        assert trace(network, question).verdict is Verdict.REACHABLE


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_answer_is_json_with_what_the_contract_names(case: dict[str, Any], changed: Changed) -> None:
    network = network_from_json(changed(case["changes"]))

    answer = json.loads(json.dumps(path_to_json(trace(network, question_from_json(case["ask"])))))

    assert {"verdict", "ports", "forward", "reply", "blockers"} <= answer.keys()
    assert (answer["blockers"] == []) is (answer["verdict"] == "reachable")
    for blocker in answer["blockers"]:
        assert {"component", "code", "direction", "detail", "repair"} <= blocker.keys()
        assert blocker["detail"]


def test_every_case_has_its_own_id_a_source_and_a_rule() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES) >= 28 + 40
    for case in CASES:
        assert case["source"].startswith("https://docs.aws.amazon.com/")
        assert case["says"]
        assert set(case["rules"]) <= RULES


def test_every_rule_has_a_case() -> None:
    assert {rule for case in CASES for rule in case["rules"]} == RULES
