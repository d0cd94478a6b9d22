"""Turn what a learner's function returned into JSON text, by exact types only.

A subclass of `int` can lie about what it equals, a `dict` about what it holds. So only exact built-in types
pass, and what passes is rebuilt outside the box, where it is compared.
"""

from __future__ import annotations

# Bound here before a learner's code runs, so that patching `builtins`, `json` or `math` does not reach them.
from builtins import dict, enumerate, float, int, len, list, str, tuple, type  # noqa: UP029
from json.encoder import encode_basestring_ascii as quoted
from math import isfinite

__all__ = ["NotPlain", "encode"]

DEEPEST = 60
MOST_BITS = 4096

ADVICE = {
    "datetime": "return its .isoformat()",
    "date": "return its .isoformat()",
    "bytes": "return its .decode()",
    "bytearray": "return its .decode()",
    "set": "return sorted(...) of it",
    "frozenset": "return sorted(...) of it",
    "Decimal": "return int(...), float(...) or str(...) of it",
    "StreamingBody": "return its .read().decode()",
    "generator": "return list(...) of it",
    "OrderedDict": "return dict(...) of it",
    "defaultdict": "return dict(...) of it",
    "Counter": "return dict(...) of it",
}


class NotPlain(Exception):
    """A value that has no plain JSON form; the message says which part, and what to return instead."""


class Budget:
    """The characters that are left; a value that shares its parts cannot grow past it."""

    __slots__ = ("left", "most")

    def __init__(self, most: int) -> None:
        self.most = self.left = most

    def spend(self, text: str) -> str:
        self.left -= len(text) + 1
        if self.left < 0:
            raise NotPlain(f"what it returned is longer than {self.most} characters of JSON")
        return text


def encode(value: object, most: int) -> str:
    """The value as JSON text (ASCII) of at most `most` characters.

    Raises:
        NotPlain: a type, a number or a size that does not pass.
    """
    return _encode(value, Budget(most), "", 0)


def _encode(value: object, budget: Budget, where: str, depth: int) -> str:
    if depth > DEEPEST:
        raise NotPlain(f"what it returned is nested more than {DEEPEST} levels deep")
    if value is None:
        return budget.spend("null")
    if value is True or value is False:
        return budget.spend("true" if value is True else "false")
    if type(value) is str:
        if len(value) > budget.left:
            budget.spend(value)
        return budget.spend(quoted(value))
    if type(value) is int:
        if value.bit_length() > MOST_BITS:
            raise NotPlain(f"{_part(where)} is a whole number of more than {MOST_BITS} bits")
        return budget.spend(int.__repr__(value))
    if type(value) is float:
        if not isfinite(value):
            raise NotPlain(f"{_part(where)} is {float.__repr__(value)}, which equals no number")
        return budget.spend(float.__repr__(value))
    if type(value) is list or type(value) is tuple:
        items = [_encode(item, budget, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]
        return budget.spend("[") + ",".join(items) + "]"
    if type(value) is dict:
        members = []
        for key, item in value.items():
            if type(key) is not str:
                raise NotPlain(f"{_part(where)} has a key that is {_a(key)}; the keys must be text")
            name = _encode(key, budget, where, depth)
            members.append(f"{name}:{_encode(item, budget, f'{where}[{name}]', depth + 1)}")
        return budget.spend("{") + ",".join(members) + "}"
    raise NotPlain(f"{_part(where)} is {_a(value)}; {_advice(value)}")


def _part(where: str) -> str:
    """The part of the value in words, cut where it grows long."""
    if not where:
        return "what it returned"
    return f"result{where}" if len(where) <= 120 else f"result{where[:120]}…"


def _a(value: object) -> str:
    return f"of type {_type_name(value)}"


def _advice(value: object) -> str:
    plain = "return plain text, numbers, True, False, None, lists and dictionaries"
    return ADVICE.get(_type_name(value), plain)


def _type_name(value: object) -> str:
    """The name of the value's true type, whatever `__class__` or a metaclass pretends."""
    name = type.__dict__["__name__"].__get__(type(value))
    return str(name)
