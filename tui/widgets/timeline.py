"""The past of a sandbox along its own time: every change a mark, checkpoints by name, a cursor among them.

What lies after the cursor is hollow: that is what going back to the cursor takes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.widgets.line import Line, Lines, Piece, foreign

if TYPE_CHECKING:
    from labs.sandbox import Change

__all__ = ["Timeline", "places", "taken_back"]

BEFORE = 2
"""Columns before the line, and after it."""


class Timeline(Widget):
    """The line. A click marks the last change at that place."""

    ALLOW_SELECT = False

    class Marked(Message):
        """A change was marked, by its place among the changes."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.changes: tuple[Change, ...] = ()
        self.now: datetime | None = None
        self.cursor = 0

    def show(self, changes: tuple[Change, ...], now: datetime, cursor: int) -> None:
        """Draw other changes, or another place of the cursor among them."""
        self.changes, self.now, self.cursor = changes, now, cursor
        self.refresh()

    @property
    def columns(self) -> list[int]:
        """The column of each change."""
        room = max(self.size.width - 2 * BEFORE, 2)
        return places([each.time for each in self.changes], self.now or datetime.min, room)

    def step(self, by: int) -> int:
        """The change at the next mark to the right (1) or to the left (-1): the last one there."""
        columns = self.columns
        here = columns[self.cursor]
        beyond = [each for each in columns if (each > here if by > 0 else each < here)]
        if not beyond:
            return len(columns) - 1 if by > 0 else 0
        there = min(beyond) if by > 0 else max(beyond)
        return last_at(columns, there)

    def render(self) -> RenderResult:
        if not self.changes or self.now is None:
            return ""
        return Lines(*self._lines(self.columns, max(self.size.width - 2 * BEFORE, 2), self.now))

    def _lines(self, columns: list[int], room: int, now: datetime) -> Iterator[Piece]:
        margin = Content(" " * BEFORE)
        times = [each.time for each in self.changes]
        first, last = min(times), max(now, *times)
        yield Line(
            margin + Content.styled(moment_of(first), "$dim"),
            Content.styled(f"now {moment_of(last)}", "$dim") + margin,
        )
        yield Line(margin + row_of(room, counts(columns), "$dim"))
        yield Line(margin + self._marks(columns, room))
        names = {columns[place]: name for place, name in self._names()}
        yield Line(margin + row_of(room, {columns[self.cursor]: "▲"}, "bold $primary"))
        yield Line(margin + row_of(room, names, "$primary"))

    def _marks(self, columns: Sequence[int], room: int) -> Content:
        """The line itself: full up to the cursor, hollow after it."""
        last = self.cursor == len(columns) - 1
        here = room if last else columns[self.cursor]
        named = {columns[place] for place, _ in self._names()}
        cells: list[tuple[str, str]] = []
        for column in range(room):
            kept = column <= here
            if column in named:
                cells.append(("◆" if kept else "◇", "bold $primary" if kept else "$warning"))
            elif column in columns:
                cells.append(("●" if kept else "○", "$primary" if kept else "$warning"))
            else:
                cells.append(("─" if kept else "┄", "$primary" if kept else "$dim"))
        return Content.assemble(*cells)

    def _names(self) -> Iterator[tuple[int, str]]:
        """The named states: the place of the change, and its names."""
        for place, change in enumerate(self.changes):
            if change.checkpoints:
                yield place, ", ".join(change.checkpoints)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        columns = self.columns
        if columns:
            at = event.x - BEFORE
            nearest = min(columns, key=lambda column: (abs(column - at), -column))
            self.post_message(self.Marked(last_at(columns, nearest)))


def places(times: Sequence[datetime], now: datetime, room: int) -> list[int]:
    """The column of each moment on a line of so many, from the first moment until now; all at 0 at once.

    >>> start = datetime(2026, 1, 1)
    >>> places([start, start + timedelta(hours=12)], start + timedelta(hours=24), 41)
    [0, 20]
    """
    if not times:
        return []
    # A world that goes on by its journal began later than the changes that it took over.
    start = min(times)
    span = max(now, max(times)) - start
    if span <= timedelta():
        return [0] * len(times)
    return [min(room - 1, max(0, round((each - start) / span * (room - 1)))) for each in times]


def taken_back(changes: Sequence[Change], place: int) -> tuple[Change, ...]:
    """What going back to a state takes back: all changes after it, the last one first."""
    return tuple(reversed(changes[place + 1 :]))


def last_at(columns: Sequence[int], column: int) -> int:
    """The place of the last change in a column."""
    return max(place for place, each in enumerate(columns) if each == column)


def counts(columns: Sequence[int]) -> dict[int, str]:
    """How many changes share a column, where several do."""
    return {each: str(columns.count(each)) for each in set(columns) if columns.count(each) > 1}


def row_of(room: int, texts: dict[int, str], style: str) -> Content:
    """Texts from their columns on, so long as they fit without touching; one at the end is moved left."""
    row = Content("")
    for column in sorted(texts):
        text = foreign(texts[column]).truncate(room, ellipsis=True)
        start = min(column, room - text.cell_length)
        if start < row.cell_length + (1 if row else 0):
            continue
        row = row + Content(" " * (start - row.cell_length)) + text.stylize(style)
    return row


def moment_of(moment: datetime) -> str:
    """`26 Nov 13:24`."""
    return f"{moment.day} {moment:%b %H:%M}"
