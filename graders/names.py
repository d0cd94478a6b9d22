"""Texts and names that come from strangers, made harmless before they are shown or become a file's name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

__all__ = ["cell", "file_names", "printable"]

LONGEST_NAME = 60
# Controls, marks that reorder text or hide in it, halves of characters, separators of lines, private or none.
STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
LINES = str.maketrans("", "", "\n\t")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def printable(text: str) -> str:
    """The text without what steers a terminal, reorders a line or is no character; line breaks stay.

    What is taken out is shown as its code, so that nobody takes the text for another.
    """
    if text.translate(LINES).isprintable():  # nearly every text is, and this is quick to see
        return text
    return "".join(character if _harmless(character) else f"\\u{ord(character):04x}" for character in text)


def cell(text: str) -> str:
    """The text as a cell of a CSV file that a spreadsheet takes for text, not for a formula."""
    text = " ".join(printable(text).split())
    return f"'{text}" if text.startswith(FORMULA) else text


def file_names(students: Mapping[str, str]) -> dict[str, str]:
    """A name without a suffix for the file of each source, different even where letter case does not count.

    `students` maps a source to its student. A plain name is kept; one that had to be changed, or that another
    source has too, gets a few digits of the hash of its source.
    """
    plain = {source: _plain(student) for source, student in students.items()}
    shared = Counter(name.casefold() for name in plain.values())
    return {
        source: name
        if name == students[source] and shared[name.casefold()] == 1
        else f"{name}-{hashlib.sha256(source.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
        for source, name in plain.items()
    }


def _plain(name: str) -> str:
    """Letters, digits and a few marks of a name that every file system takes."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Za-z0-9._@+-]+", "_", ascii_name).strip("._-")[:LONGEST_NAME] or "student"


def _harmless(character: str) -> bool:
    return character in "\n\t" or unicodedata.category(character) not in STEERING
