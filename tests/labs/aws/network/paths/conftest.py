"""The network of `base.json`, and changed ones: what every test of paths starts from."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
Document = dict[str, Any]
Changed = Callable[[Iterable[Document]], Document]


@pytest.fixture(scope="session")
def changed() -> Changed:
    """Makes a copy of the base documents with some changes."""
    text = (HERE / "base.json").read_text()

    def change(changes: Iterable[Document] = ()) -> Document:
        document = json.loads(text)
        for each in changes:
            make(document, copy.deepcopy(each))
        return dict(document)

    return change


def make(document: Document, change: Document) -> None:
    """Make one change: `add` an item to a list, `set` something to a value, or `drop` it.

    A place is a list of keys; an object in a list goes by its number or by any text in it, such as its id.
    """
    (verb, path), *_ = change.items()
    if verb == "add":
        inside: Any = document
        for key in path:
            if isinstance(inside, dict):
                inside.setdefault(key, [])
            inside = inside[found(inside, key)]
        inside.append(change["item"])
        return
    inside = document
    for key in path[:-1]:
        inside = inside[found(inside, key)]
    last = found(inside, path[-1])
    if verb == "set":
        inside[last] = change["to"]
    else:
        assert verb == "drop"
        del inside[last]


def found(inside: Any, key: str | int) -> str | int:
    """The key or number under which something is found."""
    if isinstance(inside, dict) or isinstance(key, int):
        return key
    return next(place for place, each in enumerate(inside) if key in each.values())
