"""The shelf: all instruments, each with what it is good for, and the drills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.actions import bindings
from tui.screens.base import Page
from tui.screens.practice import Practice
from tui.widgets.line import NOTHING, Hanging, Line, Lines
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tui.instruments import Instrument

__all__ = ["Shelf"]

DRILLS = "Drills"
DRILLS_SUMMARY = "Questions without end on what the instruments show; accuracy first, then speed."


class Shelf(Page):
    """All instruments."""

    SCOPE = "shelf"
    HELP_LINE = "The instruments. They need no exercise: ask them what you like; nothing is marked."
    BINDINGS = bindings("shelf")

    def body(self) -> ComposeResult:
        with Vertical(id="shelf"):
            yield Static("Instruments", classes="pane-title")
            rows = [instrument_row(each.NAME, each.SUMMARY) for each in self.instruments]
            yield ShelfRows(*map(Option, (*rows, instrument_row(DRILLS, DRILLS_SUMMARY))), id="shelf-rows")

    @property
    def instruments(self) -> tuple[type[Instrument], ...]:
        # They are imported when they are first shown: none of them is needed for the first paint.
        from tui.instruments import INSTRUMENTS

        return INSTRUMENTS

    def on_mount(self) -> None:
        self.say("Instruments")
        rows = self.query_one(ShelfRows)
        rows.highlighted = 0
        rows.focus()

    @on(OptionList.OptionSelected, "#shelf-rows")
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index == len(self.instruments):
            self.skylab.push_screen(Practice())
        else:
            self.skylab.push_screen(self.instruments[event.option_index]())

    def action_open(self) -> None:
        self.query_one(ShelfRows).action_select()

    def action_close(self) -> None:
        self.dismiss()


class ShelfRows(Rows):
    """The instruments."""

    HELP_LINE = "The instruments. Up and Down mark one, Enter opens it."


def instrument_row(name: str, summary: str) -> Lines:
    """Its name, and below it what it is good for."""
    return Lines(
        Line(Content.assemble("  ", (name, "bold"))),
        Hanging(NOTHING, Content.styled(summary, "$dim"), 2),
        Line(NOTHING),
    )
