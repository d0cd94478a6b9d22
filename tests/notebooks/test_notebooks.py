"""Every notebook runs from top to bottom on a machine with nothing set up, in nbmake's runner, and shows then
what it shows whoever only reads it."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from labs.course import Unit, Workspace, load_course
from labs.course.kinds.answer import AnswerExercise
from tests.notebooks.running import Cell, cells_of, is_kept, notebooks, output_of, run

UNITS = {path: path.stem.partition("-")[2] for path in notebooks()}
CHECKED = re.compile(r'check\(\s*"([\w/-]+)"')


def unit_of(path: Path) -> Unit:
    """The unit that a notebook goes with."""
    return load_course().unit(UNITS[path])


def source(cell: Cell) -> str:
    """The text of a cell."""
    return "".join(cell["source"])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with nothing in it, seen by the notebook's kernel."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.delenv("SKYLAB_WORKSPACE", raising=False)
    return tmp_path


def test_there_is_one_for_each_of_the_five_units_in_the_course_s_order() -> None:
    assert [path.stem for path in notebooks()] == [
        "01-arns",
        "02-cidr",
        "03-policies",
        "04-instances",
        "05-billing",
    ]
    numbers = [unit_of(path).number for path in notebooks()]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_notebook_is_well_formed(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))

    assert (document["nbformat"], document["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in document["cells"]}) == len(document["cells"])
    assert {cell["cell_type"] for cell in document["cells"]} == {"markdown", "code"}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_notebook_keeps_only_the_outputs_that_are_meant_to_be_read(path: Path) -> None:
    cells = [cell for cell in cells_of(path) if cell["cell_type"] == "code"]

    assert all(cell["execution_count"] is None for cell in cells)
    assert all(bool(cell["outputs"]) == is_kept(cell) for cell in cells)
    assert sum(map(is_kept, cells)) >= 5


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_no_output_tells_of_the_machine_it_was_made_on(path: Path) -> None:
    kept = json.dumps([cell.get("outputs", []) for cell in cells_of(path)])

    for trace in ("127.0.0.1", "localhost", "/home/", "/tmp/", "site-packages", "widget-view", "0x7f"):
        assert trace not in kept


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_notebook_has_every_exercise_of_its_unit(path: Path) -> None:
    text = "\n".join(map(source, cells_of(path)))
    checked = [name.partition("/")[2] for name in CHECKED.findall(text)]

    assert sorted(checked) == sorted(unit_of(path).exercise_names)
    assert {f'task("{UNITS[path]}/{name}")' for name in checked} <= set(
        re.findall(r'task\("[\w/-]+"\)', text)
    )


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_the_fields_to_fill_in_are_those_of_the_exercise(path: Path) -> None:
    for cell in cells_of(path):
        for call in ast.walk(ast.parse(source(cell) if cell["id"].startswith("check-") else "")):
            match call:
                case ast.Call(ast.Name("check"), [ast.Constant(str(name)), ast.Dict() as answer]):
                    exercise = load_course().exercise(name)
                    assert isinstance(exercise, AnswerExercise)
                    fields = [each.name for each in exercise.fields(exercise.variant("alice"))]
                    assert sorted(ast.literal_eval(answer)) == sorted(fields), name


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_the_points_and_minutes_of_an_exercise_are_those_of_the_course(path: Path) -> None:
    said = {cell["id"].removeprefix("do-"): source(cell) for cell in cells_of(path)}

    for exercise in unit_of(path).exercises:
        assert f"*{exercise.points} points, about {exercise.minutes} minutes.*" in said[exercise.name]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_notebook_sends_nobody_to_a_unit_that_the_course_does_not_have(path: Path) -> None:
    named = {int(each) for cell in cells_of(path) for each in re.findall(r"\bunit (\d+)", source(cell))}

    assert named <= {unit.number for unit in load_course().units}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_each_section_ends_with_a_next_step(path: Path) -> None:
    sections = re.split(r"(?m)^## ", "\n\n".join(source(cell) for cell in cells_of(path)))[1:]

    *inner, _last, end = sections
    assert all("**Next:**" in section for section in inner)
    assert end.startswith("Where to go on")


@pytest.mark.slow
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_it_keeps(path: Path, home: Path) -> None:
    ran = run(path)

    for kept, fresh in zip(cells_of(path), ran, strict=True):
        if is_kept(kept):
            assert output_of(fresh) == output_of(kept), f"{path.name}, cell {kept['id']}"
    shown = json.dumps([output_of(cell) for cell in ran])
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert "{{" not in shown
    assert "Traceback" not in shown
    assert_progress_holds_no_answer_yet(Workspace.open(home / "skylab"), unit_of(path))


def assert_progress_holds_no_answer_yet(workspace: Workspace, unit: Unit) -> None:
    """Running a notebook whole hands in nothing that is right, and no answers at all to questions."""
    standings: dict[str, Any] = {each.name: workspace.progress.best(each) for each in unit.exercises}
    assert not [name for name, standing in standings.items() if standing.state == "done"]
    assert not [
        each.name
        for each in unit.exercises
        if each.kind.value in ("answer", "predict") and standings[each.name].attempts
    ]
