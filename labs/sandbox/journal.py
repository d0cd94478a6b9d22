"""The journal: every accepted change of a world, one JSON object a line, so that the world can be made again.

The first line says what the file is: its version, its label, the seed of its world, how far the world's clock
was ahead when it began, and the moto release that it ran on. Each further line is one entry: a number, a
time, and a request exactly as it came off the wire, credentials that were made without a request (`mint`), or
what the world's owner did (`deed`). The number seeds everything random that the change draws, ids and keys
among it, which is why a replay gives equal ids and recorded signatures still hold.

Three lines more can stand between: `checkpoint` gives a name to the change before it, `rewind` takes back all
changes after a number, and `since` says what was counted since the last change, where no other follows it.
Nothing is ever cut out of the file: one short line is written whole or not at
all, so a world that is killed while it rewinds comes back either as it was or rewound, and what was taken
back can still be read by eye.

An entry is written before the answer leaves, so a world that is killed loses nothing that it had
acknowledged; at most the last line is torn, and a torn line is ignored.
"""

from __future__ import annotations

import json
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from labs.errors import JournalError
from labs.sandbox.entries import Deed, JournalEntry, Mint, stamp
from labs.sandbox.journal_file import VERSION, JournalFile, Place, parse_journal, read_journal, read_lines
from labs.sandbox.metering.counts import Sums, write_sums

__all__ = ["Deed", "Journal", "JournalEntry", "JournalFile", "Mint", "Place", "read_journal"]

_REPLAYED: ContextVar[tuple[int, Place | None] | None] = ContextVar("replayed", default=None)

Json = Any


