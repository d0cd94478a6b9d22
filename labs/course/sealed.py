"""Sealed exercises: what a released copy of the course holds of an exercise, without its answers and checks.

A folder has `sealed.json`: the texts of each variant that was released, by its seed. Where the exercise has a
world, `worlds/SEED.skylab` holds the requests that prepare it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from labs.course.exercise import Exercise, Hint, WrongAnswer
from labs.course.kinds.code import Call, CodeExercise
from labs.course.kinds.world import WorldExercise
from labs.course.marks import Criterion
from labs.course.variants import Variant
from labs.errors import CourseError

if TYPE_CHECKING:
    from labs.sandbox import World

__all__ = ["NO_CHECKS", "Sealed", "SealedCode", "SealedWorld", "world_file"]

NO_CHECKS = "This copy of the course has no checks. Hand your work in: whoever gave you the copy marks it."


def world_file(variant: Variant) -> str:
    """The name, in an exercise's folder, of the file that holds a variant's world."""
    return f"worlds/{variant.seed}.skylab"


class Sealed(Exercise):
    """An exercise that can be read and worked on, and that only whoever released it can mark."""

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        """Nothing: the texts are filled already, and what filled them may hold the answers."""
        return {}

    def prompt(self, variant: Variant) -> str:
        return str(self._said(variant)["prompt"])

    def starter(self, variant: Variant) -> str:
        return str(self._said(variant)["starter"])

    def hints(self, variant: Variant) -> tuple[Hint, ...]:
        """All but the solution."""
        return tuple(Hint(**hint) for hint in self._said(variant)["hints"])

    def solution(self, variant: Variant) -> str:
        self._sealed()

    def wrong(self, variant: Variant) -> tuple[WrongAnswer, ...]:
        return ()

    def mark(self, *args: Any) -> tuple[Criterion, ...]:
        self._sealed()

    def calls(self, variant: Variant) -> Sequence[Call]:
        """The calls of a hidden world are part of the checks."""
        self._sealed()

    def prepare(self, world: World, variant: Variant) -> None:
        """Make the requests again with which the world was prepared."""
        from labs.sandbox.world_file import read_world

        self._said(variant)
        held = read_world(Path(str(self.folder / world_file(variant))))
        world.replay(held.preparation, held.offset)

    def _said(self, variant: Variant) -> Mapping[str, Any]:
        released: Mapping[str, Any] = json.loads((self.folder / "sealed.json").read_text("utf-8"))
        try:
            found: Mapping[str, Any] = released[str(variant.seed)]
        except KeyError:
            raise CourseError(
                "This copy of the course was made for somebody else",
                f"It holds no {self.id} for {variant.student!r}.",
                "Start a workspace under the name that your teacher has: skylab start DIR --student NAME",
            ) from None
        return found

    def _sealed(self) -> NoReturn:
        raise CourseError(
            "This copy of the course has no checks",
            f"What is right in {self.id} is known to whoever gave you this copy.",
            "Hand your work in: they mark it.",
        )


class SealedCode(Sealed, CodeExercise):
    """A sealed exercise whose answer is a program."""


class SealedWorld(Sealed, WorldExercise):
    """A sealed exercise whose answer is a world."""
