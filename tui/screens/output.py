"""What a command printed, as a panel: a counter-example that is a command shows itself here."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static

from tui.actions import bindings
from tui.screens.modal import Panel
from tui.widgets.line import foreign

__all__ = ["OutputPanel"]


class OutputPanel(Panel):
    """The line that was run, and what it printed."""

    SCOPE = "output"
    HELP_LINE = "What a command of Skylab says. You can run the same line in a terminal."
    BINDINGS = bindings("output")

    def __init__(self, line: str, text: str) -> None:
        super().__init__()
        self.line = line
        self.text = text

    def title_text(self) -> VisualType:
        return Content.assemble(("$ ", "bold $primary"), foreign(self.line, "$dim"))

    def panel_body(self) -> Iterable[Widget]:
        yield Static(foreign(self.text), id="output-text")
