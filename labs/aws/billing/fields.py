"""The values of a usage document, each read by its kind; an error says where and what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, Final, TypeAlias, TypeVar

from labs.errors import UsageError

__all__ = [
    "Json",
    "choice",
    "flag",
    "mapping",
    "moment",
    "number",
    "only",
    "optional",
    "refuse",
    "text",
    "whole",
]

Json: TypeAlias = "bool | int | float | str | list[Json] | Mapping[str, Json] | None"
T = TypeVar("T")

_FIRST_YEAR, _LAST_YEAR = 2006, 2099
_LARGEST: Final = Decimal(10) ** 24
_FINEST: Final = -24
_LONGEST: Final = 1024
_NUMBER: Final = re.compile(r"[0-9]{1,32}(\.[0-9]{1,24})?", re.ASCII)


def refuse(path: str, value: object, title: str, hint: str) -> UsageError:
    """The error for a value that cannot be used."""
    return UsageError(title, f"At {path}: {_shown(value)}.", hint, path=path)


def moment(value: object, path: str) -> datetime:
    """A moment in ISO 8601, as UTC: without an offset it is UTC already, and a date is its midnight."""
    if isinstance(value, str) and len(value) <= 40:
        try:
            found = datetime.fromisoformat(value)
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        else:
            if _FIRST_YEAR <= found.year <= _LAST_YEAR:
                return found
            raise refuse(path, value, "This is not a time of AWS", f"AWS bills since {_FIRST_YEAR}.")
    raise refuse(path, value, "This is not a moment", 'Write it as "2026-01-31T09:00:00Z", in UTC.')


def number(value: object, path: str) -> Decimal:
    """A number of zero or more, as a JSON number or as its digits in quotes."""
    found: Decimal | None = None
    if isinstance(value, str) and len(value) <= 64:
        if _NUMBER.fullmatch(value):
            found = Decimal(value)
        elif re.fullmatch(r"-[0-9.]+", value):
            raise refuse(path, value, "A number is negative", "Usage and prices are 0 or more.")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        try:
            # The digits that were written, not the nearest binary fraction.
            found = Decimal(repr(value))
        except (InvalidOperation, ValueError):
            found = None
    if found is None or not found.is_finite():
        raise refuse(path, value, "This is not a number", 'Write it as 100 or as "0.0104".')
    if found < 0:
        raise refuse(path, value, "A number is negative", "Usage and prices are 0 or more.")
    exponent = found.as_tuple().exponent
    if found > _LARGEST or (isinstance(exponent, int) and exponent < _FINEST):
        raise refuse(path, value, "No bill has such a number", "At most 10^24, with at most 24 decimals.")
    return found.copy_abs()


def whole(value: object, path: str) -> int:
    """A whole number of one or more."""
    found = number(value, path)
    if found != found.to_integral_value() or found < 1:
        raise refuse(path, value, "This is not a whole number", "Write 1, 2, 3 …")
    return int(found)


def flag(value: object, path: str) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise refuse(path, value, "This is neither true nor false", "Write true or false, without quotes.")
    return value


def text(value: object, path: str) -> str:
    """A text of ordinary length that is not empty."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        raise refuse(path, value, "This is not a text", "Write it in quotes.")
    return value


def choice(value: object, path: str, allowed: Sequence[Any]) -> Any:
    """One of some words."""
    if isinstance(value, str) and value in allowed:
        return value
    raise refuse(path, value, "This is not one of the words that may stand here", meant(value, allowed))


def meant(value: object, allowed: Sequence[str]) -> str:
    """A hint with the word that was probably meant, and all that may stand."""
    near = get_close_matches(value[:80], allowed, n=1) if isinstance(value, str) else []
    guess = f"Perhaps {near[0]} was meant. " if near else ""
    return f"{guess}It may be {', '.join(allowed)}."


def mapping(value: object, path: str) -> Mapping[str, Json]:
    """An object of JSON."""
    if not isinstance(value, Mapping):
        raise refuse(path, value, "This is not an object", "Write it as {…}.")
    return value


def only(written: Mapping[str, Json], keys: Sequence[str], path: str) -> None:
    """Check that an object has no other keys."""
    for key in written:
        if key not in keys:
            place = f"{path}.{key[:80]}" if path else key[:80]
            raise UsageError(
                "There is no such key", f"At {place}: nothing is known of it.", meant(key, keys), path=place
            )


def optional(
    read: Callable[[object, str], T], written: Mapping[str, Json], key: str, path: str = ""
) -> T | None:
    """The value of a key that may be absent or null."""
    value = written.get(key)
    return None if value is None else read(value, f"{path}.{key}" if path else key)


def _shown(value: object) -> str:
    match value:
        case None:
            return "it is missing"
        case bool():
            return f"this is {str(value).lower()}"
        case int() | float():
            return f"this is {repr(value)[:40]}"
        case str():
            return f"this is “{value if len(value) <= 60 else value[:59] + '…'}”"
        case list():
            return "this is a list"
        case Mapping():
            return "this is an object"
    return f"this is a {type(value).__name__}"
