"""A class's marks: a line a student, then what could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tui.draw.layout import indented, page, row, rule
from tui.draw.words import counted, shown

if TYPE_CHECKING:
    from graders import ClassResult

__all__ = ["class_result"]

COLUMNS = (None, 16, 24)


def class_result(result: ClassResult, out: Path) -> RenderableType:
    """The whole result of one run of the grader."""
    return page(*_blocks(result, out))


def _blocks(result: ClassResult, out: Path) -> Iterator[RenderableType]:
    yield Text.assemble(("Marks", "accent"), (f"  {counted(len(result.submissions), 'submission')}", "quiet"))
    yield rule()
    for each in result.submissions:
        states = ", ".join(report.state for report in each.exercises)
        points = Text(f"{each.points:f} of {each.max:f}", justify="right")
        yield row(shown(each.student), points, shown(states, "quiet"), widths=COLUMNS)
    for error in result.errors:
        yield Text.assemble(("✗ ", "denied"), shown(error))
    yield Text()
    yield indented(shown(f"In {out}: results.json, gradebook.csv, feedback/"), 0)
