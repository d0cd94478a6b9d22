"""The line of the tour, beside the screen that it speaks of."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from tui.actions import action
from tui.settings import Settings
from tui.tour import PALETTE, STEPS
from tui.widgets.bars import KeyHint
from tui.widgets.line import Hanging, Lines

__all__ = ["TourLine"]

LABEL_WIDTH = 10


class TourLine(Horizontal):
    """What the tour says here, the one key that leads on, and the key that leaves it."""

    def __init__(self, number: int | None) -> None:
        super().__init__()
        self.number = number

    def compose(self) -> ComposeResult:
        yield Static(self.text, id="tour-text")
        with Vertical(id="tour-keys"):
            if self.number is not None:
                step = STEPS[self.number]
                if step.scope == PALETTE:
                    yield Static(Content.assemble(("Esc", "bold $primary"), (" close", "$dim")))
                else:
                    yield KeyHint(action(step.action))
            leave = KeyHint(action("app.tour"))
            leave.label = "leave"
            yield leave

    @property
    def text(self) -> Lines:
        if self.number is None:
            label, line = "Tour", "The tour waits for you on the screen before this one."
        else:
            settings = getattr(self.app, "settings", Settings())
            label, line = f"Tour {self.number + 1}/{len(STEPS)}", STEPS[self.number].said(settings)
        return Lines(Hanging(Content.styled(label, "bold $primary"), Content(line), LABEL_WIDTH))
