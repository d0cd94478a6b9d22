"""Hints, the newest in full and those before it above it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tui.draw.layout import indented, page, rule
from tui.draw.prose import prose
from tui.draw.words import shown

if TYPE_CHECKING:
    from labs.course import Hint

__all__ = ["hints_drawn"]


def hints_drawn(hints: Sequence[Hint], total: int, *, plain: bool = False) -> RenderableType:
    """The hints that were shown so far, out of `total`."""
    return page(*_blocks(hints, total, plain))


def _blocks(hints: Sequence[Hint], total: int, plain: bool) -> Iterator[RenderableType]:
    for number, hint in enumerate(hints, start=1):
        yield Text.assemble((f"Hint {number} of {total}  ", "quiet"), shown(hint.title, "accent"))
        yield rule()
        yield indented(prose(hint.text, plain=plain), 2)
        yield Text()
