"""The few shapes that drawings are built from: rows of fixed columns, a margin, a thin rule."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table

__all__ = ["indented", "page", "row", "rule"]


def rule() -> RenderableType:
    """A thin line across the page."""
    return Rule(style="quiet")


def row(*cells: RenderableType, widths: Sequence[int | None]) -> Table:
    """Cells side by side in columns of fixed widths; None takes what is left, and 0 what the cell needs."""
    grid = Table.grid(padding=(0, 1), expand=None in widths)
    for width in widths:
        flexible = width is None
        grid.add_column(
            width=width or None,
            ratio=1 if flexible else None,
            overflow="fold",
            no_wrap=width == 0,
            justify="left",
        )
    grid.add_row(*cells)
    return grid


def indented(content: RenderableType, by: int) -> Padding:
    """The content, moved to the right."""
    return Padding(content, (0, 0, 0, by))


def page(*blocks: RenderableType) -> Padding:
    """The blocks below one another, with a margin around them, so that text never touches an edge."""
    grid = Table.grid(expand=True)
    grid.add_column(ratio=1, overflow="fold")
    for block in blocks:
        grid.add_row(block)
    return Padding(grid, (0, 2, 0, 2))
