"""The values in a policy: texts, numbers and lists of them, each with the place where it stands.

What these raise is a PolicyError whose path says where, and whose hint says how to repair it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from labs.aws.iam.json_text import Json, fail, kind, show
from labs.aws.iam.patterns import Matcher
from labs.errors import PolicyError

__all__ = ["compiled", "known", "nearest", "text_at", "texts_at"]

_LONGEST_VALUE: Final = 4_096


def texts_at(value: Json, path: str, *, plain: bool = False) -> tuple[str, ...]:
    """One text or a list of texts; with `plain`, numbers and booleans too, and the list may be empty."""
    if isinstance(value, str):
        return (text_at(value, path),)
    if isinstance(value, list):
        if not value and not plain:
            fail(
                path,
                "The list is empty",
                "AWS wants at least one value here.",
                "Add a value, or remove the element.",
            )
        return tuple([_one(each, f"{path}[{place}]", plain) for place, each in enumerate(value)])
    return (_one(value, path, plain),)


def _one(value: Json, path: str, plain: bool) -> str:
    if plain and isinstance(value, bool):
        return "true" if value else "false"
    if plain and isinstance(value, (int, float)):
        return _number(value, path)
    return text_at(value, path)


def _number(value: int | float, path: str) -> str:
    try:
        return str(value)
    except ValueError:
        fail(
            path,
            "The number is too long",
            "It has thousands of digits.",
            "Write a number that AWS can compare.",
        )


def text_at(value: Json, path: str) -> str:
    """The text that stands here."""
    if not isinstance(value, str):
        fail(path, "A text was expected", f"This is {kind(value)}.", 'Write it in double quotes: "…".')
    if len(value) > _LONGEST_VALUE:
        fail(
            path,
            "The text is too long",
            f"It has {len(value):,} characters; {_LONGEST_VALUE:,} is more than AWS takes here.",
            "Shorten it, or use a wildcard.",
        )
    return value


def compiled(
    texts: tuple[str, ...], compile_: Callable[[str], Matcher], written: Json, path: str
) -> tuple[Matcher, ...]:
    """A matcher for each text; the compiler's complaint about one of them gets the path of that one."""
    matchers: list[Matcher] = []
    try:
        for text in texts:
            matchers.append(compile_(text))
    except PolicyError as fault:
        where = f"{path}[{len(matchers)}]" if isinstance(written, list) else path
        fail(where, fault.title, fault.detail, fault.hint)
    return tuple(matchers)


def known(written: Mapping[str, Json], names: Sequence[str], path: str) -> None:
    """Refuse an element that is none of these names."""
    for key in written:
        if key in names:
            continue
        near = nearest(str(key), names)
        fail(
            f"{path}.{str(key)[:60]}" if path else str(key)[:60],
            "AWS knows no element of this name",
            f"It is {show(key)}.",
            f"Did you mean {near}?" if near else f"Here may stand: {', '.join(names)}.",
        )


def nearest(written: str, names: Sequence[str]) -> str | None:
    """The name that was probably meant; None when nothing is near."""
    folded = {name.lower(): name for name in names}
    found = difflib.get_close_matches(written[:80].lower(), folded, n=1, cutoff=0.7)
    return folded[found[0]] if found else None
