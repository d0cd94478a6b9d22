"""Variants: a class has many different answers to each exercise, so that what is copied can be told."""

from __future__ import annotations

from typing import Final

import pytest

from labs.course import Exercise, Kind, load_course

STUDENTS: Final = 200
FEWEST: Final = 50
"""Different answers of so many students. That their tasks differ, the tests of the content say."""
WRITTEN: Final = [
    exercise
    for unit in load_course().units
    for exercise in unit.exercises
    if exercise.kind not in (Kind.CODE, Kind.WORLD)
]
"""Programs and scripts are right for all names and numbers: they run with hidden ones."""


@pytest.mark.parametrize("exercise", WRITTEN, ids=lambda exercise: exercise.id)
def test_a_class_has_many_different_right_answers(exercise: Exercise) -> None:
    variants = (exercise.variant(f"student-{number}") for number in range(STUDENTS))
    answers = {exercise.solution(variant) for variant in variants}

    assert len(answers) >= FEWEST
