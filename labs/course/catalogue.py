"""The course: its units in order, each a folder of `labs.units` with `unit.toml`, `lesson.md`, exercises.

A unit may have a `facts.py`: what its `facts()` computes fills the places `{{name}}` of the lesson and of the
walkthrough, so that no price is typed into prose.
"""

from __future__ import annotations

import difflib
import importlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from labs.course.exercise import Exercise, sections
from labs.course.variants import fill
from labs.errors import CourseError

__all__ = ["Course", "Page", "Unit", "load_course"]

_PACKAGE = "labs.units"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a lesson, in Markdown."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Unit:
    """One unit. Its lesson and its exercises are read when they are first asked for."""

    id: str
    number: int
    title: str
    summary: str
    goals: tuple[str, ...]
    folder: Traversable = field(repr=False, compare=False)
    exercise_names: tuple[str, ...] = field(repr=False)
    _known: dict[str, Exercise] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The pages of the lesson: each first-level heading begins one."""
        return tuple(Page(_slug(title), title, body) for title, body in sections(self._text("lesson.md")))

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        """The exercises, in the order in which they are done."""
        return tuple(map(self.exercise, self.exercise_names))

    def exercise(self, name: str) -> Exercise:
        """One of the exercises by its name; no other one is loaded."""
        if name not in self._known:
            self._known[name] = self._load(name)
        return self._known[name]

    @property
    def walkthrough(self) -> str:
        """The script for class, in Markdown."""
        return self._text("walkthrough.md")

    def _text(self, name: str) -> str:
        text = (self.folder / name).read_text("utf-8")
        return fill(text, self._facts, where=f"{self.id}/{name}") if self._facts else text

    @cached_property
    def _facts(self) -> Mapping[str, Any]:
        if not (self.folder / "facts.py").is_file():
            return {}
        facts: Mapping[str, Any] = importlib.import_module(f"{_PACKAGE}.{self.id}.facts").facts()
        return facts

    def _load(self, name: str) -> Exercise:
        folder = name.replace("-", "_")
        module = importlib.import_module(f"{_PACKAGE}.{self.id}.exercises.{folder}.exercise")
        classes = [
            each
            for each in vars(module).values()
            if isinstance(each, type) and issubclass(each, Exercise) and each.__module__ == module.__name__
        ]
        if len(classes) != 1:
            raise CourseError(
                "An exercise is damaged",
                f"{self.id}/{name}/exercise.py defines {len(classes)} exercises; it should define one.",
            )
        return classes[0](self, name, self.folder / "exercises" / folder)


@dataclass(frozen=True)
class Course:
    """All units, in order."""

    units: tuple[Unit, ...]

    def unit(self, unit_id: str) -> Unit:
        """A unit by its id or its number.

        Raises:
            CourseError: there is no such unit; the hint names the nearest.
        """
        for unit in self.units:
            if unit_id in (unit.id, str(unit.number)):
                return unit
        raise _unknown("unit", unit_id, [unit.id for unit in self.units])

    def exercise(self, name: str) -> Exercise:
        """An exercise by `UNIT/NAME`, or by NAME alone where only one unit has it.

        Raises:
            CourseError: there is no such exercise, or several; the hint names the nearest.
        """
        asked = name.strip().strip("/").replace("_", "-")
        found = [(unit, each) for unit, each in self._names() if asked in (each, f"{unit.id}/{each}")]
        if len(found) == 1:
            unit, each = found[0]
            return unit.exercise(each)
        known = [f"{unit.id}/{each}" for unit, each in self._names()]
        if found:
            names = ", ".join(f"{unit.id}/{each}" for unit, each in found)
            raise CourseError("Several exercises have this name", f"{asked} may be {names}.", "Say which.")
        raise _unknown("exercise", asked, known)

    def _names(self) -> Iterator[tuple[Unit, str]]:
        return ((unit, name) for unit in self.units for name in unit.exercise_names)


@cache
def load_course() -> Course:
    """The course that is installed. Exercises are loaded when they are first asked for.

    Raises:
        CourseError: a unit's `unit.toml` cannot be read.
    """
    root = resources.files(_PACKAGE)
    folders = [each for each in root.iterdir() if (each / "unit.toml").is_file()]
    return Course(tuple(sorted(map(_read_unit, folders), key=lambda unit: unit.number)))


def _read_unit(folder: Traversable) -> Unit:
    try:
        said: dict[str, Any] = tomllib.loads((folder / "unit.toml").read_text("utf-8"))
        return Unit(
            id=folder.name,
            number=said["number"],
            title=said["title"],
            summary=said["summary"],
            goals=tuple(said["goals"]),
            folder=folder,
            exercise_names=tuple(said["exercises"]),
        )
    except (KeyError, tomllib.TOMLDecodeError) as broken:
        raise CourseError("A unit is damaged", f"{folder.name}/unit.toml: {broken}.") from broken


def _slug(title: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))


def _unknown(what: str, name: str, known: list[str]) -> CourseError:
    short = {each.rpartition("/")[2]: each for each in known}
    near = difflib.get_close_matches(name, [*known, *short], n=3, cutoff=0.5)
    nearest = ", ".join(dict.fromkeys(short.get(each, each) for each in near))
    hint = f"Did you mean {nearest}?" if nearest else f"There are: {', '.join(known)}."
    return CourseError(f"There is no such {what}", f"No {what} is called {name!r}.", hint)
