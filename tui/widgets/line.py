"""How text is set in the app: lines with something at the right edge, and text that hangs beside a label.

A *piece* sets itself in a given number of cells; `Lines` is any number of pieces as one renderable, which is
what a row of a list, a header or a whole explanation is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from tui.draw.words import shown

__all__ = ["Hanging", "Line", "Lines", "Piece", "fit", "foreign", "prose"]

NOTHING = Content("")
GAP = 2
"""Cells that stay free between the left and the right part of a line."""
WIDTHS = 3
"""Widths for which a row is kept as it was set."""
NARROWEST = 12
"""Text hanging beside a label has at least this many cells; a longer label gets a line of its own."""


class Piece(Protocol):
    """Something that can be set in a number of cells."""

    def set(self, width: int) -> list[Content]:
        """The lines of it, each of exactly `width` cells or less."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """Left text, cut with an ellipsis where it must be, and right text, which is never cut."""

    left: Content
    right: Content = NOTHING

    def set(self, width: int) -> list[Content]:
        room = width - self.right.cell_length - (GAP if self.right else 0)
        if room < GAP:
            return [fit(self.left, width)]
        return [fit(self.left, room) + Content(" " * (width - room - self.right.cell_length)) + self.right]


@dataclass(frozen=True, slots=True)
class Hanging:
    """Text that wraps beside its label, the first line after the label and the others below the first.

    What stands at the right stays on the first line, and no other line reaches below it.
    """

    label: Content
    text: Content
    indent: int
    right: Content = NOTHING

    def set(self, width: int) -> list[Content]:
        indent = self.indent if width - self.indent >= NARROWEST else min(4, width // 4)
        edge = self.right.cell_length + GAP if self.right else 0
        room = max(width - indent - edge, 1)
        lines = [fit(each, room) for each in self.text.wrap(room)] if self.text else []
        if not lines or self.label.cell_length > max(indent - 1, 0):
            return [fit(self.label, width), *(Content(" " * indent) + each for each in lines)]
        first = (
            fit(self.label, indent) + lines[0] + (Content(" " * GAP) + self.right if self.right else NOTHING)
        )
        return [first, *(Content(" " * indent) + each for each in lines[1:])]


def foreign(text: object, style: str = "") -> Content:
    """Text from outside, a learner's or a program's: nothing in it is markup or steers the terminal."""
    return Content.styled(shown(text).plain, style)


def prose(text: str, style: str = "") -> Content:
    """Plain text of the course, in which `words` between backticks are code."""
    parts = shown(text).plain.split("`")
    if len(parts) % 2 == 0:
        return foreign(text, style)
    return Content.assemble(
        *((part, "$primary" if number % 2 else style) for number, part in enumerate(parts))
    )


def fit(content: Content, width: int) -> Content:
    """The content in exactly `width` cells: cut with an ellipsis, or filled with spaces."""
    return content.truncate(max(width, 0), ellipsis=True, pad=True)


class Lines(Visual):
    """Pieces below each other as one renderable."""

    def __init__(self, *pieces: Piece) -> None:
        self.pieces = pieces
        self._set: dict[int, list[Content]] = {}

    def set(self, width: int) -> list[Content]:
        """All the lines, in their order; they are kept for the next time at the same width."""
        if width not in self._set:
            # A list measures its rows with and without a scrollbar; of more widths nobody asks at a time.
            if len(self._set) >= WIDTHS:
                self._set.clear()
            self._set[width] = [line for piece in self.pieces for line in piece.set(width)]
        return self._set[width]

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        return [
            strip
            for line in self.set(width)[:height]
            for strip in fit(line, width).render_strips(width, 1, style, options)
        ]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return container_width

    def get_minimal_width(self, rules: RulesMap) -> int:
        return 1

    def get_height(self, rules: RulesMap, width: int) -> int:
        return len(self.set(width))
