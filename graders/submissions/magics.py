"""What of a cell is Python: IPython's magics and shell lines are taken out, and named.

A line that begins with `%`, `!` or `?` is one of these where a statement may begin, never inside brackets or
a text that goes over several lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Plain", "plain_python"]

TIMED = ("%%time", "%%timeit", "%%capture", "%%prun")
"""Cell magics beneath which stands Python all the same."""
MAGIC = re.compile(r"\s*(?:%{1,2}\w|!|\?\??\w|[\w.]+\?\??\s*$)")
ASSIGNED = re.compile(r"(\s*[\w, ]+=\s*)(?:%\w|!)")
TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<long>\"\"\"|''')
    |(?P<short>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<joined>\\\n)|(?P<line>\n)""",
    re.VERBOSE | re.DOTALL,
)
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Plain:
    """The Python of a cell, with as many lines as the cell, and the magics that were taken out."""

    text: str
    magics: tuple[str, ...] = ()


def plain_python(source: str) -> Plain:
    """Take the magics out of a cell; an empty line stands in place of each."""
    first = next((line for line in source.splitlines() if line.strip()), "")
    if first.lstrip().startswith("%%") and not first.lstrip().startswith(TIMED):
        return Plain("\n" * source.count("\n"), (_shown(first),))
    if not re.search(r"(?m)^\s*[%!?]|=\s*[%!]|\?\s*$", source):
        return Plain(source)
    lines = source.split("\n")
    magics: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        assigned = ASSIGNED.match(line)
        if assigned or MAGIC.match(line):
            magics.append(_shown(line))
            while lines[number].endswith("\\") and number + 1 < len(lines):
                lines[number] = ""
                number += 1
            lines[number] = f"{assigned[1]}None" if assigned else ""
            number += 1
        else:
            number = _next_statement(lines, number)
    return Plain("\n".join(lines), tuple(magics))


def _shown(line: str) -> str:
    return line.strip()[:SHOWN]


def _next_statement(lines: list[str], number: int) -> int:
    """The number of the line after this one at which a statement may begin."""
    depth, quote = 0, ""
    while number < len(lines):
        depth, quote, joined = _scan(lines[number], depth, quote)
        number += 1
        if depth <= 0 and not quote and not joined:
            break
    return number


def _scan(line: str, depth: int, quote: str) -> tuple[int, str, bool]:
    """How deep in brackets, and in which long text, one is at the end of a line; and whether it is joined."""
    place = 0
    while True:
        if quote:
            end = line.find(quote, place)
            if end < 0:
                return depth, quote, False
            place, quote = end + 3, ""
        match = TOKEN.search(line, place)
        if match is None:
            return depth, quote, line.endswith("\\")
        place = match.end()
        if match["long"]:
            quote = match["long"]
        elif match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
