"""The journal: every accepted change of a world, one JSON object a line, so that the world can be made again.

The first line says what the file is: its version, its label, the seed of its world, and the moto release that
the world ran on. Each further line is one entry: a number, a time, and a request exactly as it came off the
wire, or credentials that were made without a request (`mint`). The number seeds everything random that the
change draws, ids and keys among it, which is why a replay gives equal ids and recorded signatures still hold.

An entry is written before the answer leaves, so a world that is killed loses nothing that it had
acknowledged; at most the last line is torn, and a torn line is ignored.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self

from labs.errors import JournalError
from labs.sandbox.raw import RawRequest

__all__ = ["Journal", "JournalEntry", "JournalFile", "Mint", "read_journal"]

VERSION = 1
_NUMBER: ContextVar[int | None] = ContextVar("journal_number", default=None)

Json = Any


@dataclass(frozen=True, slots=True)
class Mint:
    """Credentials that no request asked for: `kind` is "principal" or "instance", `subject` says which."""

    kind: str
    subject: str

    def __str__(self) -> str:
        return f"credentials for {self.kind} {self.subject}"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One accepted change: a request as it was sent, or a `Mint`."""

    number: int
    time: datetime
    change: RawRequest | Mint

    def __str__(self) -> str:
        change = self.change
        return f"{change.method} {change.path}" if isinstance(change, RawRequest) else str(change)

    def to_json(self) -> dict[str, Json]:
        obj: dict[str, Json] = {"number": self.number, "time": _stamp(self.time)}
        if isinstance(self.change, Mint):
            obj["mint"] = {"kind": self.change.kind, "subject": self.change.subject}
        else:
            obj["request"] = {
                "method": self.change.method,
                "target": self.change.target,
                "headers": [list(header) for header in self.change.headers],
                **_body_to_json(self.change.body),
                "client": self.change.client_address,
            }
        return obj

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        """Read an entry.

        Raises:
            ValueError: the object is no entry; the message says what is wrong with it.
        """
        number, time = obj.get("number"), _read_stamp(obj.get("time"))
        if not isinstance(number, int) or isinstance(number, bool):
            raise ValueError("it has no number")
        if isinstance(obj.get("mint"), dict):
            return cls(number, time, Mint(_text(obj["mint"], "kind"), _text(obj["mint"], "subject")))
        request = obj.get("request")
        if not isinstance(request, dict):
            raise ValueError("it holds neither a request nor a mint")
        headers = request.get("headers")
        if not isinstance(headers, list) or not all(_is_header(header) for header in headers):
            raise ValueError("its headers are not pairs of texts")
        raw = RawRequest(
            method=_text(request, "method"),
            target=_text(request, "target"),
            headers=tuple((name, value) for name, value in headers),
            body=_body_from_json(request),
            received=time,
            client_address=_text(request, "client"),
        )
        return cls(number, time, raw)


@dataclass(frozen=True, slots=True)
class JournalFile:
    """A journal as read. `torn` is how many bytes at the end belong to a line that was never finished."""

    label: str
    seed: int
    moto: str
    entries: tuple[JournalEntry, ...]
    torn: int = 0


def read_journal(path: Path) -> JournalFile:
    """Read a journal file.

    Raises:
        JournalError: the file cannot be read, is no journal, or a line of it is damaged.
    """
    try:
        data = path.read_bytes()
    except OSError as broken:
        raise JournalError("The journal cannot be read", f"{path}: {broken.strerror}.") from broken
    whole, newline, rest = data.rpartition(b"\n")
    lines = whole.split(b"\n") if newline else []
    if not lines:
        raise _damaged(path, 1, "it is empty")
    header = _read_line(path, 1, lines[0])
    if header.get("journal") != "skylab":
        raise _damaged(path, 1, "it does not say that this is a journal of Skylab")
    if header.get("version") != VERSION:
        raise JournalError(
            "The journal is of another version",
            f"{path} is version {header.get('version')!r}; this Skylab reads version {VERSION}.",
            "Read it with the Skylab that wrote it.",
        )
    if not isinstance(header.get("seed"), int):
        raise _damaged(path, 1, "it names no seed")
    entries = []
    for place, line in enumerate(lines[1:], start=2):
        try:
            entries.append(JournalEntry.from_json(_read_line(path, place, line)))
        except ValueError as broken:
            raise _damaged(path, place, str(broken)) from broken
    return JournalFile(
        label=str(header.get("label", "")),
        seed=header["seed"],
        moto=str(header.get("moto", "")),
        entries=tuple(entries),
        torn=len(rest),
    )


