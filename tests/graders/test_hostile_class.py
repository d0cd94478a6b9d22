"""A class with damaged, hostile and strangely named submissions is graded whole, and each is reported."""

from __future__ import annotations

import csv
import json
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.graders.bombs import bomb

STUDENTS = 60
HONEST = 42
GIB = 1024**3
FORMULA = "=cmd|'_c calc'!A0"
SCRIPT = "<script>alert(1)<|script>"
NAMES = (FORMULA, SCRIPT, "-rf", "+1", "@SUM(A1)", "a\u202egpj.exe", "two\nlines", "x" * 250, "ümläut", "CON")
DOUBLE = "def double(n):\n    return 2 * n\n"
RESCUED = ("copied.ipynb", "cut.ipynb", "magic.ipynb", "old.ipynb", "wide.ipynb")
"""Damaged notebooks whose answers are found all the same."""


def damaged(name: str, classroom: Any) -> bytes:
    """A notebook with the right answers of the student that it is named after, and what its name says."""
    student = name.removesuffix(".ipynb")
    answer = classroom.course.exercise("number").variant(student).values["number"]
    asked = {"cell_type": "code", "metadata": {}, "source": f'check("toy/number", {{"number": {answer}}})'}
    wrong = {**asked, "source": 'check("toy/number", {"number": -1})'}
    magic = {"cell_type": "code", "source": f"%load_ext evil\n!curl evil\n{DOUBLE}"}
    cells: list[Any] = [{"cell_type": "markdown", "source": "<script>alert(1)</script>"}, asked, magic]
    if name == "copied.ipynb":
        cells = [wrong, *cells, None, {"cell_type": "code", "source": 7}]
    if name == "old.ipynb":
        old = [
            {("input" if key == "source" else key): value for key, value in cell.items()} for cell in cells
        ]
        return json.dumps({"worksheets": [{"cells": old}], "nbformat": 3}).encode()
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    if name == "cut.ipynb":
        return text[:-40].encode()
    return text.encode("utf-16" if name == "wide.ipynb" else "utf-8")


@pytest.fixture
def hostile(classroom: Any) -> Any:
    """Sixty students: damaged notebooks, a bomb of 2 GB, and names that somebody might obey."""
    for number in range(HONEST):
        student = f"student{number:02}"
        classroom.hand_in(student, number=classroom.number(student), double=DOUBLE)
    for name in NAMES:
        classroom.hand_in(name, number=classroom.number(name))
    (classroom.folder / "torn.ipynb").write_text('{"cells": [{"cell_type": "code", "sour')
    (classroom.folder / "nothing.ipynb").write_bytes(b"")
    for name in RESCUED:
        (classroom.folder / name).write_bytes(damaged(name, classroom))
    bomb(classroom.folder / "bomber.zip", "toy/number/answer.toml", 2 * GIB)
    return classroom


@pytest.mark.slow
def test_a_hostile_class_is_graded_whole_and_each_of_its_members_is_told_of(hostile: Any) -> None:
    result = hostile.grade("number", "double", workers=2)
    told = {each.source: tuple(report.state for report in each.exercises) for each in result.submissions}
    unread = {each.source for each in result.errors}

    honest = [f"student{number:02}" for number in range(HONEST)]
    assert {source: told[source] for source in honest} == dict.fromkeys(honest, ("pass", "pass"))
    assert {name: told[name] for name in NAMES} == dict.fromkeys(NAMES, ("missing", "pass"))
    for notebook in ("torn.ipynb", "nothing.ipynb"):
        assert notebook in unread
        assert set(told[notebook]) == {"error"}
    assert {name: told[name] for name in RESCUED} == dict.fromkeys(RESCUED, ("pass", "pass"))
    notes = {each.source: " ".join(sum((e.notes for e in each.exercises), ())) for each in result.submissions}
    says = (
        "answered in cells 1, 3",
        "3 whole cells",
        "%load_ext evil, !curl evil",
        "older format 3",
        "UTF-16",
    )
    for name, said in zip(RESCUED, says, strict=True):
        assert said in notes[name]
    assert "pass" not in told["bomber.zip"]
    assert told["bomber.zip"][1] == "error"
    assert len(told) + len(unread - set(told)) == STUDENTS


@pytest.mark.slow
def test_what_is_written_of_a_hostile_class_obeys_nobody(hostile: Any) -> None:
    hostile.grade("number")
    for name in ("gradebook.csv", "canvas.csv", "nbgrader.csv"):
        with (hostile.out / name).open(newline="", encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert [cell for cell in cells if "cmd|" in cell], "the student is there all the same"
    pages = list((hostile.out / "feedback").iterdir())
    assert len(pages) >= STUDENTS - 3
    for page in (*pages, hostile.out / "report.html"):
        text = page.read_text("utf-8")
        assert "<script" not in text
        assert "\u202e" not in text
        assert page.name.isascii()
    assert len(ElementTree.parse(hostile.out / "junit.xml").getroot()) == len(pages)
    answers = [json.loads(path.read_text("utf-8")) for path in (hostile.out / "gradescope").iterdir()]
    assert sorted({each["score"] for each in answers}) == [0.0, 1.0]
    scores = [json.loads(line) for line in (hostile.out / "lti.jsonl").read_text("utf-8").splitlines()]
    assert {FORMULA, SCRIPT} <= {each["userId"] for each in scores}
    written = json.loads((hostile.out / "results.json").read_text("utf-8"))
    assert {FORMULA, SCRIPT} <= {each["student"] for each in written["submissions"]}
