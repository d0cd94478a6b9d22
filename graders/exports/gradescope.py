"""Gradescope: `results.json` for one student (Gradescope: "Autograder Specifications")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from graders.names import printable
from graders.report import Report
from graders.results import StudentResult
from labs.course import misconception

__all__ = ["failure_json", "results_json"]


def results_json(result: StudentResult) -> dict[str, Any]:
    """The results of one student, with a test for each criterion; the points that count are the score."""
    reports = result.exercises
    return {
        "score": _number(result.points),
        "execution_time": round(sum(report.ms for report in reports) / 1000, 3),
        "output": "\n".join(_lines(reports)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "student": printable(result.student),
            "variants": {report.exercise.id: report.variant.seed for report in reports},
            "isolation": sorted({layer for report in reports for layer in report.isolation}),
        },
        "tests": [test for number, report in enumerate(reports, 1) for test in _tests(number, report)],
    }


def failure_json(why: str) -> dict[str, Any]:
    """Results that say that the grader failed; Gradescope wants a file whatever happens."""
    return {
        "score": 0,
        "output": f"The grader failed, and that is no fault of yours. Tell whoever runs the course. {why}",
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
    }


def _lines(reports: Sequence[Report]) -> Iterator[str]:
    for report in reports:
        yield f"{report.exercise.title}: {report.points} of {report.max}"
        yield from (printable(note) for note in report.notes)
        if report.adjustment is not None:
            yield printable(f"Set by hand: {report.adjustment.why}")


def _tests(number: int, report: Report) -> Iterator[dict[str, Any]]:
    common = {"tags": [report.exercise.id], "output_format": "text", "visibility": "visible"}
    if not report.criteria:
        yield {
            "name": report.exercise.title,
            "number": str(number),
            "score": 0.0,
            "max_score": _number(report.max),
            "status": "failed",
            "output": "Nothing was handed in." if report.state == "missing" else report.state,
            "extra_data": {"state": report.state},
            **common,
        }
    for place, each in enumerate(report.criteria, 1):
        belief = misconception(each.misconception) if each.misconception else None
        parts = [
            each.message,
            f"You may think: {belief.belief} It is not so: {belief.refutation}" if belief else "",
            each.counterexample.sentence if each.counterexample else "",
            each.counterexample.typed if each.counterexample and each.counterexample.command else "",
        ]
        yield {
            "name": printable(f"{report.exercise.title}: {each.name}"),
            "number": f"{number}.{place}",
            "score": _number(each.points),
            "max_score": _number(each.max),
            "status": "passed" if each.state == "pass" else "failed",
            "output": printable("\n".join(part for part in parts if part)),
            "extra_data": {"state": each.state, "misconception": each.misconception},
            **common,
        }


def _number(points: Decimal) -> float:
    return float(points)
