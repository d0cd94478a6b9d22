"""An exercise: a folder with a prompt, a starter, a solution, wrong answers, hints, and a class that marks.

    NAME/
      prompt.md        what is asked
      exercise.py      one subclass of a kind (labs.course.kinds): values of a variant, and the marking
      starter.*        what the learner begins with
      solution.*       what earns full marks
      wrong/ID--*.*    wrong answers that students give, each named after the misconception behind it
      hints.md         four hints, each under a heading: the idea, the place, a worked sibling, the solution

`{{name}}` in any of these texts is filled with the variant's value of that name.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, ClassVar

from labs.course.marks import Criterion, Kind
from labs.course.variants import Variant, fill, seed_of
from labs.errors import CourseError

if TYPE_CHECKING:
    from labs.course.catalogue import Unit

__all__ = ["Exercise", "Hint", "WrongAnswer", "sections"]


@dataclass(frozen=True, slots=True)
class Hint:
    """One step of help; level 1 points at the idea, level 4 is the solution."""

    level: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """An answer that students give, and the misconception that it must be diagnosed with."""

    name: str
    misconception: str
    text: str


class Exercise(ABC):
    """The base of all kinds. A folder's `exercise.py` defines one subclass of a kind.

    Subclasses set `title`, `minutes` (how long it takes, about) and `points`.
    """

    title: ClassVar[str]
    minutes: ClassVar[int]
    points: ClassVar[int]

    kind: ClassVar[Kind]
    filename: ClassVar[str]
    """The learner's file, in the workspace and in what is handed in."""
    suffix: ClassVar[str]
    """How the starter's, the solution's and the wrong answers' file names end."""

    def __init__(self, unit: Unit, name: str, folder: Traversable) -> None:
        self.unit = unit
        self.name = name
        self.folder = folder

    @property
    def id(self) -> str:
        """`UNIT/NAME`, the path of its folder in a workspace."""
        return f"{self.unit.id}/{self.name}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"

    # -- what a subclass says ----------------------------------------------------------------------------

    @abstractmethod
    def values(self, rng: random.Random) -> Mapping[str, Any]:
        """What varies, drawn from `rng` alone: the same seed gives the same values."""

    @abstractmethod
    def mark(self, *args: Any) -> tuple[Criterion, ...]:
        """The criteria of one piece of work; each kind says what it is given."""

    def needs(self, variant: Variant) -> Mapping[str, Sequence[str]]:
        """By the name of a criterion, those that must hold before it is judged; until then it is skipped."""
        return {}

    def fillings(self, variant: Variant) -> Mapping[str, Any]:
        """What the places in the texts are filled with."""
        return variant.values

    # -- what everybody asks -----------------------------------------------------------------------------

    def variant(self, student: str, number: int = 0) -> Variant:
        """The variant of a student; `number` counts further ones of the same student."""
        seed = seed_of(self.id, student, number)
        return Variant(self, student, number, seed, self.values(random.Random(seed)))

    def prompt(self, variant: Variant) -> str:
        """What is asked, in Markdown."""
        return self._text("prompt.md", variant)

    def starter(self, variant: Variant) -> str:
        """What the learner begins with."""
        return self._text(f"starter{self.suffix}", variant)

    def solution(self, variant: Variant) -> str:
        """What earns full marks."""
        return self._text(f"solution{self.suffix}", variant)

    def hints(self, variant: Variant) -> tuple[Hint, ...]:
        """The hints, from the faintest to the solution."""
        parts = sections(self._text("hints.md", variant))
        return tuple(Hint(level, title, text) for level, (title, text) in enumerate(parts, start=1))

    def wrong(self, variant: Variant) -> tuple[WrongAnswer, ...]:
        """Wrong answers with the misconception behind each."""
        found = []
        for file in sorted((self.folder / "wrong").iterdir(), key=lambda each: each.name):
            if file.name.endswith(self.suffix):
                where = f"{self.id}/wrong/{file.name}"
                text = fill(file.read_text("utf-8"), self.fillings(variant), where=where)
                found.append(WrongAnswer(file.name, file.name.partition("--")[0], text))
        return tuple(found)

    def _text(self, name: str, variant: Variant) -> str:
        try:
            text = (self.folder / name).read_text("utf-8")
        except OSError:
            raise CourseError(
                "A file of an exercise is missing", f"{self.id} has no {name}.", "Restore it from the course."
            ) from None
        return fill(text, self.fillings(variant), where=f"{self.id}/{name}")


def sections(text: str) -> Iterator[tuple[str, str]]:
    """The parts of a Markdown text under its first-level headings: title and what stands below it."""
    title: str | None = None
    lines: list[str] = []
    fenced = False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        if line.startswith("# ") and not fenced:
            if title is not None:
                yield title, "\n".join(lines).strip()
            title, lines = line[2:].strip(), []
        else:
            lines.append(line)
    if title is not None:
        yield title, "\n".join(lines).strip()
