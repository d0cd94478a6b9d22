"""A class's marks: a line a student, then what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tui.draw.failure import failure
from tui.draw.layout import indented, page, row, rule
from tui.draw.words import counted, shown

if TYPE_CHECKING:
    from graders import ClassResult

__all__ = ["class_result"]

COLUMNS = (26, 14, None)


def class_result(result: ClassResult, out: Path) -> RenderableType:
    """The whole result of one run of the grader."""
    return page(*_blocks(result, out))


def _blocks(result: ClassResult, out: Path) -> Iterator[RenderableType]:
    yield Text.assemble(("Marks", "accent"), (f"  {counted(len(result.submissions), 'submission')}", "quiet"))
    yield rule()
    for each in result.submissions:
        states = Counter(report.state for report in each.exercises)
        points = Text(f"{each.points:f} of {each.max:f}", justify="right")
        told = ", ".join(f"{number} {state}" for state, number in states.items())
        yield row(shown(each.student), points, shown(told, "quiet"), widths=COLUMNS)
    for unread in result.errors:
        yield Text()
        yield Text.assemble(shown(unread.source, "accent"), " cannot be read")
        yield indented(failure(unread.error), 2)
    yield Text()
    yield shown(f"{out} holds results.json, gradebook.csv and a feedback page for each student.", "quiet")
