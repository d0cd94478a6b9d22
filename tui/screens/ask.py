"""A small panel that asks for one line: a time to advance by, the name of a checkpoint, a count of votes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual import on
from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.actions import bindings
from tui.screens.modal import Panel

__all__ = ["AskPanel"]


class AskPanel(Panel):
    """One question with one line for the answer."""

    SCOPE = "ask"
    HELP_LINE = "A question. Type the answer and press Enter; Esc leaves everything as it is."
    BINDINGS = bindings("ask")

    def __init__(self, title: str, hint: str, take: Callable[[str], None], value: str = "") -> None:
        super().__init__()
        self.heading, self.hint, self.take, self.value = title, hint, take, value

    def title_text(self) -> VisualType:
        return Content.styled(self.heading, "bold $primary")

    def panel_body(self) -> Iterable[Widget]:
        field = Input(self.value, compact=True, classes="field", id="ask-line")
        field.cursor_blink = False
        yield field
        yield Static(Content.styled(self.hint, "$dim"), id="ask-hint")

    def first_focus(self) -> Widget:
        return self.query_one(Input)

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        answer = self.query_one(Input).value.strip()
        self.dismiss()
        if answer:
            self.take(answer)
