"""nbgrader: the course's notebooks with its metadata, and marks in the form of its own export.

Each answer's cell is a solution that is graded by hand (nbgrader: "Manually graded answer cells"), called
`UNIT--EXERCISE`; each task is locked. Notebooks that come back are read by these names.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from graders.exports.people import id_of, timestamp_of
from graders.names import cell
from graders.report import Report
from graders.results import StudentResult
from graders.submissions.cells import read_cells
from graders.submissions.pages import page_of
from labs.course import Unit

__all__ = ["marks", "release"]

SCHEMA = 3
COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def release(unit: Unit, notebook: bytes) -> bytes:
    """A unit's notebook for students, with nbgrader's metadata and no outputs."""
    document: dict[str, Any] = json.loads(notebook)
    exercises = {exercise.id: exercise for exercise in unit.exercises}
    names = {form: each.id for each in unit.exercises for form in (each.id, each.name)}
    for raw, plain in zip(document["cells"], read_cells(notebook).cells, strict=True):
        page = page_of(plain, names.get)
        if raw["cell_type"] == "code":
            raw["outputs"], raw["execution_count"] = [], None
        for name in page.asks[:1]:
            _mark(raw, plain.source, _name(name), points=exercises[name].points)
        for name in () if page.asks else page.shows[:1]:
            _mark(raw, plain.source, f"{_name(name)}--task", points=None)
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def marks(results: Iterable[StudentResult], when: str) -> str:
    """Marks as `nbgrader export` writes them, an assignment for each unit."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for result in results:
        units: dict[str, list[Report]] = {}
        for report in result.exercises:
            units.setdefault(report.exercise.unit.id, []).append(report)
        for unit, reports in units.items():
            writer.writerow(_row(unit, reports, result, when))
    return text.getvalue()


def _row(unit: str, reports: Iterable[Report], result: StudentResult, when: str) -> list[str]:
    reports = tuple(reports)
    points = str(sum((report.points for report in reports), Decimal(0)))
    handed_in = any(report.state != "missing" for report in reports)
    moment = timestamp_of(result, when).replace("T", " ").removesuffix("Z") if handed_in else ""
    first, last = _names(result)
    email = id_of(result, ("email", "e-mail", "mail")) if result.entry else ""
    person = [cell(result.student), cell(last), cell(first), cell(email if "@" in email else "")]
    most = str(sum((report.max for report in reports), Decimal(0)))
    return [unit, "", moment, *person, points, "0", points, most]


def _names(result: StudentResult) -> tuple[str, str]:
    name = result.entry.name if result.entry else ""
    if ", " in name:
        last, _, first = name.partition(", ")
        return first, last
    first, _, last = name.rpartition(" ")
    return first, last


def _name(exercise_id: str) -> str:
    return exercise_id.replace("/", "--")


def _mark(raw: dict[str, Any], source: str, name: str, *, points: int | None) -> None:
    """Write nbgrader's metadata into a cell: an answer where there are points, else what is only read."""
    answer = points is not None
    said: dict[str, Any] = {
        "grade": answer,
        "grade_id": name,
        "locked": not answer,
        "schema_version": SCHEMA,
        "solution": answer,
        "task": False,
        "cell_type": raw["cell_type"],
    }
    if answer:
        said["points"] = points
    raw.setdefault("metadata", {})["nbgrader"] = {**said, "checksum": _checksum(source, said)}


def _checksum(source: str, said: Mapping[str, Any]) -> str:
    """What nbgrader tells a changed cell by: of an answer, whether anything was answered at all."""
    parts = [source, said["cell_type"], *(str(said[each]) for each in ("grade", "solution", "locked"))]
    parts += [said["grade_id"], *([str(float(said["points"]))] if "points" in said else [])]
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()