class Journal:
    """The running journal of one world: hands out numbers, and writes what was accepted.

    Until `mark`, what happens is preparation: its numbers are negative, and its entries stay in memory, so
    that the world can be put back to where preparation ended. After it, numbers count from 1, whatever the
    preparation was, and entries go to a file: a temporary one until `open` names another.

    The world's lock orders all calls, except `next_number` within `numbered`, which touches nothing shared.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.path: Path | None = None
        self.label = ""
        self.moto = ""
        self.offset = timedelta()
        self.preparation: list[JournalEntry] = []
        self.marked = False
        self._last = 0
        self._file: IO[bytes] | None = None
        self._closing: weakref.finalize[..., Journal] | None = None

    @property
    def last(self) -> int:
        """The number of the last change that was tried."""
        return self._last

    def next_number(self) -> int:
        """The number of the change at hand; a replayed one keeps the number that it was recorded with."""
        given = _REPLAYED.get()
        if given is not None:
            return given[0]
        self._last += 1 if self.marked else -1
        return self._last

    @contextmanager
    def numbered(self, number: int, place: Place | None = None) -> Iterator[None]:
        """Replay: inside, the next number is the given one.

        Args:
            place: where the entry stands in this journal already; it is not written again then.
        """
        if abs(number) > abs(self._last):
            self._last = number
        token = _REPLAYED.set((number, place))
        try:
            yield
        finally:
            _REPLAYED.reset(token)

    def append(self, entry: JournalEntry) -> Place | None:
        """Keep an accepted change; when this returns, the operating system has it.

        Returns:
            Where it stands in the file; None for what belongs to the preparation.

        Raises:
            JournalError: it cannot be written.
        """
        if not self.marked:
            self.preparation.append(entry)
            return None
        replayed = _REPLAYED.get()
        if replayed is not None and replayed[1] is not None:
            return replayed[1]
        return _write(self._opened(), entry.to_json())

    def note_checkpoint(self, name: str, at: int, time: datetime) -> None:
        """Give the change with this number a name."""
        _write(self._opened(), {"time": stamp(time), "checkpoint": {"name": name, "at": at}})

    def note_rewind(self, to: int, time: datetime) -> None:
        """Take back all changes after a number; the next change gets the number after it."""
        _write(self._opened(), {"time": stamp(time), "rewind": {"to": to}})
        self._last = to

    def note_usage(self, sums: Sums, time: datetime) -> None:
        """What was counted since the last change; the next change will tell of it as well."""
        if self.marked:
            _write(self._opened(), {"time": stamp(time), "since": write_sums(sums)})

    def mark(self) -> None:
        """Preparation is over. A second mark changes nothing."""
        if not self.marked:
            self.marked, self._last = True, 0

    def read(self, places: Iterable[Place]) -> tuple[JournalEntry, ...]:
        """The entries at these places."""
        return tuple(JournalEntry.from_json(line) for line in read_lines(self._opened().fileno(), places))

    def data(self) -> bytes:
        """The journal as it stands."""
        descriptor = self._opened().fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0)

    def held(self) -> JournalFile:
        """All that the journal holds."""
        return parse_journal(self.data(), str(self.path or "the journal"))

    def open(self, path: Path, label: str, moto: str, *, torn: int = 0) -> None:
        """Write to this file from now on, after what it holds already; `torn` bytes at its end are cut off.

        What a world has written before that, to its temporary file, goes to the beginning of a new file.

        Raises:
            JournalError: the file cannot be written, or another world is writing to it.
        """
        temporary = self.data() if self._file is not None and self.path is None else b""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("a+b", buffering=0)
        except OSError as broken:
            raise JournalError("The journal cannot be written", f"{path}: {broken.strerror}.") from broken
        if not _lock(file):
            file.close()
            raise JournalError(
                "The journal is in use",
                f"Another sandbox is writing to {path}.",
                "Stop that sandbox, or give this one another journal.",
            )
        if torn:
            file.truncate(file.seek(0, os.SEEK_END) - torn)
        self.close()
        self._adopt(file)
        self.path, self.label, self.moto = path, label, moto
        if not file.seek(0, os.SEEK_END):
            _write(file, self._header())
            _put(file, temporary.partition(b"\n")[2])

    def continue_from(self, data: bytes | None, last: int) -> None:
        """Go on where another world's journal stood: with what it held, and after its last number."""
        self._last = last
        if data is not None:
            held = parse_journal(data, "the journal")
            self.marked, self.label, self.offset = True, held.label, held.offset
            _put(self._opened(), data.partition(b"\n")[2])

    def begin_again(self) -> None:
        """Back to where preparation ended. A file is set aside as NAME~, and a new one begun."""
        self._last = 0
        path, label, moto = self.path, self.label, self.moto
        self.close()
        if path is not None:
            path.replace(path.with_name(f"{path.name}~"))
            self.open(path, label, moto)

    def forget_preparation(self) -> None:
        """Back to before preparation."""
        self.marked, self._last = False, 0
        self.preparation.clear()

    def close(self) -> None:
        """Write no further; what is written stays, but for a temporary file."""
        if self._closing is not None:
            self._closing()
        self._file, self.path, self._closing = None, None, None

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            file = tempfile.TemporaryFile("a+b", buffering=0)  # noqa: SIM115  # closed with the journal
            self._adopt(file)
            _write(file, self._header())
        assert self._file is not None
        return self._file

    def _adopt(self, file: IO[bytes]) -> None:
        self._file, self._closing = file, weakref.finalize(self, file.close)

    def _header(self) -> dict[str, Json]:
        return {
            "journal": "skylab",
            "version": VERSION,
            "label": self.label,
            "seed": self.seed,
            "offset": self.offset.total_seconds(),
            "moto": self.moto,
        }


def _write(file: IO[bytes], obj: Mapping[str, Json]) -> Place:
    return _put(file, json.dumps(obj, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _put(file: IO[bytes], data: bytes) -> Place:
    start, left = file.seek(0, os.SEEK_END), memoryview(data)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError as broken:
        file.truncate(start)  # half a line in the middle would make the journal unreadable
        raise JournalError("The journal cannot be written", f"{broken.strerror}.") from broken
    return Place(start, len(data))


def _lock(file: IO[bytes]) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows, where two worlds on one journal are not kept apart
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
