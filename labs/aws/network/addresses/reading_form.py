"""What can be wrong with the form of an address block, whatever its version: blanks, slashes, look-alikes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = ["CHECKS", "FORM", "Problem", "Repair", "prefix_problems", "show"]

FORM: Final = "An address block is an address, a slash and a prefix length, as in 10.0.0.0/16."
_DASHES: Final = "‐‑‒–—―−"
_SLASHES: Final = "⁄∕╱⧸"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what, where, and what to do."""

    title: str
    detail: str
    hint: str


Repair: TypeAlias = Iterator[tuple[Problem, str]]
"""Problems, each with the text after the repair; the same text where there is none."""


def show(text: str) -> str:
    """The text in quotes, cut when it is long."""
    return f'"{text}"' if len(text) <= 60 else f'"{text[:59]}…"'


def _empty(text: str) -> Repair:
    if not text.strip():
        yield Problem("The address block is missing", "The text is empty.", FORM), ""


def _lookalikes(text: str) -> Repair:
    """Characters that come with text copied from documents and pages."""
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(f"[{_SLASHES}]", "/", re.sub(f"[{_DASHES}]", "-", plain))
    plain = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    if plain != text:
        odd = next(each for each in text if not each.isascii())
        name = unicodedata.name(odd, "without a name").lower()
        yield (
            Problem(
                "A character only looks right",
                f"U+{ord(odd):04X} ({name}) stands in {show(text)}.",
                "Type the block by hand: digits, dots or colons, and a slash.",
            ),
            plain,
        )


def _around(text: str) -> Repair:
    bare = text.strip(" \t\r\n\"'`,;()<>")
    if bare[:1] == "[" and "]" in bare:
        bare = bare[1:].replace("]", "", 1)
    if bare and bare != text:
        yield (
            Problem(
                "Something stands around the address block",
                f"It is {show(text)}: blanks, quotes, commas and brackets are no part of it.",
                FORM,
            ),
            bare,
        )


def _url(text: str) -> Repair:
    if match := re.fullmatch(r"[a-z][a-z0-9+.-]*://(.+)", text, re.IGNORECASE):
        yield Problem("This is a URL", f"It starts with {text[: match.start(1)]}", FORM), match[1]


def _several(text: str) -> Repair:
    if text.count("/") > 1 and len(parts := re.split(r"[\s,;]+", text)) > 1:
        detail = f"{show(text)} has {len(parts)} parts."
        yield Problem("This is more than one address block", detail, "Give one block at a time."), text


def _slashes(text: str) -> Repair:
    once = re.sub(r"\s*[/\\]+\s*", "/", text)
    once = once.rstrip("/") if once.count("/") > 1 else once
    if "\\" in text:
        yield (
            Problem(
                "The slash leans the wrong way",
                f"A backslash stands in {show(text)}.",
                "The prefix length follows a slash: /.",
            ),
            once,
        )
    elif once != text:
        title = "Blanks stand beside the slash" if re.search(r"\s", text) else "There is a slash too many"
        yield Problem(title, f"It is {show(text)}.", FORM), once


CHECKS: Final[tuple[Callable[[str], Repair], ...]] = (
    _empty,
    _lookalikes,
    _around,
    _several,
    _url,
    _slashes,
)


def prefix_problems(address: str, prefix: str, bits: int) -> Repair:
    """What is wrong with a prefix length; `bits` is what an address has, 32 or 128."""
    name = f"IPv{4 if bits == 32 else 6}"
    sizes = "AWS takes /16 to /28." if bits == 32 else "AWS gives a VPC a /56, and a subnet takes a /64."
    if not re.fullmatch(r"[0-9]+", prefix, re.ASCII):
        yield (
            Problem(
                "The prefix length is no number",
                f"After the slash stands {show(prefix)}.",
                f"It is a whole number from 0 to {bits}.",
            ),
            f"{address}/{prefix}",
        )
    elif len(prefix) > 1 and prefix[0] == "0" and len(prefix.lstrip("0") or "0") <= 3:
        plain = prefix.lstrip("0") or "0"
        yield (
            Problem(
                "The prefix length has a leading zero",
                f"After the slash stands {prefix}.",
                f"Write /{plain}.",
            ),
            f"{address}/{plain}",
        )
        if int(plain) > bits:
            yield from prefix_problems(address, plain, bits)
    elif len(prefix) > 3 or int(prefix) > bits:
        yield (
            Problem(
                "The prefix is longer than an address",
                f"It is /{prefix[:12]}, and an {name} address has {bits} bits: /{bits} is one address.",
                f"A larger number is a smaller block. {sizes}",
            ),
            f"{address}/{prefix}",
        )
