"""The grammar of line mode: a word, and what it is about. It is the same everywhere."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from labs.errors import InputError

__all__ = ["Word", "find", "help_lines", "number_in", "unknown"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word that may be typed: what follows it (`N`, `[TEXT]`), what it does in a line, and the deed.

    `also` are other ways to type it.
    """

    name: str
    takes: str
    help: str
    do: Callable[[str], object]
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.also)


def find(line: str, words: Iterable[Word]) -> tuple[Word, str] | None:
    """The word that a line begins with, and what follows it; None when it begins with none."""
    first, _, rest = line.strip().partition(" ")
    for word in words:
        if first.casefold() in word.names:
            return word, rest
    return None


def help_lines(words: Iterable[Word]) -> list[str]:
    """A line for each word: `open N: …`."""
    return [
        f"{' '.join(filter(None, (word.name, word.takes)))}: {word.help}"
        + (f" Also: {', '.join(word.also)}." if word.also else "")
        for word in words
    ]


def unknown(line: str, words: Iterable[Word]) -> InputError:
    """That a line is not understood, with the nearest word."""
    first = line.split()[0]
    known = [name for word in words for name in word.names]
    near = difflib.get_close_matches(first.casefold(), known, n=1, cutoff=0.6)
    meant = f"Did you mean {near[0]}? " if near else ""
    return InputError(
        "This is not understood here",
        f"It is {line.strip()[:80]!r}.",
        f"{meant}Type ? for what may be typed.",
    )


def number_in(text: str, most: int, what: str) -> int:
    """The number of one of several things, counted from one.

    Raises:
        InputError: the text is no number, or there is no such thing.
    """
    said = text.strip()
    if said.isdecimal() and len(said) < 9 and 1 <= int(said) <= most:
        return int(said)
    held = f"There are {most}." if most else "There is none."
    raise InputError(f"There is no such {what}", f"{said!r} was asked for. {held}", "Count from 1.")
