"""What all screens share: the two bars, the breakpoints, and errors that become a panel, not the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen

from tui.widgets.bars import KeyBar, TopBar

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.worker import Worker

    from tui.app import SkylabApp

    _OfScreen = Screen[None]
else:
    _OfScreen = object  # Textual takes a screen's style from its first base that is a screen

__all__ = ["TALL", "WIDE", "InSkylab", "Page", "app_of"]

WIDE = 110
"""Columns from which two panes stand side by side."""
TALL = 32
"""Rows from which results fit below the editor."""
KEEP_WITHIN = 0.4
"""Seconds within which what was typed is on the disk."""
BEGINNINGS = (events.Compose, events.Mount, events.ScreenResume)
"""What a screen has to do to be there at all; where one of these fails, it is closed."""


def app_of(screen: Screen[None]) -> SkylabApp:
    """The screen's app, by its real type."""
    return cast("SkylabApp", screen.app)


class InSkylab(_OfScreen):
    """What pages and overlays share, to be named before the kind of screen among the bases."""

    SCOPE: ClassVar[str]
    """The scope of the screen's actions in `tui.actions`."""
    HELP_LINE: ClassVar[str]
    """What the screen is for, in a sentence or two: the head of its F1 page."""
    WHERE: ClassVar[str]
    """Where an exception is said to have come up."""

    @property
    def skylab(self) -> SkylabApp:
        return app_of(self)

    def on_screen_resume(self) -> None:
        self.skylab.show_tour()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.skylab.worker_changed(event)

    async def _dispatch_message(self, message: Message) -> None:
        # Textual ends the app at an exception in a handler, and the screen's message loop with it.
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.skylab.show_failure(error, self.WHERE, self, broken=isinstance(message, BEGINNINGS))


class Page(InSkylab, Screen[None]):
    """A full screen: where you are, the body, and the keys."""

    WHERE = "on this screen"
    ALSO: ClassVar[tuple[str, ...]] = ()
    """Further scopes whose actions the screen has, those of its kind of screen."""

    _keeping: Timer | None = None

    def compose(self) -> ComposeResult:
        yield TopBar()
        yield from self.body()
        yield KeyBar(self.SCOPE, *self.ALSO, "app")

    def body(self) -> ComposeResult:
        """What stands between the two bars."""
        raise NotImplementedError

    def say(self, place: str, detail: str = "") -> None:
        """Set the header: where this is, and what is known about it."""
        bar = self.query_one(TopBar)
        bar.place, bar.detail, bar.status = place, detail, self.skylab.status

    def world_ready(self) -> None:
        """A world answers, perhaps another one than before."""

    def world_changed(self) -> None:
        """The world has answered requests."""

    def copy_text(self) -> str:
        """What is worth copying here; empty where nothing is."""
        return ""

    def shell_command(self) -> str:
        """The command that prints what the page shows; empty where there is none."""
        return ""

    def show_status(self, status: str) -> None:
        for bar in self.query(TopBar):
            bar.status = status

    def keep(self) -> None:
        """Keep what is typed here, at once."""

    def keep_soon(self) -> None:
        """Have what is typed kept in a moment, however long the keys go on."""
        if self._keeping is None:
            self._keeping = self.set_timer(KEEP_WITHIN, self._keep_now)

    def _keep_now(self) -> None:
        self._keeping = None
        self.keep()
