"""The gradebook: one row a student, one column an exercise, as a CSV file that any spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from graders.names import cell
from graders.report import Report

__all__ = ["gradebook"]

UNJUDGED = ("error", "timeout", "tampered")


def gradebook(exercises: Sequence[str], rows: Iterable[tuple[str, str, Mapping[str, Report]]]) -> str:
    """The CSV text for rows of (student, source, reports by exercise).

    The columns stand in the order of the course. Work that is missing has an empty cell: it is not the same
    as a zero. What a spreadsheet would take for a formula is quoted.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["student", "source", *exercises, "total", "max", "to look at"])
    for student, source, reports in rows:
        marks = [_mark(reports[exercise]) for exercise in exercises]
        points = sum((report.points for report in reports.values()), Decimal(0))
        most = sum((report.max for report in reports.values()), Decimal(0))
        odd = "; ".join(f"{name}: {why}" for name, report in reports.items() if (why := _odd(report)))
        writer.writerow([cell(student), cell(source), *marks, str(points), str(most), cell(odd)])
    return text.getvalue()


def _odd(report: Report) -> str:
    """Why a person should look at it; empty where nobody need."""
    fits = f"made for the variant of {', '.join(report.fits)}" if report.fits else ""
    return ", ".join(filter(None, (report.state if report.state in UNJUDGED else "", fits)))


def _mark(report: Report) -> str:
    return "" if report.state == "missing" else str(report.points)
