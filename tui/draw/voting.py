"""Where a class votes: the address, large enough for the last row, and what holds for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

__all__ = ["Large", "Place", "place_drawn"]

_ROWS = 5
_FONT = {
    "0": "### #.# #.# #.# ###",
    "1": "##. .#. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# ### ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# ..# ..# ..#",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
    "a": "### #.# ### #.# #.#",
    "b": "#.. #.. ### #.# ###",
    "c": "### #.. #.. #.. ###",
    "d": "..# ..# ### #.# ###",
    "e": "### #.. ##. #.. ###",
    "f": "### #.. ##. #.. #..",
    ".": ". . . . #",
    ":": ". # . # .",
    "[": "## #. #. #. ##",
    "]": "## .# .# .# ##",
}
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


@dataclass(frozen=True, slots=True)
class Place:
    """The page for votes: its address, how votes stand there, and what the teacher should know of it.

    `asking` is whether the slide has a poll at all, `open` whether the page takes votes for it; `by_phone`
    and `by_hand` count the votes that came there, and those that were counted in the room.
    """

    host: str
    asking: bool = True
    open: bool = True
    by_phone: int = 0
    by_hand: int = 0
    warning: str = ""

    @property
    def came(self) -> str:
        """How many votes came, and how."""
        by_hand = f", {self.by_hand} by hand" if self.by_hand else ""
        return f"{self.by_phone} by phone{by_hand}"


@dataclass(frozen=True, slots=True)
class Large:
    """An address in letters three lines high; in ordinary ones where it would not fit."""

    text: str
    style: str = "title"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = large(self.text)
        if not lines or len(lines[0]) > options.max_width:
            yield Text(self.text, self.style)
            return
        style = console.get_style(self.style)
        for line in lines:
            yield Segment(line, style)
            yield Segment.line()


def large(text: str) -> tuple[str, ...]:
    """The lines of an address in large letters; none where a letter has no large form."""
    if not all(letter in _FONT for letter in text):
        return ()
    columns = [_FONT[letter].split() for letter in text]
    rows = [".".join(letter[row] for letter in columns) for row in range(_ROWS)]
    rows.append("." * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return tuple(
        "".join(_HALVES[high == "#", low == "#"] for high, low in zip(upper, lower, strict=True))
        for upper, lower in pairs
    )


def place_drawn(place: Place) -> Iterator[RenderableType]:
    """Where to vote, while votes are taken; that they are no more, afterwards."""
    if place.asking and not place.open:
        yield Text(f"The vote is closed: {place.came}.", "quiet")
        return
    came = f"   {place.came}" if place.by_phone or place.by_hand else ""
    yield Text.assemble(("Vote on your phone  ", "quiet"), f"http://{place.host}", (came, "quiet"))
    yield Large(place.host)
    closes = "c closes the vote, " if place.asking else ""
    yield Text(f"Bound to this address alone; {closes}Esc twice ends the page.", "quiet")
    if place.warning:
        yield Text(f"! {place.warning}", "partly")
