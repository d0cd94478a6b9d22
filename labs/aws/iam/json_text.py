"""JSON text to a value, refusing what AWS refuses, and the words that name a value in an error."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from math import isinf
from typing import Final, NoReturn, TypeAlias

from labs.errors import PolicyError

__all__ = ["LARGEST_POLICY", "Json", "fail", "kind", "load", "show"]

Json: TypeAlias = "bool | int | float | str | list[Json] | Mapping[str, Json] | None"

LARGEST_POLICY: Final = 32_768
"""Characters without white space: the limit of a KMS key policy, the largest that AWS stores."""


def load(text: str) -> Json:
    """The value that the text stands for.

    Raises:
        PolicyError: the text is no JSON, is too large, or gives a name twice in one object.
    """
    size = len("".join(text.split()))
    if size > LARGEST_POLICY:
        fail(
            "",
            "The policy is too large",
            f"It has {size:,} characters without white space, and {LARGEST_POLICY:,} is the most.",
            "Use wildcards, or several policies.",
        )
    try:
        value: Json = _DECODER.decode(text)
    except json.JSONDecodeError as fault:
        fail(
            "",
            "The policy is not valid JSON",
            f"Line {fault.lineno}, column {fault.colno}: {fault.msg}.",
            _repair(text, fault.pos),
        )
    except RecursionError:
        fail(
            "",
            "The policy is nested too deeply",
            "No policy needs so many brackets.",
            "Look for a stray [ or {.",
        )
    except PolicyError:
        raise
    except ValueError:
        fail(
            "", "The policy is not valid JSON", "A number in it has thousands of digits.", "Write it shorter."
        )
    return value


def fail(path: str, title: str, detail: str, hint: str) -> NoReturn:
    """Raise the PolicyError for a fault at `path`, which is empty for the document as a whole."""
    raise PolicyError(title, f"At {path}: {detail}" if path else detail, hint, path=path)


def kind(value: object) -> str:
    """The kind of a value, as a phrase."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case Mapping():
            return "an object"
    return f"a {type(value).__name__}"


def show(value: object) -> str:
    """A text in quotes, cut when it is long; of any other value its kind."""
    if not isinstance(value, str):
        return kind(value)
    return json.dumps(value if len(value) <= 80 else f"{value[:79]}…", ensure_ascii=False)


def _object(pairs: list[tuple[str, Json]]) -> Json:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, times = Counter(key for key, _ in pairs).most_common(1)[0]
        fail(
            "",
            "A name appears twice in one JSON object",
            f"{show(twice)} is given {times} times, and only one of them could count.",
            "Join them: a list of values under one name.",
        )
    return found


def _constant(name: str) -> NoReturn:
    fail("", "The policy is not valid JSON", f"JSON has no number {name}.", "Write a number with digits.")


def _float(text: str) -> float:
    value = float(text)
    if isinf(value):
        fail(
            "", "The policy is not valid JSON", f"{show(text)} is too large a number.", "Write a smaller one."
        )
    return value


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_constant)


def _repair(text: str, place: int) -> str:
    before, here = text[:place].rstrip(), text[place : place + 1]
    if not text.strip():
        return "The text is empty. A policy starts with {."
    if here in ("}", "]") and before.endswith(","):
        return "Remove the comma before the closing bracket."
    if here == "'":
        return 'JSON quotes with " only.'
    if text.startswith(("//", "/*"), place) or here == "#":
        return "JSON has no comments; use Sid to say what a statement is for."
    if here in ('"', "{") and before.endswith(('"', "}", "]")):
        return "A comma is missing before this place."
    if before.endswith(","):
        return "Remove the last comma, or write what should follow it."
    return "Every name and text stands in double quotes, and commas stand between entries."
