"""Criteria that build on others wait for them; values are the same only if their types are."""

from __future__ import annotations

from typing import Any

import pytest

from labs.course import CallResult
from labs.course.kinds.code import same
from labs.course.marks import failed, passed, settled, skipped
from labs.errors import CourseError

GIVEN = (
    failed("c", 1, "No.", misconception="C1"),
    passed("a", 1),
    failed("b", 2, "No."),
    failed("d", 1, "No."),
)


def test_what_builds_on_what_does_not_hold_is_skipped_and_says_what_it_waits_for() -> None:
    c, a, b, d = settled(GIVEN, {"c": ["a", "b"], "d": ["c"]})

    assert (a.state, b.state) == ("pass", "fail")
    assert (c.state, c.misconception) == ("skipped", None)
    assert [c.points, c.max] == [0, 1]
    assert c.message == "Not judged, because this does not hold: b."
    assert (d.state, d.message) == ("skipped", "Not judged, because this does not hold: c.")


def test_what_holds_is_not_counted_either_while_what_it_builds_on_does_not() -> None:
    assert settled(GIVEN, {"a": ["b"]})[1].state == "skipped"


def test_criteria_of_the_same_name_stay_apart() -> None:
    given = (passed("a", 1), failed("a", 2, "No."), passed("b", 1))

    assert settled(given, {}) == given
    assert [each.state for each in settled(given, {"b": ["a"]})] == ["pass", "fail", "skipped"]


def test_what_is_skipped_and_does_not_say_why_waits_for_the_first_that_does_not_hold() -> None:
    given = (passed("a", 1), failed("b", 2, "No."), skipped("c", 1, ""), skipped("d", 1, "Later."))
    c, d = settled(given, {})[2:]
    assert c.message == "Not judged, because this does not hold: b."
    assert d.message == "Later."


def test_without_needs_nothing_changes() -> None:
    assert settled(GIVEN, {}) == GIVEN


@pytest.mark.parametrize("needs", [{"x": ["a"]}, {"a": ["x"]}, {"a": ["b"], "b": ["a"]}, {"a": ["a"]}])
def test_needs_that_cannot_be_met_are_a_mistake_of_the_course(needs: dict[str, list[str]]) -> None:
    with pytest.raises(CourseError):
        settled(GIVEN, needs)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (1, True),
        (1.0, 1),
        (True, 1),
        ("1", 1),
        ([1, 2.0], [1, 2]),
        ({"a": [True]}, {"a": [1]}),
        ([], {}),
        (None, False),
    ],
)
def test_values_of_other_types_are_not_the_same(given: Any, wanted: Any) -> None:
    assert not same(given, wanted)
    assert same(given, given)


def test_a_call_that_failed_returned_nothing() -> None:
    assert CallResult({"b": 1, "a": [None]}).is_exactly({"a": [None], "b": 1})
    assert not CallResult(None, "task.py, line 1: ValueError").is_exactly(None)
