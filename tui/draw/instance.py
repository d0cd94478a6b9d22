"""What becomes of an instance, line by line: a sign, the thing, a word and the reason."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from labs.aws.ec2.questions import Told
from tui.draw.layout import page, row, rule
from tui.draw.words import shown

__all__ = ["told"]

SIGNS = {"good": ("✓", "allowed"), "bad": ("✗", "denied"), "plain": ("·", "quiet")}
COLUMNS = (1, 24, 14, None)


def told(answer: Told) -> RenderableType:
    """The whole answer to one question."""
    return page(*_blocks(answer))


def _blocks(answer: Told) -> Iterator[RenderableType]:
    yield shown(answer.title, "title")
    yield rule()
    for line in answer.lines:
        sign, style = SIGNS[line.mark]
        yield row(
            Text(sign, style),
            shown(line.subject),
            shown(line.word, style),
            shown(line.says, "quiet"),
            widths=COLUMNS,
        )
