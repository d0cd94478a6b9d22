"""Variants: each student sees another task, and where the answer is the same for many, it is said why."""

from __future__ import annotations

from typing import Final

import pytest

from labs.course import Exercise, Kind, load_course

STUDENTS: Final = 24
EXERCISES: Final = [exercise for unit in load_course().units for exercise in unit.exercises]

DECISIONS: Final = "each question is there for one belief, and its answer is one of a few words"
FEW: Final = "there are only a few ways in which it can come out"
SAME_ANSWERS: Final = {
    "arns/what-does-it-match": DECISIONS,
    "arns/which-pattern": FEW,
    "cidr/a-way-out": FEW,
    "cidr/does-it-arrive": DECISIONS,
    "cidr/nested-or-apart": FEW,
    "cidr/two-filters": DECISIONS,
    "instances/ask-the-metadata": DECISIONS,
    "instances/only-this-role": FEW,
    "instances/pass-or-assume": DECISIONS,
    "instances/read-a-trust-policy": FEW,
    "instances/what-stays": DECISIONS,
}
"""Exercises in which two students may well hand in the same, and why. Their tasks differ all the same; but a
copied answer cannot be told there. Programs and scripts are not listed: they are right for all names and
numbers, and run with hidden ones."""


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_students_see_different_tasks_and_where_their_answers_are_alike_a_reason_is_given(
    exercise: Exercise,
) -> None:
    variants = [exercise.variant(f"student-{number}") for number in range(STUDENTS)]
    tasks = {exercise.prompt(variant) for variant in variants}
    answers = {exercise.solution(variant) for variant in variants}

    assert len(tasks) >= STUDENTS - 3
    if exercise.kind not in (Kind.CODE, Kind.WORLD):
        assert (len(answers) < STUDENTS // 2) is (exercise.id in SAME_ANSWERS)
