"""The sandbox's time and its past: what the clock shows, what fell due, what can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tui.draw.layout import page, row, rule
from tui.draw.words import counted, shown

if TYPE_CHECKING:
    from labs.sandbox import Advance, Change, ClockReading

__all__ = ["advance_drawn", "change_line", "clock_line", "history_drawn", "rewound"]

COLUMNS = (6, 20, None)
LONGEST = 12


def clock_line(reading: ClockReading) -> Text:
    """The time, and how far ahead it is."""
    return Text.assemble((_moment(reading.now), "accent"), " UTC", (_ahead(reading.offset), "quiet"))


def _ahead(offset: timedelta) -> str:
    if not offset:
        return ", as on this machine"
    return f", {_length(abs(offset))} {'ahead of' if offset > timedelta() else 'behind'} this machine"


def _length(time: timedelta) -> str:
    """`3 days 2 hours`: the largest two units of a time."""
    seconds = round(time.total_seconds())
    units = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
    parts = []
    for name, size in units:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(counted(number, name))
    return " ".join(parts[:2]) or "less than a second"


def advance_drawn(moved: Advance) -> RenderableType:
    """From when to when, and what fell due on the way."""
    head = Text.assemble((_moment(moved.before), "quiet"), (" → ", "quiet"), clock_line(moved.clock))
    shown_ones = moved.happened[:LONGEST]
    lines = [
        row(Text(_moment(each.moment), "quiet"), shown(each.text), widths=(20, None)) for each in shown_ones
    ]
    if left := len(moved.happened) - len(shown_ones):
        lines.append(row("", Text(f"and {left} more", "quiet"), widths=(20, None)))
    return page(head, *lines)


def history_drawn(changes: Sequence[Change]) -> RenderableType:
    """All changes, a line each, the last one at the bottom."""
    return page(
        Text.assemble(("The past", "accent"), "  ", ("skylab rewind N takes N changes back", "quiet")),
        rule(),
        *map(change_line, changes),
    )


def change_line(change: Change) -> RenderableType:
    """One change: its number, when, what it was, and the names of the state after it."""
    what = shown(change.what, "" if change.counts else "quiet")
    for name in change.checkpoints:
        what.append_text(shown(f"  ◆\u00a0{name}", "accent"))
    return row(Text(str(change.number), "quiet"), Text(_moment(change.time), "quiet"), what, widths=COLUMNS)


def rewound(last: Change, reading: ClockReading) -> RenderableType:
    """Where the sandbox stands after it was taken back."""
    if not last.number:
        return page(Text("All changes are taken back."), clock_line(reading))
    return page(Text("The last change that stays:", "quiet"), change_line(last), clock_line(reading))


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
