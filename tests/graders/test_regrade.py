"""Graded again, a class hears what has changed since the last run: from which verdict to which, and why."""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from graders import ClassResult
from graders.changes import Change, Mark

WRONG = "number = -1\n"


def changes(result: ClassResult) -> dict[tuple[str, str], Change]:
    return {(each.student, each.exercise.removeprefix("toy/")): each for each in result.changes}


def test_the_first_run_changes_nothing(classroom: Any) -> None:
    classroom.hand_in("alice", number=WRONG)
    assert classroom.grade().changes == ()


def test_work_that_was_handed_in_again_is_a_change_with_its_reason_and_its_criteria(classroom: Any) -> None:
    classroom.hand_in("alice", number=WRONG)
    classroom.hand_in("bob", number=classroom.number("bob"))
    classroom.grade()
    classroom.hand_in("alice", number=classroom.number("alice"))
    result = classroom.grade()
    assert classroom.fresh() == {("alice", "number")}
    assert changes(result) == {
        ("alice", "number"): Change(
            student="alice",
            source="alice",
            exercise="toy/number",
            before=Mark("fail", Decimal(0)),
            after=Mark("pass", Decimal(1)),
            why="the work is another",
            criteria=(("the number", "fail", "pass"),),
        )
    }
    written = json.loads((classroom.out / "results.json").read_text())["changes"]
    assert written == [
        {
            "student": "alice",
            "source": "alice",
            "exercise": "toy/number",
            "from": {"state": "fail", "points": "0"},
            "to": {"state": "pass", "points": "1"},
            "why": "the work is another",
            "criteria": [{"name": "the number", "from": "fail", "to": "pass"}],
            "kept": None,
        }
    ]
    assert classroom.grade().changes == (), "the next run has nothing to add"


def test_work_that_comes_and_goes_is_a_change(classroom: Any) -> None:
    for student in ("alice", "bob", "carol"):
        classroom.hand_in(student, number=classroom.number(student))
    (classroom.folder / "dave").mkdir()
    classroom.grade()
    (classroom.folder / "bob/toy/number/answer.toml").unlink()
    (classroom.folder / "carol").rename(classroom.folder / "erin")
    classroom.hand_in("dave", number=classroom.number("dave"))
    found = changes(classroom.grade())
    assert {student: (each.before and each.before.state, each.after and each.after.state, each.why)
            for (student, _), each in found.items()} == {
        "bob": ("pass", "missing", "not handed in any more"),
        "carol": ("pass", None, "the submission is not there any more"),
        "dave": ("missing", "pass", "handed in since"),
        "erin": (None, "fail", "graded for the first time"),
    }  # fmt: skip


def test_a_regrade_judges_everything_again_and_once(classroom: Any) -> None:
    for student in ("alice", "bob"):
        classroom.hand_in(student, number=classroom.number(student))
    classroom.grade()
    result = classroom.grade(regrade=True)
    assert classroom.fresh() == {("alice", "number"), ("bob", "number")}
    assert result.changes == ()
    classroom.grade()
    assert classroom.fresh() == set()


def test_only_what_is_asked_for_is_judged_and_the_rest_stays(classroom: Any) -> None:
    for student in ("alice", "bob"):
        works = {name: classroom.number(student) for name in ("number", "broken")}
        classroom.hand_in(student, **works)
    classroom.grade("number")
    classroom.grade("broken", students=["bob"], regrade=True)
    assert classroom.fresh() == {("bob", "broken")}
    result = classroom.grade("number", students=["alice"], regrade=True)
    assert classroom.fresh() == {("alice", "number")}
    assert result.exercises == ("toy/number", "toy/broken")
    states = {each.student: [report.state for report in each.exercises] for each in result.submissions}
    assert states == {"alice": ["pass", "missing"], "bob": ["pass", "error"]}


COURSE = """
from pathlib import Path
from skylab_toy_course import Number, ToyUnit
from labs.course import Course
from labs.course.marks import failed, passed

HERE = Path(__file__).parent

class Kept(Number):
    def mark(self, text, variant):
        wanted = (self.folder / "key.txt").read_text().strip()
        return (passed("the key", 1) if wanted in text else failed("the key", 1, "no"),)

class Changing(ToyUnit):
    def _load(self, name):
        return Kept(self, name, HERE / "exercises" / name)

def load():
    return Course((Changing("toy", 0, "Toys", "For tests.", (), HERE, ("number",)),))
"""


@pytest.fixture
def changing(classroom: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A classroom whose course has a key that can be changed."""
    module = f"changing_course_{os.getpid()}_{tmp_path.name}"
    (tmp_path / f"{module}.py").write_text(COURSE)
    (tmp_path / "exercises/number").mkdir(parents=True)
    (tmp_path / "exercises/number/key.txt").write_text("number = 1")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]]))
    monkeypatch.syspath_prepend(str(tmp_path))
    classroom.loader = f"{module}:load"
    yield classroom
    sys.modules.pop(module, None)


def test_a_check_that_was_put_right_is_a_change_with_that_reason(changing: Any, tmp_path: Path) -> None:
    changing.hand_in("alice", number="number = 2\n")
    changing.hand_in("bob", number="number = 1\n")
    changing.grade()
    (tmp_path / "exercises/number/key.txt").write_text("number = 2")
    found = changes(changing.grade())
    assert {student: str(each.after) for (student, _), each in found.items()} == {
        "alice": "pass 1",
        "bob": "fail 0",
    }
    assert {each.why for each in found.values()} == {"the exercise or its check is another"}
