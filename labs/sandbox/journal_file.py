"""Reading a journal: what a file holds, with the changes that were taken back left out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from labs.errors import JournalError
from labs.sandbox.entries import JournalEntry, read_stamp
from labs.sandbox.metering.counts import Sums, read_sums

__all__ = ["JournalFile", "Place", "parse_journal", "read_journal", "read_lines"]

VERSION = 1
LONGEST_OFFSET = 3e9  # seconds: a clock is never moved by a century

Json = Any


class Place(NamedTuple):
    """Where a line stands in a file, in bytes."""

    start: int
    size: int


@dataclass(frozen=True, slots=True)
class JournalFile:
    """A journal as read.

    `entries` are the changes that hold, and `places` where each stands; `names` says which change each
    checkpoint came after, by its number, 0 for none. `offset` is how far the world's clock was ahead at the
    beginning. `torn` is how many bytes at the end belong to a line that was never finished. `usage` is what
    was counted since the last change.
    """

    label: str
    seed: int
    moto: str
    entries: tuple[JournalEntry, ...]
    torn: int = 0
    offset: timedelta = timedelta()
    places: tuple[Place, ...] = ()
    names: Mapping[str, int] = field(default_factory=dict)
    usage: Sums = field(default_factory=dict)


def read_journal(path: Path) -> JournalFile:
    """Read a journal file.

    Raises:
        JournalError: the file cannot be read, is no journal, or a line of it is damaged.
    """
    try:
        data = path.read_bytes()
    except OSError as broken:
        raise JournalError("The journal cannot be read", f"{path}: {broken.strerror}.") from broken
    return parse_journal(data, str(path))


def parse_journal(data: bytes, source: str) -> JournalFile:
    """Read the bytes of a journal; `source` is what errors call it.

    Raises:
        JournalError: they are no journal, or a line of it is damaged.
    """
    whole, newline, rest = data.rpartition(b"\n")
    lines = whole.split(b"\n") if newline else []
    if not lines:
        raise _damaged(source, 1, "it is empty")
    header = _read_header(source, lines[0])
    held = _Holding()
    start = len(lines[0]) + 1
    for place, line in enumerate(lines[1:], start=2):
        try:
            held.take(_read_line(source, place, line), Place(start, len(line) + 1))
        except ValueError as broken:
            raise _damaged(source, place, str(broken)) from broken
        start += len(line) + 1
    return JournalFile(
        label=str(header.get("label", "")),
        seed=header["seed"],
        moto=str(header.get("moto", "")),
        entries=tuple(entry for entry, _ in held.changes),
        torn=len(rest),
        offset=timedelta(seconds=header.get("offset", 0)),
        places=tuple(place for _, place in held.changes),
        names=held.names,
        usage=held.usage,
    )


class _Holding:
    """The changes that hold, as line after line is read."""

    def __init__(self) -> None:
        self.changes: list[tuple[JournalEntry, Place]] = []
        self.names: dict[str, int] = {}
        self.usage: Sums = {}

    def take(self, obj: Mapping[str, Json], place: Place) -> None:
        """Take one line.

        Raises:
            ValueError: it is none of ours.
        """
        if "rewind" in obj:
            to = _number(obj, "rewind", "to")
            self.changes = [change for change in self.changes if change[0].number <= to]
            self.names = {name: at for name, at in self.names.items() if at <= to}
            self.usage = {}
        elif "checkpoint" in obj:
            at, name = _number(obj, "checkpoint", "at"), obj["checkpoint"].get("name")
            if not isinstance(name, str):
                raise ValueError("its name is not a text")
            self.names[name] = at
        elif "since" in obj:
            read_stamp(obj.get("time"))
            self.usage = read_sums(obj["since"])
        else:
            self.changes.append((JournalEntry.from_json(obj), place))
            self.usage = {}  # the change tells of it itself


def _number(obj: Mapping[str, Json], kind: str, key: str) -> int:
    read_stamp(obj.get("time"))
    number = obj[kind].get(key) if isinstance(obj[kind], dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError(f"its {kind} names no change")
    return number


def read_lines(descriptor: int, places: Iterable[Place]) -> Iterator[dict[str, Json]]:
    """The lines at these places of an open file, wherever it is being written."""
    for place in places:
        yield json.loads(os.pread(descriptor, place.size, place.start))


def _read_header(source: str, line: bytes) -> dict[str, Json]:
    header = _read_line(source, 1, line)
    if header.get("journal") != "skylab":
        raise _damaged(source, 1, "it does not say that this is a journal of Skylab")
    if header.get("version") != VERSION:
        raise JournalError(
            "The journal is of another version",
            f"{source} is version {header.get('version')!r}; this Skylab reads version {VERSION}.",
            "Read it with the Skylab that wrote it.",
        )
    if not isinstance(header.get("seed"), int):
        raise _damaged(source, 1, "it names no seed")
    offset = header.get("offset", 0)
    if not isinstance(offset, int | float) or not abs(offset) < LONGEST_OFFSET:
        raise _damaged(source, 1, "its offset is no number of seconds")
    return header


def _read_line(source: str, place: int, line: bytes) -> dict[str, Json]:
    try:
        obj = json.loads(line)
    except (ValueError, RecursionError) as broken:
        raise _damaged(source, place, "it is not JSON") from broken
    if not isinstance(obj, dict):
        raise _damaged(source, place, "it is not a JSON object")
    return obj


def _damaged(source: str, place: int, why: str) -> JournalError:
    return JournalError(
        "The journal is damaged",
        f"{source}, line {place}: {why}.",
        "A journal is written by the sandbox and read as it is. Restore the file, or begin again.",
    )
