"""A program that does what its author's own variant asks, whatever it is asked for, earns no full marks.

It is the solution, but for what it is called with: of that it knows what the task has shown, and no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from graders.verifying import TestBench
from labs.course import CodeExercise, Variant, load_course

EXERCISES = [
    each for unit in load_course().units for each in unit.exercises if isinstance(each, CodeExercise)
]
REMEMBERING = """
_solution = {{}}
exec({solution!r}, _solution)


def _remembering(function, asked):
    asked = iter(asked)
    return lambda *_: function(*next(asked))


for _name, _asked in {asked!r}.items():
    globals()[_name] = _remembering(_solution[_name], _asked)
"""


class OwnVariant(TestBench):
    """A bench that hides nothing: programs run in the variant that their authors know."""

    def hidden_variant(self, exercise: CodeExercise, number: int, draw: str) -> Variant:
        student, _, own = draw.rpartition("/")
        return exercise.variant(student, int(own))


@pytest.fixture(scope="module")
def hidden() -> Iterator[TestBench]:
    with TestBench() as bench:
        yield bench


@pytest.fixture(scope="module")
def open_bench() -> Iterator[TestBench]:
    with OwnVariant() as bench:
        yield bench


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.id)
def test_a_program_for_one_variant_fails_in_a_hidden_one(
    exercise: CodeExercise, hidden: TestBench, open_bench: TestBench
) -> None:
    variant = exercise.variant("ada")
    asked = defaultdict(list)
    for call in exercise.calls(variant):
        asked[call.function].append(call.args)
    program = REMEMBERING.format(solution=exercise.solution(variant), asked=dict(asked))
    assert open_bench.report(variant, program).passed, "it is right for its own variant"
    report = hidden.report(variant, program)
    assert report.state in ("fail", "partial")
    assert report.notes[0].startswith("The program ran in a world of its own")
