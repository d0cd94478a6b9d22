"""Methods of moto replaced where they are defined, so that all that inherit them have the new ones."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from random import Random
from typing import Any

from labs.sandbox.moto_ids import drawing_from

__all__ = ["drawing_apart", "instead"]

Replacement = Callable[..., Any]


def drawing_apart(name: str) -> AbstractContextManager[None]:
    """Inside, ids follow from a name alone, so that what is added shifts no id of what moto makes."""
    return drawing_from(Random(f"strict/{name}"))


def instead(kind: Any, name: str) -> Callable[[Replacement], Replacement]:
    """Replace a method; the function that does so is given the original, then what the method is given."""
    owner = next(each for each in kind.__mro__ if name in vars(each))
    original = vars(owner)[name]

    def put(replacement: Replacement) -> Replacement:
        @wraps(original)
        def replaced(*args: Any, **kwargs: Any) -> Any:
            return replacement(original, *args, **kwargs)

        setattr(owner, name, replaced)
        return replacement

    return put
