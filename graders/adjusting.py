"""Set a student's points by hand, or let the verdict's count again; the results are told anew at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from graders.adjustments import Adjustment, Adjustments
from graders.batch import results_of
from graders.exports.writing import write_results
from graders.report import Report
from graders.results import StudentResult
from labs.course import Course
from labs.errors import SubmissionError

__all__ = ["adjust", "points_of"]


def points_of(text: str) -> Decimal:
    """The points that a person has typed.

    Raises:
        SubmissionError: they are no number, or less than nothing.
    """
    try:
        points = Decimal(text)
    except InvalidOperation:
        points = Decimal("NaN")
    if not points.is_finite() or points < 0:
        raise SubmissionError(
            "These are no points", f"{text!r} is not a number from 0 up.", "Write them as in 4 or 2.5."
        )
    return points


def adjust(
    out: Path,
    course: Course,
    student: str,
    exercise: str,
    points: Decimal | None,
    *,
    why: str,
    who: str,
    when: datetime,
) -> Report:
    """Set the points of a student's exercise, and write the results in `out` again.

    Args:
        student: as the submission or the roster names the student; an id of the roster will do.
        exercise: an exercise that has been graded.
        points: None lets the verdict's points count again.

    Returns:
        The report with the points that count now.

    Raises:
        SubmissionError: nothing has been graded into `out`, or nobody is called that.
        CourseError: there is no such exercise.
    """
    if not why.strip():
        raise SubmissionError(
            "A reason is missing",
            "Points that are set by hand are always shown with their reason.",
            "Give it with --why.",
        )
    name = course.exercise(exercise).id
    found = _student(results_of(out, course).submissions, student)
    report = _report(found, name)
    judged = report.points if report.judged is None else report.judged
    moment = f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    made = Adjustment(found.student, name, points, why.strip(), who, moment, judged, report.state)
    Adjustments(out).add(made)
    result = results_of(out, course)
    write_results(result, out)
    return _report(_student(result.submissions, found.student), name)


def _student(marks: Iterable[StudentResult], name: str) -> StudentResult:
    """The student who is called that, by key, by submission, or by a name or an id of the roster."""
    known: list[str] = []
    for each in marks:
        entry = each.entry
        if name in (each.student, each.source) or (entry and name in (entry.name, *entry.ids.values())):
            return each
        known.append(each.student)
    near = difflib.get_close_matches(name, known, n=3)
    raise SubmissionError(
        "There is no such student",
        f"Nobody called {name!r} is in the results.",
        f"Did you mean {', '.join(near)}?" if near else "results.json lists everybody.",
    )


def _report(found: StudentResult, exercise: str) -> Report:
    for report in found.exercises:
        if report.exercise.id == exercise:
            return report
    raise SubmissionError(
        "This exercise has not been graded", f"The results have no {exercise}.", "Grade it first."
    )
