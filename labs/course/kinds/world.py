"""World: reach a goal in a live world by any means; what is handed in is the journal of the changes."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from labs.course.exercise import Exercise
from labs.course.marks import Criterion, Kind
from labs.course.variants import Variant

if TYPE_CHECKING:
    from labs.sandbox import World

__all__ = ["WorldExercise"]


class WorldExercise(Exercise):
    """Change a world until it is as it should be. Subclasses set it up, and judge its state."""

    kind: ClassVar[Kind] = Kind.WORLD
    filename: ClassVar[str] = "journal.jsonl"
    suffix: ClassVar[str] = ".py"
    """Solution and wrong answers are scripts that work as the learner; their journal is handed in."""
    learner: ClassVar[str] = "user/learner"
    """Whose keys the learner works with."""

    @abstractmethod
    def prepare(self, world: World, variant: Variant) -> None:
        """Set the world up, before the learner sees it."""

    @abstractmethod
    def mark(self, world: World, variant: Variant) -> tuple[Criterion, ...]:
        """The criteria of the world as it is now."""

    def starter(self, variant: Variant) -> str:
        """Nothing: the journal begins with the learner's first change."""
        return ""
