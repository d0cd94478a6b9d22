"""Release: a copy of Skylab for students with chosen units, and with nothing that gives an answer away.

    OUT/skylab/             the program, with the chosen units sealed: lessons, and the texts of each variant
    OUT/students/STUDENT/   a workspace for each student, with the starters

There are no checks in it, not even as salted digests: most answers are a decision, a block or an amount, and
who holds their digests tries them all in a moment. What is handed in is marked with the whole course.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import labs
from graders.names import file_names
from labs.course import CodeExercise, Exercise, Kind, Unit, Variant, Workspace, WorldExercise
from labs.course.sealed import world_file
from labs.errors import InputError
from labs.sandbox import Nursery

__all__ = ["Release", "release"]

ROOT = Path(labs.__file__).parents[1]
PROGRAM = ("labs", "graders", "tui")
LOCKS = ("requirements.lock", "requirements-notebooks.lock", "requirements-test.lock")
BESIDE = ("pyproject.toml", "README.md", "LICENSE", "bootstrap.py", *LOCKS)
LEFT_OUT = ("__pycache__", "*.pyc", "*.ipynb", "*.zip")
BASES = {Kind.CODE: "SealedCode", Kind.WORLD: "SealedWorld"}
TEACHERS = "# For the teacher\n\nThe walkthrough of this unit is the teacher's.\n"
MODULE = '''"""Sealed: this copy holds what is asked, and not what is right."""

from labs.course import Kind
from labs.course.sealed import {base}


class {name}({base}):
    title = {title!r}
    minutes = {minutes}
    points = {points}
    kind = Kind({kind!r})
    filename = {filename!r}
    suffix = {suffix!r}
'''
README = """# Your copy of Skylab

`skylab/` is the program, `students/` has a workspace for each student. Python 3.11 or newer has to be there;
the first command fetches the rest, which takes a minute or two. This opens the app for {student}:

    python3 skylab/bootstrap.py --workspace students/{student}

and this shows a task in the terminal:

    python3 skylab/bootstrap.py --workspace students/{student} task {exercise}

This copy has tasks, worlds and hints, and no checks. Hand in the folder of your workspace: it is marked with
the whole course.
"""


@dataclass(frozen=True, slots=True)
class Release:
    """What was released."""

    folder: Path
    units: tuple[str, ...]
    exercises: tuple[str, ...]
    students: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "folder": str(self.folder)}


def release(units: Sequence[Unit], students: Sequence[str], out: Path) -> Release:
    """Write a copy of some units for some students.

    Raises:
        InputError: there is no student, or the folder holds something already or cannot be written.
        SandboxError: no world can be started for the exercises that have one.
    """
    if not students:
        raise InputError(
            "A release is made for somebody",
            "No student is named.",
            "Name them: --student NAME, --roster FILE.",
        )
    if out.exists() and any(out.iterdir()):
        raise InputError("The folder is not empty", f"{out} holds something.", "Name a new folder.")
    for source, name in file_names({each: each for each in students}).items():
        if source != name:
            raise InputError(
                "A student's name is no name of a folder",
                f"It is {source!r}; the folder that comes back is marked under its name.",
                "Name students by a login: letters, digits, dots and dashes.",
            )
    exercises = [exercise for unit in units for exercise in unit.exercises]
    try:
        _copy_program(out / "skylab")
        with Nursery() as nursery:
            for unit in units:
                _seal_unit(unit, students, out / "skylab" / "labs" / "units" / unit.id, nursery)
        for student in students:
            workspace = Workspace.create(out / "students" / student, student)
            for exercise in exercises:
                workspace.start(exercise)
        first = exercises[0].id if exercises else "EXERCISE"
        (out / "README.md").write_text(README.format(student=students[0], exercise=first), "utf-8")
    except OSError as broken:
        raise InputError(
            "The release cannot be written", f"{broken.filename}: {broken.strerror}."
        ) from broken
    names = tuple(exercise.id for exercise in exercises)
    return Release(out, tuple(unit.id for unit in units), names, tuple(students))


def _copy_program(out: Path) -> None:
    """The program without its units, tests and notebooks."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        hidden = shutil.ignore_patterns(*LEFT_OUT)(folder, names)
        if Path(folder) == ROOT / "labs" / "units":
            return {name for name in names if name != "__init__.py"}
        return hidden | ({"notebooks"} if Path(folder) == ROOT / "labs" else set())

    for name in PROGRAM:
        shutil.copytree(ROOT / name, out / name, ignore=left_out)
    for name in BESIDE:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, out / name)
    (out / "notebooks").mkdir()
    (out / "notebooks" / "README.md").write_text("The notebooks are not part of this copy.\n", "utf-8")


def _seal_unit(unit: Unit, students: Sequence[str], out: Path, nursery: Nursery) -> None:
    out.mkdir(parents=True)
    (out / "__init__.py").write_text(f'"""{unit.title}, sealed."""\n', "utf-8")
    (out / "unit.toml").write_bytes((unit.folder / "unit.toml").read_bytes())
    pages = "\n\n".join(f"# {page.title}\n\n{page.text}" for page in unit.pages)
    (out / "lesson.md").write_text(f"{pages}\n", "utf-8")
    (out / "walkthrough.md").write_text(TEACHERS, "utf-8")
    for exercise in unit.exercises:
        folder = out / "exercises" / exercise.name.replace("-", "_")
        folder.mkdir(parents=True)
        (folder / "exercise.py").write_text(_module(exercise), "utf-8")
        variants = [exercise.variant(student) for student in students]
        texts = {str(variant.seed): _texts(variant) for variant in variants}
        (folder / "sealed.json").write_text(json.dumps(texts, indent=1), "utf-8")
        if isinstance(exercise, CodeExercise | WorldExercise):
            _keep_worlds(exercise, variants, folder, nursery)


def _module(exercise: Exercise) -> str:
    base = BASES.get(exercise.kind, "Sealed")
    text = MODULE.format(
        base=base,
        name=type(exercise).__name__,
        title=exercise.title,
        minutes=exercise.minutes,
        points=exercise.points,
        kind=str(exercise.kind),
        filename=exercise.filename,
        suffix=exercise.suffix,
    )
    return text + (f"    learner = {exercise.learner!r}\n" if isinstance(exercise, WorldExercise) else "")


def _texts(variant: Variant) -> dict[str, Any]:
    """What a student may read: the hints but for the last, which is the solution."""
    exercise = variant.exercise
    hints = [asdict(hint) for hint in exercise.hints(variant)[:-1]]
    return {"prompt": exercise.prompt(variant), "starter": exercise.starter(variant), "hints": hints}


def _keep_worlds(
    exercise: CodeExercise | WorldExercise, variants: Sequence[Variant], folder: Path, nursery: Nursery
) -> None:
    """The practice world of each variant: what its owner is shown anyway, and nothing of the hidden ones."""
    (folder / "worlds").mkdir()
    for variant in variants:
        with nursery.world(seed=variant.seed, prepare=_preparing(exercise, variant)) as world:
            world.export(folder / world_file(variant))


def _preparing(exercise: CodeExercise | WorldExercise, variant: Variant) -> Any:
    return lambda world: exercise.prepare(world, variant)
