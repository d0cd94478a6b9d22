"""Whatever a program returns, the check of its exercise gives marks, and few of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from graders.verifying import TestBench
from labs.course import CallResult, CodeExercise, Run, load_course

EXERCISES = [
    each for unit in load_course().units for each in unit.exercises if isinstance(each, CodeExercise)
]
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**40, float("nan"), "", "i-0", "arn:aws:iam::1:role/x", "\x1b[31m", "x" * 9999,
    [], [None], [[]], [1, "a"], [{"tier": 1, "zone": None, "cidr": "x"}], {}, {"day": {}}, {"": [1]},
    {"AccessKeyId": 1, "SecretAccessKey": None, "SessionToken": []}, {"instance": "1e999", "volume": True},
)  # fmt: skip


@pytest.fixture(scope="module")
def bench() -> Iterator[TestBench]:
    with TestBench() as bench:
        yield bench


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.id)
def test_odd_answers_are_marked_and_earn_little(exercise: CodeExercise, bench: TestBench) -> None:
    variant = exercise.variant("ada")
    calls = exercise.calls(variant)
    with bench.hidden_world(exercise, variant) as world:
        for value in ODD:
            criteria = exercise.mark(world, Run(tuple(CallResult(value) for _ in calls), ()), variant)
            assert sum(each.max for each in criteria) == exercise.points, value
            assert sum(each.points for each in criteria) <= exercise.points / 2, value
