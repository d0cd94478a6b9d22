"""The world: its requests, what exists in it, its network, its bill, its time; and ways to move that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from labs.errors import SkylabError
from tui.actions import bindings
from tui.messages import Failed
from tui.screens.ask import AskPanel
from tui.screens.base import Page
from tui.widgets.bars import Panes
from tui.widgets.line import Line, Lines, foreign
from tui.widgets.requests import RequestsPanel
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from labs.sandbox import Change, ClockReading, World
    from tui.session import Session

__all__ = ["WorldScreen"]

PANES = ("requests", "resources", "network", "bill", "time")
WARMING = "  The sandbox is warming; what it holds will show here."
TICK = 5.0
"""Seconds between two readings of the bill and the clock while they show."""


class WorldScreen(Page):
    """The running sandbox, followed live."""

    SCOPE = "world"
    HELP_LINE = (
        "The sandbox as it is now. The requests follow by themselves; the other parts are read again after "
        "each request. What you do here is done to the sandbox: its clock moves, its past is taken back."
    )
    BINDINGS = bindings("world")

    class Read(Message):
        """A part of the world as it is now: its drawing, and for its time the past."""

        def __init__(self, pane: str, drawing: RenderableType, past: tuple[Change, ...] = ()) -> None:
            super().__init__()
            self.pane, self.drawing, self.past = pane, drawing, past

    class Done(Message):
        """Something was done to the world; `said` is what came of it."""

        def __init__(self, said: str) -> None:
            super().__init__()
            self.said = said

    def __init__(self) -> None:
        super().__init__()
        self.pane = "requests"
        self.past: tuple[Change, ...] = ()
        self.costs: list[float] = []
        self.behind = ""
        """The pane that stands beside the requests where there is room for both."""

    def body(self) -> ComposeResult:
        yield Panes(*(f"world.{each}" for each in PANES))
        with Horizontal(id="world"):
            yield RequestsPanel(id="requests")
            with Vertical(id="world-part"):
                with WorldPart(id="world-text"):
                    yield Static(id="world-drawing")
                yield Past(id="world-past")

    def on_mount(self) -> None:
        self.skylab.attach(self.query_one(RequestsPanel))
        self.say("World")
        self.behind = "resources"
        self.show("requests")
        self.set_interval(TICK, self.tick)

    @property
    def world(self) -> World | None:
        stage = self.skylab.current_stage
        return stage.world if stage else None

    # Reading it

    def world_ready(self) -> None:
        self.read_again()

    def world_changed(self) -> None:
        """Requests were answered: what is shown may have changed."""
        self.read_again()

    def tick(self) -> None:
        if self.behind in ("bill", "time"):
            self.read_again()

    def read_again(self) -> None:
        """Read the part that shows again."""
        if self.world is not None and self.behind:
            self.read(self.behind, self.world)

    @work(thread=True, exclusive=True, exit_on_error=False, group="world")
    def read(self, pane: str, world: World) -> None:
        """Read a part of the world; its drawing comes back as a message."""
        try:
            if pane == "time":
                past = world.history()
                self.post_message(self.Read(pane, time_drawn(world.clock()), past))
            else:
                self.post_message(self.Read(pane, DRAWINGS[pane](self.skylab.session, world)))
        except SkylabError:
            # The sandbox has gone; the header says so, and what was read last stays.
            return
        except Exception as error:
            self.post_message(Failed(error, f"reading the {pane} of the sandbox"))

    @on(Read)
    def was_read(self, message: Read) -> None:
        message.stop()
        if message.pane != self.behind:
            return
        self.query_one("#world-drawing", Static).update(message.drawing)
        rows = self.query_one(Past)
        rows.display = message.pane == "time"
        if message.pane == "time" and message.past != self.past:
            self.past = message.past
            with self.prevent(OptionList.OptionHighlighted):
                rows.set_options(Option(past_row(each)) for each in self.past)
                rows.highlighted = len(self.past) - 1

    # Moving it

    def action_advance(self) -> None:
        self.skylab.push_screen(
            AskPanel("Advance the clock", "By how much: 90s, 45m, 6h, 3d, 2w", self.advance, "1h")
        )

    def advance(self, text: str) -> None:
        from tui.commands.steering import read_duration

        by = read_duration(text)
        self.do(lambda world: told(world.advance(seconds=by.total_seconds())))

    def action_checkpoint(self) -> None:
        self.skylab.push_screen(
            AskPanel("Name this state", "A name to rewind to: before-lunch", self.checkpoint)
        )

    def checkpoint(self, name: str) -> None:
        def mark(world: World) -> str:
            world.checkpoint(name)
            return f"This state is called {name} now."

        self.do(mark)

    def action_undo(self) -> None:
        def back(world: World) -> str:
            last = world.rewind(1)
            return f"One change is taken back. The last one that stays: {last.what}"

        self.do(back)

    @on(OptionList.OptionSelected, "#world-past")
    def rewind_to(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        change = self.past[event.option_index]

        def back(world: World) -> str:
            world.rewind(to=change.number)
            return f"The sandbox is as it was after: {change.what}"

        self.do(back)

    def do(self, deed: Callable[[World], str]) -> None:
        """Do something to the world, once one is ready."""
        if self.world is None:
            self.notify("The sandbox is warming; try again in a moment.", timeout=4)
        else:
            self.carry_out(deed, self.world)

    @work(thread=True, exclusive=True, exit_on_error=False, group="deed")
    def carry_out(self, deed: Callable[[World], str], world: World) -> None:
        """Do something to the world; what came of it comes back as a message."""
        try:
            self.post_message(self.Done(deed(world)))
        except Exception as error:
            self.post_message(Failed(error, "moving the sandbox"))

    @on(Done)
    def was_done(self, message: Done) -> None:
        message.stop()
        self.notify(message.said, timeout=6)
        self.read_again()

    # Panes

    def action_requests(self) -> None:
        self.show("requests")

    def action_resources(self) -> None:
        self.show("resources")

    def action_network(self) -> None:
        self.show("network")

    def action_bill(self) -> None:
        self.show("bill")

    def action_time(self) -> None:
        self.show("time")

    def action_close(self) -> None:
        self.dismiss()

    def show(self, pane: str) -> None:
        """Go to a pane; beside the requests, where there is room, stands the part that was chosen last."""
        self.pane = pane
        for each in ("requests", "part"):
            self.set_class((pane == "requests") == (each == "requests"), f"-show-{each}")
        self.query_one(Panes).active = pane
        if pane != "requests" and pane != self.behind:
            self.behind = pane
            self.query_one("#world-drawing", Static).update(Content.styled("  reading", "$dim"))
        self.query_one(Past).display = self.behind == "time"
        self.query_one("#world-part").set_class(self.behind == "time", "-time")
        target = {"requests": "#requests-list", "time": "#world-past"}.get(pane, "#world-text")
        self.query_one(target).focus(scroll_visible=False)
        if self.world is None:
            self.query_one("#world-drawing", Static).update(Content.styled(WARMING, "$dim"))
        self.read_again()

    def shell_command(self) -> str:
        return {
            "requests": "skylab events",
            "network": "skylab reach --from internet --to …",
            "bill": "skylab bill",
            "time": "skylab history",
        }.get(self.pane, "")


class WorldPart(VerticalScroll):
    """A part of the world."""

    HELP_LINE = "A part of the sandbox. Up and Down scroll it."


class Past(Rows):
    """The changes that can be taken back."""

    HELP_LINE = "The past of the sandbox, the last change at the bottom. Enter goes back to the marked state."


def resources_of(session: Session, world: World) -> RenderableType:
    """What exists. Blocks."""
    from tui.draw.resources import resources_drawn

    return resources_drawn(world.resources())


def network_of(session: Session, world: World) -> RenderableType:
    """The VPCs. Blocks."""
    from tui.draw.network import network_drawn

    return network_drawn(session.network(world))


def bill_of(session: Session, world: World) -> RenderableType:
    """The bill up to now. Blocks."""
    from tui.draw.bill import bill_drawn, spending_notes

    spent = world.bill()
    notes = spending_notes(spent)
    drawn = bill_drawn(spent.bill)
    return drawn if notes is None else Group(drawn, notes)


DRAWINGS: dict[str, Callable[[Session, World], RenderableType]] = {
    "resources": resources_of,
    "network": network_of,
    "bill": bill_of,
}


def time_drawn(reading: ClockReading) -> RenderableType:
    """The clock, and how the past below it is used."""
    from rich.text import Text

    from tui.draw.layout import page
    from tui.draw.time import clock_line

    return page(
        clock_line(reading), Text("Enter goes back to the marked state; u takes one change back.", "quiet")
    )


def told(moved: object) -> str:
    """What an advance of the clock led to, in a sentence or two."""
    from labs.sandbox import Advance

    assert isinstance(moved, Advance)
    due = [each.text for each in moved.happened]
    head = f"It is {moved.now:%Y-%m-%d %H:%M:%S} UTC now."
    if not due:
        return head
    rest = f" and {len(due) - 3} more" if len(due) > 3 else ""
    return f"{head} {'; '.join(due[:3])}{rest}."


def past_row(change: Change) -> Lines:
    """A change: what it was, its checkpoints, and when."""
    left = Content.assemble(
        "  ", (f"{change.number:>4}  ", "$dim"), foreign(change.what, "" if change.counts else "$dim")
    )
    names = "".join(f"  ◆ {name}" for name in change.checkpoints)
    return Lines(
        Line(left + Content.styled(names, "$primary"), Content.styled(f"{change.time:%H:%M:%S} ", "$dim"))
    )
