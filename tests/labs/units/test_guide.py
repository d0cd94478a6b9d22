"""The author's guide: the exercise that it writes is one, and what it says of kinds and checks is so."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders import Bench, judge
from labs.course import Exercise, Kind, load_course, misconceptions
from labs.course import kinds as kinds_of_the_course

GUIDE = Path(str(load_course().units[0].folder)).parent / "README.md"
FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """The files of the guide's exercise: the blocks below each numbered heading, by the names in it."""
    found: dict[str, str] = {}
    for part in re.split(r"^## \d\. ", GUIDE.read_text("utf-8"), flags=re.MULTILINE)[1:7]:
        heading, _, body = part.partition("\n")
        names = re.findall(r"`([^`]+)`", heading)
        blocks = [text for _, text in FENCED.findall(body)]
        assert len(names) == len(blocks), heading
        named = zip(names, blocks, strict=True)
        found |= {name.removeprefix("cidr/exercises/spare_room/"): text for name, text in named}
    return found


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exercise]:
    folder = tmp_path_factory.mktemp("guide") / "spare_room"
    for name, text in files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    spec = importlib.util.spec_from_file_location("the_guides_exercise", folder / "exercise.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module.SpareRoom(load_course().unit("cidr"), "spare-room", folder)
    del sys.modules[spec.name]


def test_the_guides_exercise_gets_the_marks_that_it_deserves(exercise: Exercise) -> None:
    with Bench() as bench:
        for number in range(20):
            variant = exercise.variant(f"student-{number}")
            solution = judge(exercise, exercise.solution(variant), variant, bench)
            assert (solution.state, solution.misconceptions) == ("pass", ())
            assert judge(exercise, exercise.starter(variant), variant, bench).points == 0
            for wrong in exercise.wrong(variant):
                report = judge(exercise, wrong.text, variant, bench)
                assert report.misconceptions == (wrong.misconception,)
                assert report.points < exercise.points


def test_the_guides_exercise_is_whole(exercise: Exercise) -> None:
    variants = [exercise.variant(f"student-{number}") for number in range(100)]
    hints = exercise.hints(variants[0])

    assert len({exercise.prompt(variant) for variant in variants}) >= 50
    assert [hint.title for hint in hints[2:]] == ["A worked sibling", "The solution"]
    assert {wrong.misconception for wrong in exercise.wrong(variants[0])} <= misconceptions().keys()
    assert len(exercise.wrong(variants[0])) == 2


def test_the_guide_names_every_kind() -> None:
    folder = Path(str(kinds_of_the_course.__path__[0]))
    classes = {
        name
        for file in folder.glob("*.py")
        for name in re.findall(r"^class (\w+Exercise)\(", file.read_text("utf-8"), re.MULTILINE)
    }

    assert classes == set(re.findall(r"`(\w+Exercise)`", GUIDE.read_text("utf-8")))
    assert len(classes) >= len(Kind)


def test_the_guide_names_places_that_are_there() -> None:
    root = GUIDE.parents[2]
    named = re.findall(r"`(labs/[\w./]+)`", GUIDE.read_text("utf-8"))

    assert named
    assert [name for name in named if not (root / name).exists()] == []
