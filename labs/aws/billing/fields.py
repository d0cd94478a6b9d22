"""The values of a usage document, each read by its kind.

An error says what was found and what was meant; whoever reads the surrounding object or list adds where.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from math import isfinite
from typing import Any, Final, TypeAlias, TypeVar

from labs.errors import UsageError

__all__ = [
    "Json",
    "choice",
    "count",
    "entries",
    "entry",
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
_NUMBER: Final = re.compile(r"[0-9]{1,25}(\.[0-9]{1,24})?", re.ASCII)


def refuse(value: object, title: str, hint: str, path: str = "") -> UsageError:
    """The error for a value that cannot be used."""
    return UsageError(title, f"{_shown(value)}.", hint, path=path)


def moment(value: object) -> datetime:
    """A moment in ISO 8601, as UTC: without an offset it is UTC already, and a date is its midnight."""
    if isinstance(value, str) and len(value) <= 40:
        try:
            found = datetime.fromisoformat(value)
            if found.tzinfo is not UTC:
                found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        else:
            if _FIRST_YEAR <= found.year <= _LAST_YEAR:
                return found
            raise refuse(value, "This is not a time of AWS", f"AWS bills since {_FIRST_YEAR}.")
    raise refuse(value, "This is not a moment", 'Write it as "2026-01-31T09:00:00Z", in UTC.')


def number(value: object) -> Decimal:
    """A number of zero or more, as a JSON number or as its digits in quotes."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        found = Decimal(value)
    elif isinstance(value, str) and re.fullmatch(r"-[0-9.]{1,64}", value):
        raise refuse(value, "A number is negative", "Usage and prices are 0 or more.")
    elif isinstance(value, int) and not isinstance(value, bool):
        found = Decimal(value)
    elif isinstance(value, float) and isfinite(value):
        # The digits that were written, not the nearest binary fraction.
        found = Decimal(repr(value))
        if found.adjusted() < _FINEST and found:
            raise refuse(value, "No bill has such a number", "It has at most 24 decimals.")
    else:
        raise refuse(value, "This is not a number", 'Write it as 100 or as "0.0104".')
    if found < 0:
        raise refuse(value, "A number is negative", "Usage and prices are 0 or more.")
    if found > _LARGEST:
        raise refuse(value, "No bill has such a number", "It is at most 10^24.")
    return found


def count(value: object) -> Decimal:
    """A whole number of zero or more."""
    found = number(value)
    if found != found.to_integral_value():
        raise refuse(value, "This is not a whole number", "It is counted: write 0, 1, 2 …")
    return found


def whole(value: object) -> int:
    """A whole number of one or more."""
    found = count(value)
    if found < 1:
        raise refuse(value, "There is at least one", "Write 1, 2, 3 …")
    return int(found)


def flag(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise refuse(value, "This is neither true nor false", "Write true or false, without quotes.")
    return value


def text(value: object) -> str:
    """A text of ordinary length that is not empty."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        raise refuse(value, "This is not a text", "Write it in quotes.")
    return value


def choice(value: object, allowed: Sequence[Any]) -> Any:
    """One of some words."""
    if isinstance(value, str) and value in allowed:
        return value
    raise refuse(value, "This is not one of the words that may stand here", meant(value, allowed))


def meant(value: object, allowed: Sequence[str]) -> str:
    """A hint with the word that was probably meant, and all that may stand."""
    near = get_close_matches(value[:80], allowed, n=1) if isinstance(value, str) else []
    guess = f"Perhaps {near[0]} was meant. " if near else ""
    return f"{guess}It may be {', '.join(allowed)}."


def mapping(value: object) -> Mapping[str, Json]:
    """An object of JSON."""
    if not isinstance(value, Mapping):
        raise refuse(value, "This is not an object", "Write it as {…}.")
    return value


def only(written: Mapping[str, Json], keys: Sequence[str]) -> None:
    """Check that an object has no other keys."""
    for key in written:
        if key not in keys:
            raise UsageError(
                "There is no such key", "nothing is known of it.", meant(key, keys), path=key[:80]
            )


def entry(read: Callable[[object], T], written: Mapping[str, Json], key: str, default: Json = None) -> T:
    """The value of a key, or what stands where it is absent or null."""
    value = written.get(key)
    try:
        return read(default if value is None else value)
    except UsageError as error:
        raise error.within(key) from None


def optional(read: Callable[[object], T], written: Mapping[str, Json], key: str) -> T | None:
    """The value of a key that may be absent or null."""
    return None if written.get(key) is None else entry(read, written, key)


def entries(read: Callable[[object], T], value: object) -> tuple[T, ...]:
    """The values of a list."""
    if not isinstance(value, list):
        raise refuse(value, "This is not a list", "Write it as [ ], with its entries between.")
    place = 0
    found: list[T] = []
    try:
        for place, each in enumerate(value):  # noqa: B007  # the error below says where it stood
            found.append(read(each))
    except UsageError as error:
        raise error.within(f"[{place}]") from None
    return tuple(found)


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
