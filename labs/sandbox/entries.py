"""The entries of a journal: the changes of a world, each with a number, a time and what was done."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self, TypeAlias

from labs.sandbox.metering.counts import Sums, read_sums, write_sums
from labs.sandbox.raw import RawRequest

__all__ = ["Change", "Deed", "JournalEntry", "Mint", "read_stamp", "stamp"]

Json = Any


@dataclass(frozen=True, slots=True)
class Mint:
    """Credentials that no request asked for: `kind` is "principal" or "instance", `subject` says which."""

    kind: str
    subject: str

    def __str__(self) -> str:
        return f"credentials for {self.kind} {self.subject}"


@dataclass(frozen=True, slots=True)
class Deed:
    """What the owner of the world did to it past the gate, as moving its clock: a kind and its arguments."""

    kind: str
    arguments: Mapping[str, Json] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.kind, *(f"{name}={value}" for name, value in self.arguments.items())])


Change: TypeAlias = RawRequest | Mint | Deed


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One accepted change: a request as it was sent, a `Mint` or a `Deed`.

    `usage` is what was counted since the change before, and a replay would not count.
    """

    number: int
    time: datetime
    change: Change
    usage: Sums = field(default_factory=dict)

    def __str__(self) -> str:
        change = self.change
        return f"{change.method} {change.path}" if isinstance(change, RawRequest) else str(change)

    @property
    def size(self) -> int:
        """About how many bytes the entry holds in memory."""
        return 1000 + (len(self.change.body) if isinstance(self.change, RawRequest) else 0)

    def to_json(self) -> dict[str, Json]:
        obj: dict[str, Json] = {"number": self.number, "time": stamp(self.time)}
        if self.usage:
            obj["usage"] = write_sums(self.usage)
        match self.change:
            case Mint(kind, subject):
                obj["mint"] = {"kind": kind, "subject": subject}
            case Deed(kind, arguments):
                obj["deed"] = {"kind": kind, "arguments": dict(arguments)}
            case request:
                obj["request"] = {
                    "method": request.method,
                    "target": request.target,
                    "headers": [list(header) for header in request.headers],
                    **_body_to_json(request.body),
                    "client": request.client_address,
                }
        return obj

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        """Read an entry.

        Raises:
            ValueError: the object is no entry; the message says what is wrong with it.
        """
        number, time = obj.get("number"), read_stamp(obj.get("time"))
        if not isinstance(number, int) or isinstance(number, bool):
            raise ValueError("it has no number")
        usage = read_sums(obj.get("usage", []))
        if isinstance(obj.get("mint"), dict):
            return cls(number, time, Mint(_text(obj["mint"], "kind"), _text(obj["mint"], "subject")), usage)
        if isinstance(obj.get("deed"), dict):
            return cls(number, time, _read_deed(obj["deed"]), usage)
        return cls(number, time, _read_request(obj.get("request"), time), usage)


def _read_deed(obj: Mapping[str, Json]) -> Deed:
    arguments = obj.get("arguments")
    if not isinstance(arguments, dict):
        raise ValueError("its arguments are not an object")
    return Deed(_text(obj, "kind"), arguments)


def _read_request(request: Json, time: datetime) -> RawRequest:
    if not isinstance(request, dict):
        raise ValueError("it holds neither a request nor a mint nor a deed")
    headers = request.get("headers")
    if not isinstance(headers, list) or not all(_is_header(header) for header in headers):
        raise ValueError("its headers are not pairs of texts")
    return RawRequest(
        method=_text(request, "method"),
        target=_text(request, "target"),
        headers=tuple((name, value) for name, value in headers),
        body=_body_from_json(request),
        received=time,
        client_address=_text(request, "client"),
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


def stamp(moment: datetime) -> str:
    """A moment as the journal writes it, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def read_stamp(text: Json) -> datetime:
    """Read what `stamp` wrote.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(text, str) or not _STAMP.fullmatch(text):
        raise ValueError("its time is not one, as in 2026-01-31T12:00:00.000000Z")
    return datetime.fromisoformat(text)
