"""The whole of unit 4 with `--plain`, on a pipe: each page, each exercise done right, its worlds read."""

from __future__ import annotations

import re
from collections.abc import Callable

from typer.testing import Result

from labs.course import Exercise, Workspace, WorldExercise, load_course

DRAWN = re.compile("[\u2500-\u25ff\u2713\u2717\x1b]")
"""Boxes, bars, marks and the escape character: what only an eye can use."""


def test_unit_four_is_done_from_its_first_page_to_its_last_exercise(
    typed: Callable[..., Result], workspace: Workspace, answer_lines: Callable[[Exercise, str], list[str]]
) -> None:
    unit = load_course().unit("policies")
    lines = ["open 4", *["next"] * len(unit.pages)]
    for exercise in unit.exercises:
        lines += ["next", *answer_lines(exercise, workspace.student)]
        if isinstance(exercise, WorldExercise):
            lines += [
                "run aws sts get-caller-identity",
                "requests",
                "why",
                "world",
                "resources",
                "bill",
                "time",
            ]
            lines += ["name solved", "advance 1h", "rewind to solved", "advance 1h", "undo", "back"]
        lines.append("check")
    lines += ["next", "map"]

    result = typed(*lines)

    said = result.stdout
    assert "Problem" not in said
    assert "user/learner asks sts:GetCallerIdentity: allowed" in said
    assert result.exit_code == 0, result.output
    assert {page.id for page in unit.pages} == workspace.progress.pages_read(unit)
    assert [each.name for each in unit.exercises if workspace.progress.best(each).state != "done"] == []
    assert "4. Policies: all 20 done" in said
    assert [line for line in said.splitlines() if DRAWN.search(line)] == []
