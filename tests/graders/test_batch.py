"""A class is graded whole: whatever one student hands in, the others get what they earned."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from graders import ClassResult, Progress, grade_folder
from graders.box import Limits
from graders.store import Store
from labs.course import Course
from labs.errors import SubmissionError

DOUBLE = "toy/double/task.py"
NUMBER = "toy/number/answer.toml"
RIGHT = "def double(n):\n    return 2 * n\n"
LIMITS = Limits(wall=2.0)
FORMULA = "=cmd|'_c calc'!A0"
SCRIPT = "<script>alert(1)<|script>"


def hand_in(folder: Path, student: str, **files: str | bytes) -> Path:
    """A submission as a folder; the files are named `double` and `number`."""
    for kind, data in files.items():
        path = folder / student / {"double": DOUBLE, "number": NUMBER}[kind]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder / student


def grade(folder: Path, out: Path, **options: Any) -> ClassResult:
    return grade_folder(
        folder,
        out,
        **{
            "loader": "skylab_toy_course:load",
            "exercises": ("toy/double", "toy/number"),
            "limits": LIMITS,
            "workers": 1,
            **options,
        },
    )


def number_of(course: Course, student: str) -> str:
    """The right answer of a student's variant of `number`."""
    return f"number = {course.exercise('number').variant(student).values['number']}\n"


def states(result: ClassResult) -> dict[str, tuple[str, ...]]:
    return {each.source: tuple(report.state for report in each.exercises) for each in result.submissions}


@pytest.mark.slow
def test_every_attack_costs_only_itself(toy: Course, tmp_path: Path, all_attacks: tuple[Any, ...]) -> None:
    """All the attacks and honest students between them, in one class."""
    folder = tmp_path / "class"
    for attack in all_attacks:
        if attack.wall == LIMITS.wall:
            hand_in(folder, attack.name, double=attack.source, number=number_of(toy, attack.name))
            hand_in(folder, f"{attack.name}-neighbour", double=RIGHT)
    result = grade(folder, tmp_path / "out", workers=2)
    found = states(result)
    marked = {each.student: each.exercises[0] for each in result.submissions}
    for attack in all_attacks:
        if attack.wall == LIMITS.wall:
            assert found[attack.name] == (attack.state, "pass"), attack.name
            assert found[f"{attack.name}-neighbour"] == ("pass", "missing")
            report = marked[attack.name]
            told = " ".join([*(each.message for each in report.criteria), report.output])
            assert report.points == (2 if attack.state == "pass" else 0), attack.name
            assert attack.says in told, attack.name
            assert {"own-process", "landlock-files", "landlock-tcp", "seccomp"} <= set(report.isolation)
    assert result.errors == ()


def test_results_are_written_in_the_form_that_is_promised(toy: Course, tmp_path: Path) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    hand_in(folder, "alice", double=RIGHT, number=number_of(toy, "alice"))
    hand_in(folder, "bob", double="def double(n): return 4")
    result = grade(folder, out)
    written = json.loads((out / "results.json").read_text("utf-8"))
    assert written == result.to_json()
    assert set(written) == {"course", "submissions", "errors", "changes"}
    alice, bob = written["submissions"]
    assert (alice["student"], alice["points"], alice["max"]) == ("alice", "3", "3")
    assert (bob["student"], bob["points"], bob["max"]) == ("bob", "1", "3")
    first = bob["exercises"][0]
    assert {"exercise", "variant", "state", "points", "max", "criteria", "isolation", "ms"} <= set(first)
    assert first["state"] == "partial"
    assert set(first["criteria"][0]) == {
        *("name", "state", "points", "max", "message", "misconception", "counterexample")
    }
    rows = csv.DictReader((out / "gradebook.csv").read_text("utf-8").splitlines())
    assert [(row["student"], row["toy/double"], row["toy/number"], row["total"]) for row in rows] == [
        ("alice", "2", "1", "3"),
        ("bob", "1", "", "1"),
    ]
    assert sorted(path.name for path in (out / "feedback").iterdir()) == ["alice.html", "bob.html"]
    assert result.submissions[0].points == Decimal(3)


