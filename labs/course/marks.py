"""What a mark is made of: criteria, each with its points, its reasons and a counter-example."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Literal, Self, TypeAlias

from labs.errors import CourseError

__all__ = [
    "CounterExample",
    "Criterion",
    "CriterionState",
    "Kind",
    "failed",
    "passed",
    "settled",
    "skipped",
    "unjudged",
]

_LONGEST_SHOWN: Final = 160

CriterionState: TypeAlias = Literal["pass", "partial", "fail", "skipped", "error"]


class Kind(StrEnum):
    """What the learner does in an exercise."""

    ANSWER = "answer"
    PREDICT = "predict"
    POLICY = "policy"
    CODE = "code"
    WORLD = "world"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class CounterExample:
    """One case that shows what is wrong: a sentence, and what can be run to see it.

    `case` is what `skylab explain --jsonl` reads, where IAM decides it; elsewhere `command` holds the words
    after `skylab`, such as `("cidr", "10.0.5.0/16")`, and `given` what it reads from standard input.
    """

    sentence: str
    case: Mapping[str, Any] | None = None
    command: tuple[str, ...] = ()
    given: str = ""

    @property
    def runs(self) -> bool:
        """Whether there is something to run."""
        return self.case is not None or bool(self.command)

    @property
    def line(self) -> str:
        """The command as one types it; empty where there is none."""
        return shlex.join(("skylab", *self.command)) if self.command else ""

    @property
    def shell(self) -> str:
        """The command as one types it, with what it reads from standard input."""
        return f"echo {shlex.quote(self.given)} | {self.line}" if self.given else self.line

    @property
    def typed(self) -> str:
        """The command as a screen shows it: of a long document that it reads, only the length."""
        if len(self.given) <= _LONGEST_SHOWN:
            return self.shell
        return f"{self.line}   (reads {len(self.given):,} characters of this exercise)"

    def to_json(self) -> dict[str, Any]:
        return {
            "sentence": self.sentence,
            "case": self.case,
            "command": list(self.command),
            "given": self.given,
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Any]) -> Self:
        """Read what `to_json` gives."""
        return cls(obj["sentence"], obj.get("case"), tuple(obj.get("command", ())), obj.get("given", ""))

    @classmethod
    def of_command(cls, command: tuple[str, ...], given: str = "") -> Self | None:
        """One that is a command and what it reads; None without a command."""
        return cls("See for yourself.", command=command, given=given) if command else None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that a piece of work is judged by, and how it fared.

    `name` is what the learner reads: the thing that should hold. `misconception` is an id of the catalogue.
    """

    name: str
    state: CriterionState
    points: Decimal
    max: Decimal
    message: str = ""
    misconception: str | None = None
    counterexample: CounterExample | None = field(default=None)

    def to_json(self) -> dict[str, Any]:
        """The form of `skylab check --json`."""
        return {
            "name": self.name,
            "state": self.state,
            "points": str(self.points),
            "max": str(self.max),
            "message": self.message,
            "misconception": self.misconception,
            "counterexample": self.counterexample.to_json() if self.counterexample else None,
        }


def passed(name: str, points: int, message: str = "", *, example: CounterExample | None = None) -> Criterion:
    """A criterion that holds."""
    return Criterion(name, "pass", Decimal(points), Decimal(points), message, counterexample=example)


def failed(
    name: str,
    points: int,
    message: str,
    *,
    misconception: str | None = None,
    example: CounterExample | None = None,
) -> Criterion:
    """A criterion that does not hold."""
    return Criterion(name, "fail", Decimal(0), Decimal(points), message, misconception, example)


def skipped(name: str, points: int, message: str) -> Criterion:
    """A criterion that cannot be judged because another, which it builds on, does not hold."""
    return Criterion(name, "skipped", Decimal(0), Decimal(points), message)


def unjudged(criterion: Criterion, message: str) -> Criterion:
    """A criterion that was judged too early: it is skipped, and says what it waits for."""
    return replace(
        criterion,
        state="skipped",
        points=Decimal(0),
        message=message,
        misconception=None,
        counterexample=None,
    )


def settled(criteria: Sequence[Criterion], needs: Mapping[str, Sequence[str]]) -> tuple[Criterion, ...]:
    """The criteria, where those that build on another one wait for it: skipped, not failed.

    One that is skipped already, and does not say why, waits for the first that does not hold.

    Args:
        needs: by the name of a criterion, the names of those that must hold before it can be judged.

    Raises:
        CourseError: a name is none of the criteria's, or a criterion needs itself in the end.
    """
    names = {each.name for each in criteria}
    for name in (*needs, *(each for needed in needs.values() for each in needed)):
        if name not in names:
            raise CourseError("A criterion that another one needs does not exist", f"It is {name!r}.")
    fallen = {each.name for each in criteria if each.state != "pass"}

    def awaited(name: str, above: tuple[str, ...] = ()) -> str | None:
        """What a criterion waits for: something that it needs and that does not hold, or waits itself."""
        if name in above:
            raise CourseError("A criterion needs itself", " needs ".join((*above, name)) + ".")
        for each in needs.get(name, ()):
            if awaited(each, (*above, name)) is not None or each in fallen:
                return each
        return None

    first = next((each.name for each in criteria if each.state not in ("pass", "skipped")), None)

    def missing(each: Criterion) -> str | None:
        silent = each.state == "skipped" and not each.message
        return awaited(each.name) or (first if silent else None)

    return tuple(
        each
        if (awaits := missing(each)) is None
        else unjudged(each, f"Not judged, because this does not hold: {awaits}.")
        for each in criteria
    )
