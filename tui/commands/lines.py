"""Files and streams of JSON that commands read: one object, or questions one a line with an answer each."""

from __future__ import annotations

import gc
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from math import isinf
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias, cast

from labs.errors import InputError, SkylabError

__all__ = ["Answer", "Read", "answer_lines", "answers", "load_json", "read_object", "read_text", "read_up_to"]

Answer: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any]]
"""From a question to its answer, without the id; it raises a SkylabError when there is none."""
Read: TypeAlias = Callable[[bytes, str], dict[str, Any]]
"""From a line, and what errors call it, to the question in it; it raises an InputError when there is none."""

BLOCK: Final = 65_536
PATIENCE: Final = 0.2
"""Seconds after which an answer goes out although more questions are at hand."""


def answer_lines(answer: Answer, read: Read | None = None) -> None:
    """Answer each line of stdin with a line on stdout, in order.

    Answers go out as soon as the questions that have come so far are answered, so that a program that waits
    for one answer before it asks the next gets it, and one that asks all at once does not pay for each.

    Args:
        read: what reads a line, where the instrument knows a quicker way than `read_object`.
    """
    write, flush = sys.stdout.write, sys.stdout.flush
    with seldom_collected():
        for lines in lines_as_they_come(cast("BufferedReader", sys.stdin.buffer)):
            told = time.monotonic()
            for text in answers(lines, answer, read or read_object):
                write(text)
                if time.monotonic() - told > PATIENCE:
                    flush()
                    told = time.monotonic()
            flush()


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Makes the search for cyclic garbage rarer.

    What instruments remember between questions is alive; to look through it again and again takes a fifth of
    the time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(50_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def lines_as_they_come(stream: BufferedReader) -> Iterator[list[bytes]]:
    """The lines of a stream, in lists of those that are there; it waits only when there is none."""
    begun: list[bytes] = []
    while block := stream.read1(BLOCK):
        whole, end, rest = block.rpartition(b"\n")
        if end:
            yield b"".join((*begun, whole)).split(b"\n")
            begun = []
        begun.append(rest)
    if any(begun):
        yield [b"".join(begun)]


def answers(lines: Iterable[bytes], answer: Answer, read: Read | None = None) -> Iterator[str]:
    """An answer to each question, as a line of JSON; to one that has none, what is wrong with it."""
    for line in lines:
        if not line.strip():
            continue
        asked: dict[str, Any] = {}
        try:
            asked = (read or read_object)(line, "the line")
            yield line_of({"id": asked.get("id"), **answer(asked)})
        except SkylabError as error:
            yield line_of({"id": asked.get("id"), "error": error.as_json()})
        except RecursionError:
            yield line_of({"id": None, "error": _TOO_DEEP.as_json()})


def line_of(value: Mapping[str, Any]) -> str:
    """The value as one line of JSON."""
    return _ENCODER.encode(value) + "\n"


def load_json(file: Path) -> dict[str, Any]:
    """The JSON object in a file, or on stdin when the file is `-`.

    Raises:
        InputError: it cannot be read, or holds anything else.
    """
    if str(file) == "-":
        return read_object(sys.stdin.buffer.read(), "stdin")
    return read_object(read_text(file), str(file))


def read_text(file: Path) -> str:
    """The text of a file.

    Raises:
        InputError: it cannot be read, or is not UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError("A file cannot be read", f"{file}: {error.strerror}.", "Look at its name.") from None
    except UnicodeDecodeError as error:
        raise InputError(
            "A file is not text", f"{file}: byte {error.start} is not UTF-8.", "Save it as UTF-8."
        ) from None


def read_object(text: str | bytes, where: str) -> dict[str, Any]:
    """The JSON object that a text holds; `where` is what errors call its place.

    Raises:
        InputError: it is no JSON, gives a name twice in one object, or is a value of another type.
    """
    try:
        value = _DECODER.decode(text if isinstance(text, str) else text.decode())
    except (ValueError, RecursionError) as error:
        raise InputError(
            "This is not JSON", f"In {where}: {_fault(error)}.", "Give one JSON object."
        ) from None
    if not isinstance(value, dict):
        raise InputError(
            "This is no JSON object",
            f"In {where} stands a value of type {type(value).__name__}.",
            "Give one JSON object: {…}.",
        )
    return value


def read_up_to(text: str, name: str) -> tuple[dict[str, Any], str] | None:
    """The members of the object in the text, up to the one of this name, and the text that follows.

    None where they cannot be told apart in this simple way: then `read_object` knows, or knows what is wrong.
    """
    members: dict[str, Any] = {}
    place = 1
    if not text.startswith("{"):
        return None
    try:
        while name not in members:
            key, place = _DECODER.raw_decode(text, _start(text, place))
            place = _start(text, place)
            if text[place] != ":" or key in members or not isinstance(key, str):
                return None
            members[key], place = _DECODER.raw_decode(text, _start(text, place + 1))
            place = _start(text, place) + 1
            if text[place - 1] != ",":
                return None
    except (ValueError, IndexError, RecursionError):
        return None
    return members, text[place:]


def _start(text: str, place: int) -> int:
    """Where something stands, from this place on."""
    while text[place] in " \t\r\n":
        place += 1
    return place


def _fault(error: ValueError | RecursionError) -> str:
    match error:
        case RecursionError():
            return "it is nested too deeply"
        case UnicodeDecodeError():
            return f"byte {error.start} is not UTF-8"
        case json.JSONDecodeError() | NotJson():
            return str(error)
    return "a number has thousands of digits"


class NotJson(ValueError):
    """What Python's reader takes and JSON does not have."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise NotJson(f"the name {counts.most_common(1)[0][0][:60]!r} is given twice in one object")
    return found


def _float(text: str) -> float:
    value = float(text)
    if isinf(value):
        raise NotJson(f"the number {text[:60]} is too large")
    return value


def _no_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is no JSON number")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_no_constant)
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_TOO_DEEP: Final = InputError(
    "The line is nested too deeply", "Nothing needs so many brackets.", "Look for a stray [."
)
