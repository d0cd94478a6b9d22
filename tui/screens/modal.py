"""What lies over the screen; most of all a panel: a title, a thin rule, the text, its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.screens.base import BEGINNINGS, app_of
from tui.widgets.bars import KeyBar
from tui.widgets.tour_line import TourLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.visual import VisualType
    from textual.worker import Worker

    from tui.app import SkylabApp

__all__ = ["Overlay", "Panel"]

AROUND = 11
"""Rows of a panel that are not its body: border, title, rules, keys and the space between."""
TOUR_ROWS = 3
"""Rows of the line of the tour."""


class Overlay(ModalScreen[None]):
    """What lies over a screen and takes the keys."""

    SCOPE: ClassVar[str]
    """The scope of its actions in `tui.actions`."""
    HELP_LINE: ClassVar[str]
    """What it is for: the head of its F1 page."""

    @property
    def skylab(self) -> SkylabApp:
        return app_of(self)

    def on_screen_resume(self) -> None:
        self.skylab.show_tour()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.skylab.worker_changed(event)

    async def _dispatch_message(self, message: Message) -> None:
        # See Page: an exception must not end the message loop of the screen.
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.skylab.show_failure(error, "on this panel", self, broken=isinstance(message, BEGINNINGS))


class Panel(Overlay):
    """A modal panel; a class of its own gives the title and the body."""

    def compose(self) -> ComposeResult:
        with Vertical(id="panel"):
            yield Static(self.title_text(), id="panel-title")
            with VerticalScroll(id="panel-body"):
                yield from self.panel_body()
            yield KeyBar(self.SCOPE, "app")

    def title_text(self) -> VisualType:
        """What stands above the rule."""
        raise NotImplementedError

    def panel_body(self) -> Iterable[Widget]:
        """What stands below the rule, and scrolls."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.first_focus().focus()

    def first_focus(self) -> Widget:
        """What has the focus when the panel opens."""
        return self.query_one("#panel-body")

    def on_resize(self) -> None:
        self.fit()

    def fit(self) -> None:
        """Leave room around the panel, and for the line of the tour where it is on."""
        # An automatic height does not take a child's largest height into account, so both are set here.
        room = self.size.height - 2 - (TOUR_ROWS if self.query(TourLine) else 0)
        for panel in self.query("#panel"):
            panel.styles.max_height = room
        for body in self.query("#panel-body"):
            body.styles.max_height = max(room - AROUND, 3)

    def action_close(self) -> None:
        self.dismiss()
