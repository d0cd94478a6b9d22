"""The words, signs and colours that all drawings share."""

from __future__ import annotations

import re

from rich.text import Text
from rich.theme import Theme

__all__ = ["THEME", "clipped", "counted", "listed", "marked", "short_principal", "shown"]

THEME = Theme(
    {
        "accent": "bold cyan",
        "allowed": "green",
        "denied": "red",
        "partly": "yellow",
        "quiet": "dim",
        "title": "bold",
    }
)
"""Sixteen-colour names, so that the terminal's own palette decides how they look on its background."""

_UNPRINTABLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def shown(text: object, style: str = "") -> Text:
    """Text from outside: control characters and changes of direction become signs, line breaks stay."""
    return Text(_UNPRINTABLE.sub(_visible, str(text)), style)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 0x09:
        return "    "
    return chr(0x2400 + code) if code < 0x20 else "�"


def marked(sign: str, word: str, style: str) -> Text:
    """A sign and a word in one colour: `✓ allowed`."""
    return Text(f"{sign} {word}", style)


def clipped(text: str, width: int) -> str:
    """The text, cut in its middle when it is too long: both ends of an ARN say something."""
    if len(text) <= width:
        return text
    head = (width - 1) // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def counted(number: int, noun: str) -> str:
    """`1 point`, `2 points`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(values: tuple[str, ...], most: int = 6) -> str:
    """The values with commas between them; how many more there are when there are many."""
    if len(values) <= most:
        return ", ".join(values)
    return f"{', '.join(values[:most])} and {len(values) - most} more"


def short_principal(arn: str) -> str:
    """A principal without what all of them share: `user/alice`, `app/session-1`, `root`, `anonymous`."""
    resource = arn.split(":", 5)[-1]
    return resource.removeprefix("assumed-role/")