class Journal:
    """The running journal of one world: hands out numbers, and writes what was accepted.

    Until `mark`, what happens is preparation: its numbers are negative, and its entries stay in memory, so
    that the world can be put back to where preparation ended. After it, numbers count from 1, whatever the
    preparation was, and entries go to the file once there is one.

    The world's lock orders all calls, except `next_number` within `numbered`, which touches nothing shared.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.path: Path | None = None
        self.label = ""
        self.preparation: list[JournalEntry] = []
        self.marked = False
        self._last = 0
        self._file: IO[bytes] | None = None

    def next_number(self) -> int:
        """The number of the change at hand; a replayed one keeps the number that it was recorded with."""
        given = _NUMBER.get()
        if given is not None:
            return given
        self._last += 1 if self.marked else -1
        return self._last

    @contextmanager
    def numbered(self, number: int) -> Iterator[None]:
        """Replay: inside, the next number is the given one."""
        if abs(number) > abs(self._last):
            self._last = number
        token = _NUMBER.set(number)
        try:
            yield
        finally:
            _NUMBER.reset(token)

    def append(self, entry: JournalEntry) -> None:
        """Keep an accepted change; when this returns, the operating system has it."""
        if not self.marked:
            self.preparation.append(entry)
        elif self._file is not None:
            _write(self._file, entry.to_json())

    def mark(self) -> None:
        """Preparation is over. A second mark changes nothing."""
        if not self.marked:
            self.marked, self._last = True, 0

    def open(self, path: Path, label: str, moto: str, *, torn: int = 0) -> None:
        """Write to this file from now on, after what it holds already; `torn` bytes at its end are cut off.

        Raises:
            JournalError: the file cannot be written, or another world is writing to it.
        """
        self.close()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("ab", buffering=0)
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
            file.truncate(file.tell() - torn)
        if not file.seek(0, os.SEEK_END):
            header = {
                "journal": "skylab",
                "version": VERSION,
                "label": label,
                "seed": self.seed,
                "moto": moto,
            }
            _write(file, header)
        self._file, self.path, self.label = file, path, label

    def rewind(self, moto: str) -> None:
        """Begin again, before preparation. A file is set aside as NAME~, and a new one begun."""
        self.marked, self._last = False, 0
        self.preparation.clear()
        if self.path is not None:
            path, label = self.path, self.label
            self.close()
            path.replace(path.with_name(f"{path.name}~"))
            self.open(path, label, moto)

    def close(self) -> None:
        """Write no further; what is written stays."""
        if self._file is not None:
            self._file.close()
        self._file, self.path = None, None


def _write(file: IO[bytes], obj: Mapping[str, Json]) -> None:
    line = memoryview(json.dumps(obj, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    start = file.tell()
    try:
        while line:
            line = line[file.write(line) :]
    except OSError as broken:
        file.truncate(start)  # half a line in the middle would make the journal unreadable
        raise JournalError("The journal cannot be written", f"{broken.strerror}.") from broken


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


def _read_line(path: Path, place: int, line: bytes) -> dict[str, Json]:
    try:
        obj = json.loads(line)
    except (ValueError, RecursionError) as broken:
        raise _damaged(path, place, "it is not JSON") from broken
    if not isinstance(obj, dict):
        raise _damaged(path, place, "it is not a JSON object")
    return obj


def _damaged(path: Path, place: int, why: str) -> JournalError:
    return JournalError(
        "The journal is damaged",
        f"{path}, line {place}: {why}.",
        "A journal is written by the sandbox and read as it is. Restore the file, or begin again.",
    )


def _text(obj: Mapping[str, Json], key: str) -> str:
    value = obj.get(key)
    if not isinstance(value, str):
        raise ValueError(f"its {key} is not a text")
    return value


def _is_header(header: Json) -> bool:
    return isinstance(header, list) and len(header) == 2 and all(isinstance(part, str) for part in header)


def _body_to_json(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body64": base64.b64encode(body).decode()}


def _body_from_json(request: Mapping[str, Json]) -> bytes:
    if "body64" in request:
        return base64.b64decode(_text(request, "body64"), validate=True)
    return _text(request, "body").encode()


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def _read_stamp(text: Json) -> datetime:
    if not isinstance(text, str) or not _STAMP.fullmatch(text):
        raise ValueError("its time is not one, as in 2026-01-31T12:00:00.000000Z")
    return datetime.fromisoformat(text)
