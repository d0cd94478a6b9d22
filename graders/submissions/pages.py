"""The cells of a notebook as Python, and what each says about the exercises: nothing is run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from graders.submissions.cells import Cell
from graders.submissions.magics import plain_python
from graders.submissions.released import ASKS

__all__ = ["Page", "answer_of", "asked_in", "page_of"]

FENCE = re.compile(r"\A\s*```\w*\n(.*?)\n?```\s*\Z", re.DOTALL)

Resolve = Callable[[str], str | None]
"""The id of the exercise that a text names; None when it names none."""


@dataclass(frozen=True, slots=True)
class Page:
    """One cell.

    `tree` is its Python, None where that cannot be read: `broken` says why. `asks` are the exercises whose
    answers it hands to check(), `shows` those whose task it shows, `named` the one that its id names.
    """

    cell: Cell
    text: str
    tree: ast.Module | None
    broken: str
    magics: tuple[str, ...]
    asks: tuple[str, ...]
    shows: tuple[str, ...]
    named: str | None

    @property
    def is_code(self) -> bool:
        return self.cell.kind == "code" or bool(self.asks)


def page_of(cell: Cell, resolve: Resolve) -> Page:
    """What a cell says; one that was turned into text is still read where it asks for an answer."""
    named = next(filter(None, map(resolve, cell.names)), None)
    said = tuple(found for match in ASKS.finditer(cell.source) if (found := resolve(match[2])))
    if cell.kind != "code" and not said and named is None:
        return Page(cell, cell.source, None, "", (), (), (), None)
    unfenced = FENCE.sub(r"\1", cell.source) if cell.kind != "code" else cell.source
    plain = plain_python(unfenced)
    tree, broken = _parsed(plain.text)
    if tree is None:
        return Page(cell, unfenced, None, broken, plain.magics, said, (), named)
    asks = tuple(dict.fromkeys(found for found, _ in asked_in(tree, "check", resolve)))
    shows = tuple(dict.fromkeys(found for found, _ in asked_in(tree, "task", resolve)))
    return Page(cell, plain.text, tree, "", plain.magics, asks, shows, named)


def asked_in(tree: ast.AST, verb: str, resolve: Resolve) -> Iterator[tuple[str, ast.Call]]:
    """The calls of `check` or `task` that name an exercise."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id=name) | ast.Attribute(attr=name),
                args=[ast.Constant(value=str() as said), *_],
            ):
                if name == verb and (found := resolve(said)) is not None:
                    yield found, node


def answer_of(call: ast.Call) -> ast.expr | None:
    """What a call of check() hands in; None when it is the file in the workspace."""
    if len(call.args) > 1:
        return call.args[1]
    return next((each.value for each in call.keywords if each.arg == "answer"), None)


def _parsed(text: str) -> tuple[ast.Module | None, str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the student's backslashes
            return ast.parse(text), ""
    except SyntaxError as error:
        return None, f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return None, f"{type(error).__name__}: {error}"
