"""F1: what this screen is for and what every key does here."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static

from tui.actions import bindings
from tui.help import HelpSection
from tui.screens.modal import Panel
from tui.widgets.line import Hanging, Lines

__all__ = ["HelpPanel"]

KEYS_WIDTH = 16


class HelpPanel(Panel):
    """The help of the screen below it."""

    SCOPE = "help"
    HELP_LINE = "The help."
    BINDINGS = bindings("help")

    def __init__(self, sections: tuple[HelpSection, ...]) -> None:
        super().__init__()
        self.sections = sections

    def title_text(self) -> VisualType:
        return Content.assemble(("Help", "bold $primary"), (f"   {self.sections[0].title}", "$dim"))

    def panel_body(self) -> Iterable[Widget]:
        for section in self.sections:
            if section is not self.sections[0]:
                yield Static(Content.styled(section.title, "bold $primary"), classes="help-title")
            yield Static(Content(section.line), classes="help-line")
            yield Static(
                Lines(
                    *(
                        Hanging(Content.styled(row.keys, "$primary"), Content(row.line), KEYS_WIDTH)
                        for row in section.rows
                    )
                )
            )
