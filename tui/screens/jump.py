"""Jump mode: a letter lies over each place that can take the focus; pressing it goes there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Offset, Region
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tui.actions import bindings
from tui.screens.modal import Overlay
from tui.widgets.bars import KeyBar

__all__ = ["Jump", "Target", "letters", "place_of", "targets_of"]

KEYS = "asdfghjklqwertyuiopzxcvbnm"
"""The letters, those below the fingers first."""


@dataclass(frozen=True, slots=True)
class Target:
    """A place that can take the focus, the letters that lead there, and where they are written."""

    letters: str
    widget: Widget
    offset: Offset

    @property
    def shown(self) -> str:
        return f"[{self.letters}]"


class Jump(Overlay):
    """The letters over a screen."""

    SCOPE = "jump"
    HELP_LINE = "Jump: each letter stands at a place that can take the focus. Press it to go there."
    BINDINGS = bindings("jump")

    def __init__(self, targets: Sequence[Target]) -> None:
        super().__init__()
        self.targets = tuple(targets)
        self.typed = ""

    def compose(self) -> ComposeResult:
        for target in self.targets:
            label = Static(Content(target.shown), classes="jump-letter")
            label.styles.offset = target.offset
            label.styles.width = len(target.shown)
            yield label
        yield JumpBar(self.SCOPE, "app")

    def on_key(self, event: events.Key) -> None:
        if event.character is None or event.character.lower() not in KEYS:
            return
        event.stop()
        self.typed += event.character.lower()
        for target in self.targets:
            if target.letters == self.typed:
                self.dismiss()
                target.widget.focus()
                return
        if not any(target.letters.startswith(self.typed) for target in self.targets):
            self.typed = ""

    def on_mount(self) -> None:
        self.began = self.app.size

    def on_resize(self, event: events.Resize) -> None:
        # The places are elsewhere from now on.
        if event.size != self.began:
            self.dismiss()

    def action_close(self) -> None:
        self.dismiss()


class JumpBar(KeyBar):
    """What to press."""

    def compose(self) -> ComposeResult:
        yield Static(Content("A letter goes to its place."), id="jump-line")
        yield from super().compose()


def letters(count: int) -> list[str]:
    """So many labels, each of one letter while they suffice, else each of two."""
    if count <= len(KEYS):
        return list(KEYS[:count])
    return ["".join(pair) for pair in product(KEYS, repeat=2)][:count]


def targets_of(screen: Screen[Any]) -> tuple[Target, ...]:
    """The places of a screen that can take the focus and are in view, in the order of Tab."""
    places = [(each, region) for each in screen.focus_chain if (region := in_view(screen, each))]
    strips = screen._compositor.render_strips()
    taken: list[Region] = []

    def is_free(spot: Region) -> bool:
        if not screen.region.contains_region(spot) or any(spot.overlaps(each) for each in taken):
            return False
        return not strips[spot.y].crop(spot.x, spot.right).text.strip()

    found = []
    for word, (widget, region) in zip(letters(len(places)), places, strict=True):
        spot = place_of(region, len(word) + 2, is_free)
        taken.append(spot)
        found.append(Target(word, widget, spot.offset))
    return tuple(found)


def in_view(screen: Screen[Any], widget: Widget) -> Region:
    """The part of a widget that can be seen; empty where it is scrolled away."""
    place = screen.find_widget(widget)
    return place.region.intersection(place.clip)


def place_of(region: Region, width: int, is_free: Callable[[Region], bool]) -> Region:
    """Where a label of a widget is written: on blank cells, as near to its beginning as there are any.

    Where nothing near it is blank, the label covers the widget's first cells.
    """
    spots = (Region(x, y, width, 1) for x, y in near(region, width))
    return next(filter(is_free, spots), Region(region.x, region.y, width, 1))


def near(region: Region, width: int) -> Iterator[tuple[int, int]]:
    """Offsets from the best: left of the first line, at its end, above it, then along the lines below."""
    yield region.x - width, region.y
    yield region.right - width, region.y
    yield region.x, region.y - 1
    for y in range(region.y, region.bottom):
        for x in (*range(region.x, max(region.right - width, region.x) + 1), region.x - width):
            yield x, y
