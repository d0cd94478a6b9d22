"""A released copy holds what students need, and no line of what is hidden from them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders import Bench
from graders.releasing import ROOT, release
from labs.course import CodeExercise, Exercise, Unit, Variant, Workspace, WorldExercise, load_course
from labs.course.sealed import SealedWorld, world_file
from labs.course.stage import open_world
from labs.errors import InputError
from labs.sandbox.world_file import read_world

COURSE = load_course()
STUDENT = "ada"
SHORTEST = 12
"""Characters of a line below which it says nothing by itself, such as `return None`."""
METADATA = re.compile(r"(title|minutes|points|filename|suffix|learner) =")
UNREADABLE = {".pyc", ".ipynb", ".zip", ".whl", ".gz", ".pkl"}


def lines_of(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if len(line.strip()) >= SHORTEST}


def shown(variant: Variant) -> str:
    """What a student may read of an exercise."""
    exercise = variant.exercise
    texts = [exercise.prompt(variant), exercise.starter(variant)]
    return "\n".join([*texts, *(hint.text for hint in exercise.hints(variant)[:-1])])


def hidden(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """The lines that give an exercise away, each with where it is from."""
    variant = exercise.variant(STUDENT)
    secret = {"the solution": exercise.solution(variant), "the last hint": exercise.hints(variant)[-1].text}
    secret |= {wrong.name: wrong.text for wrong in exercise.wrong(variant)}
    for file in Path(str(exercise.folder)).rglob("*"):
        if file.is_file() and file.suffix != ".pyc" and file.name not in ("prompt.md", "hints.md"):
            secret[f"{file.name} as it is written"] = file.read_text("utf-8")
    public = shown(variant)
    for name, text in secret.items():
        yield from ((line, name) for line in lines_of(text) if line not in public)


def program_lines() -> set[str]:
    """What stands in the program itself, which has no secrets: imports, and words that all code shares."""
    found: set[str] = set()
    for folder in ("labs", "graders", "tui"):
        for file in (ROOT / folder).rglob("*"):
            units = file.is_relative_to(ROOT / "labs" / "units")
            if file.suffix in (".py", ".toml", ".json", ".md", ".txt", ".css", ".tcss") and not units:
                found |= lines_of(file.read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def program() -> set[str]:
    return program_lines()


@pytest.fixture(scope="module")
def public() -> str:
    """What every student may read: lessons, and of each exercise the task, starter and first hints."""
    units = [text for unit in COURSE.units for text in (*(page.text for page in unit.pages), *unit.goals)]
    tasks = [shown(each.variant(STUDENT)) for unit in COURSE.units for each in unit.exercises]
    return "\n".join([*units, *tasks])


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A release of the whole course for one student."""
    folder = tmp_path_factory.mktemp("release")
    release(COURSE.units, [STUDENT], folder / "out")
    yield folder / "out"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def texts(out: Path) -> dict[Path, str]:
    return dict(contents(out))


