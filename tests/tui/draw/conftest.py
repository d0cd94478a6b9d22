"""Drawing into a text, at a width."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console, RenderableType

from tui.draw.words import THEME


@pytest.fixture
def drawn() -> Callable[..., str]:
    """What a terminal of so many columns would show, without colours."""

    def draw(drawing: RenderableType, width: int = 80) -> str:
        page = io.StringIO()
        Console(file=page, theme=THEME, width=width, highlight=False, color_system=None).print(drawing)
        return "\n".join(line.rstrip() for line in page.getvalue().splitlines())

    return draw
