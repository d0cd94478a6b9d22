"""A report of the graders: the mark, each criterion, the misconception behind it, a counter-example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from labs.course import misconception
from tui.draw.layout import indented, page, row, rule
from tui.draw.words import marked, shown

if TYPE_CHECKING:
    from graders import Report
    from labs.course import Criterion

__all__ = ["STATES", "report"]

STATES = {
    "pass": ("✓", "all right", "allowed"),
    "partial": ("◐", "partly right", "partly"),
    "fail": ("✗", "not yet", "denied"),
    "error": ("!", "could not be marked", "denied"),
    "timeout": ("!", "took too long", "denied"),
    "tampered": ("!", "broke out of its rules", "denied"),
    "missing": ("–", "nothing handed in", "quiet"),
}
SIGNS = {
    "pass": ("✓", "allowed"),
    "partial": ("◐", "partly"),
    "fail": ("✗", "denied"),
    "skipped": ("–", "quiet"),
    "error": ("!", "denied"),
}


def report(report: Report, title: str = "") -> RenderableType:
    """The whole report of one exercise, under a title, or the exercise's own."""
    return page(*_blocks(report, title or report.exercise.title))


def _blocks(report: Report, title: str) -> Iterator[RenderableType]:
    yield Text.assemble(shown(report.exercise.id, "accent"), "  ", shown(title))
    points = f"  {report.points:f} of {report.max:f} points"
    yield Text.assemble(marked(*STATES[report.state]), (points, "quiet"))
    yield rule()
    for criterion in report.criteria:
        yield from _criterion(criterion)
    for note in report.notes:
        yield Text.assemble(("– ", "quiet"), shown(note))
    if report.output:
        yield Text("  It printed:", "quiet")
        yield indented(shown(report.output.rstrip()), 4)


def _criterion(criterion: Criterion) -> Iterator[RenderableType]:
    sign, style = SIGNS[criterion.state]
    points = Text(f"{criterion.points:f}/{criterion.max:f}", "quiet", justify="right")
    yield row(Text(sign, style), shown(criterion.name), points, widths=(1, None, 7))
    if criterion.message:
        yield indented(shown(criterion.message), 2)
    if criterion.misconception:
        yield indented(shown(misconception(criterion.misconception).refutation, "partly"), 2)
    if criterion.counterexample:
        sentence = shown(criterion.counterexample.sentence)
        line = shown(criterion.counterexample.line, "quiet")
        yield indented(Text.assemble(("Counter-example  ", "quiet"), sentence, "  " if line else "", line), 2)
