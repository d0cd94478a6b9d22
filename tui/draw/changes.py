"""What changed in a text since it was checked: signs and words, the lines' numbers, a few lines around."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from labs.course.changes import Changes, Hunk, LineOf
from tui.draw.layout import row
from tui.draw.words import counted, shown

__all__ = ["changes_drawn"]

SIGNS = {"same": (" ", "quiet"), "removed": ("−", "denied"), "added": ("+", "allowed")}
NUMBER_WIDTH = 5


def changes_drawn(changes: Changes) -> RenderableType:
    """How many lines were added and removed, then each place."""
    if not changes.hunks:
        return Text("Nothing has changed.")
    return Group(Text(summary(changes)), *(part for hunk in changes.hunks for part in _hunk(hunk)))


def summary(changes: Changes) -> str:
    """`2 lines added, 1 line removed.`"""
    added, removed = counted(changes.count("added"), "line"), counted(changes.count("removed"), "line")
    return f"{added} added (+), {removed} removed (−)."


def _hunk(hunk: Hunk) -> Iterator[RenderableType]:
    yield Text()
    yield Text(hunk.words, "title")
    yield from (_line(line) for line in hunk.lines)


def _line(line: LineOf) -> RenderableType:
    sign, style = SIGNS[line.fate]
    number = Text(f"{line.number:>{NUMBER_WIDTH}}", "quiet")
    return row(number, Text(sign, style), shown(line.text, style), widths=(NUMBER_WIDTH, 1, None))
