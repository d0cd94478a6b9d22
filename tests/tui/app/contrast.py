"""How well what a screen shows can be read, from the colours of its cells (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.color_triplet import ColorTriplet
from textual.app import App
from textual.color import Color
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip

TEXT = 4.5
"""The least contrast of a letter, a digit or a sign with what is behind it."""
DRAWN = 3.0
"""The least contrast of a bar or a line that says something."""
RULE = 1.3
"""The least contrast of a rule or a scrollbar, which only separate what space separates already."""


def contrast(one: ColorTriplet, other: ColorTriplet) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: ColorTriplet) -> float:
    """The relative luminance of a colour, from 0 to 1."""
    parts = (part / 255 for part in colour)
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def unreadable(app: App[Any], strips: list[Strip]) -> Iterator[str]:
    """What is shown and can hardly be read; behind a panel that is open everything is veiled on purpose."""
    rule = Color.parse(app.theme_variables["rule"]).rich_color.get_truecolor()
    for row, strip in enumerate(strips):
        column = 0
        for segment in strip:
            start, column = column, column + segment.cell_length
            text = segment.text.strip()
            if not text or not on_top(app, Region(start, row, segment.cell_length, 1)):
                continue
            style = segment.style
            if style is None or style.color is None or style.bgcolor is None:
                yield f"row {row}: {text!r} has no colour"
                continue
            ink, paper = style.color.get_truecolor(), style.bgcolor.get_truecolor()
            least = RULE if rule in (ink, paper) and is_drawn(text) else DRAWN if is_drawn(text) else TEXT
            if contrast(ink, paper) < least:
                yield f"row {row}: {text!r} is {contrast(ink, paper):.2f} to 1, {ink.hex} on {paper.hex}"


def is_drawn(text: str) -> bool:
    """Whether a text is only lines and blocks (Unicode's Box Drawing and Block Elements)."""
    return all("\u2500" <= character <= "\u259f" or character == " " for character in text)


def on_top(app: App[Any], place: Region) -> bool:
    """Whether a place is not behind a panel."""
    screen = app.screen
    if not isinstance(screen, ModalScreen):
        return True
    return any(child.region.contains_region(place) for child in screen.children if child.display)
