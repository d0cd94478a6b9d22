"""Before the sandbox is taken back: what will be undone, and whether to do it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static

from tui.actions import bindings
from tui.draw.words import counted
from tui.screens.modal import Panel
from tui.screens.world.time import change_row
from tui.widgets.line import Hanging, Lines, foreign

if TYPE_CHECKING:
    from labs.sandbox import Change

__all__ = ["RewindPanel", "undone_by_one"]


class RewindPanel(Panel):
    """The changes that going back takes back, the last one first."""

    SCOPE = "rewind"
    HELP_LINE = (
        "What will be taken back, the last change first. Enter does it; Esc leaves the sandbox as it is. "
        "What was taken back does not come again."
    )
    BINDINGS = bindings("rewind")

    def __init__(self, undone: tuple[Change, ...], stays: Change, go: Callable[[], None]) -> None:
        super().__init__()
        self.undone, self.stays, self.go = undone, stays, go

    def title_text(self) -> VisualType:
        return Content.styled(f"Take {counted(len(self.undone), 'change')} back?", "bold $primary")

    def panel_body(self) -> Iterable[Widget]:
        for each in self.undone:
            yield Static(change_row(each))
        names = [name for each in self.undone for name in each.checkpoints]
        lost = f" Gone with them: {', '.join(names)}." if names else ""
        stays = f"The last change that stays is number {self.stays.number}, {self.stays.what}.{lost}"
        yield Static(Lines(Hanging(Content(""), foreign(stays, "$dim"), 2)), classes="rewind-stays")

    def action_accept(self) -> None:
        self.dismiss()
        self.go()


def undone_by_one(changes: tuple[Change, ...]) -> tuple[Change, tuple[Change, ...]] | None:
    """What taking one change back leads to: the last change that stays, and those that go; None without any.

    Credentials that were handed out since go with the change before them.
    """
    place = next((place for place in range(len(changes) - 1, 0, -1) if changes[place].counts), None)
    if place is None:
        return None
    return changes[place - 1], tuple(reversed(changes[place:]))
