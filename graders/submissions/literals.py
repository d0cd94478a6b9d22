"""What plain values a notebook's statements give names: worked out from the text, nothing is run.

Texts, numbers, lists and dictionaries; put together with `+`, f-strings, `json.dumps`, `dict` and the like;
changed by assignment to a place in them, `append` or `update`. Anything else is *computed*, and a value that
depends on it cannot be read from the page.
"""

from __future__ import annotations

import ast
import json
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Computed", "Values"]

LONGEST = 256 * 1024
MOST_PARTS = 20_000
LARGEST_NUMBER = 10**30


class Computed(Exception):
    """A value that only running the notebook would give; the text says which."""


class _Unknown:
    """The value of a name that was computed."""


UNKNOWN = _Unknown()
CALLS: Mapping[str, Callable[..., Any]] = {
    "json.dumps": lambda value, **_: json.dumps(value),
    "json.loads": json.loads,
    "dict": dict,
    "list": list,
    "tuple": tuple,
    "str": str,
    "dumps": lambda value, **_: json.dumps(value),
    "textwrap.dedent": textwrap.dedent,
    "dedent": textwrap.dedent,
}
CHANGES: Mapping[type, tuple[str, ...]] = {
    list: ("append", "extend", "insert", "remove", "pop", "clear", "reverse"),
    dict: ("update", "pop", "clear"),
}
TEXTS = ("strip", "lstrip", "rstrip", "lower", "upper", "join", "removeprefix", "removesuffix")


class Values:
    """The names of a notebook, statement by statement."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {}

    def run(self, statement: ast.stmt) -> None:
        """Take note of what a statement gives names."""
        try:
            self._run(statement)
        except Exception:  # whatever cannot be worked out from the text leaves its names unknown
            for name in _touched(statement):
                self._names[name] = UNKNOWN

    def of(self, expression: ast.expr) -> Any:
        """The value of an expression.

        Raises:
            Computed: it cannot be worked out from the text.
        """
        try:
            value = self._value(expression)
            _must_be_small(value)
        except Computed:
            raise
        except Exception as error:
            raise Computed(f"{type(error).__name__}: {error}") from error
        return value

    def _run(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=targets, value=value):
                given = self._value(value)
                for target in targets:
                    self._assign(target, given)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, self._value(value))
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
                self._names[name] = _sum(self._names.get(name, UNKNOWN), self._value(value))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=base, attr=verb), args=args, keywords=[])):
                self._change(base, verb, args)
            case _ if _touched(statement):
                raise Computed("a statement")

    def _assign(self, target: ast.expr, value: Any) -> None:
        match target:
            case ast.Name(id=name):
                self._names[name] = value
            case ast.Subscript(value=base, slice=place):
                self._value(base)[self._value(place)] = value
            case ast.Tuple(elts=elements) | ast.List(elts=elements) if len(elements) == len(value):
                for element, part in zip(elements, value, strict=True):
                    self._assign(element, part)
            case _:
                raise Computed("an assignment")

    def _change(self, base: ast.expr, verb: str, args: list[ast.expr]) -> None:
        root = _root(base)
        if root is None or root not in self._names:
            return  # a call of something else, such as print
        if self._names[root] is UNKNOWN:
            return
        held = self._value(base)
        verbs = CHANGES.get(type(held), ())
        if not verbs:
            return
        if verb in verbs:
            getattr(held, verb)(*map(self._value, args))
            _must_be_small(held)
        elif verb not in ("get", "items", "keys", "values", "index", "count", "copy"):
            raise Computed(f"{root}.{verb}()")

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=None | bool() | str() | int() | float() as value):
                return value
            case ast.Name(id=name):
                value = self._names.get(name, UNKNOWN)
                if value is UNKNOWN:
                    raise Computed(name)
                return value
            case ast.List(elts=elements):
                return [*map(self._value, elements)]
            case ast.Tuple(elts=elements):
                return tuple(map(self._value, elements))
            case ast.Dict(keys=keys, values=values):
                return self._dict(keys, values)
            case ast.JoinedStr(values=parts):
                return _small("".join(map(self._part, parts)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._number(operand)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _sum(self._value(left), self._value(right))
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return self._number(left) - self._number(right)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return _number(self._number(left) * self._number(right))
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self._number(left) / self._number(right)
            case ast.Subscript(value=base, slice=place):
                return self._value(base)[self._value(place)]
            case ast.Call():
                return self._call(node)
        raise Computed(ast.unparse(node)[:60])

    def _dict(self, keys: list[ast.expr | None], values: list[ast.expr]) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key, value in zip(keys, values, strict=True):
            if key is None:
                made.update(self._value(value))
            else:
                made[self._value(key)] = self._value(value)
        return made

    def _part(self, node: ast.expr) -> str:
        match node:
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                node = value
        held = self._value(node)
        _must_be_small(held)
        return str(held)

    def _number(self, node: ast.expr) -> int | float:
        return _number(self._value(node))

    def _call(self, node: ast.Call) -> Any:
        name = ast.unparse(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else ""
        args = [self._value(each) for each in node.args]
        _must_be_small(args)  # one value may stand in it many times, and a text of it would be a bomb
        if name in CALLS:
            named = {each.arg: self._value(each.value) for each in node.keywords if each.arg}
            return _small(CALLS[name](*args, **named))
        if isinstance(node.func, ast.Attribute) and node.func.attr in TEXTS and not node.keywords:
            held = self._value(node.func.value)
            if isinstance(held, str) and len(held) * (1 + sum(map(_length, args))) <= LONGEST:
                return _small(getattr(held, node.func.attr)(*args))
        raise Computed(f"{name or 'a call'}()")


def _sum(left: Any, right: Any) -> Any:
    kinds = {type(left), type(right)}
    if kinds <= {int, float}:
        return _number(left + right)
    if len(kinds) == 1 and kinds <= {str, list, tuple}:
        return _small(left + right)
    raise Computed("a sum")


def _number(value: Any) -> int | float:
    if type(value) not in (int, float) or abs(value) > LARGEST_NUMBER:
        raise Computed("a number")
    number: int | float = value
    return number


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list | tuple | str) else 1


def _small(value: Any) -> Any:
    if isinstance(value, str | list | tuple | dict) and len(value) > LONGEST:
        raise Computed("something very long")
    return value


def _must_be_small(value: Any) -> None:
    """See that a value is no bomb: one part of it may stand in many places, or in itself."""
    todo, parts = [value], 0
    while todo:
        each = todo.pop()
        parts += 1 + (len(each) // 64 if isinstance(each, str) else 0)
        if parts > MOST_PARTS:
            raise Computed("something very large")
        if isinstance(each, dict):
            todo += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple):
            todo += each


def _touched(statement: ast.stmt) -> set[str]:
    """The names that a statement may give a value, or change."""
    names: set[str] = set()
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                names.add(_root(node) or "")
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.Call(func=ast.Attribute(value=base, attr=verb)) if verb in {
                *CHANGES[list],
                *CHANGES[dict],
            }:
                names.add(_root(base) or "")
            case ast.alias(name=name, asname=asname):
                names.add(asname or name.partition(".")[0])
    return names - {""}


def _root(node: ast.AST) -> str | None:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
