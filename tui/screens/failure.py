"""An error as a readable panel: what was wrong, where, what to do, and a way to go on."""

from __future__ import annotations

import traceback
from collections.abc import Iterable

from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static

from labs.errors import SkylabError
from tui.actions import bindings
from tui.screens.modal import Panel
from tui.widgets.line import foreign

__all__ = ["FailurePanel"]

UNEXPECTED_HINT = (
    "What you have written is saved. Go on with Enter; if it comes back, leave with Ctrl+Q and start again."
)


class FailurePanel(Panel):
    """An error, with its title, detail and hint; where it came from is one key away."""

    SCOPE = "failure"
    HELP_LINE = (
        "Something went wrong; this panel says what, and what to do. Nothing you have written is lost."
    )
    BINDINGS = bindings("failure")

    def __init__(self, error: BaseException, doing: str) -> None:
        super().__init__()
        self.error = error
        self.doing = doing

    def title_text(self) -> VisualType:
        title = (
            self.error.title if isinstance(self.error, SkylabError) else f"Something went wrong {self.doing}"
        )
        return Content.assemble(("✗ ", "bold $error"), foreign(title, "bold $error"))

    def panel_body(self) -> Iterable[Widget]:
        if isinstance(self.error, SkylabError):
            detail, hint = self.error.detail, self.error.hint
        else:
            detail, hint = f"{type(self.error).__name__}: {self.error}", UNEXPECTED_HINT
        if detail:
            yield Static(foreign(detail), classes="failure-detail")
        if hint:
            yield Static(foreign(hint), classes="failure-hint")
        yield Static(foreign("".join(traceback.format_exception(self.error))), id="failure-trace")

    def action_details(self) -> None:
        trace = self.query_one("#failure-trace")
        trace.display = not trace.display
