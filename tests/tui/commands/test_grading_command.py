"""`skylab grade` and `skylab adjust`: a folder of submissions in, marks out, and points set by hand."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from labs.course import load_course

Skylab = Callable[..., Result]

NAME = "bucket-or-object"
ONLY = ("--only", NAME)


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    """Alice has it right, Bob handed in the starter, Carol's file is broken, and a zip file is none."""
    exercise = load_course().exercise(NAME)
    folder = tmp_path / "submissions"
    works = {
        "alice": exercise.solution(exercise.variant("alice")),
        "bob": exercise.starter(exercise.variant("bob")),
        "carol": "{",
    }
    for student, text in works.items():
        file = folder / student / "policies" / NAME / "policy.json"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    (folder / "dave.zip").write_bytes(b"no zip file")
    return folder


def test_every_submission_gets_its_marks_and_a_broken_one_costs_only_itself(
    skylab: Skylab, submissions: Path, tmp_path: Path
) -> None:
    result = skylab("grade", submissions, "--out", tmp_path / "marks", *ONLY, "--json")

    answer = json.loads(result.stdout)
    states = {each["student"]: each["exercises"][0]["state"] for each in answer["submissions"]}
    assert result.exit_code == 0
    assert (states["alice"], states["bob"]) == ("pass", "partial")
    assert states["carol"] in ("fail", "error")
    assert ["dave" in error["source"] for error in answer["errors"]] == [True]


