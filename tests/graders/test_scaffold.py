"""A new exercise of each kind passes its tests once its blanks are filled, and not before."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import labs.units
from graders.verifying import TestBench, mark_faults, text_faults
from labs.course import Exercise, Kind, Unit
from labs.course.catalogue import _read_unit
from labs.course.scaffold import begin_exercise, blanks_in
from labs.errors import CourseError

UNIT = 'number = 99\ntitle = "Practice"\nsummary = "For tests."\ngoals = []\nexercises = [\n    "first",\n]\n'


@pytest.fixture(scope="module")
def bench() -> Iterator[TestBench]:
    with TestBench() as bench:
        yield bench


@pytest.fixture
def unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unit:
    """A unit in a folder of its own, from which exercises can be loaded."""
    folder = tmp_path / f"practice_{tmp_path.name.replace('-', '_')}"
    folder.mkdir()
    (folder / "unit.toml").write_text(UNIT, "utf-8")
    monkeypatch.setattr(labs.units, "__path__", [*labs.units.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    return _read_unit(folder)


def filled(folder: Path) -> None:
    """Fill every blank, with anything."""
    for file in folder.rglob("*"):
        if file.is_file() and file.suffix != ".pyc":
            text = file.read_text("utf-8")
            for _, blank in blanks_in(text):
                text = text.replace(blank, "Something about it.")
            file.write_text(text, "utf-8")


def loaded(unit: Unit, name: str) -> Exercise:
    again = _read_unit(Path(str(unit.folder)))
    return again.exercises[again.exercise_names.index(name)] if name != "first" else again.exercises[0]


@pytest.mark.parametrize("kind", list(Kind))
def test_an_exercise_that_is_begun_holds_once_its_blanks_are_filled(
    unit: Unit, kind: Kind, bench: TestBench
) -> None:
    (Path(str(unit.folder)) / "unit.toml").write_text(UNIT.replace('    "first",\n', ""), "utf-8")
    folder = begin_exercise(_read_unit(Path(str(unit.folder))), "a-new-one", kind)
    exercise = loaded(unit, "a-new-one")
    assert exercise.kind is kind
    assert [fault for fault in text_faults(exercise) if "a blank is left" in fault.what]

    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    filled(folder)
    exercise = loaded(unit, "a-new-one")
    assert [str(fault) for fault in text_faults(exercise)] == []
    assert [str(fault) for number in range(3) for fault in mark_faults(exercise, number, bench)] == []


def test_the_name_is_entered_and_the_rest_of_the_unit_stays(unit: Unit) -> None:
    begin_exercise(unit, "a-new-one", Kind.ANSWER)
    text = (Path(str(unit.folder)) / "unit.toml").read_text("utf-8")
    assert text == UNIT.replace('    "first",\n', '    "first",\n    "a-new-one",\n')


@pytest.mark.parametrize("name", ["first", "", "Two Words", "../x", "a--b", "-a"])
def test_a_name_that_is_taken_or_none_is_refused(unit: Unit, name: str) -> None:
    with pytest.raises(CourseError):
        begin_exercise(unit, name, Kind.ANSWER)


def test_no_template_says_that_something_is_to_be_done_later(unit: Unit) -> None:
    for kind in Kind:
        folder = begin_exercise(_read_unit(Path(str(unit.folder))), f"of-{kind}", kind)
        assert not [
            file for file in folder.rglob("*") if file.is_file() and "TODO" in file.read_text("utf-8")
        ]
