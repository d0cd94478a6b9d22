"""A change of a verdict says why: what of all that a verdict follows from is another."""

from __future__ import annotations

from decimal import Decimal

import pytest

from graders.adjustments import Adjustment
from graders.changes import Change, change_of
from graders.store import Key, Told

RULES = {"skylab": "1.0", "course": "c", "exercise": "e", "settings": "s"}


def told(state: str = "fail", work: str = "w", points: str = "0", **rules: str) -> Told:
    criteria = (("a", "pass", "0"), ("b", state, points))
    return Told("alice.zip", "toy/number", "alice", state, points, Key(work, {**RULES, **rules}), criteria)


PASS = {"state": "pass", "points": "1"}


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (told(**PASS, work="v"), "the work is another"),
        (told(**PASS, exercise="f"), "the exercise or its check is another"),
        (told(**PASS, course="d"), "the course is another"),
        (told(**PASS, settings="t"), "the limits, the isolation or the number of hidden worlds are others"),
        (told(**PASS, skylab="2.0"), "Skylab 1.0 judged before, and 2.0 now"),
        (told(**PASS), "judged again, and it went another way"),
        (
            told(**PASS, work="v", exercise="f"),
            "the work is another, and the exercise or its check is another",
        ),
        (told("missing", work=""), "not handed in any more"),
    ],
)
def test_each_reason_is_said(after: Told, why: str) -> None:
    assert change_of(told(), after, {}).why == why


def test_beginnings_and_ends_are_reasons_of_their_own() -> None:
    assert change_of(None, told(), {}).why == "graded for the first time"
    assert change_of(told(), None, {}).why == "the submission is not there any more"
    assert change_of(told("missing", work=""), told(**PASS), {}).why == "handed in since"


def test_only_the_criteria_that_differ_are_named() -> None:
    assert change_of(told(), told(**PASS), {}).criteria == (("b", "fail", "pass"),)
    assert change_of(None, told(**PASS), {}).criteria == ()


def test_points_that_were_set_by_hand_are_said_to_stay() -> None:
    made = Adjustment("alice", "toy/number", Decimal("0.5"), "w", "me", "t", Decimal(0), "fail")
    change = change_of(told(), told(**PASS), {("alice", "toy/number"): made})
    assert change.kept == Decimal("0.5")
    assert change_of(told(), told(**PASS), {("bob", "toy/number"): made}).kept is None


@pytest.mark.parametrize(("before", "after"), [(told(), told(**PASS)), (None, told()), (told(), None)])
def test_a_change_is_read_as_it_was_written(before: Told | None, after: Told | None) -> None:
    change = change_of(before, after, {})
    assert Change.from_json(change.to_json()) == change
