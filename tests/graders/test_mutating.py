"""Small changes to a solution, and which of them a check lets pass."""

from __future__ import annotations

import ast
import json

import pytest

from graders.mutating import mutants_of, survivors
from graders.verifying import TestBench
from labs.course import Exercise, Kind, Variant, load_course

COURSE = load_course()
EXERCISES = [exercise for unit in COURSE.units for exercise in unit.exercises]
PURE = [each for each in EXERCISES if each.kind not in (Kind.CODE, Kind.WORLD)]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.id)
def test_a_mutant_is_whole_and_not_the_solution_and_there_are_some(exercise: Exercise) -> None:
    variant = exercise.variant("ada")
    mutants = mutants_of(variant)
    assert mutants
    assert exercise.solution(variant) not in {each.text for each in mutants}
    assert len({each.text for each in mutants}) == len(mutants)
    for each in mutants:
        if exercise.kind is Kind.POLICY:
            json.loads(each.text)
        elif exercise.kind in (Kind.CODE, Kind.WORLD):
            ast.parse(each.text)


def test_the_four_changes_of_a_policy_are_tried() -> None:
    changes = " · ".join(
        each.change for each in mutants_of(COURSE.exercise("least-privilege-reader").variant("ada"))
    )
    for said in (
        "the effect is Deny",
        "its conditions are dropped",
        "is widened to s3:*",
        "is widened to *",
        "left out",
    ):
        assert said in changes


def test_the_two_changes_of_a_program_are_tried() -> None:
    changes = " · ".join(each.change for each in mutants_of(COURSE.exercise("dark-server").variant("ada")))
    assert "is taken out" in changes
    assert "x'" in changes


@pytest.mark.parametrize(
    "exercise", [each for each in PURE if each.kind is Kind.POLICY], ids=lambda each: each.id
)
def test_no_wider_or_narrower_policy_gets_past_the_proof(exercise: Exercise) -> None:
    with TestBench() as bench:
        _, alive = survivors(exercise, 0, bench.passes, 1000)
    # What survives is what the task leaves open, as its least.json and most.json say.
    room = {"only-small-machines", "only-this-role", "through-the-endpoint"}
    assert not alive or exercise.name in room, alive


def test_a_check_that_looks_at_nothing_is_found_out() -> None:
    def always(variant: Variant, text: str) -> bool:
        return True

    exercise = COURSE.exercise("what-aws-keeps")
    tried, alive = survivors(exercise, 0, always, 5)
    assert tried == len(alive) == 5
    assert survivors(exercise, 0, always, 5) == (tried, alive)
