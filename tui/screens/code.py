"""The code behind a page: the command that says the same, and the Python that draws what is seen."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from rich.syntax import Syntax
from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static

from tui.actions import bindings
from tui.screens.modal import Panel
from tui.widgets.line import foreign

__all__ = ["CodePanel"]


class CodePanel(Panel):
    """How the page before was made."""

    SCOPE = "code"
    HELP_LINE = (
        "The code behind the page that you came from: how you get the same at the command line, and how "
        "Skylab itself is written. The file's name stands at the top."
    )
    BINDINGS = bindings("code")

    def __init__(self, kind: type, command: str = "") -> None:
        super().__init__()
        self.kind = kind
        self.command = command

    def title_text(self) -> VisualType:
        place = self.kind.__module__.replace(".", "/") + ".py"
        return Content.assemble(("Code   ", "bold $primary"), (place, "$dim"))

    def panel_body(self) -> Iterable[Widget]:
        if self.command:
            yield Static(Content.assemble(("$ ", "$dim"), foreign(self.command)), id="code-command")
        theme = "ansi_dark" if self.app.current_theme.dark else "ansi_light"
        yield Static(
            Syntax(inspect.getsource(self.kind), "python", theme=theme, background_color="default"),
            id="code-text",
        )
