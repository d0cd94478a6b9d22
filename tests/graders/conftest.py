"""What the graders' tests share: the warm parents, a toy course, and hostile programs."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from graders import Bench
from graders.box import Boxes
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


def attacks() -> tuple[Attack, ...]:
    expected = tomllib.loads((HERE / "attacks.toml").read_text("utf-8"))
    return tuple(
        Attack(
            name,
            (HERE / "attacks" / f"{name}.py").read_text("utf-8"),
            row["state"],
            row.get("says", ""),
            row.get("wall", 2.0),
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


@pytest.fixture(scope="session")
def toy() -> Iterator[Course]:
    """The toy course, here and in every worker that is started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(TOY)
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [TOY, os.environ.get("PYTHONPATH", "")])))
        yield course_of(LOADER)
