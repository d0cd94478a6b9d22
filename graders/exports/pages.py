"""What each student gets: a page of feedback, and the results as Gradescope wants them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from graders.adjustments import Adjustments
from graders.exports.files import write_file
from graders.exports.gradescope import results_json
from graders.feedback import page
from graders.marks import Marks
from graders.results import StudentResult
from graders.store import STORE, Store
from graders.worker import course_of

__all__ = ["write_pages", "write_pages_task"]


def write_pages(out: Path, title: str, students: Iterable[StudentResult], names: Mapping[str, str]) -> None:
    """Write the files of these students.

    Args:
        title: the name of the course.
        names: how the files of a student are called, by the source of the submission.
    """
    pages, answers = out / "feedback", out / "gradescope"
    pages.mkdir(exist_ok=True)
    answers.mkdir(exist_ok=True)
    for each in students:
        name = names[each.source]
        shown = each.entry.name if each.entry else each.student
        write_file(pages / f"{name}.html", page(title, shown, each.exercises))
        write_file(answers / f"{name}.json", json.dumps(results_json(each)) + "\n")


def write_pages_task(
    out: str, title: str, loader: str, exercises: Sequence[str], names: Mapping[str, str]
) -> None:
    """The same for a worker, who reads the marks of the students that are named from the results in `out`.

    Args:
        loader: where the course comes from, as `package.module:function`.
        exercises: those of which there are marks, in the order of the course.
    """
    folder, course = Path(out), course_of(loader)
    with Store(folder / STORE) as store:
        roster = store.roster()
    given = tuple(map(course.exercise, exercises))
    marks = Marks(folder / STORE, given, roster, Adjustments(folder).in_force())
    write_pages(folder, title, marks.of(names), names)
