"""What lies over the screen; most of all a panel: a title, a thin rule, the text, its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.screens.base import InSkylab
from tui.widgets.bars import KeyBar
from tui.widgets.tour_line import TourLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.visual import VisualType


__all__ = ["Overlay", "Panel"]

AROUND = 11
"""Rows of a panel that are not its body: border, title, rules, keys and the space between."""
TOUR_ROWS = 3
"""Rows of the line of the tour."""


class Overlay(InSkylab, ModalScreen[None]):
    """What lies over a screen and takes the keys."""

    WHERE = "on this panel"


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
