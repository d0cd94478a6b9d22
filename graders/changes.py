"""What a run changed: from which verdict to which, by student and exercise, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from graders.adjustments import Adjustment
from graders.store import Told

__all__ = ["Change", "Mark", "change_of"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a verdict comes to."""

    state: str
    points: Decimal

    def __str__(self) -> str:
        return f"{self.state} {self.points:f}"

    def to_json(self) -> dict[str, Any]:
        return {"state": self.state, "points": str(self.points)}

    @classmethod
    def from_json(cls, obj: Mapping[str, Any] | None) -> Self | None:
        return None if obj is None else cls(obj["state"], Decimal(obj["points"]))


@dataclass(frozen=True, slots=True)
class Change:
    """One verdict that is another one than the last run told.

    `before` is None for work that is graded for the first time, `after` for work that is not there any more.
    `criteria` are those that differ: name, state before, state now, empty where there was or is none.
    `kept` are the points that a person has set by hand: they count, whatever the verdict is.
    """

    student: str
    source: str
    exercise: str
    before: Mark | None
    after: Mark | None
    why: str
    criteria: tuple[tuple[str, str, str], ...] = ()
    kept: Decimal | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "student": self.student,
            "source": self.source,
            "exercise": self.exercise,
            "from": self.before and self.before.to_json(),
            "to": self.after and self.after.to_json(),
            "why": self.why,
            "criteria": [{"name": name, "from": old, "to": new} for name, old, new in self.criteria],
            "kept": None if self.kept is None else str(self.kept),
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Any]) -> Self:
        return cls(
            obj["student"],
            obj["source"],
            obj["exercise"],
            Mark.from_json(obj["from"]),
            Mark.from_json(obj["to"]),
            obj["why"],
            tuple((each["name"], each["from"], each["to"]) for each in obj["criteria"]),
            None if obj["kept"] is None else Decimal(obj["kept"]),
        )


def change_of(
    before: Told | None, after: Told | None, adjustments: Mapping[tuple[str, str], Adjustment]
) -> Change:
    """The change from one verdict to another, with its reason."""
    shown = after or before
    assert shown is not None
    adjustment = adjustments.get((shown.student, shown.exercise))
    return Change(
        shown.student,
        shown.source,
        shown.exercise,
        _mark(before),
        _mark(after),
        ", and ".join(_reasons(before, after)),
        tuple(_criteria(before, after)),
        adjustment.points if adjustment else None,
    )


def _mark(told: Told | None) -> Mark | None:
    return None if told is None else Mark(told.state, Decimal(told.points))


RULES = {
    "course": "the course is another",
    "exercise": "the exercise or its check is another",
    "settings": "the limits, the isolation or the number of hidden worlds are others",
}


def _reasons(before: Told | None, after: Told | None) -> Iterator[str]:
    if before is None:
        yield "graded for the first time"
    elif after is None:
        yield "the submission is not there any more"
    elif before.state == "missing" != after.state:
        yield "handed in since"
    elif after.state == "missing" != before.state:
        yield "not handed in any more"
    else:
        yield from _differences(before, after)


def _differences(before: Told, after: Told) -> Iterator[str]:
    old, new = before.key, after.key
    if old == new:
        yield "judged again, and it went another way"
    if old.work != new.work:
        yield "the work is another"
    if old.rules.get("skylab") != new.rules.get("skylab"):
        yield f"Skylab {old.rules.get('skylab')} judged before, and {new.rules.get('skylab')} now"
    yield from (said for name, said in RULES.items() if old.rules.get(name) != new.rules.get(name))


def _criteria(before: Told | None, after: Told | None) -> Iterator[tuple[str, str, str]]:
    old, new = _states(before), _states(after)
    for name in {**old, **new}:
        if old.get(name) != new.get(name) and before is not None and after is not None:
            yield name, old.get(name, ""), new.get(name, "")


def _states(told: Told | None) -> dict[str, str]:
    return {name: state for name, state, _ in told.criteria} if told else {}
