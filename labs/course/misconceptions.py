"""The catalogue of misconceptions: what people believe, and the sentence that puts it right."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from labs.errors import CourseError

__all__ = ["Misconception", "misconception", "misconceptions"]


@dataclass(frozen=True, slots=True)
class Misconception:
    """One belief and its refutation; `topic` names it in a few words, as in a list.

    `source` is the page that a number in it is from, where no unit has it.
    """

    id: str
    topic: str
    belief: str
    refutation: str
    source: str = ""


@cache
def misconceptions() -> Mapping[str, Misconception]:
    """All of them, by id."""
    text = (resources.files("labs.course") / "misconceptions.toml").read_text("utf-8")
    return {name: Misconception(name, **entry) for name, entry in tomllib.loads(text).items()}


def misconception(name: str) -> Misconception:
    """One by its id.

    Raises:
        CourseError: the catalogue has no such id.
    """
    try:
        return misconceptions()[name]
    except KeyError:
        raise CourseError("There is no such misconception", f"The catalogue has no {name!r}.") from None
