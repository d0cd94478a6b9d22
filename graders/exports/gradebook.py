"""The gradebook: one row a student, one column an exercise, as a CSV file that any spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from graders.names import cell
from graders.report import Report
from graders.results import StudentResult

__all__ = ["gradebook"]

UNJUDGED = ("error", "timeout", "tampered")


def gradebook(exercises: Sequence[str], results: Iterable[StudentResult], ids: Sequence[str] = ()) -> str:
    """The CSV text.

    The columns stand in the order of the course; with `ids`, the headings of the roster's, each student's
    name and ids stand in front. Work that is missing has an empty cell: it is not the same as a zero. What a
    spreadsheet would take for a formula is quoted.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    known = ["name", *map(cell, ids)] if ids else []
    writer.writerow(["student", *known, "source", *exercises, "total", "max", "to look at"])
    for result in results:
        reports = {report.exercise.id: report for report in result.exercises}
        entry = result.entry
        person = [entry.name, *(entry.ids.get(each, "") for each in ids)] if entry else [""] * len(known)
        odd = "; ".join(f"{name}: {why}" for name, report in reports.items() if (why := _odd(report)))
        marks = [_mark(reports[exercise]) for exercise in exercises]
        named = [result.student, *(person if ids else ()), result.source]
        sums = [str(result.points), str(result.max)]
        writer.writerow([*map(cell, named), *marks, *sums, cell(odd)])
    return text.getvalue()


def _odd(report: Report) -> str:
    """Why a person should look at it; empty where nobody need."""
    fits = f"made for the variant of {', '.join(report.fits)}" if report.fits else ""
    return ", ".join(filter(None, (report.state if report.state in UNJUDGED else "", fits)))


def _mark(report: Report) -> str:
    return "" if report.state == "missing" else str(report.points)
