"""Markdown for those who have it read aloud: tables as a line a row, code between words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["spoken"]

_STRONG = re.compile(r"\*\*(\S(?:.*?\S)?)\*\*")
_HEADING = re.compile(r"#{1,6}\s+(.*)")


def spoken(markdown: str) -> str:
    """The text without the signs that only an eye can use; what stands in code is left as it is."""
    return "\n".join(_lines(markdown.strip().splitlines()))


def _lines(lines: Sequence[str]) -> Iterator[str]:
    fenced = False
    heads: list[str] = []
    for line in lines:
        if line.lstrip().startswith("```"):
            fenced = not fenced
            language = line.strip().removeprefix("```")
            yield (f"Code, {language}:" if language else "Code:") if fenced else "End of code."
        elif fenced:
            yield line
        elif line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if not heads:
                heads = cells
            elif any(cell.strip("-: ") for cell in cells):
                yield "; ".join(_cell(head, cell) for head, cell in zip(heads, cells, strict=False))
        else:
            heads = []
            yield _plain(line)


def _cell(head: str, cell: str) -> str:
    """`partition: which AWS`."""
    return _plain(f"{head}: {cell}" if head else cell)


def _plain(line: str) -> str:
    heading = _HEADING.fullmatch(line)
    return _STRONG.sub(r"\1", heading[1] if heading else line)
