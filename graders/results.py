"""What a graded class comes to, and the files that tell it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from graders.feedback import page
from graders.gradebook import gradebook
from graders.names import file_names
from graders.report import Report
from labs.errors import SubmissionError

__all__ = ["ClassResult", "StudentResult", "Unread", "write_results"]


@dataclass(frozen=True, slots=True)
class StudentResult:
    """The reports on one submission, in the order of the course."""

    student: str
    source: str
    exercises: tuple[Report, ...]

    @property
    def points(self) -> Decimal:
        return sum((report.points for report in self.exercises), Decimal(0))

    @property
    def max(self) -> Decimal:
        return sum((report.max for report in self.exercises), Decimal(0))

    def to_json(self) -> dict[str, Any]:
        return {
            "student": self.student,
            "source": self.source,
            "points": str(self.points),
            "max": str(self.max),
            "exercises": [report.to_json() for report in self.exercises],
        }


@dataclass(frozen=True, slots=True)
class Unread:
    """What lies among the submissions and cannot be read, and why."""

    source: str
    error: SubmissionError

    def __str__(self) -> str:
        return f"{self.source}: {self.error}"


@dataclass(frozen=True, slots=True)
class ClassResult:
    """A graded class: the submissions in the order of their names, and what could not be read at all."""

    course: str
    exercises: tuple[str, ...]
    submissions: tuple[StudentResult, ...]
    errors: tuple[Unread, ...]

    def to_json(self) -> dict[str, Any]:
        """The form of `skylab grade --json`."""
        return {
            "course": self.course,
            "submissions": [submission.to_json() for submission in self.submissions],
            "errors": [{"source": unread.source, **unread.error.as_json()} for unread in self.errors],
        }


def write_results(result: ClassResult, out: Path) -> None:
    """Write `results.json`, `gradebook.csv` and a feedback page for each student; each file appears whole."""
    _write(out / "results.json", json.dumps(result.to_json(), indent=1) + "\n")
    _write(out / "gradebook.csv", gradebook(result.exercises, _rows(result.submissions)))
    pages = out / "feedback"
    pages.mkdir(exist_ok=True)
    names = file_names({each.source: each.student for each in result.submissions})
    for each in result.submissions:
        text = page(result.course, each.student, each.exercises)
        _write(pages / f"{names[each.source]}.html", text)


def _rows(submissions: Sequence[StudentResult]) -> list[tuple[str, str, dict[str, Report]]]:
    return [
        (each.student, each.source, {report.exercise.id: report for report in each.exercises})
        for each in submissions
    ]


def _write(path: Path, text: str) -> None:
    """Write a file in one step: whoever reads it finds the old one or the new one, whole."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, "utf-8", newline="")
    draft.replace(path)
