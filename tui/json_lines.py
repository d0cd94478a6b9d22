"""On which line of a JSON text a value stands, by its path as in `Statement[0].Action[1]`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["line_of"]

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_LAST_STEP = re.compile(r"(?:\.[^.\[\]]*|\[\d+\])$")


def line_of(text: str, path: str) -> int:
    """The line, from 1, on which the value at a path begins, or the nearest value around it that is there."""
    lines = dict(_lines(text))
    while path and path not in lines:
        shorter = _LAST_STEP.sub("", path)
        path = shorter if shorter != path else ""
    return lines.get(path, 1)


@dataclass(slots=True)
class _Open:
    """An object or a list that is being read; `step` is the name or the number of the next value."""

    path: str
    is_list: bool
    step: str | int = ""
    naming: bool = False

    def below(self) -> str:
        if self.is_list:
            return f"{self.path}[{self.step}]"
        return f"{self.path}.{self.step}" if self.path else str(self.step)


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Each path with its line; an object's member stands where its name does."""
    stack: list[_Open] = []
    line, last = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", last, token.start())
        last = token.start()
        word, top = token[0], stack[-1] if stack else None
        if word in "}]":
            stack = stack[:-1]
        elif word == ",":
            if top is not None and isinstance(top.step, int):
                top.step += 1
            elif top is not None:
                top.naming = True
        elif word == ":":
            continue
        elif top is not None and top.naming:
            top.step, top.naming = _name(word), False
            yield top.below(), line
        else:
            path = top.below() if top is not None else ""
            if top is None or top.is_list:
                yield path, line
            if word in "{[":
                is_list = word == "["
                stack.append(_Open(path, is_list, 0 if is_list else "", not is_list))


def _name(word: str) -> str:
    try:
        return str(json.loads(word))
    except ValueError:
        return word
