"""What changed since the last check, as a panel; and the solution, once there is nothing left to find out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Markdown, Static

from tui.actions import bindings
from tui.screens.modal import Panel

if TYPE_CHECKING:
    from labs.course import Hint
    from tui.attempts import Compared

__all__ = ["DiffPanel", "SolutionPanel"]


class DiffPanel(Panel):
    """The changes of an exercise's text since it was last checked."""

    SCOPE = "diff"
    HELP_LINE = (
        "What you have changed since the last check. + is a line that came, − one that went; its number "
        "stands before it."
    )
    BINDINGS = bindings("diff")

    def __init__(self, name: str, compared: Compared) -> None:
        super().__init__()
        self.file = name
        self.compared = compared

    def title_text(self) -> VisualType:
        return Content.assemble(("Changes   ", "bold $primary"), (f"{self.file}{self.since}", "$dim"))

    @property
    def since(self) -> str:
        last = self.compared.last
        return f" since attempt {last.number}, {last.points:f} of {last.max:f} points" if last else ""

    def panel_body(self) -> Iterable[Widget]:
        from tui.draw.changes import changes_drawn

        if self.compared.changes is not None:
            yield Static(changes_drawn(self.compared.changes), id="diff-text")
        elif self.compared.last is None:
            yield Static(Content(NO_ATTEMPT), id="diff-text")
        else:
            yield Static(Content(NOT_KEPT), id="diff-text")


NO_ATTEMPT = (
    "You have not checked this yet, so there is nothing to compare with. Once it is checked, this shows what "
    "you change from then on."
)
NOT_KEPT = "What you had written at that attempt was not kept. It will be from the next check on."


class SolutionPanel(Panel):
    """The solution of an exercise."""

    SCOPE = "solution"
    HELP_LINE = "The solution. Compare it with yours: there may be more than one way."
    BINDINGS = bindings("solution")

    def __init__(self, hint: Hint) -> None:
        super().__init__()
        self.hint = hint

    def title_text(self) -> VisualType:
        return Content.styled(self.hint.title, "bold $primary")

    def panel_body(self) -> Iterable[Widget]:
        yield Markdown(self.hint.text, open_links=False, id="solution-text")
