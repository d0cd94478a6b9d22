"""Points that a person has set by hand count, are shown with their reason, and outlast every regrade."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from graders.adjusting import adjust, points_of
from graders.adjustments import Adjustment, Adjustments
from graders.report import Report
from graders.roster import Entry, Roster
from labs.errors import CourseError, SubmissionError

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
WRONG = "number = -1\n"


def set_points(classroom: Any, student: str, points: str | None, why: str = "Said it aloud") -> Report:
    given = None if points is None else Decimal(points)
    return adjust(classroom.out, classroom.course, student, "number", given, why=why, who="Ms Lee", when=NOW)


def first_report(classroom: Any, student: str = "alice") -> dict[str, Any]:
    written = json.loads((classroom.out / "results.json").read_text("utf-8"))
    return next(each["exercises"][0] for each in written["submissions"] if each["student"] == student)


def test_an_adjustment_counts_at_once_and_leaves_the_verdict(classroom: Any) -> None:
    classroom.hand_in("alice", number=WRONG)
    classroom.grade()
    report = set_points(classroom, "alice", "0.5")
    assert (report.points, report.judged, report.state) == (Decimal("0.5"), Decimal(0), "fail")
    told = first_report(classroom)
    assert (told["points"], told["state"]) == ("0.5", "fail")
    assert told["adjustment"] == {
        "points": "0.5",
        "why": "Said it aloud",
        "who": "Ms Lee",
        "when": "2026-01-31T12:00:00Z",
        "judged": "0",
        "changed_beneath": False,
    }
    rows = csv.DictReader((classroom.out / "gradebook.csv").read_text("utf-8").splitlines())
    assert [(row["toy/number"], row["total"]) for row in rows] == [("0.5", "0.5")]


def test_a_regrade_keeps_it_and_says_that_the_verdict_beneath_has_changed(classroom: Any) -> None:
    classroom.hand_in("alice", number=WRONG)
    classroom.grade()
    set_points(classroom, "alice", "0.5")
    classroom.grade(regrade=True)
    assert first_report(classroom)["adjustment"]["changed_beneath"] is False
    classroom.hand_in("alice", number=classroom.number("alice"))
    result = classroom.grade(regrade=True)
    told = first_report(classroom)
    assert (told["points"], told["state"]) == ("0.5", "pass")
    assert told["adjustment"]["judged"] == "1"
    assert told["adjustment"]["changed_beneath"] is True
    (change,) = result.changes
    assert (str(change.before), str(change.after), change.kept) == ("fail 0", "pass 1", Decimal("0.5"))


def test_setting_points_keeps_the_changes_of_the_last_run(classroom: Any) -> None:
    classroom.hand_in("alice", number=WRONG)
    classroom.grade()
    classroom.hand_in("alice", number=classroom.number("alice"))
    classroom.grade()
    set_points(classroom, "alice", "0")
    assert len(json.loads((classroom.out / "results.json").read_text("utf-8"))["changes"]) == 1


def test_the_last_word_counts_and_the_verdict_can_count_again(classroom: Any) -> None:
    classroom.hand_in("alice", number=classroom.number("alice"))
    classroom.grade()
    set_points(classroom, "alice", "0")
    assert set_points(classroom, "alice", "0.25", why="On second thoughts").points == Decimal("0.25")
    report = set_points(classroom, "alice", None, why="A mistake")
    assert (report.points, report.adjustment) == (Decimal(1), None)
    told = Adjustments(classroom.out).read()
    assert [(each.points, each.why) for each in told] == [
        (Decimal(0), "Said it aloud"),
        (Decimal("0.25"), "On second thoughts"),
        (None, "A mistake"),
    ]
    assert {each.judged for each in told} == {Decimal(1)}


def test_it_outlasts_the_results_from_which_it_was_made(classroom: Any) -> None:
    classroom.hand_in("alice", number=WRONG)
    classroom.grade()
    set_points(classroom, "alice", "1")
    for path in classroom.out.glob("results.*"):
        path.unlink()
    classroom.grade()
    assert first_report(classroom)["points"] == "1"


def test_a_student_who_has_handed_in_nothing_can_have_points(classroom: Any) -> None:
    classroom.hand_in("alice", number=WRONG)
    classroom.grade(roster=Roster((Entry("alice", "Alice A"), Entry("bob", "Bob B", {"ID": "77"}))))
    set_points(classroom, "77", "1", why="On paper")
    classroom.grade(roster=Roster((Entry("alice", "Alice A"), Entry("bob", "Bob B", {"ID": "77"}))))
    assert first_report(classroom, "bob")["points"] == "1"


def test_what_cannot_be_adjusted_is_said(classroom: Any) -> None:
    with pytest.raises(SubmissionError, match="no marks"):
        set_points(classroom, "alice", "1")
    classroom.hand_in("alice", number=WRONG)
    classroom.grade()
    with pytest.raises(SubmissionError, match="Did you mean alice"):
        set_points(classroom, "alicia", "1")
    with pytest.raises(SubmissionError, match="reason"):
        set_points(classroom, "alice", "1", why=" ")
    with pytest.raises(CourseError):
        adjust(classroom.out, classroom.course, "alice", "nope", None, why="w", who="w", when=NOW)
    with pytest.raises(SubmissionError, match="not been graded"):
        adjust(classroom.out, classroom.course, "alice", "broken", None, why="w", who="w", when=NOW)
    assert Adjustments(classroom.out).read() == ()


@pytest.mark.parametrize("text", ["x", "", "-1", "NaN", "Infinity", "1e", "٣ points"])
def test_points_are_numbers_from_nothing_up(text: str) -> None:
    with pytest.raises(SubmissionError, match="no points"):
        points_of(text)
    assert points_of("2.5") == Decimal("2.5")


MADE = Adjustment("a", "toy/number", Decimal("1.5"), "because\n", "me", "now", Decimal(0), "fail")


def test_a_line_that_was_never_finished_is_no_adjustment_and_harms_no_later_one(tmp_path: Path) -> None:
    kept = Adjustments(tmp_path)
    assert kept.read() == ()
    kept.add(MADE)
    with kept.path.open("ab") as file:
        file.write(b'{"student": "b", "exer')
    assert kept.read() == (MADE,)
    kept.add(MADE)
    assert kept.read() == (MADE, MADE)


@pytest.mark.parametrize("line", ["{}", "[]", "x", '{"student": 1}'])
def test_a_damaged_line_is_an_error_and_no_points_are_lost_silently(tmp_path: Path, line: str) -> None:
    kept = Adjustments(tmp_path)
    kept.add(MADE)
    with kept.path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(SubmissionError, match="line 2"):
        kept.read()