def contents(out: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a release as text; a world's file by the requests that it makes again."""
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.suffix != ".sqlite":
            assert path.suffix not in UNREADABLE, path
            if path.suffix == ".skylab":
                held = read_world(path)
                assert not held.journal.entries
                yield path, str([entry.to_json() for entry in held.preparation])
            else:
                yield path, path.read_text("utf-8")


@pytest.fixture(scope="module")
def everywhere(texts: dict[Path, str]) -> set[str]:
    """All lines of all files."""
    return set().union(*map(lines_of, texts.values()))


@pytest.fixture(scope="module")
def sealed(texts: dict[Path, str]) -> str:
    """The sealed texts and the students' files; a line may stand within JSON, its quotes escaped."""
    kept = "\n".join(
        text for path, text in texts.items() if path.name == "sealed.json" or "students" in path.parts
    )
    return kept + kept.replace("\\n", "\n").replace('\\"', '"')


@pytest.mark.parametrize("unit", COURSE.units, ids=lambda unit: unit.id)
def test_no_line_of_what_is_hidden_is_anywhere_in_a_release(
    unit: Unit, everywhere: set[str], sealed: str, program: set[str], public: str
) -> None:
    for exercise in unit.exercises:
        for line, source in hidden(exercise):
            if line in program or line in public or METADATA.match(line):
                continue
            assert line not in everywhere, f"{exercise.id}, {source}: {line}"
            stands = line in sealed and re.search(rf"(?<!\w){re.escape(line)}", sealed)
            assert not stands, f"{exercise.id}, {source}: {line}"


@pytest.mark.parametrize("unit", COURSE.units, ids=lambda unit: unit.id)
def test_a_release_has_no_file_of_a_unit_but_the_sealed_ones(unit: Unit, out: Path) -> None:
    folder = out / "skylab" / "labs" / "units" / unit.id
    names = {path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".skylab"}
    assert names == {"__init__.py", "unit.toml", "lesson.md", "walkthrough.md", "exercise.py", "sealed.json"}
    others = {path.name for path in folder.parent.iterdir()}
    assert others == {"__init__.py", *(each.id for each in COURSE.units)}


@pytest.mark.parametrize("unit", COURSE.units, ids=lambda unit: unit.id)
def test_a_student_has_each_starter_and_the_world_to_practise_in(unit: Unit, out: Path) -> None:
    workspace = Workspace.open(out / "students" / STUDENT)
    for exercise in unit.exercises:
        variant = exercise.variant(STUDENT)
        folder = out / "skylab" / "labs" / "units" / unit.id / "exercises" / exercise.name.replace("-", "_")
        if not isinstance(exercise, WorldExercise):
            assert workspace.read(exercise) == exercise.starter(variant)
        assert (folder / world_file(variant)).is_file() is isinstance(exercise, CodeExercise | WorldExercise)


def skylab(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs the released program, and no other."""
    copy = out / "skylab"
    code = f"import sys; sys.path.insert(0, {str(copy)!r}); from tui.__main__ import main; main()"
    return subprocess.run(
        [sys.executable, "-I", "-c", code, "--workspace", out / "students" / STUDENT, *words],
        cwd=copy,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_released_program_shows_tasks_and_hints_and_has_no_checks(out: Path) -> None:
    exercise = COURSE.exercise("find-the-sid")
    task = skylab(out, "task", exercise.name)
    assert task.returncode == 0, task.stderr
    assert all(exercise.variant(STUDENT).values[name] in task.stdout for name in ("own", "grouped"))
    check = skylab(out, "check", exercise.name, "--json")
    assert check.returncode == 1, check.stderr
    report = json.loads(check.stdout)
    assert report["state"] == "error"
    (criterion,) = report["criteria"]
    assert criterion["name"] == "The course's own check"
    assert "has no checks" in criterion["message"]
    standing = Workspace.open(out / "students" / STUDENT).progress.best(exercise)
    assert standing.attempts == 0, "what marks nothing is no attempt"


def test_the_door_of_a_released_copy_opens(out: Path) -> None:
    """The files that bootstrap.py reads are there, and the demonstration that it ends with runs."""
    copy = out / "skylab"
    locks = re.findall(r'"(requirements[\w-]*\.lock)"', (copy / "bootstrap.py").read_text("utf-8"))
    assert len(locks) == 3
    assert all((copy / name).is_file() for name in (*locks, "pyproject.toml", "README.md"))
    demo = skylab(out, "demo")
    assert demo.returncode == 0, demo.stderr
    assert "is not authorized to perform" in " ".join(demo.stdout.split())
    assert "no checks" in demo.stdout


def test_the_world_that_is_practised_in_is_the_exercises_own(out: Path) -> None:
    exercise = COURSE.exercise("empty-promise")
    assert isinstance(exercise, WorldExercise)
    variant = exercise.variant(STUDENT)
    folder = out / "skylab" / "labs" / "units" / exercise.unit.id
    copy = SealedWorld(exercise.unit, exercise.name, folder / "exercises" / "empty_promise")
    with Bench() as bench:
        worlds = [open_world(each, each.variant(STUDENT), nursery=bench.nursery) for each in (exercise, copy)]
        first, second = ({resource.arn for resource in world.resources()} for world in worlds)
        assert worlds[0].seed == worlds[1].seed == variant.seed
        assert first == second != set()


def test_a_release_is_made_for_somebody_and_into_a_new_folder(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("x", "utf-8")
    with pytest.raises(InputError, match="somebody"):
        release([], [], tmp_path / "out")
    with pytest.raises(InputError, match="not empty"):
        release([], [STUDENT], tmp_path)
    with pytest.raises(InputError, match="no name of a folder"):
        release([], ["../x"], tmp_path / "out")
