"""What the graders' tests share: one warm parent, and the programs that a grader must withstand."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from graders.box import Boxes

HERE = Path(__file__).parent


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
def boxes() -> Iterator[Boxes]:
    with Boxes() as boxes:
        yield boxes
