"""The content tests itself: over 20 seeds, full marks go to what is right, and to nothing else."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from graders.verifying import (
    LIVE,
    SEEDS,
    WIDEST_CODE,
    TestBench,
    code_lines,
    mark_faults,
    open_places,
    text_faults,
)
from labs.course import Exercise, Kind, Unit, load_course
from tui.commands.application import application

SEEDS_WITH_COMMANDS = 3
"""In how many of them the counter-examples that are commands run; most say the same in all."""
SHORTEST_STATEMENT, SHORTEST_SOURCE = 12, 8
DETECTED = {
    "arns": {"A1", "A2", "A3", "A4", "A5", "A6", "E9", "I19", "S1", "S2"},
    "billing": {"B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "L1", "L3"},
    "cidr": {f"C{number}" for number in range(1, 18)},
    "instances": {f"E{number}" for number in range(1, 10)} | {"A5", "I7", "I8", "I9", "I11", "I22"},
    "policies": {f"I{number}" for number in range(1, 25)} - {"I7", "I8", "I9", "I22"} | {"S1", "S2"},
}
"""By unit, the misconceptions that it has to detect, each with a counter-example that can be run."""

COURSE = load_course()
EXERCISES = [exercise for unit in COURSE.units for exercise in unit.exercises]


@pytest.fixture(scope="session")
def bench() -> Iterator[TestBench]:
    """The graders' warm parents, one pair for each process that runs tests."""
    with TestBench() as bench:
        yield bench


def _variants(live: bool) -> list[tuple[Exercise, int]]:
    """Live exercises seed by seed, so that the processes of a test run share them out; the others at once."""
    wanted = [each for each in EXERCISES if (each.kind in LIVE) is live]
    return [(each, number) for each in wanted for number in (range(SEEDS) if live else [SEEDS])]


def _faults(exercise: Exercise, number: int, bench: TestBench) -> list[str]:
    run = _ran if number < SEEDS_WITH_COMMANDS else None
    return [str(each) for each in mark_faults(exercise, number, bench, run)]


@cache
def _ran(words: tuple[str, ...], given: str) -> tuple[int, str]:
    """The exit status of `skylab WORDS…`, and what it printed; a crash is not taken for an answer."""
    # Typer's own `invoke` would build all commands anew for each run.
    with CliRunner().isolation(input=given) as (_, _, printed):
        try:
            _skylab().main(args=list(words), prog_name="skylab")
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
        sys.stdout.flush()
        sys.stderr.flush()
        return status, printed.getvalue().decode()


@cache
def _skylab() -> Any:
    return get_command(application())


@pytest.mark.parametrize(
    ("words", "given", "status"),
    [
        (("bill", "-"), '{"month": "730h", "usage": []}', 0),
        (("bill", "-"), "{}]", 2),
        (("cidr", "10.0.0.0/33"), "", 2),
    ],
)
def test_a_command_that_is_wrongly_used_is_noticed(words: tuple[str, ...], given: str, status: int) -> None:
    assert _ran(words, given)[0] == status


@pytest.mark.parametrize(
    "exercise", [each for each, _ in _variants(live=False)], ids=lambda exercise: exercise.id
)
def test_an_answer_that_is_not_run_gets_the_marks_it_deserves(exercise: Exercise, bench: TestBench) -> None:
    assert [fault for number in range(SEEDS) for fault in _faults(exercise, number, bench)] == []


@pytest.mark.parametrize(
    ("exercise", "number"), _variants(live=True), ids=lambda each: getattr(each, "id", str(each))
)
def test_work_in_a_world_gets_the_marks_it_deserves(
    exercise: Exercise, number: int, bench: TestBench
) -> None:
    assert _faults(exercise, number, bench) == []


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_the_texts_of_an_exercise_are_whole(exercise: Exercise) -> None:
    """Fifty variants at least, no place left open, hints in four steps, code that fits, known beliefs."""
    assert [str(fault) for fault in text_faults(exercise)] == []


@pytest.mark.parametrize("unit", COURSE.units, ids=lambda unit: unit.id)
def test_every_page_of_a_lesson_is_short_and_ends_with_a_question(unit: Unit) -> None:
    for page in unit.pages:
        words = len(page.text.split())

        assert words <= 600, page.title
        assert page.text.rstrip().splitlines()[-1].startswith("**Before you go on:**"), page.title
        assert not [line for line in code_lines(page.text) if len(line) > WIDEST_CODE], page.title


@pytest.mark.parametrize("unit", COURSE.units, ids=lambda unit: unit.id)
def test_a_unit_leaves_no_placeholder_open_in_its_lesson_and_walkthrough(unit: Unit) -> None:
    texts = [unit.walkthrough, *(page.text for page in unit.pages)]

    assert not [place for text in texts for place in open_places(text)]


@pytest.mark.parametrize("unit", COURSE.units, ids=lambda unit: unit.id)
def test_no_price_is_typed_into_the_prose_of_a_unit(unit: Unit) -> None:
    """Prices come from the price book, through `{{name}}`; so the texts as they are written hold none."""
    texts = Path(str(unit.folder)).rglob("*.md")

    assert [text for text in texts if re.search(r"\$ ?\d", text.read_text("utf-8"))] == []


@pytest.mark.parametrize("unit", COURSE.units, ids=lambda unit: unit.id)
def test_the_facts_of_a_unit_name_their_sources(unit: Unit) -> None:
    """`[sources]` in unit.toml: a statement, and the page that it is from, one line each."""
    said = tomllib.loads((unit.folder / "unit.toml").read_text("utf-8"))
    sources = said.get("sources", {})

    assert all(isinstance(page, str) for page in sources.values())
    for statement, page in sources.items():
        assert len(statement) >= SHORTEST_STATEMENT, statement
        assert len(page) >= SHORTEST_SOURCE, statement
        assert "\n" not in statement + page, statement
        assert statement == statement.strip(), statement
        assert page == page.strip(), statement


@pytest.mark.parametrize(("unit", "wanted"), DETECTED.items())
def test_a_unit_detects_what_people_believe_of_its_subject(unit: str, wanted: set[str]) -> None:
    variants = (exercise.variant("ada") for exercise in COURSE.unit(unit).exercises)

    assert wanted <= {wrong.misconception for each in variants for wrong in each.exercise.wrong(each)}


def test_the_first_unit_holds_every_kind() -> None:
    assert {exercise.kind for exercise in COURSE.unit("policies").exercises} == set(Kind)
