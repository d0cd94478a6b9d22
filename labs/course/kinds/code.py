"""Code: functions that are run in a fresh world, and judged by what they return and what they did to it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from labs.course.exercise import Exercise
from labs.course.marks import Criterion, Kind
from labs.course.variants import Variant

if TYPE_CHECKING:
    from labs.sandbox import Event, World

__all__ = ["Call", "CallResult", "CodeExercise", "Run"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a learner's function.

    `args` are JSON; `{"result": N}` in them stands for what call N returned. `where` is the learner's laptop,
    with the keys of `as_`, or the instance whose id the first call returned, with no keys.
    """

    function: str
    args: tuple[Any, ...] = ()
    where: Literal["laptop", "instance"] = "laptop"
    as_: str = "admin"


@dataclass(frozen=True, slots=True)
class CallResult:
    """What came of a call: a JSON value, or an error in the learner's words; and what was printed."""

    value: Any
    error: str | None = None
    stdout: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """All calls of a run, and every request that reached the world meanwhile."""

    results: tuple[CallResult, ...]
    events: tuple[Event, ...]


class CodeExercise(Exercise):
    """Write functions. Subclasses set a world up, say which calls are made, and judge the run."""

    kind: ClassVar[Kind] = Kind.CODE
    filename: ClassVar[str] = "task.py"
    suffix: ClassVar[str] = ".py"

    @abstractmethod
    def prepare(self, world: World, variant: Variant) -> None:
        """Set the world up, before the learner sees it."""

    @abstractmethod
    def calls(self, variant: Variant) -> Sequence[Call]:
        """The calls that are made, in order."""

    @abstractmethod
    def mark(self, world: World, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        """The criteria of a run that came to its end."""
