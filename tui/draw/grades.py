"""A class's marks: a line a student, then what has changed since the last run and what needs a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from tui.draw.failure import failure
from tui.draw.layout import indented, page, row, rule
from tui.draw.marking import counts
from tui.draw.words import counted, shown

if TYPE_CHECKING:
    from graders import ClassResult, Report, StudentResult
    from graders.adjustments import Adjustment
    from graders.changes import Change, Mark
    from graders.exports.canvas import Filled

__all__ = ["adjusted", "adjustments", "canvas_filled", "class_result"]

COLUMNS = (26, 14, None)
CHANGES = (26, None)
MOST_CHANGES = 40


def class_result(result: ClassResult, out: Path) -> RenderableType:
    """The whole result of one run of the grader."""
    return page(*_blocks(result, out))


def _blocks(result: ClassResult, out: Path) -> Iterator[RenderableType]:
    yield Text.assemble(("Marks", "accent"), (f"  {counted(len(result.submissions), 'student')}", "quiet"))
    yield rule()
    yield from map(_student, result.submissions)
    if result.changes:
        yield Text()
        yield Text("Changed since the last run", "accent")
        yield from map(_change, result.changes[:MOST_CHANGES])
        more = len(result.changes) - MOST_CHANGES
        if more > 0:
            yield Text(f"and {more} more, which results.json lists", "quiet")
    for unread in result.errors:
        yield Text()
        yield Text.assemble(shown(unread.source, "accent"), " needs a look")
        yield indented(failure(unread.error), 2)
    yield Text()
    files = "results.json, gradebook.csv, canvas.csv, junit.xml, report.html and a page for each student"
    yield shown(f"{out} holds {files}.", "quiet")


def canvas_filled(filled: Filled) -> RenderableType:
    """What became of the teacher's Canvas export."""
    told = [shown(f"Canvas: {counted(filled.filled, 'line')} matched; the column is {filled.column}.")]
    if filled.unmatched:
        names = ", ".join(filled.unmatched)
        told.append(shown(f"Canvas has no line of its own for {names}. Give the ids with --roster."))
    return Group(*told, *map(shown, filled.notes))


def _student(each: StudentResult) -> RenderableType:
    by_hand = sum(report.adjustment is not None for report in each.exercises)
    told = counts(Counter(map(_state, each.exercises))) + (f", {by_hand} by hand" if by_hand else "")
    copied = sum(bool(report.fits) for report in each.exercises)
    told += f", {copied} made for another's variant" if copied else ""
    points = Text(f"{each.points:f} of {each.max:f}", justify="right")
    name = each.entry.name if each.entry else each.student
    return row(shown(name), points, shown(told, "quiet"), widths=COLUMNS)


def _state(report: Report) -> str:
    return report.state


def _change(change: Change) -> RenderableType:
    """`alice  policies/x  fail 0 → pass 6  handed in since`, then the criteria that differ."""
    step = Text.assemble(_mark(change.before), (" → ", "quiet"), _mark(change.after))
    told = Text.assemble(shown(change.exercise), "  ", step, "  ", shown(change.why, "quiet"))
    if change.kept is not None:
        told.append(f"; {change.kept:f} by hand stay", "partly")
    criteria = (
        Text.assemble(shown(name), f": {before or 'not there'} → {after or 'not there'}")
        for name, before, after in change.criteria
    )
    return row(shown(change.student), Group(told, *criteria), widths=CHANGES)


def _mark(mark: Mark | None) -> Text:
    if mark is None:
        return Text("nothing", "quiet")
    style = {"pass": "allowed", "partial": "partly", "missing": "quiet"}.get(mark.state, "denied")
    return Text.assemble((mark.state, style), f" {mark.points:f}")


def adjusted(report: Report, student: str) -> RenderableType:
    """What an adjustment came to."""
    if report.adjustment is None:
        how = f"as it was judged: {report.state}"
    else:
        how = f"set by hand; the verdict alone gives {report.judged:f}: {report.state}"
    points = f"  {report.points:f} of {report.max:f} points, {how}"
    return page(Text.assemble(shown(student, "accent"), "  ", report.exercise.id, points))


def adjustments(made: Iterable[Adjustment]) -> RenderableType:
    """All that was ever set by hand, the oldest first."""
    return page(*map(_adjustment, made))


def _adjustment(each: Adjustment) -> RenderableType:
    points = "as judged" if each.points is None else f"{each.points:f}"
    said = shown(f"{each.why} ({each.who}, {each.when})", "quiet")
    return Group(
        Text.assemble(shown(each.student, "accent"), f"  {each.exercise}  {points}"), indented(said, 2)
    )
