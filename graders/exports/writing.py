"""The files that tell what a class comes to; each appears whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from itertools import islice
from pathlib import Path

from graders.exports.canvas import canvas, fill
from graders.exports.class_report import class_report
from graders.exports.files import write_file
from graders.exports.gradebook import gradebook
from graders.exports.junit import junit
from graders.exports.lti import scores
from graders.exports.nbgrader import marks
from graders.exports.pages import write_pages, write_pages_task
from graders.exports.people import standings
from graders.names import file_names
from graders.pool import Workers
from graders.results import ClassResult, StudentResult
from graders.worker import LOADER
from labs.errors import WorkerError

__all__ = ["write_results"]


def write_results(
    result: ClassResult, out: Path, *, workers: Workers | None = None, loader: str = LOADER
) -> None:
    """Write everything that `skylab grade` leaves in OUT, beside the verdicts themselves.

    Args:
        workers: who writes the students' pages meanwhile; by default this process does it in the end.
        loader: where workers get the course from.
    """
    students = result.submissions
    sources: dict[str, str] = {}
    everybody = standings(_noted(students, sources))
    names = file_names(sources)
    begun: list[tuple[dict[str, str], Future[None]]] = []
    if workers:
        for part in _parts(names, workers.width):
            task = (str(out), result.course, loader, result.exercises, part)
            begun.append((part, workers.submit(write_pages_task, *task)))
    write_file(out / "results.json", (f"{line}\n" for line in result.json_lines()))
    write_file(out / "gradebook.csv", gradebook(result.exercises, students, result.ids))
    filled = fill(result.canvas[0], everybody, result.canvas[1]).data if result.canvas else None
    write_file(out / "canvas.csv", filled or canvas(result.course, everybody))
    write_file(out / "nbgrader.csv", marks(students, result.when))
    write_file(out / "lti.jsonl", scores(everybody, result.when))
    write_file(out / "junit.xml", junit(students, result.when))
    write_file(out / "report.html", class_report(result))
    left = {} if begun else dict(names)
    for part, writing in begun:
        try:
            writing.result()
        except WorkerError:  # it was lost; nothing else is
            left |= part
    if left or not begun:  # to go through the students only for nobody's page would be a pass in vain
        write_pages(out, result.course, (each for each in students if each.source in left), left)


def _parts(names: Mapping[str, str], count: int) -> list[dict[str, str]]:
    """The names by source, shared out."""
    return [dict(islice(names.items(), number, None, count)) for number in range(count)]


def _noted(students: Iterable[StudentResult], sources: dict[str, str]) -> Iterator[StudentResult]:
    """The same, with the source and the student of each written down: they are read once for all."""
    for each in students:
        sources[each.source] = each.student
        yield each
