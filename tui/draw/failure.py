"""An error that Skylab explains, drawn: what was wrong, where, what to do."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from labs.errors import SkylabError
from tui.draw.layout import indented
from tui.draw.words import shown

__all__ = ["failure"]


def failure(error: SkylabError) -> RenderableType:
    """The title behind a sign, then the detail and the hint, each on lines of its own."""
    lines: list[RenderableType] = [Text.assemble(("✗ ", "denied"), shown(error.title, "title"))]
    if error.detail:
        lines.append(indented(shown(error.detail), 2))
    if error.hint:
        lines.append(indented(shown(error.hint, "quiet"), 2))
    return Group(*lines)
