"""Drawings read out: the same that the eye is shown, as lines of text with a fact each.

No box, bar, rule or column is left, and a sign that stands alone becomes a word. What is read out follows
from the drawing itself, so that whatever learns to draw can be read at once.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.markdown import Markdown
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from tui.draw.spoken import spoken

__all__ = ["read_out", "worded"]

WIDTH = 200
"""Columns for drawings that ask how much room there is: enough for all they have to say."""

ALONE = {
    "✓": "yes",
    "✗": "no",
    "◐": "partly",
    "○": "to do",
    "–": "skipped",
    "!": "note",
    "?": "unknown",
    "+": "added",
    "−": "removed",
    "→": "there",
    "←": "back",
    "·": "",
    "●": "",
}
"""What a sign says that has a cell for itself."""

_DRAWN = re.compile("[\u2500-\u259f]+")  # boxes, bars, blocks
_LEADING = re.compile(r"^[✓✗◐○●·–!→←] +(?=\S)")
_POINTS = re.compile(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)")
_INNER = (
    (re.compile(r"(?<=\s)[✓✗◐] (?=\w)"), ""),
    (re.compile(r" +→ +"), " to "),
    (re.compile(r"(?<=\S) +· +(?=\S)"), ", "),
    (re.compile(r" – (?=\d)"), " to "),
    (re.compile("≈ ?"), "about "),
    (re.compile("▸ ?"), ""),
    (re.compile("◆[ \u00a0]?"), "named "),
    (re.compile(r"(?<=[.:,;?]) {2,}(?=\S)"), " "),
    (re.compile(r"(?<=\S) {2,}(?=\S)"), ", "),
)


def read_out(*drawings: RenderableType) -> Iterator[str]:
    """The lines of some drawings, one after the other; between two paragraphs stands one empty line."""
    empty = True
    for line in _lines(drawings, Heads()):
        if line.strip() or not empty:
            yield line.rstrip()
        empty = not line.strip()


class Heads:
    """The names of the columns that a drawing's rows stand below, kept from the row that has them."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.shape: tuple[object, ...] = ()

    def of(self, table: Table) -> list[str]:
        """The names for the rows of a table; none when it has other columns."""
        return self.names if self.names and _shape(table) == self.shape else []

    def take(self, table: Table, names: list[str]) -> None:
        self.names, self.shape = names, _shape(table)


def _lines(drawings: Iterable[RenderableType], heads: Heads) -> Iterator[str]:
    for drawing in drawings:
        yield from _drawing(drawing, heads)


def _drawing(drawing: RenderableType, heads: Heads) -> Iterator[str]:
    match drawing:
        case str():
            yield from _text(drawing)
        case Text():
            yield from _text(_labelled(drawing))
        case Rule():
            yield ""
        case Padding() | Constrain():
            yield from _drawing(drawing.renderable, heads)
        case Group():
            yield from _lines(drawing.renderables, heads)
        case Markdown():
            yield from spoken(drawing.markup).splitlines()
        case Table():
            yield from _table(drawing, heads)
        case _:
            yield from _other(drawing, heads)


def _other(drawing: RenderableType, heads: Heads) -> Iterator[str]:
    """A drawing of a class of its own: what it is made of. Bars alone say nothing that is not said beside."""
    from tui.draw.plan_bars import PlanBars

    if isinstance(drawing, PlanBars):
        return
    console = Console(file=io.StringIO(), width=WIDTH)
    make = getattr(drawing, "__rich_console__", None)
    if make is not None:
        parts = [
            each for each in make(console, console.options) if isinstance(each, str | Text | Table | Group)
        ]
        yield from _lines(parts, heads)


def _labelled(text: Text) -> str:
    """The text; a quiet label at its front, with blanks behind it, gets a colon."""
    label = text.spans[0] if text.spans else None
    if label is None or label.start or label.style != "quiet" or not text.plain[: label.end].endswith("  "):
        return text.plain
    return f"{text.plain[: label.end].rstrip()}: {text.plain[label.end :]}"


def _text(text: str) -> Iterator[str]:
    """A text of one line is worded; one of several is somebody's, and stays as it was written."""
    if "\n" in text:
        yield from text.splitlines()
    else:
        yield worded(text)


def worded(text: str) -> str:
    """One line without signs: a sign before a word goes, one between words becomes a word."""
    indent = text[: len(text) - len(text.lstrip(" "))]
    said = _LEADING.sub("", _DRAWN.sub(" ", text).strip())
    for pattern, word in _INNER:
        said = pattern.sub(word, said)
    return indent + said.strip(" ,") if said else ""


def _table(table: Table, heads: Heads) -> Iterator[str]:
    columns = [list(column.cells) for column in table.columns]
    if len(columns) == 1:
        yield from _lines(columns[0], heads)
        return
    for cells in zip(*columns, strict=True):
        yield from _row(table, list(cells), heads)


def _row(table: Table, cells: list[RenderableType], heads: Heads) -> Iterator[str]:
    """Cells as one line: signs that stand alone first, then a label and what it labels, or all in turn."""
    said = [" ".join(filter(None, map(str.strip, _drawing(cell, Heads())))) for cell in cells]
    if _is_head(cells, said):
        heads.take(table, said)
        return
    raw = [cell.plain.strip() if isinstance(cell, Text) else "" for cell in cells]
    if names := heads.of(table):
        named = (
            f"{name} {'none' if text == '–' else text}"
            for name, text in zip(names, said, strict=True)
            if text
        )
        yield ", ".join(each.strip() for each in named)
        return
    signs = [ALONE[sign] for sign in raw if sign in ALONE]
    told = [
        (place, _counted(text))
        for place, (text, sign) in enumerate(zip(said, raw, strict=True))
        if text and sign not in ALONE
    ]
    yield ": ".join(filter(None, (", ".join(filter(None, signs)), _joined(told, cells))))


def _joined(told: list[tuple[int, str]], cells: list[RenderableType]) -> str:
    texts = [text for _, text in told]
    if not texts:
        return ""
    first, *others = texts
    if first.isdecimal() and others:
        return f"{first}. {', '.join(others)}".replace("?, ", "? ")
    if others and _is_quiet(cells[told[0][0]]) and not any(each.isdigit() for each in first):
        return f"{first}: {', '.join(others)}"
    return ", ".join(texts).replace("?, ", "? ")


def _is_head(cells: list[RenderableType], said: list[str]) -> bool:
    """Whether a row names columns: three words or more, all of them quiet."""
    words = [(cell, text) for cell, text in zip(cells, said, strict=True) if text]
    return len(words) >= 3 and all(
        _is_quiet(cell) and text.replace(" ", "").isalpha() for cell, text in words
    )


def _is_quiet(cell: RenderableType) -> bool:
    return isinstance(cell, Text) and cell.style == "quiet"


def _counted(text: str) -> str:
    """`2/6`, as points are written, in words."""
    points = _POINTS.fullmatch(text)
    return f"{points[1]} of {points[2]} points" if points else text


def _shape(table: Table) -> tuple[object, ...]:
    return tuple((column.width, column.ratio) for column in table.columns)
