"""Messages between the grader and a box: a length, then that many bytes of JSON.

Nothing else passes between them: no pickle, no object that could carry behaviour along.
"""

from __future__ import annotations

import json
import struct

# Bound here before a learner's code runs, so that patching `builtins`, `json` or `os` does not reach them.
from builtins import bytes, len  # noqa: UP029
from os import read, write
from typing import Any, NoReturn

__all__ = ["HEADER", "Json", "Malformed", "decode", "frame", "receive", "send"]

Json = None | bool | int | float | str | list[Any] | dict[str, Any]

HEADER = struct.Struct("!I")
_pack, _unpack = HEADER.pack, HEADER.unpack
# json.loads would look `isinstance` and `len` up when it is called; the scanner beneath it is C.
_decoder: Any = json.JSONDecoder()
_scan = _decoder.scan_once


class Malformed(ValueError):
    """Bytes that are no message of ours."""


def frame(message: Json) -> bytes:
    """A message as bytes."""
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    return _pack(len(body)) + body


def decode(body: bytes) -> Json:
    """The JSON of one message that comes from a box, so from a stranger.

    Raises:
        Malformed: no JSON, NaN or Infinity, a number of thousands of digits, nesting without end.
    """
    try:
        message: Json = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from None
    return message


def receive(descriptor: int) -> Any:
    """The next message of the grader; None when it has hung up."""
    head = _exactly(descriptor, HEADER.size)
    return _scan(_exactly(descriptor, _unpack(head)[0]).decode("ascii"), 0)[0] if head else None


def send(descriptor: int, text: str) -> None:
    """Send JSON text (ASCII) as one message."""
    body = text.encode("ascii")
    data = _pack(len(body)) + body
    while data:
        data = data[write(descriptor, data) :]


def _exactly(descriptor: int, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = read(descriptor, count - len(data))
        if not piece:
            return b""
        data += piece
    return data


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
