"""Begin an exercise: a folder that is whole but for its blanks, which are marked «like this»."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["blanks_in"]

_BLANK = re.compile(r"«[^«»\n]*»")


def blanks_in(text: str) -> Iterator[tuple[int, str]]:
    """The blanks that are left in a text, each with the number of its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        yield from ((number, blank) for blank in _BLANK.findall(line))