class Tags(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_names_and_texts_are_harmless_wherever_they_are_shown(toy: Course, tmp_path: Path) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    printing = 'print("<img src=x onerror=alert(1)> \\x1b]0;title\\x07")\n'
    shouting = f"{printing}def double(n):\n    raise ValueError('<b onclick=alert(2)>')\n"
    for student in (FORMULA, SCRIPT, "-n", "a\u202egpj", "two\nlines"):
        hand_in(folder, student, double=shouting)
    result = grade(folder, out, exercises=("toy/double",))
    assert {each.student for each in result.submissions} >= {FORMULA, SCRIPT}
    for path in (out / "feedback").iterdir():
        page = path.read_text("utf-8")
        seen = Tags(page)
        assert seen.tags.isdisjoint({"script", "img", "b", "link", "iframe", "object"})
        assert "<b onclick=alert(2)>" in seen.text
        assert "\x1b" not in page
        assert "\u202e" not in page
        assert "http" not in page.replace("http-equiv", "")
        assert set(path.name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@+")
    for row in csv.reader((out / "gradebook.csv").read_text("utf-8").splitlines()):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_damaged_submissions_are_reported_and_the_others_unharmed(toy: Course, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    hand_in(folder, "alice", double=RIGHT)
    hand_in(folder, "latin", double="def double(n): return 'é'".encode("latin-1"), number=b"\xff\xfen\0")
    hand_in(folder, "nothing")
    (folder / "nobody").mkdir()
    (folder / "broken.zip").write_bytes(b"no zip")
    (folder / "notes.txt").write_text("")
    with zipfile.ZipFile(folder / "slip.zip", "w") as archive:
        archive.writestr(f"../../{DOUBLE}", "out")
        archive.writestr(f"slip/{DOUBLE}", RIGHT)
        archive.writestr("/etc/skylab-slipped", "out")
    with zipfile.ZipFile(folder / "zipped.zip", "w") as archive:
        archive.writestr(f"my work/{DOUBLE}", RIGHT)
        archive.writestr(f"my work/{NUMBER}", number_of(toy, "zipped"))
    result = grade(folder, tmp_path / "out")
    assert states(result) == {
        "alice": ("pass", "missing"),
        "broken.zip": ("error", "error"),
        "latin": ("error", "error"),
        "nobody": ("missing", "missing"),
        "slip.zip": ("missing", "missing"),
        "zipped.zip": ("pass", "pass"),
    }
    assert [each.source for each in result.errors] == ["notes.txt", "broken.zip", "slip.zip"]
    assert "Not a submission" in str(result.errors[0])
    assert not Path("/etc/skylab-slipped").exists()


def test_two_students_of_one_name_stay_apart(toy: Course, tmp_path: Path) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    hand_in(folder, "alice", double=RIGHT)
    with zipfile.ZipFile(folder / "alice.zip", "w") as archive:
        archive.writestr(DOUBLE, "def double(n): return n")
    hand_in(folder, "Alice", double="def double(n): return 4")
    result = grade(folder, out)
    assert [each.points for each in result.submissions] == [Decimal(1), Decimal(2), Decimal(0)]
    names = [path.name.casefold() for path in (out / "feedback").iterdir()]
    assert len(set(names)) == 3


def test_unchanged_work_is_not_judged_again(toy: Course, tmp_path: Path) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    hand_in(folder, "alice", double=RIGHT)
    hand_in(folder, "bob", double=RIGHT)
    first = grade(folder, out, exercises=("toy/double",))
    hand_in(folder, "bob", double="def double(n): return n")
    before = dict(judged(out))
    second = grade(folder, out, exercises=("toy/double",))
    after = dict(judged(out))
    assert before["alice"] == after["alice"]
    assert before["bob"] != after["bob"]
    assert first.submissions[0].to_json() == second.submissions[0].to_json()
    assert states(second) == {"alice": ("pass",), "bob": ("fail",)}


def judged(out: Path) -> list[tuple[str, str]]:
    """Each source with its verdict, the work that it is of, and its moment."""
    with Store(out / "results.sqlite") as store:
        rows = store._connection.execute("SELECT source, work || judged || report FROM verdict").fetchall()
    return [(source, mark) for source, mark in rows]


def test_progress_is_told_verdict_by_verdict(toy: Course, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    for student in ("alice", "bob", "carol"):
        hand_in(folder, student, number=number_of(toy, student))
    told: list[Progress] = []
    grade(folder, tmp_path / "out", exercises=("toy/number",), on_verdict=told.append)
    assert [each.done for each in told] == [1, 2, 3]
    assert {(each.total, each.student, each.report.state) for each in told} == {
        (3, student, "pass") for student in ("alice", "bob", "carol")
    }


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_where_it_stopped(toy: Course, tmp_path: Path) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    slow = "import time\ntime.sleep(0.4)\n" + RIGHT
    for number in range(8):
        hand_in(folder, f"student{number}", double=slow)
    program = f"""
from pathlib import Path
from graders import grade_folder
if __name__ == "__main__":
    grade_folder(Path({str(folder)!r}), Path({str(out)!r}), loader="skylab_toy_course:load",
                 exercises=("toy/double",), workers=2, limits=__import__("graders.box").box.Limits(wall=2.0))
"""
    process = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    deadline = time.monotonic() + 60
    while not (out / "results.sqlite").exists() or len(judged(out)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = dict(judged(out))
    assert 2 <= len(kept) < 8
    result = grade(folder, out, exercises=("toy/double",), workers=2)
    assert all(found == ("pass",) for found in states(result).values())
    again = dict(judged(out))
    assert {source: again[source] for source in kept} == kept


def test_a_check_that_fails_costs_only_its_exercise(toy: Course, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    hand_in(folder, "alice", number=number_of(toy, "alice"))
    broken = folder / "alice/toy/broken/answer.toml"
    broken.parent.mkdir(parents=True)
    broken.write_text("number = 1")
    result = grade(folder, tmp_path / "out", exercises=("toy/broken", "toy/number"))
    assert states(result) == {"alice": ("pass", "error")}


def test_a_check_that_ends_its_worker_costs_only_itself_and_is_tried_again(
    toy: Course, tmp_path: Path
) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    for student in ("alice", "bob"):
        hand_in(folder, student, number=number_of(toy, student))
        deadly = folder / student / "toy/deadly/answer.toml"
        deadly.parent.mkdir(parents=True)
        deadly.write_text("number = 1")
    result = grade(folder, out, exercises=("toy/deadly", "toy/number"))
    assert states(result) == {"alice": ("pass", "error"), "bob": ("pass", "error")}
    assert "no fault of yours" in result.submissions[0].exercises[1].criteria[0].message
    told: list[Progress] = []
    grade(folder, out, exercises=("toy/deadly", "toy/number"), on_verdict=told.append)
    tried = {(each.student, each.report.exercise.id) for each in told if each.fresh}
    assert tried == {("alice", "toy/deadly"), ("bob", "toy/deadly")}


def test_a_folder_that_is_not_there_is_an_error(toy: Course, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError):
        grade(tmp_path / "nowhere", tmp_path / "out")


def test_an_empty_class_is_graded_too(toy: Course, tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    result = grade(tmp_path / "class", tmp_path / "out")
    assert tuple(result.submissions) == ()
    assert result.exercises == ("toy/double", "toy/number")
    assert json.loads((tmp_path / "out/results.json").read_text())["submissions"] == []
