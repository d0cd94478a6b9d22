"""What the course promises of its units: exercises of every kind, audits, live puzzles, beliefs, polls."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import pytest

from labs.course import Kind, Unit, load_course, misconceptions
from labs.course.exercise import sections

COURSE: Final = load_course()
EACH: Final = pytest.mark.parametrize("unit", COURSE.units, ids=lambda unit: unit.id)
FIVE: Final = {"arns", "cidr", "policies", "instances", "billing"}
SECONDS: Final = 180
WORDS_A_MINUTE: Final = 150
"""A slow pace for prose that one learns from; a line of code takes as long as four words."""


@cache
def detected(unit: Unit) -> frozenset[str]:
    """The misconceptions that wrong answers of a unit are diagnosed with."""
    variants = (exercise.variant("ada") for exercise in unit.exercises)
    return frozenset(wrong.misconception for each in variants for wrong in each.exercise.wrong(each))


def test_the_five_units_are_there() -> None:
    assert {unit.id for unit in COURSE.units} >= FIVE


@EACH
def test_a_unit_has_twelve_exercises_and_every_kind(unit: Unit) -> None:
    assert len(unit.exercises) >= 12
    assert {exercise.kind for exercise in unit.exercises} == set(Kind)


@EACH
def test_a_unit_rises_from_what_is_answered_to_what_is_live(unit: Unit) -> None:
    """What is recognised or predicted comes first; the first live task stands behind half of it."""
    kinds = [exercise.kind for exercise in unit.exercises]
    short = [place for place, kind in enumerate(kinds) if kind in (Kind.ANSWER, Kind.PREDICT)]
    live = [place for place, kind in enumerate(kinds) if kind in (Kind.CODE, Kind.WORLD)]

    assert short[0] == 0
    assert min(live) > short[len(short) // 2]


def test_the_course_has_three_audits_and_five_live_puzzles() -> None:
    exercises = [exercise for unit in COURSE.units for exercise in unit.exercises]

    assert sum(exercise.name.startswith("audit-") for exercise in exercises) >= 3
    assert sum(exercise.kind is Kind.WORLD for exercise in exercises) >= 5


@pytest.mark.parametrize("name", [name for name in misconceptions() if name[0] in "ACIEB"])
def test_a_misconception_of_the_five_units_is_detected_and_refuted(name: str) -> None:
    assert any(name in detected(unit) for unit in COURSE.units)
    assert misconceptions()[name].refutation


@EACH
def test_a_page_reads_in_under_three_minutes(unit: Unit) -> None:
    slow = {page.title: seconds for page in unit.pages if (seconds := reading_time(page.text)) >= SECONDS}

    assert slow == {}


def reading_time(markdown: str) -> float:
    """Seconds that a page takes to read."""
    code: list[str] = re.findall(r"^```.*?^```", markdown, re.MULTILINE | re.DOTALL)
    lines: int = sum(block.count("\n") - 1 for block in code)
    words = len(re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL).split())
    return (words + 4.0 * lines) * 60 / WORDS_A_MINUTE


@EACH
def test_a_unit_sends_nobody_to_one_that_the_course_does_not_have(unit: Unit) -> None:
    texts = (unit.walkthrough, *(page.text for page in unit.pages))
    named = {int(each) for text in texts for each in re.findall(r"\bunit (\d+)", text, re.IGNORECASE)}

    assert named <= {each.number for each in COURSE.units}


@EACH
def test_a_page_shows_an_example(unit: Unit) -> None:
    assert [page.title for page in unit.pages if "```" not in page.text and "\n|" not in page.text] == []


@EACH
def test_a_walkthrough_has_polls_with_beliefs_and_closes_with_a_note_for_the_teacher(unit: Unit) -> None:
    parts = dict(sections(unit.walkthrough))
    polls = {title: text for title, text in parts.items() if re.search(r"^- [A-D]\. ", text, re.MULTILINE)}

    assert len(polls) >= 4
    for title, text in polls.items():
        named = set(re.findall(r"\(([A-Z]\d+)\)", text))
        assert named, title
        assert named <= misconceptions().keys(), title
        assert re.search(r"\bAnswer: |^[A-D]: ", text, re.MULTILINE), title
    assert list(parts)[-1] == "For the teacher"
    assert re.search(
        r"\b(?:twenty|thirty|2\d|30)\b.*\bminutes\b|\b(?:Thirty|Twenty) minutes", [*parts.values()][-1]
    )
