"""The clock and the past: a timeline with a cursor, what going back there takes back, and every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.actions import bindings
from tui.draw.words import counted
from tui.screens.world.parts import Part
from tui.widgets.line import Line, Lines, foreign
from tui.widgets.rows import Rows
from tui.widgets.timeline import Timeline, taken_back

if TYPE_CHECKING:
    from labs.sandbox import Change, ClockReading, World
    from tui.session import Session

__all__ = ["TimePart", "change_row"]


class TimePart(Part):
    """The clock, the timeline, and the list of changes below it: one cursor for both."""

    NAME = "time"
    COMMAND = "skylab history"

    class GoBack(Message):
        """The learner wants the state after a change."""

        def __init__(self, change: Change, undone: tuple[Change, ...]) -> None:
            super().__init__()
            self.change, self.undone = change, undone

    def __init__(self) -> None:
        super().__init__()
        self.changes: tuple[Change, ...] = ()
        self.reading: ClockReading | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="world-clock")
        yield Timeline(id="timeline")
        yield Static(id="undone")
        yield Past(id="world-past")

    def read(self, session: Session, world: World) -> tuple[ClockReading, tuple[Change, ...]]:
        return world.clock(), world.history()

    def take(self, value: tuple[ClockReading, tuple[Change, ...]]) -> None:
        from tui.draw.time import clock_line

        self.reading, changes = value
        clock = Text("  ").append_text(clock_line(self.reading))
        # In a group it takes the colours of the theme that it is shown in, not of the one of now.
        self.query_one("#world-clock", Static).update(Group(clock))
        if changes != self.changes:
            rows, at_end = self.query_one(Past), self.cursor == len(self.changes) - 1
            kept = self.changes[self.cursor].number if self.changes and not at_end else None
            self.changes = changes
            numbers = [each.number for each in changes]
            with self.prevent(OptionList.OptionHighlighted):
                rows.set_options(Option(change_row(each)) for each in changes)
                rows.highlighted = numbers.index(kept) if kept in numbers else len(changes) - 1
        self.draw()

    def wait(self, text: str) -> None:
        if not self.changes:
            self.query_one("#world-clock", Static).update(Content.styled(f"  {text}", "$dim"))

    def target(self) -> Widget:
        return self.query_one(Past)

    @property
    def cursor(self) -> int:
        """The place of the marked change."""
        return self.query_one(Past).highlighted or 0

    def draw(self) -> None:
        """The timeline, and below it what going back to the cursor would take back."""
        if not self.changes or self.reading is None:
            return
        self.query_one(Timeline).show(self.changes, self.reading.now, self.cursor)
        undone = taken_back(self.changes, self.cursor)
        self.query_one("#undone", Static).update(Lines(*undone_lines(undone)))

    @on(OptionList.OptionHighlighted, "#world-past")
    def marked(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.draw()

    @on(Timeline.Marked)
    def clicked(self, event: Timeline.Marked) -> None:
        event.stop()
        past = self.query_one(Past)
        past.highlighted = event.place
        past.focus(scroll_visible=False)

    @on(OptionList.OptionSelected, "#world-past")
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.ask_back(event.option_index)

    def ask_back(self, place: int) -> None:
        """Ask to go back to the state after a change; the last one is where the sandbox is already."""
        undone = taken_back(self.changes, place)
        if undone:
            self.post_message(self.GoBack(self.changes[place], undone))
        else:
            self.notify("The sandbox is there already.", timeout=4)

    def step(self, by: int) -> None:
        """Move the cursor to the next mark of the timeline."""
        if self.changes:
            self.query_one(Past).highlighted = self.query_one(Timeline).step(by)

    def copy_text(self) -> str:
        return f"skylab rewind --to {self.changes[self.cursor].number}" if self.changes else ""


class Past(Rows):
    """The changes that can be taken back."""

    HELP_LINE = (
        "The past of the sandbox, the last change at the bottom. Up and Down move the cursor by one change, "
        "Left and Right to the next mark of the timeline; Enter asks to go back to the cursor."
    )
    BINDINGS = bindings("timeline")

    def action_earlier(self) -> None:
        self.part.step(-1)

    def action_later(self) -> None:
        self.part.step(1)

    @property
    def part(self) -> TimePart:
        return next(each for each in self.ancestors if isinstance(each, TimePart))


def undone_lines(undone: tuple[Change, ...]) -> list[Line]:
    """What Enter would take back, in two lines."""
    if not undone:
        return [
            Line(Content.styled("  This is the state of now. u takes the last change back.", "$dim")),
            Line(Content("")),
        ]
    head = f"  Enter goes back to here and takes {counted(len(undone), 'change')} back"
    last, first = undone[0], undone[-1]
    what = last.what if last is first else f"{first.what}  …  {last.what}"
    return [Line(Content.styled(head, "$warning")), Line(Content("  ") + foreign(what, "$dim"))]


def change_row(change: Change) -> Lines:
    """A change: what it was, its checkpoints, and when."""
    left = Content.assemble(
        "  ", (f"{change.number:>4}  ", "$dim"), foreign(change.what, "" if change.counts else "$dim")
    )
    names = "".join(f"  ◆ {name}" for name in change.checkpoints)
    when = f"{change.time.day} {change.time:%b %H:%M} "
    return Lines(Line(left, Content.assemble((names, "$primary"), (f"  {when}", "$dim"))))
