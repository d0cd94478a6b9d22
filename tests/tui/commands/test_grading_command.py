"""`skylab grade`: a folder of submissions in, marks out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from labs.course import load_course

Skylab = Callable[..., Result]

NAME = "bucket-or-object"
ONLY = ("--exercise", NAME)


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
    assert "absent" in result.stderr


def test_an_exercise_that_is_not_there_is_wrong_use(
    skylab: Skylab, submissions: Path, tmp_path: Path
) -> None:
    assert skylab("grade", submissions, "--out", tmp_path / "marks", "--exercise", "nope").exit_code == 2
