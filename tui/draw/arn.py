"""An ARN taken apart: its parts and what they mean, what is wrong with it, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from labs.aws.dissection import Dissection, Problem
from tui.draw.layout import indented, page, row, rule
from tui.draw.words import marked, shown

__all__ = ["dissected"]

COLUMNS = (1, 10, 30, None)


def dissected(dissection: Dissection) -> RenderableType:
    """The whole dissection of one text."""
    return page(*_blocks(dissection))


def _blocks(dissection: Dissection) -> Iterator[RenderableType]:
    word = (
        marked("✓", "an ARN", "allowed")
        if dissection.ok
        else marked("✗", "not an ARN that AWS has", "denied")
    )
    yield shown(dissection.text, "title")
    yield word
    yield rule()
    wrong = {problem.part for problem in dissection.problems}
    for part in dissection.parts:
        sign = Text("✗", "denied") if part.name in wrong else Text("✓", "allowed")
        text = shown(part.text, "accent") if part.text else Text("(empty)", "quiet")
        yield row(sign, Text(part.name, "quiet"), text, shown(part.meaning, "quiet"), widths=COLUMNS)
    for problem in dissection.problems:
        yield Text()
        yield from _problem(problem)
    if dissection.suggestion is not None:
        yield Text()
        yield Text.assemble(("Perhaps you meant  ", "quiet"), shown(dissection.suggestion, "title"))


def _problem(problem: Problem) -> Iterator[RenderableType]:
    where = f"{problem.part}: " if problem.part else ""
    yield Text.assemble(("✗ ", "denied"), (where, "quiet"), shown(problem.title, "title"))
    for sentence in (problem.detail, problem.hint):
        if sentence:
            yield indented(shown(sentence), 2)
