"""Small changes to a solution, and which of them a check lets pass."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path

import pytest

from graders.mutating import equals_of, mutants_of, survivors
from graders.verifying import TestBench, text_faults
from labs.course import Exercise, Kind, Variant, load_course
from labs.errors import CourseError

COURSE = load_course()
EXERCISES = [exercise for unit in COURSE.units for exercise in unit.exercises]
PURE = [each for each in EXERCISES if each.kind not in (Kind.CODE, Kind.WORLD)]


def always(variant: Variant, text: str) -> bool:
    """A check that looks at nothing."""
    return True


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
    assert alive == []


@pytest.mark.parametrize(
    "name",
    ["what-aws-keeps", "which-route-wins", "make-it-public", "compute-the-bill", "empty-promise"],
)
def test_nothing_wrong_gets_past_the_check_of_an_exercise_of_each_kind(name: str) -> None:
    """`skylab verify --mutants 1000` tries them all; here is one of each kind, and above are the policies."""
    with TestBench() as bench:
        tried, alive = survivors(COURSE.exercise(name), 0, bench.passes, 1000)
    assert tried > 5
    assert alive == []


def test_lines_change_places_only_where_one_needs_the_other() -> None:
    changes = [each.change for each in mutants_of(COURSE.exercise("make-it-public").variant("ada"))]
    assert "lines 1 and 2 change places" in changes, "a subnet needs its VPC"
    assert "lines 2 and 3 change places" not in changes, "a gateway needs no subnet"


def test_what_is_as_right_as_the_solution_says_why_and_is_not_tried() -> None:
    exercise = COURSE.exercise("roles-of-sessions")
    (change, why), *_ = equals_of(exercise).items()
    changes = [each.change for each in mutants_of(exercise.variant("ada"))]
    assert change in changes
    assert len({*changes}) == len(changes), "a change that is made in two places says in which"
    assert why.endswith(".")
    count, alive = survivors(exercise, 0, always, 1000)
    assert len(alive) == count == len(mutants_of(exercise.variant("student-0"))) - len(equals_of(exercise))
    assert change not in alive


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[equal]]\nchange = "line 1: 1 is 2"\nwhy = "No."\n', "names a change that is none"),
        ('[[equal]]\nchange = "line 1: 1 is 2"\n', "KeyError"),
        ("equal", "TOMLDecodeError"),
    ],
)
def test_a_change_that_is_none_of_the_solutions_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    exercise = COURSE.exercise("roles-of-sessions")
    shutil.copytree(str(exercise.folder), tmp_path / "exercise")
    (tmp_path / "exercise/equal.toml").write_text(text)
    monkeypatch.setattr(exercise, "folder", tmp_path / "exercise")
    try:
        told = " ".join(map(str, text_faults(exercise)))
    except CourseError as error:
        told = str(error)
    assert said in told


def test_a_check_that_looks_at_nothing_is_found_out() -> None:
    exercise = COURSE.exercise("what-aws-keeps")
    tried, alive = survivors(exercise, 0, always, 5)
    assert tried == len(alive) == 5
    assert survivors(exercise, 0, always, 5) == (tried, alive)
