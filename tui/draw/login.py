"""A login that fails: what SSH would say, why, and the packet's path where it is lost."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from labs.sandbox.login import Barrier
from tui.draw.layout import indented, page, rule
from tui.draw.path import path_drawn
from tui.draw.words import shown

__all__ = ["shut"]


def shut(barrier: Barrier) -> RenderableType:
    """The whole refusal."""
    lines: list[RenderableType] = [
        Text.assemble(("✗ ", "denied"), shown(barrier.said, "title")),
        indented(shown(barrier.reason), 2),
        indented(shown(barrier.hint, "quiet"), 2),
    ]
    if barrier.way is not None and barrier.network is not None:
        lines += [rule(), path_drawn(barrier.way, barrier.network)]
    return page(*lines)
