"""What the graders' tests share: the warm parents, a toy course, and hostile programs."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graders import Bench, ClassResult, Progress, grade_folder
from graders.box import Boxes, Limits
from graders.worker import course_of
from labs.course import Course

HERE = Path(__file__).parent
TOY = str(HERE / "toy")
LOADER = "skylab_toy_course:load"


@dataclass(frozen=True, slots=True)
class Attack:
    """A program, and what must become of it."""

    name: str
    source: str
    state: str
    says: str
    wall: float
    naive: str
    rows: tuple[int, ...]
    because: str


def attacks() -> tuple[Attack, ...]:
    expected = tomllib.loads((HERE / "attacks.toml").read_text("utf-8"))
    return tuple(
        Attack(
            name,
            (HERE / "attacks" / f"{name}.py").read_text("utf-8"),
            row["state"],
            row.get("says", ""),
            row.get("wall", 2.0),
            row.get("naive", ""),
            tuple(row.get("rows", ())),
            row.get("because", ""),
        )
        for name, row in expected.items()
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "attack" in metafunc.fixturenames:
        metafunc.parametrize("attack", attacks(), ids=lambda attack: attack.name)


@pytest.fixture(scope="session")
def all_attacks() -> tuple[Attack, ...]:
    return attacks()


@pytest.fixture(scope="session")
def boxes() -> Iterator[Boxes]:
    with Boxes() as boxes:
        yield boxes


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    with Bench(allow_reduced=False) as bench:
        yield bench


class Classroom:
    """A folder of submissions of the toy course, and what comes of grading it."""

    def __init__(self, course: Course, root: Path) -> None:
        self.course = course
        self.folder, self.out = root / "class", root / "out"
        self.folder.mkdir()
        self.loader = LOADER
        self.told: list[Progress] = []

    def number(self, student: str) -> str:
        """The right answer of a student's variant of `number`."""
        return f"number = {self.course.exercise('number').variant(student).values['number']}\n"

    def hand_in(self, student: str, **works: str) -> None:
        """Hand in works by the name of the exercise: programs for two, answers for all others."""
        for name, text in works.items():
            file = "task.py" if name in ("double", "bucket") else "answer.toml"
            path = self.folder / student / "toy" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def grade(self, *exercises: str, **options: Any) -> ClassResult:
        """Grade some exercises, by default `number`; `told` has the progress of this run."""
        self.told = []
        return grade_folder(
            self.folder,
            self.out,
            course_of(self.loader),
            exercises=exercises or ("number",),
            loader=self.loader,
            **{"limits": Limits(wall=2.0), "workers": 1, "on_verdict": self.told.append, **options},
        )

    def fresh(self) -> set[tuple[str, str]]:
        """Whose work of which exercise the last run has judged."""
        return {(each.student, each.report.exercise.name) for each in self.told if each.fresh}


@pytest.fixture
def classroom(toy: Course, tmp_path: Path) -> Classroom:
    return Classroom(toy, tmp_path)


@pytest.fixture(scope="session")
def toy() -> Iterator[Course]:
    """The toy course, here and in every worker that is started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(TOY)
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [TOY, os.environ.get("PYTHONPATH", "")])))
        yield course_of(LOADER)
