"""What changed between two texts, line by line, with words for each place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal, TypeAlias

__all__ = ["Changes", "Hunk", "LineOf", "changes_between"]

Fate: TypeAlias = Literal["same", "removed", "added"]
Opcode: TypeAlias = tuple[str, int, int, int, int]

AROUND: Final = 2
"""Lines that stay as they were and are shown on either side of a change."""


@dataclass(frozen=True, slots=True)
class LineOf:
    """A line and what became of it; its number counts from 1, in the old text where it was removed."""

    fate: Fate
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """One place that changed: in words, and its lines with a few around them."""

    words: str
    lines: tuple[LineOf, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changed between two texts; no hunks where they are the same but for the end of a line."""

    hunks: tuple[Hunk, ...]

    def count(self, fate: Fate) -> int:
        """How many lines were added or removed."""
        return sum(line.fate == fate for hunk in self.hunks for line in hunk.lines)


def changes_between(before: str, after: str) -> Changes:
    """The changes that make the text `after` out of the text `before`, from the top."""
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return Changes(
        tuple(
            Hunk(_words(group), tuple(line for code in group for line in _lines(code, old, new)))
            for group in matcher.get_grouped_opcodes(AROUND)
        )
    )


def _lines(code: Opcode, old: list[str], new: list[str]) -> Iterator[LineOf]:
    tag, start, end, begin, stop = code
    if tag == "equal":
        yield from (LineOf("same", number + 1, new[number]) for number in range(begin, stop))
        return
    yield from (LineOf("removed", number + 1, old[number]) for number in range(start, end))
    yield from (LineOf("added", number + 1, new[number]) for number in range(begin, stop))


def _words(group: list[Opcode]) -> str:
    """What happened at one place: `line 5 was changed; lines 8 to 9 were added`."""
    said = "; ".join(_happened(code) for code in group if code[0] != "equal")
    return said[:1].upper() + said[1:]


def _happened(code: Opcode) -> str:
    tag, start, end, begin, stop = code
    match tag:
        case "insert":
            return _said(begin, stop, "added")
        case "delete":
            return _said(start, end, "removed")
        case _:
            return _said(start, end, "changed")


def _said(start: int, end: int, fate: str) -> str:
    if end - start == 1:
        return f"line {end} was {fate}"
    return f"lines {start + 1} to {end} were {fate}"
