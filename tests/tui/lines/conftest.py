"""A learner who types lines: whole sessions on a pipe, and how each kind of exercise is answered in lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from labs.course import AnswerExercise, Exercise, OrderExercise, Workspace, WorldExercise
from labs.course.kinds.order import blocks_of
from tui.answer_text import values_of
from tui.commands.application import application

Typed = Callable[..., Result]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Alice's workspace, which is new."""
    workspace = Workspace.create(tmp_path / "work", "alice")
    monkeypatch.setenv("SKYLAB_WORKSPACE", str(workspace.folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return workspace


@pytest.fixture
def typed(workspace: Workspace) -> Typed:
    """Runs `skylab --plain`, with these lines coming through a pipe."""

    def run(*lines: str, options: tuple[str, ...] = ()) -> Result:
        return CliRunner().invoke(
            application(), ["--plain", *options], input="".join(f"{line}\n" for line in lines)
        )

    return run


@pytest.fixture
def answer_lines() -> Callable[[Exercise, str], list[str]]:
    return lines_of


def lines_of(exercise: Exercise, student: str) -> list[str]:
    """The lines that answer an exercise with its own solution for this learner."""
    variant = exercise.variant(student)
    solution = exercise.solution(variant)
    match exercise:
        case WorldExercise():
            return ["python", *solution.splitlines(), "."]
        case AnswerExercise():
            return [f"{name} = {value}" for name, value in values_of(solution).items()]
        case OrderExercise():
            above, below = blocks_of(exercise.starter(variant))
            places = {block.strip(): place for place, block in enumerate([*above, *below], start=1)}
            return [f"order {' '.join(str(places[each.strip()]) for each in blocks_of(solution)[0])}"]
    return ["write", *solution.splitlines(), "."]
