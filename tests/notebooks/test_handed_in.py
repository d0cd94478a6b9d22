"""A notebook that somebody has filled in is handed in as it is: each answer is found and marked."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from graders import Bench, judge
from graders.submissions import Submission, Work
from labs.course import Exercise, load_course
from tests.notebooks.running import notebooks

PURE = ("answer", "predict", "order", "policy")
"""Kinds that are marked without a world."""


def solved(source: str, exercise: Exercise) -> str:
    """A cell with `check` after a learner has filled it in, in the form in which the notebook asks for it."""
    solution = exercise.solution(exercise.variant("alice"))
    if exercise.kind.value == "policy":
        return f'policy = {json.loads(solution)!r}\ncheck("{exercise.id}", policy)'
    if '"""' in source:
        return f'# Copied.\ncheck(\n    "{exercise.id}",\n    """\n{solution}""",\n)'
    return f'check(\n    "{exercise.id}",\n    {tomllib.loads(solution)!r},\n)'


def filled_in(path: Path, exercises: list[Exercise]) -> dict[str, Any]:
    """The notebook with a solution in each of these exercises' cells."""
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    cells = {cell["id"]: cell for cell in document["cells"]}
    for exercise in exercises:
        cell = cells[f"check-{exercise.name}"]
        cell["source"] = solved("".join(cell["source"]), exercise)
    return document


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_what_is_filled_in_is_found_and_earns_full_marks(path: Path, tmp_path: Path) -> None:
    unit = load_course().unit(path.stem.partition("-")[2])
    exercises = [each for each in unit.exercises if each.kind.value in PURE]
    name = f"alice--{path.name}"
    (tmp_path / name).write_text(json.dumps(filled_in(path, exercises)), "utf-8")

    works = Submission("alice", name, tmp_path / name, {name: tmp_path / name}).read(exercises).works

    with Bench() as bench:
        for exercise in exercises:
            work = works[exercise.id]
            assert isinstance(work, Work), work
            assert judge(exercise, work.text, exercise.variant("alice"), bench).passed, exercise.id
        assert bench.is_cold
