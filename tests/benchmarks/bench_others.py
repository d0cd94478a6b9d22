"""The same six questions graded by Skylab, nbgrader and otter-grader, side by side. Run it by hand.

python tests/benchmarks/bench_others.py [STUDENTS] [PYTHON]

PYTHON is an interpreter in whose environment nbgrader or otter-grader is installed, by default this one. What
is not installed there is left out, and said to be. Nothing of theirs is used but their own commands.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graders import grade_folder
from tests.benchmarks.bench_questions import LOADER, NAMES, QUESTIONS, Question
from tests.benchmarks.measure import Cpu, Meter, control_group

PS = "ps1"
CLASS = 200
"""Submissions for Skylab: what it takes to start would otherwise be all that is measured."""
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def main() -> None:
    words = [word for word in sys.argv[1:] if word.isdecimal()]
    students = int(words[0]) if words else 5
    python = next((word for word in sys.argv[1:] if not word.isdecimal()), sys.executable)
    print(f"{len(QUESTIONS)} questions, {students} submissions ({CLASS} for Skylab); a submission takes")
    with control_group() as meter:
        for name, module, grade in (
            ("Skylab", None, skylab),
            ("nbgrader", "nbgrader", nbgrader),
            ("otter-grader", "otter", otter),
        ):
            if module is not None and not installed(python, module):
                print(f"  {name:14} is not installed for {python}, and left out")
                continue
            with tempfile.TemporaryDirectory() as folder:
                grade(name, Path(folder), students, python, meter)


def installed(python: str, module: str) -> bool:
    asked = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([python, "-c", asked]).returncode == 0


@contextmanager
def measured(name: str, students: int, meter: Meter | None) -> Iterator[None]:
    """Print what the block has taken, for each submission."""
    before = meter.read() if meter else Cpu(0, 0)
    began = time.perf_counter()
    yield
    took = (time.perf_counter() - began) / students
    cpu = f"{meter.read().since(before).total / students:8.2f} s of processor time" if meter else ""
    print(f"  {name:14}{took:8.2f} s{cpu}", flush=True)


def students_of(students: int) -> Sequence[str]:
    return [f"student{number:02}" for number in range(students)]


# Skylab


def skylab(name: str, folder: Path, students: int, python: str, meter: Meter | None) -> None:
    for student in students_of(CLASS):
        for question in QUESTIONS:
            path = folder / "class" / student / "questions" / question.name / "task.py"
            path.parent.mkdir(parents=True)
            path.write_text(question.solution)
    with measured(name, CLASS, meter):
        result = grade_folder(folder / "class", folder / "out", loader=LOADER, exercises=NAMES)
    assert all(report.passed for each in result.submissions for report in each.exercises)


# nbgrader


def nbgrader(name: str, folder: Path, students: int, python: str, meter: Meter | None) -> None:
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.root = '.'\nc.CourseDirectory.course_id = 'c'\n"
    )
    _write(folder / "source" / PS / "ps1.ipynb", _nbgrader_cells())
    for student in students_of(students):
        _write(folder / "submitted" / student / PS / "ps1.ipynb", _nbgrader_cells())
    run = _runner(folder, [python, "-m", "nbgrader"], python)
    run("generate_assignment", PS, "--create", "--force")
    with measured(name, students, meter):
        run("autograde", PS, "--create", "--force")
    graded = list((folder / "autograded").rglob("ps1.ipynb"))
    assert len(graded) == students, graded


def _nbgrader_cells() -> list[dict[str, Any]]:
    cells = []
    for question in QUESTIONS:
        cells.append(_cell(question.solution, question.name, solution=True))
        cells.append(_cell(question.asserts, f"{question.name}-test", grade=True))
    return cells


def _cell(source: str, name: str, *, solution: bool = False, grade: bool = False) -> dict[str, Any]:
    about = {"grade_id": name, "schema_version": 3, "solution": solution, "grade": grade, "task": False}
    metadata = {"nbgrader": {**about, "locked": grade, **({"points": 1} if grade else {})}}
    return _code(source, name, metadata)


# otter-grader


def otter(name: str, folder: Path, students: int, python: str, meter: Meter | None) -> None:
    (folder / "tests").mkdir()
    for question in QUESTIONS:
        (folder / "tests" / f"{_plain(question)}.py").write_text(_otter_test(question))
    run = _runner(folder, [str(Path(python).with_name("otter"))], python)
    run("generate", "-t", "tests", "-o", "autograder.zip", "--no-requirements", "--no-environment")
    for student in students_of(students):
        _write(folder / "submitted" / student / "ps1.ipynb", list(_otter_cells()))
        (folder / "out" / student).mkdir(parents=True)
    with measured(name, students, meter):
        for student in students_of(students):
            out = f"out/{student}"
            run("run", f"submitted/{student}/ps1.ipynb", "-a", "autograder.zip", "-o", out, "--no-logo")
    assert len(list((folder / "out").rglob("results.json"))) == students


def _otter_cells() -> Iterator[dict[str, Any]]:
    yield _code("import otter\ngrader = otter.Notebook()", "otter", {})
    for question in QUESTIONS:
        yield _code(question.solution, question.name, {})
        yield _code(f'grader.check("{_plain(question)}")', f"{question.name}-test", {})


def _otter_test(question: Question) -> str:
    lines = "".join(f">>> {call}\n{value!r}\n" for call, value in question.calls)
    case = {"code": lines, "hidden": False, "locked": False}
    suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    return f"OK_FORMAT = True\ntest = {dict(name=_plain(question), points=1, suites=[suite])!r}\n"  # noqa: C408


def _plain(question: Question) -> str:
    return question.function


# Notebooks


def _code(source: str, name: str, metadata: dict[str, Any]) -> dict[str, Any]:
    empty: dict[str, Any] = {"cell_type": "code", "execution_count": None, "outputs": []}
    return {**empty, "id": name, "metadata": metadata, "source": source}


def _write(path: Path, cells: Sequence[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = {"cells": list(cells), "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book))


def _runner(folder: Path, command: Sequence[str], python: str) -> Callable[..., None]:
    """Runs a command of theirs, in their environment."""
    path = os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", os.defpath)])

    def run(*words: str) -> None:
        environment = {**os.environ, "PATH": path}
        done = subprocess.run([*command, *words], cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join([*command, *words])} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")

    return run


if __name__ == "__main__":
    main()
