"""The screen of the world: its panes, how they follow the sandbox, and the ways to move it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from labs.errors import SkylabError
from tui.actions import bindings
from tui.messages import Failed
from tui.screens.ask import AskPanel
from tui.screens.base import Page
from tui.screens.world.parts import BillPart, NetworkPart, Part
from tui.screens.world.resources import ResourcesPart
from tui.screens.world.rewinding import RewindPanel, undone_by_one
from tui.screens.world.time import TimePart
from tui.widgets.bars import KeyBar, Panes
from tui.widgets.requests import RequestsPanel

if TYPE_CHECKING:
    from textual.timer import Timer

    from labs.sandbox import Change, World

__all__ = ["WorldScreen"]

PARTS: tuple[type[Part], ...] = (ResourcesPart, NetworkPart, BillPart, TimePart)
PANES = ("requests", *(each.NAME for each in PARTS))
WARMING = "The sandbox is warming; what it holds will show here."
AGAIN = 0.5
"""Seconds between two readings of a part while requests come in."""
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
        """A part of the world as it is now."""

        def __init__(self, pane: str, world: World, value: Any) -> None:
            super().__init__()
            self.pane, self.world, self.value = pane, world, value

    class Done(Message):
        """Something was done to the world; `said` is what came of it."""

        def __init__(self, said: str) -> None:
            super().__init__()
            self.said = said

    class Undo(Message):
        """What taking one change back would undo, and the last change that would stay."""

        def __init__(self, stays: Change, undone: tuple[Change, ...]) -> None:
            super().__init__()
            self.stays, self.undone = stays, undone

    def __init__(self) -> None:
        super().__init__()
        self.pane = "requests"
        self.behind = "resources"
        """The part that stands beside the requests where there is room for both."""
        self._resting: Timer | None = None
        self._changed = False

    def body(self) -> ComposeResult:
        yield Panes(*(f"world.{each}" for each in PANES))
        yield Static(id="world-stopped")
        with Horizontal(id="world"):
            yield RequestsPanel(id="requests")
            with Vertical(id="world-part"):
                for each in PARTS:
                    yield each()

    def on_mount(self) -> None:
        self.skylab.attach(self.query_one(RequestsPanel))
        self.say("World")
        self.show_status(self.skylab.status)
        self.show("requests")
        self.set_interval(TICK, self.tick)

    @property
    def world(self) -> World | None:
        stage = self.skylab.current_stage
        return stage.world if stage else None

    @property
    def part(self) -> Part:
        """The part that shows, or would where there is room."""
        return next(each for each in self.query(Part) if self.behind == each.NAME)

    # Reading it

    def show_status(self, status: str) -> None:
        """A quiet line says when the sandbox has stopped; what was read last stays."""
        super().show_status(status)
        for line in self.query("#world-stopped"):
            line.display = status == "sandbox stopped"
            if isinstance(line, Static):
                line.update(Content.styled(stopped(self.skylab.session.skylab), "$warning"))

    def world_ready(self) -> None:
        for each in self.query(Part):
            each.forget()
        self.read_again()

    def world_changed(self) -> None:
        """Requests were answered: what is shown may have changed. Of many in a row the last counts."""
        if self._resting is None:
            self.read_again()
            self._resting = self.set_timer(AGAIN, self.rested)
        else:
            self._changed = True

    def rested(self) -> None:
        """Read again if requests were answered meanwhile."""
        self._resting = None
        if self._changed:
            self._changed = False
            self.world_changed()

    def tick(self) -> None:
        if self.behind in ("bill", "time"):
            self.read_again()

    def read_again(self) -> None:
        """Read the part that shows again."""
        if self.world is not None and self.query(Part):
            self.read(self.part, self.world)

    @work(thread=True, exclusive=True, exit_on_error=False, group="world")
    def read(self, part: Part, world: World) -> None:
        """Read a part of the world; what it holds comes back as a message."""
        try:
            self.post_message(self.Read(part.NAME, world, part.read(self.skylab.session, world)))
        except SkylabError:
            # The sandbox has gone; a line says so, and what was read last stays.
            return
        except Exception as error:
            self.post_message(Failed(error, f"reading the {part.NAME} of the sandbox"))

    @on(Read)
    def was_read(self, message: Read) -> None:
        message.stop()
        if message.pane == self.behind and message.world is self.world:
            self.part.take(message.value)

    # Moving it

    def action_advance(self) -> None:
        self.skylab.push_screen(
            AskPanel("Advance the clock", "By how much: 90s, 45m, 6h, 3d, 2w", self.advance, "1h")
        )

    def advance(self, text: str) -> None:
        from tui.commands.steering import read_duration

        by = read_duration(text)
        self.do(lambda world: self.Done(told(world.advance(seconds=by.total_seconds()))))

    def action_checkpoint(self) -> None:
        self.skylab.push_screen(
            AskPanel("Name this state", "A name to rewind to: before-lunch", self.checkpoint)
        )

    def checkpoint(self, name: str) -> None:
        def mark(world: World) -> Message:
            world.checkpoint(name)
            return self.Done(f"This state is called {name} now.")

        self.do(mark)

    def action_undo(self) -> None:
        def look(world: World) -> Message:
            found = undone_by_one(world.history())
            return self.Undo(*found) if found else self.Done("There is nothing to take back.")

        self.do(look)

    @on(Undo)
    def undo_asked(self, message: Undo) -> None:
        message.stop()
        self.ask_back(message.stays, message.undone)

    @on(TimePart.GoBack)
    def back_asked(self, message: TimePart.GoBack) -> None:
        message.stop()
        self.ask_back(message.change, message.undone)

    def ask_back(self, stays: Change, undone: tuple[Change, ...]) -> None:
        """Say what will be undone, and undo it if that is what is wanted."""

        def back(world: World) -> Message:
            world.rewind(to=stays.number)
            return self.Done(f"The sandbox is as it was after: {stays.what}")

        self.skylab.push_screen(RewindPanel(undone, stays, lambda: self.do(back)))

    def do(self, deed: Callable[[World], Message]) -> None:
        """Do something to the world, once one is ready."""
        if self.world is None:
            self.notify("The sandbox is warming; try again in a moment.", timeout=4)
        else:
            self.carry_out(deed, self.world)

    @work(thread=True, exclusive=True, exit_on_error=False, group="deed")
    def carry_out(self, deed: Callable[[World], Message], world: World) -> None:
        """Do something to the world; what came of it comes back as a message."""
        try:
            self.post_message(deed(world))
        except Exception as error:
            self.post_message(Failed(error, "moving the sandbox"))

    @on(Done)
    def was_done(self, message: Done) -> None:
        message.stop()
        self.notify(message.said, timeout=6)
        self.read_again()

    def action_start(self) -> None:
        self.skylab.start_again()

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
        own = ("requests",) if pane == "requests" else ()
        self.query_one(KeyBar).show_scopes(*own, self.SCOPE, "app")
        if pane != "requests":
            self.behind = pane
        for part in self.query(Part):
            part.display = self.behind == part.NAME
        target = self.query_one("#requests-list") if pane == "requests" else self.part.target()
        target.focus(scroll_visible=False)
        self.part.wait(WARMING if self.world is None else "reading")
        self.read_again()

    def shell_command(self) -> str:
        return "skylab events" if self.pane == "requests" else self.part.COMMAND

    def copy_text(self) -> str:
        return self.query_one(RequestsPanel).copy_text() if self.pane == "requests" else self.part.copy_text()


def stopped(skylab: str) -> str:
    """What is said while no sandbox answers."""
    return f"The sandbox has stopped; what it held last stays here. r starts it again, or: {skylab} sandbox"


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
