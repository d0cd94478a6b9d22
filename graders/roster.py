"""The roster: who is in the class, by what name they are shown, and their ids in other systems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["Entry", "Roster"]


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
