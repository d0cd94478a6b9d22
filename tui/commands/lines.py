"""Files and streams of JSON that commands read: one object, or questions one a line with an answer each."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from labs.errors import InputError, SkylabError

__all__ = ["Answer", "answer_lines", "answers", "load_json", "read_text"]

Answer: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any]]
"""From a question to its answer, without the id; it raises a SkylabError when there is none."""


def answer_lines(answer: Answer) -> None:
    """Answer each line of stdin with a line on stdout, at once and in order."""
    write, flush = sys.stdout.write, sys.stdout.flush
    for each in answers(sys.stdin.buffer, answer):
        write(json.dumps(each, separators=(",", ":")) + "\n")
        flush()


def answers(lines: Iterable[bytes], answer: Answer) -> Iterator[dict[str, Any]]:
    """An answer to each question; to one that has none, what is wrong with it."""
    for line in lines:
        if not line.strip():
            continue
        asked: dict[str, Any] = {}
        try:
            asked = read_object(line, "the line")
            yield {"id": asked.get("id"), **answer(asked)}
        except SkylabError as error:
            yield {"id": asked.get("id"), "error": error.as_json()}


def load_json(file: Path) -> dict[str, Any]:
    """The JSON object in a file, or on stdin when the file is `-`.

    Raises:
        InputError: it cannot be read, or holds anything else.
    """
    text = sys.stdin.read() if str(file) == "-" else read_text(file)
    return read_object(text, "stdin" if str(file) == "-" else str(file))


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
        InputError: it is no JSON, or a value of another type.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InputError("This is not JSON", f"In {where}: {reason}.", "Give one JSON object.") from None
    if not isinstance(value, dict):
        raise InputError(
            "This is no JSON object",
            f"In {where} stands a value of type {type(value).__name__}.",
            "Give one JSON object: {…}.",
        )
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
