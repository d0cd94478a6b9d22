"""A screen as a picture (SVG): the same each time, small, and with nothing in it from elsewhere."""

from __future__ import annotations

import re
from typing import Any

from textual.app import App

__all__ = ["picture"]

LEFT_OUT = (
    re.compile(r"<!--.*?-->\s*", re.DOTALL),
    re.compile(r"@font-face \{.*?\}\s*", re.DOTALL),  # fonts from elsewhere
    re.compile(r'<clipPath id="[^"]*line.*?</clipPath>\s*', re.DOTALL),  # a line sticks out of no line
    re.compile(r' clip-path="url\(#[^"]*line-\d+\)"'),
    re.compile(r"<text [^>]*>(?:&#160;|\s)*</text>"),
)


def picture(app: App[Any]) -> str:
    """What the terminal shows, with its colours."""
    svg = app.export_screenshot(title="Skylab")
    for each in LEFT_OUT:
        svg = each.sub("", svg)
    # Rich names things by a checksum of the whole, so that any change would change every line.
    svg = re.sub(r"terminal-\d+-", "", svg)
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"
