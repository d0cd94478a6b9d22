"""Students with reports of the toy course, made without judging anybody."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from graders.report import Report, state_of
from graders.results import StudentResult
from graders.roster import Entry
from labs.course import Course, Criterion

Make = Callable[..., StudentResult]


@pytest.fixture
def result(toy: Course) -> Make:
    """`result("ann", number="pass", double="missing", …)`: states by exercise."""

    def make(
        student: str, *, name: str = "", ids: dict[str, str] | None = None, **states: str
    ) -> StudentResult:
        reports = tuple(report(toy, student, exercise, state) for exercise, state in states.items())
        entry = Entry(student, name or student, ids or {}) if name or ids else None
        return StudentResult(student, student, reports, entry)

    return make


def report(toy: Course, student: str, name: str, state: str) -> Report:
    exercise = toy.exercise(name)
    variant = exercise.variant(student)
    most = Decimal(exercise.points)
    if state == "missing":
        return Report(exercise, variant, "missing", Decimal(0), most, ())
    if state in ("error", "timeout"):
        broken = Criterion("runs", "error", Decimal(0), most, "It broke: <b>&\x1b[31m")
        return Report(exercise, variant, state, Decimal(0), most, (broken,), ms=20)  # type: ignore[arg-type]
    good = state == "pass"
    parts = (
        Criterion("begins", "pass", Decimal(0), Decimal(0)),
        Criterion(
            "is right",
            "pass" if good else "fail",
            most if good else Decimal(0),
            most,
            "No.",
            None if good else "S1",
        ),
        Criterion("goes on", "skipped", Decimal(0), Decimal(0)),
    )
    told = parts[:2] if good else parts
    return Report(exercise, variant, state_of(told), told[1].points, most, told, ("seccomp",), 40)
