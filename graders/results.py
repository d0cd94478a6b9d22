"""What a graded class comes to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from graders.changes import Change
from graders.report import Report
from graders.roster import Entry
from labs.errors import SubmissionError

__all__ = ["ClassResult", "StudentResult", "Unread"]


@dataclass(frozen=True, slots=True)
class StudentResult:
    """The reports on one submission, in the order of the course; `entry` is the student's in the roster."""

    student: str
    source: str
    exercises: tuple[Report, ...]
    entry: Entry | None = None

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
            **({"name": self.entry.name, "ids": dict(self.entry.ids)} if self.entry else {}),
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
    """A graded class: the submissions in the order of their names, and what could not be read at all.

    `submissions` may be read from a file each time it is gone through, so go through it seldom, and keep no
    more of it than you need: a class may have thousands. `changes` are the verdicts that are other ones than
    the last run told.
    """

    course: str
    exercises: tuple[str, ...]
    submissions: Sequence[StudentResult]
    errors: tuple[Unread, ...]
    changes: tuple[Change, ...] = ()
    when: str = "1970-01-01T00:00:00Z"
    """When the run began that judged, in UTC."""
    ids: tuple[str, ...] = ()
    """The headings of the roster's ids."""
    canvas: tuple[bytes, str | None] | None = None
    """The teacher's export from Canvas and the column that is to be filled."""

    def to_json(self) -> dict[str, Any]:
        """The form of `skylab grade --json`."""
        return {
            "course": self.course,
            "submissions": [submission.to_json() for submission in self.submissions],
            **self._ending(),
        }

    def json_lines(self) -> Iterator[str]:
        """The same as the lines of one JSON document, with one submission at a time in memory."""
        yield f'{{"course": {json.dumps(self.course)}, "submissions": ['
        comma = ""
        for submission in self.submissions:
            yield comma + json.dumps(submission.to_json())
            comma = ", "
        yield f"], {json.dumps(self._ending())[1:]}"

    def _ending(self) -> dict[str, Any]:
        return {
            "errors": [{"source": unread.source, **unread.error.as_json()} for unread in self.errors],
            "changes": [change.to_json() for change in self.changes],
        }
