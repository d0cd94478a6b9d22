"""What a judgement comes to: a state, points, and one line of reasons for each criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal, Self, get_args

from graders.adjustments import Adjustment
from labs.course import CounterExample, Criterion, Exercise, Variant

__all__ = ["STATES", "Report", "State", "state_of"]

State = Literal["pass", "partial", "fail", "error", "timeout", "tampered", "missing"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Report:
    """The judgement of one exercise of one student.

    Points are exact. `isolation` names the layers that student code was shut in by; nothing for work that is
    not run. `notes` are sentences about the work as a whole, `output` is what the program printed: both may
    quote the student, so escape them wherever they are shown.

    `points` are those that count. Where a person has set them by hand, `adjustment` says why, who and when,
    and `judged` is what the verdict alone would give.
    """

    exercise: Exercise
    variant: Variant
    state: State
    points: Decimal
    max: Decimal
    criteria: tuple[Criterion, ...]
    isolation: tuple[str, ...] = ()
    ms: int = 0
    notes: tuple[str, ...] = ()
    output: str = ""
    adjustment: Adjustment | None = None
    judged: Decimal | None = None
    fits: tuple[str, ...] = ()
    """Students for whose variants this answer was made rather than for its own: a reason to look."""
    seconds: int | None = None
    """How long the student was at it, where the workspace says so."""

    @property
    def passed(self) -> bool:
        return self.state == "pass"

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """The misconceptions that its criteria name, each once."""
        named = [criterion.misconception for criterion in self.criteria if criterion.misconception]
        return tuple(dict.fromkeys(named))

    def _repr_html_(self) -> str:
        from graders.feedback import fragment

        return fragment(self)

    def took(self, ms: int) -> Self:
        return replace(self, ms=ms)

    def noted(self, notes: Sequence[str]) -> Self:
        """The report with notes on how the work was found, before its own."""
        return replace(self, notes=(*notes, *self.notes)) if notes else self

    def beside(self, fits: Sequence[str], seconds: int | None) -> Self:
        """The report with what is known beside the verdict."""
        if not fits and seconds is None:
            return self
        return replace(self, fits=tuple(fits), seconds=seconds)

    def adjusted(self, adjustment: Adjustment | None) -> Self:
        """The report with the points that a person has given; with none, as it was."""
        if adjustment is None or adjustment.points is None:
            return self
        return replace(self, points=adjustment.points, adjustment=adjustment, judged=self.points)

    @property
    def changed_beneath(self) -> bool:
        """Whether the verdict is another one than that over which the points were set by hand."""
        if self.adjustment is None or self.judged is None:
            return False
        return not self.adjustment.is_over(self.judged, self.state)

    def to_json(self) -> dict[str, Any]:
        """The form of `skylab check --json`."""
        return {
            "exercise": self.exercise.id,
            "variant": self.variant.seed,
            "state": self.state,
            "points": str(self.points),
            "max": str(self.max),
            "criteria": [criterion.to_json() for criterion in self.criteria],
            "isolation": list(self.isolation),
            "ms": self.ms,
            "notes": list(self.notes),
            "output": self.output,
            **({"fits_variant_of": list(self.fits)} if self.fits else {}),
            **({"seconds": self.seconds} if self.seconds is not None else {}),
            **self._adjustment_json(),
        }

    def _adjustment_json(self) -> dict[str, Any]:
        """What a person has set by hand, with the verdict's own points; nothing where nobody has."""
        if self.adjustment is None:
            return {}
        told = self.adjustment.to_json()
        kept = {name: told[name] for name in ("points", "why", "who", "when")}
        changed = self.changed_beneath
        return {"adjustment": {**kept, "judged": str(self.judged), "changed_beneath": changed}}

    @classmethod
    def from_json(cls, obj: Mapping[str, Any], variant: Variant) -> Self:
        """A report on this variant, in the form that `to_json` gives it."""
        return cls(
            exercise=variant.exercise,
            variant=variant,
            state=obj["state"],
            points=Decimal(obj["points"]),
            max=Decimal(obj["max"]),
            criteria=tuple(map(_criterion, obj["criteria"])),
            isolation=tuple(obj["isolation"]),
            ms=obj["ms"],
            notes=tuple(obj["notes"]),
            output=obj["output"],
        )


def state_of(criteria: Sequence[Criterion]) -> State:
    """What the criteria of work that ran to its end come to."""
    if any(criterion.state == "error" for criterion in criteria):
        return "error"
    if criteria and all(criterion.state == "pass" for criterion in criteria):
        return "pass"
    return "partial" if sum(criterion.points for criterion in criteria) > 0 else "fail"


def _criterion(obj: Mapping[str, Any]) -> Criterion:
    example = obj["counterexample"]
    return Criterion(
        name=obj["name"],
        state=obj["state"],
        points=Decimal(obj["points"]),
        max=Decimal(obj["max"]),
        message=obj["message"],
        misconception=obj["misconception"],
        counterexample=None if example is None else CounterExample.from_json(example),
    )
