"""Where the statements of a policy stand in its text, as the policy simulator tells it.

Source: IAM API Reference, "SimulatePrincipalPolicy" and "Position" with their samples; AWS CLI Reference,
simulate-custom-policy, Examples: a statement begins right after the bracket, or the statement, before it, and
ends right after its own brace; lines and columns count from 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache

__all__ = ["Position", "spans_of"]

Position = tuple[int, int]
"""Line and column."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:]', re.DOTALL)


@lru_cache(maxsize=512)
def spans_of(text: str) -> tuple[tuple[Position, Position], ...]:
    """Where each statement begins and ends, in the order of the statements.

    Args:
        text: a policy document that has been parsed without a fault.
    """
    return tuple((_position(text, start), _position(text, end)) for start, end in _offsets(text))


def _offsets(text: str) -> Iterator[tuple[int, int]]:
    depth, name, after_colon = 0, "", False
    inside = 0  # the depth of the statements' braces, while among them
    start = 0
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token in "{[":
            depth += 1
            if depth == 2 and name == "Statement":
                inside, start = (2 if token == "{" else 3), found.end()
        elif token in "}]":
            if token == "}" and depth == inside:
                yield start, found.end()
                start = found.end()
            if depth == 2:
                inside = 0
            depth -= 1
        elif token != ":" and depth == 1 and not after_colon:
            name = json.loads(token)
        after_colon = token == ":"


def _position(text: str, offset: int) -> Position:
    line_start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - line_start + 1
