"""The roster: who is in the class, by what name they are shown, and their ids in other systems.

It is a CSV file with a line of headings. One column holds the key, the name that a student's submission
bears; one may hold the name to show; the others are ids.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from labs.errors import SubmissionError

__all__ = ["Entry", "Roster", "read_roster"]

KEYS = ("student", "login", "username", "sis login id", "user", "email", "id")
"""Headings of the column with the key, the likeliest first; letter case does not count."""
NAMES = ("name", "full name", "display name", "student name")
LARGEST = 4 * 1024 * 1024
DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Entry:
    """One student of the class.

    `student` is the key: the name that a submission bears. `name` is how the student is shown; `ids` are the
    other cells of the roster's line, by the heading of their column ("SIS User ID": "4711").
    """

    student: str
    name: str
    ids: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Roster:
    """The class, in the order of the file."""

    entries: tuple[Entry, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """Under which headings there are ids."""
        return tuple(dict.fromkeys(heading for entry in self.entries for heading in entry.ids))

    def find(self, student: str) -> Entry | None:
        """Whose submission bears this name: that of the key, else of the one id or name that is alike."""
        for alike in (_key, _ids):
            found = [entry for entry in self.entries if student in alike(entry)]
            if len(found) == 1:
                return found[0]
        return None

    def absent(self, students: Iterable[str]) -> tuple[Entry, ...]:
        """Those of whom there is no submission."""
        present = {id(entry) for student in students if (entry := self.find(student)) is not None}
        return tuple(entry for entry in self.entries if id(entry) not in present)


def _key(entry: Entry) -> tuple[str, ...]:
    return (entry.student,)


def _ids(entry: Entry) -> tuple[str, ...]:
    return (entry.name, *entry.ids.values())


def read_roster(path: Path) -> Roster:
    """Read a roster; lines with an empty key are left out.

    Raises:
        SubmissionError: the file cannot be read, has no column for the key, or names a student twice.
    """
    text = _text(path)
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    try:
        headings, *lines = list(csv.reader(text.splitlines(), delimiter=delimiter, strict=True)) or [[]]
    except csv.Error as error:
        raise _unusable(path, f"It is no CSV file: {error}.") from error
    key, name = _column(headings, KEYS), _column(headings, NAMES)
    if key is None:
        raise _unusable(path, f"None of its headings is one of {', '.join(KEYS)}.")
    entries = tuple(_entry(headings, line, key, name) for line in lines if _cell(line, key))
    twice = [student for student, times in Counter(each.student for each in entries).items() if times > 1]
    if twice:
        raise _unusable(path, f"It names {twice[0]!r} more than once.")
    return Roster(entries)


def _entry(headings: Sequence[str], line: Sequence[str], key: int, name: int | None) -> Entry:
    others = [place for place in range(len(headings)) if place not in (key, name)]
    ids = {headings[place].strip(): _cell(line, place) for place in others if _cell(line, place)}
    shown = "" if name is None else _cell(line, name)
    return Entry(_cell(line, key), shown or _cell(line, key), ids)


def _column(headings: Sequence[str], wanted: Sequence[str]) -> int | None:
    found = [heading.strip().casefold() for heading in headings]
    return next((found.index(each) for each in wanted if each in found), None)


def _cell(line: Sequence[str], place: int) -> str:
    return line[place].strip() if place < len(line) else ""


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise _unusable(path, f"{error.strerror}.") from error
    if len(data) > LARGEST:
        raise _unusable(path, "It is too large for a class.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unusable(
            path, f"It is not UTF-8: byte {error.start + 1} is {data[error.start]:#04x}."
        ) from None


def _unusable(path: Path, why: str) -> SubmissionError:
    return SubmissionError(
        "The roster cannot be read",
        f"{path}: {why}",
        "Save it as CSV in UTF-8, with a line of headings: student, name, and one for each id.",
    )