def test_the_results_lie_where_they_were_wanted(skylab: Skylab, submissions: Path, tmp_path: Path) -> None:
    out = tmp_path / "marks"

    skylab("grade", submissions, "--out", out, *ONLY)

    with (out / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    assert any("alice" in row for row in rows)
    assert json.loads((out / "results.json").read_text())["submissions"]
    assert (out / "feedback" / "alice.html").is_file()


def test_for_people_it_prints_a_line_a_student(skylab: Skylab, submissions: Path, tmp_path: Path) -> None:
    text = skylab("grade", submissions, "--out", tmp_path / "marks", *ONLY).stdout

    assert [line for line in text.splitlines() if "alice" in line and "6 of 6" in line and "1 pass" in line]
    assert "dave" in text


def test_a_folder_that_is_not_there_is_wrong_use(skylab: Skylab, tmp_path: Path) -> None:
    result = skylab("grade", tmp_path / "absent", "--out", tmp_path / "marks")

    assert result.exit_code == 2
    assert "There is no such folder" in result.stderr


def test_an_exercise_that_is_not_there_is_wrong_use(
    skylab: Skylab, submissions: Path, tmp_path: Path
) -> None:
    assert skylab("grade", submissions, "--out", tmp_path / "marks", "--exercise", "nope").exit_code == 2


def test_run_again_it_says_what_has_changed_and_why(
    skylab: Skylab, submissions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "marks"
    skylab("grade", submissions, "--out", out, *ONLY)
    exercise = load_course().exercise(NAME)
    bobs = submissions / "bob" / "policies" / NAME / "policy.json"
    bobs.write_text(exercise.solution(exercise.variant("bob")))

    text = skylab("grade", submissions, "--out", out, *ONLY).stdout

    assert [line for line in text.splitlines() if "bob" in line and "→ pass 6" in line]
    assert "the work is another" in text


def test_only_a_student_may_be_marked(skylab: Skylab, submissions: Path, tmp_path: Path) -> None:
    out = tmp_path / "marks"
    words = ("grade", submissions, "--out", out, *ONLY, "--json")

    alone = json.loads(skylab(*words, "--only-student", "bob").stdout)
    everyone = json.loads(skylab(*words).stdout)
    again = skylab(*words, "--only-student", "bob", "--only-student", "alice", "--regrade")

    assert [each["student"] for each in alone["submissions"]] == ["bob"]
    assert len(everyone["submissions"]) == 4
    assert len(json.loads(again.stdout)["submissions"]) == 4, "the others stay"
    assert skylab(*words, "--only-student", "nobody").exit_code == 2


def test_a_roster_lists_who_is_missing(skylab: Skylab, submissions: Path, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("student,name,ID\nalice,Alice Adams,1\nerin,Erin Evans,5\n")

    text = skylab("grade", submissions, "--out", tmp_path / "marks", *ONLY, "--roster", roster).stdout

    assert [line for line in text.splitlines() if "Erin Evans" in line and "1 missing" in line]
    assert [line for line in text.splitlines() if "Alice Adams" in line and "6 of 6" in line]
    assert "Not in the roster" in text
    missing = tmp_path / "nowhere.csv"
    assert skylab("grade", submissions, "--out", tmp_path / "m", "--roster", missing).exit_code == 2


def test_progress_goes_to_stderr_and_not_to_programs(
    skylab: Skylab, submissions: Path, tmp_path: Path
) -> None:
    shown = skylab("grade", submissions, "--out", tmp_path / "one", *ONLY)
    quiet = skylab("grade", submissions, "--out", tmp_path / "two", *ONLY, "--json")

    assert "4 of 4 marked: 1 pass" in shown.stderr
    assert "marked" not in shown.stdout
    assert quiet.stderr == ""
    assert len(quiet.stdout.splitlines()) == 1


def test_a_scheduler_that_is_not_there_is_a_failed_environment(
    skylab: Skylab, submissions: Path, tmp_path: Path
) -> None:
    result = skylab("grade", submissions, "--out", tmp_path / "marks", "--scheduler", "tcp://127.0.0.1:1")

    assert result.exit_code == 3


def test_points_set_by_hand_are_shown_listed_and_kept(
    skylab: Skylab, submissions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "marks"
    skylab("grade", submissions, "--out", out, *ONLY)

    said = skylab("adjust", out, "bob", NAME, "4.5", "--why", "Showed it in class", "--who", "Ms Lee")
    again = json.loads(skylab("grade", submissions, "--out", out, *ONLY, "--regrade", "--json").stdout)
    told = next(each for each in again["submissions"] if each["student"] == "bob")

    assert said.exit_code == 0
    assert "4.5 of 6 points" in said.stdout
    assert told["points"] == "4.5"
    made = told["exercises"][0]["adjustment"]
    assert (made["why"], made["who"], made["changed_beneath"]) == ("Showed it in class", "Ms Lee", False)
    assert "Showed it in class (Ms Lee, 20" in skylab("adjust", out).stdout
    listed = json.loads(skylab("adjust", out, "--json").stdout)["adjustments"]
    assert [(each["student"], each["points"]) for each in listed] == [("bob", "4.5")]
    back = json.loads(skylab("adjust", out, "bob", NAME, "--why", "A mistake", "--json").stdout)
    assert "adjustment" not in back


def test_adjustments_that_make_no_sense_are_wrong_use(
    skylab: Skylab, submissions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "marks"
    assert skylab("adjust", out, "bob", NAME, "1", "--why", "w").exit_code == 2
    skylab("grade", submissions, "--out", out, *ONLY)
    for words in (
        ("bob", NAME, "1"),
        ("bob",),
        ("bob", NAME, "one", "--why", "w"),
        ("bobby", NAME, "1", "--why", "w"),
        ("bob", "nope", "1", "--why", "w"),
    ):
        assert skylab("adjust", out, *words).exit_code == 2, words
    assert not (out / "adjustments.jsonl").exists()


def test_an_answer_that_was_made_for_another_student_is_flagged_for_the_teacher_alone(
    skylab: Skylab, submissions: Path, tmp_path: Path
) -> None:
    file = submissions / "erin" / "policies" / NAME / "policy.json"
    file.parent.mkdir(parents=True)
    file.write_bytes((submissions / "alice" / "policies" / NAME / "policy.json").read_bytes())
    out = tmp_path / "marks"

    text = skylab("grade", submissions, "--out", out, *ONLY).stdout

    told = json.loads((out / "results.json").read_text("utf-8"))["submissions"]
    fits = {each["student"]: each["exercises"][0].get("fits_variant_of") for each in told}
    assert fits == {"alice": None, "bob": None, "carol": None, "dave": None, "erin": ["alice"]}
    assert "1 made for another's variant" in " ".join(text.split())
    assert "variant of alice" in (out / "gradebook.csv").read_text("utf-8")
    assert "variant of alice" in (out / "report.html").read_text("utf-8")
    assert "alice" not in (out / "feedback" / "erin.html").read_text("utf-8")


def test_a_column_of_the_canvas_export_is_filled_and_who_is_not_in_it_is_told(
    skylab: Skylab, submissions: Path, tmp_path: Path
) -> None:
    export = tmp_path / "export.csv"
    export.write_bytes(b'Student,ID,SIS Login ID,Section,Lab (1)\r\n"A, A",1,ALICE,"x",\r\n')
    out = tmp_path / "marks"

    result = skylab("grade", submissions, "--out", out, *ONLY, "--canvas", export)

    assert (out / "canvas.csv").read_bytes() == export.read_bytes()[:-2] + b"6\r\n"
    assert "no line of its own for bob, carol, dave" in " ".join(result.stderr.split())
    skylab("adjust", out, "alice", NAME, "5", "--why", "Late")
    assert (out / "canvas.csv").read_bytes() == export.read_bytes()[:-2] + b"5\r\n"
    wrong = skylab("grade", submissions, "--out", out, *ONLY, "--canvas", export, "--canvas-column", "Quiz")
    assert wrong.exit_code == 2
    absent = skylab("grade", submissions, "--out", out, *ONLY, "--canvas", tmp_path / "absent.csv")
    assert absent.exit_code == 2


def test_the_course_is_exported_for_gradescope_and_nbgrader(skylab: Skylab, tmp_path: Path) -> None:
    autograder, notebook = tmp_path / "autograder.zip", tmp_path / "policies.ipynb"

    first = skylab("export", "gradescope", "policies", "what-if", "--out", autograder)
    second = skylab("export", "nbgrader", "policies", "--out", notebook)

    assert (first.exit_code, second.exit_code) == (0, 0)
    with zipfile.ZipFile(autograder) as archive:
        asked = json.loads(archive.read("autograder.json"))["exercises"]
    assert asked[-1] == "billing/what-if"
    assert f"policies/{NAME}" in asked
    assert "policies--bucket-or-object" in notebook.read_text("utf-8")
    assert skylab("export", "nbgrader", "nope", "--out", notebook).exit_code == 2
