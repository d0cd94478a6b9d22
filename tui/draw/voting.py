"""Where a class votes: the address, large enough for the last row, and what holds for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from tui.draw.layout import page, row

__all__ = ["Large", "Place", "join_drawn", "place_drawn"]

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
_MARGIN = 2
"""Light modules around a code; phones ask for no more on a screen."""
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
    """An address in letters three lines high; where they would not fit, `otherwise`."""

    text: str
    otherwise: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = large(self.text)
        if not lines or len(lines[0]) > options.max_width:
            yield Text(self.otherwise, "title")
            return
        style = console.get_style("title")
        for line in lines:
            yield Segment(line, style)
            yield Segment.line()


def large(text: str) -> tuple[str, ...]:
    """The lines of an address in large letters; none where a letter has no large form."""
    if not all(letter in _FONT for letter in text):
        return ()
    columns = [_FONT[letter].split() for letter in text]
    lines = [".".join(letter[line] for letter in columns) for line in range(_ROWS)]
    return tuple(_halves([[module == "#" for module in line] for line in lines]))


def _halves(lines: Sequence[Sequence[bool]]) -> Iterator[str]:
    """Rows of squares as text, two rows in a line; an odd last one stands above nothing."""
    empty = [False] * len(lines[0])
    for upper, lower in zip_longest(lines[::2], lines[1::2], fillvalue=empty):
        yield "".join(_HALVES[high, low] for high, low in zip(upper, lower, strict=True))


def join_drawn(place: Place) -> RenderableType:
    """The page's address as large as it goes: as a code for phones to scan, and in letters beside it."""
    import segno  # nobody waits for it who shows no code

    address = f"http://{place.host}"
    # The light modules are drawn, so that a terminal without colours of its own shows the code as well.
    light = [[not dark for dark in each] for each in segno.make_qr(address, error="l").matrix]
    side, width = [True] * _MARGIN, len(light) + 2 * _MARGIN
    framed = [side + each + side for each in light]
    above, below = [[True] * width] * _MARGIN, [[True] * width] * (_MARGIN + 1)  # an even number of rows
    code = Text("\n".join(_halves([*above, *framed, *below])), "#ffffff on #000000")
    words = Group(
        Text("Vote on your phone", "accent"),
        Text("\nScan the code, or type\n"),
        Text(address, "title"),
        Text(),
        Large(place.host, ""),
        Text("\nYour phone has to be on the same network.", "quiet"),
        Text(f"\n! {place.warning}" if place.warning else "", "partly"),
    )
    return page(Text(), row(code, "", words, widths=(width, 2, None)))


def place_drawn(place: Place) -> Iterator[RenderableType]:
    """Where to vote, while votes are taken; that they are no more, afterwards."""
    if place.asking and not place.open:
        yield Text(f"The vote is closed: {place.came}.", "quiet")
        return
    came = f"   {place.came}" if place.by_phone or place.by_hand else ""
    yield Text.assemble(("Vote on your phone  ", "quiet"), f"http://{place.host}", (came, "quiet"))
    yield Large(place.host, place.host)
    closes = "c closes the vote, " if place.asking else ""
    yield Text(f"Bound to this address. a to scan it, {closes}Esc twice ends it.", "quiet")
    if place.warning:
        yield Text(f"! {place.warning}", "partly")
