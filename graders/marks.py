"""The marks of a class as a sequence that is read from its file when it is looked at.

A class of thousands has more reports than one wants in memory at once; whoever writes them out needs one
student's at a time.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias, overload

from graders.adjustments import Adjustment
from graders.judging import missing
from graders.report import Report
from graders.results import StudentResult
from graders.roster import Entry, Roster
from graders.store import Store
from labs.course import Exercise, Variant
from labs.course.variants import seed_of

__all__ = ["Marks"]

Beside: TypeAlias = Mapping[tuple[str, str], tuple[tuple[str, ...], int | None]]

NOWHERE = "roster/"
"""How the source of a student begins who has handed in nothing; no folder's entry has a slash in its name."""


@dataclass(frozen=True, slots=True)
class Marks(Sequence[StudentResult]):
    """Each student's reports, in the order of the submissions, then of the roster."""

    path: Path
    exercises: tuple[Exercise, ...]
    roster: Roster | None = None
    adjustments: Mapping[tuple[str, str], Adjustment] = field(default_factory=dict)

    def __iter__(self) -> Iterator[StudentResult]:
        return self.of(None)

    def of(self, sources: Collection[str] | None) -> Iterator[StudentResult]:
        """The reports of those students whose submissions these are; None for all."""
        students: list[str] = []
        with Store(self.path) as store:
            beside = store.beside()
            for source, student, reports in store.by_student([each.id for each in self.exercises]):
                students.append(student)
                if sources is None or source in sources:
                    told = {exercise: json.loads(report) for exercise, report in reports.items()}
                    yield self._result(source, student, told, beside)
        for entry in self._absentees(students):
            if sources is None or _source_of(entry) in sources:
                yield self._result(_source_of(entry), entry.student, {}, {})

    def __len__(self) -> int:
        with Store(self.path) as store:
            students = store.students()
        return len(students) + len(self._absentees(students))

    @overload
    def __getitem__(self, index: int) -> StudentResult: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[StudentResult, ...]: ...
    def __getitem__(self, index: int | slice) -> StudentResult | tuple[StudentResult, ...]:
        if isinstance(index, slice) or index < 0:
            return tuple(self)[index]
        for found in islice(self, index, None):
            return found
        raise IndexError(index)

    def _absentees(self, students: Sequence[str]) -> tuple[Entry, ...]:
        return self.roster.absent(students) if self.roster else ()

    def _result(
        self, source: str, student: str, reports: Mapping[str, Mapping[str, Any]], beside: Beside
    ) -> StudentResult:
        entry = self.roster.find(student) if self.roster else None
        told = tuple(
            self._report(exercise, student, reports.get(exercise.id)).beside(
                *beside.get((source, exercise.id), ((), None))
            )
            for exercise in self.exercises
        )
        return StudentResult(student, source, told, entry)

    def _report(self, exercise: Exercise, student: str, kept: Mapping[str, Any] | None) -> Report:
        # Whoever reads marks wants to know which variant it was, and nothing of what stands in it.
        variant = Variant(exercise, student, 0, seed_of(exercise.id, student), {})
        report = missing(exercise, variant) if kept is None else Report.from_json(kept, variant)
        return report.adjusted(self.adjustments.get((student, exercise.id)))


def _source_of(absent: Entry) -> str:
    return f"{NOWHERE}{absent.student}"
