"""Code: functions that are run in a fresh world, and judged by what they return and what they did to it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from labs.course.exercise import Exercise
from labs.course.kinds.use import Use, beyond, is_of, used
from labs.course.marks import Criterion, Kind
from labs.course.variants import Variant

if TYPE_CHECKING:
    from labs.sandbox import Event, World

__all__ = ["Call", "CallResult", "CodeExercise", "Run", "same"]


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
    made: bool = True
    """False where the call was not made, because one that it builds on had failed; `error` says so."""

    def is_exactly(self, wanted: Any) -> bool:
        """Whether this very value was returned, type by type: 1 is neither True nor 1.0."""
        return self.error is None and same(self.value, wanted)


@dataclass(frozen=True, slots=True)
class Run:
    """All calls of a run, and every request that reached the world meanwhile."""

    results: tuple[CallResult, ...]
    events: tuple[Event, ...]

    def calls_of(self, operation: str, *, as_: str = "") -> tuple[Event, ...]:
        """The requests for an operation, such as `PutObject`; of one user or role where that is said."""
        return tuple(
            each for each in self.events if each.operation == operation and is_of(each.principal, as_)
        )

    def used(self, as_: str = "") -> frozenset[Use]:
        """The rights that the program made use of; as one user or role where that is said."""
        return used(self.events, as_)

    def beyond(self, least: Mapping[str, Any], as_: str = "") -> tuple[Use, ...]:
        """Those that a policy, the least that the task needs, does not give."""
        return beyond(self.events, least, as_)


def same(given: Any, wanted: Any) -> bool:
    """Whether two JSON values are the same, type by type; a dictionary's order does not count."""
    if type(given) is not type(wanted):
        return False
    if isinstance(given, dict):
        return given.keys() == wanted.keys() and all(same(given[key], wanted[key]) for key in given)
    if isinstance(given, list):
        return len(given) == len(wanted) and all(map(same, given, wanted))
    return bool(given == wanted)


class CodeExercise(Exercise):
    """Write functions. Subclasses set a world up, say which calls are made, and judge the run."""

    kind: ClassVar[Kind] = Kind.CODE
    filename: ClassVar[str] = "task.py"
    suffix: ClassVar[str] = ".py"
    worlds: ClassVar[int] = 2
    """In how many worlds a program must do it. Each is a variant that nobody has seen: other names, other
    numbers. So a program that answers for its author's own variant alone passes in none."""

    @abstractmethod
    def prepare(self, world: World, variant: Variant) -> None:
        """Set the world up, before the learner sees it."""

    @abstractmethod
    def calls(self, variant: Variant) -> Sequence[Call]:
        """The calls that are made, in order."""

    @abstractmethod
    def mark(self, world: World, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        """The criteria of a run that came to its end."""
