"""The golden cases: each a question with what is known of its answer, and the source of that."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from labs.aws.network.addresses import answer_question, to_json
from labs.errors import InputError

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "cases.toml").read_text())["case"]


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{each['question'].get('form', 'dissect')}: {each['says']}" for each in CASES]
)
def test_a_golden_case(case: dict[str, Any]) -> None:
    assert case["source"]
    if "error" in case:
        with pytest.raises(InputError) as caught:
            answer_question(case["question"])
        assert caught.value.title == case["error"]
        assert caught.value.detail
    else:
        missing = differences(case["want"], to_json(answer_question(case["question"])))
        assert missing == []


def differences(wanted: object, found: object, place: str = "") -> list[str]:
    """Where an answer does not hold what is wanted; lists must be of one length, objects may hold more."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return [
            each
            for key, value in wanted.items()
            for each in differences(value, found.get(key), f"{place}.{key}")
        ]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [
            each
            for number, pair in enumerate(zip(wanted, found, strict=True))
            for each in differences(*pair, f"{place}[{number}]")
        ]
    return [] if wanted == found else [f"{place}: {found!r} is not {wanted!r}"]
