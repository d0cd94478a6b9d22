"""A class with damaged, hostile and strangely named submissions is graded whole, and each is reported."""

from __future__ import annotations

import csv
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

STUDENTS = 60
GIB = 1024**3
FORMULA = "=cmd|'_c calc'!A0"
SCRIPT = "<script>alert(1)<|script>"
NAMES = (FORMULA, SCRIPT, "-rf", "+1", "@SUM(A1)", "a\u202egpj.exe", "two\nlines", "x" * 250, "ümläut", "CON")
DOUBLE = "def double(n):\n    return 2 * n\n"


def bomb(path: Path, name: str, size: int) -> None:
    """A zip file whose one entry unpacks to so many zero bytes, made without packing them.

    A block of zeros that ends with a full flush may be repeated as often as one likes.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    data = block * (size // 2**20) + packer.flush(zlib.Z_FINISH)
    entry = name.encode()
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, 0, len(data), size, len(entry), 0)
    local = b"PK\x03\x04" + common + entry
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + entry
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local) + len(data), 0)
    path.write_bytes(local + data + central + end)


@pytest.fixture
def hostile(classroom: Any) -> Any:
    """Sixty students: 5 % with damaged notebooks, a bomb of 2 GB, and names that somebody might obey."""
    for number in range(STUDENTS - len(NAMES) - 4):
        student = f"student{number:02}"
        classroom.hand_in(student, number=classroom.number(student), double=DOUBLE)
    for name in NAMES:
        classroom.hand_in(name, number=classroom.number(name))
    notebook = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    (classroom.folder / "torn.ipynb").write_text(notebook[:30])
    (classroom.folder / "wide.ipynb").write_text(notebook, "utf-16")
    (classroom.folder / "nothing.ipynb").write_bytes(b"")
    bomb(classroom.folder / "bomber.zip", "toy/number/answer.toml", 2 * GIB)
    return classroom


@pytest.mark.slow
def test_a_hostile_class_is_graded_whole_and_each_of_its_members_is_told_of(hostile: Any) -> None:
    result = hostile.grade("number", "double", workers=2)
    told = {each.source: tuple(report.state for report in each.exercises) for each in result.submissions}
    unread = {each.source for each in result.errors}

    honest = [f"student{number:02}" for number in range(STUDENTS - len(NAMES) - 4)]
    assert {source: told[source] for source in honest} == dict.fromkeys(honest, ("pass", "pass"))
    assert {name: told[name] for name in NAMES} == dict.fromkeys(NAMES, ("missing", "pass"))
    for notebook in ("torn.ipynb", "wide.ipynb", "nothing.ipynb"):
        assert notebook in unread or set(told[notebook]) <= {"error", "missing"}
    assert "pass" not in told["bomber.zip"]
    assert told["bomber.zip"][1] == "error"
    assert len(told) + len(unread - set(told)) == STUDENTS


@pytest.mark.slow
def test_what_is_written_of_a_hostile_class_obeys_nobody(hostile: Any) -> None:
    hostile.grade("number")
    with (hostile.out / "gradebook.csv").open(newline="", encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert [cell for cell in cells if "cmd|" in cell], "the student is there all the same"
    pages = list((hostile.out / "feedback").iterdir())
    assert len(pages) >= STUDENTS - 3
    for page in pages:
        assert "<script" not in page.read_text("utf-8")
        assert page.name.isascii()
    written = json.loads((hostile.out / "results.json").read_text("utf-8"))
    assert {FORMULA, SCRIPT} <= {each["student"] for each in written["submissions"]}
