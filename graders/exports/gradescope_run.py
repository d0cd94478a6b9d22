"""What an autograder runs for each submission: `python -m graders.exports.gradescope_run ROOT`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graders.exports.autograder import CONFIGURATION
from graders.exports.gradescope import failure_json, results_json
from graders.roster import Entry, Roster

__all__ = ["main", "student_of"]


def main(root: Path) -> None:
    """Grade ROOT/submission; there are results whatever happens."""
    try:
        results = _graded(root)
    except Exception as error:  # Gradescope shows a student nothing but "failed" where there is no file
        results = failure_json(f"{type(error).__name__}: {error}")
    folder = root / "results"
    folder.mkdir(exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")


def _graded(root: Path) -> dict[str, Any]:
    from graders.bench import Bench
    from graders.judging import judge, missing, unreadable
    from graders.results import StudentResult
    from graders.submissions import Reading, Submission, Work
    from labs.course import load_course
    from labs.errors import SubmissionError

    said = json.loads((root / "source" / CONFIGURATION).read_text("utf-8"))
    course = load_course()
    exercises = [course.exercise(name) for name in said["exercises"]]
    roster = Roster(tuple(Entry(**each) for each in said["roster"]))
    student = student_of(_metadata(root), roster)
    try:
        reading = Submission(student, "submission", root / "submission").read(exercises)
    except SubmissionError as error:
        reading = Reading({exercise.id: error for exercise in exercises})
    reports = []
    with Bench(allow_reduced=said["allow_reduced"], secret=said["secret"]) as bench:
        for exercise in exercises:
            variant, work = exercise.variant(student), reading.works.get(exercise.id)
            if work is None:
                reports.append(missing(exercise, variant))
            elif isinstance(work, Work):
                reports.append(judge(exercise, work.text, variant, bench).noted(work.notes))
            else:
                reports.append(unreadable(exercise, variant, work))
    results = results_json(StudentResult(student, "submission", tuple(reports), roster.find(student)))
    if reading.fault is not None:
        results["output"] = f"{reading.fault}\n{results['output']}"
    return results


def student_of(metadata: Mapping[str, Any], roster: Roster) -> str:
    """Whose variant is graded: the roster's key of whoever handed in, else what stands before the @."""
    users = metadata.get("users") or [{}]
    user: Mapping[str, Any] = users[0]
    email = str(user.get("email") or "")
    for known in (email, str(user.get("sid") or ""), email.partition("@")[0], str(user.get("name") or "")):
        if known and (entry := roster.find(known)) is not None:
            return entry.student
    return email.partition("@")[0] or str(user.get("name") or user.get("id") or "student")


def _metadata(root: Path) -> Mapping[str, Any]:
    path = root / "submission_metadata.json"
    said: Mapping[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return said


if __name__ == "__main__":
    main(Path(sys.argv[1]))
