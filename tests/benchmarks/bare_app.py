"""What the course map is measured against: a Textual app that has its widgets and texts, and does nothing."""

from __future__ import annotations

import sys
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList, Static

LEFT, RIGHT = (int(word) for word in sys.argv[1:3])
"""How many rows the two lists have."""
KEYS = ("Enter open", "c continue", "r review", "i instruments", "w world", "F1 help", "^p commands")


class BareApp(App[None]):
    """A title, two lists with a line over and under them, and the keys."""

    CSS: ClassVar[str] = """
    #title, #keys { height: 2; padding: 0 3; }
    #title { dock: top; border-bottom: solid $panel; }
    #keys { dock: bottom; border-top: solid $panel; }
    #keys Static { width: auto; margin-right: 2; }
    #map { padding: 1 3; }
    #left { width: 29; margin-right: 3; }
    OptionList { height: auto; border: none; }
    Vertical Static { height: auto; }
    """

    def compose(self) -> ComposeResult:
        yield Static("Skylab", id="title")
        with Horizontal(id="map"):
            with Vertical(id="left"):
                yield Static("Units")
                yield OptionList(*(f"{n}  A unit of the course  ○○○○" for n in range(LEFT)))
                yield Static("Go on with\nWhat does it match?")
            with Vertical():
                yield Static("A unit of the course")
                yield Static("How AWS names things, and how to read,\nwrite and match those names.")
                yield OptionList(*(f"○  An exercise of the unit   {n}" for n in range(RIGHT)))
                yield Static("0 of 5 pages read")
                yield Static("")
        with Horizontal(id="keys"):
            for key in KEYS:
                yield Static(key)


if __name__ == "__main__":
    BareApp().run()
