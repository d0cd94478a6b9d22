"""The files that tell what a class comes to; each appears whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from graders.exports.canvas import canvas, fill
from graders.exports.class_report import class_report
from graders.exports.gradebook import gradebook
from graders.exports.gradescope import results_json
from graders.exports.junit import junit
from graders.exports.lti import scores
from graders.exports.nbgrader import marks
from graders.exports.people import standings
from graders.feedback import page
from graders.names import file_names
from graders.results import ClassResult, StudentResult

__all__ = ["write_file", "write_results"]


def write_results(result: ClassResult, out: Path) -> None:
    """Write everything that `skylab grade` leaves in OUT, beside the verdicts themselves."""
    students = result.submissions
    sources: dict[str, str] = {}
    everybody = standings(_noted(students, sources))
    write_file(out / "results.json", (f"{line}\n" for line in result.json_lines()))
    write_file(out / "gradebook.csv", gradebook(result.exercises, students, result.ids))
    filled = fill(result.canvas[0], everybody, result.canvas[1]).data if result.canvas else None
    write_file(out / "canvas.csv", filled or canvas(result.course, everybody))
    write_file(out / "nbgrader.csv", marks(students, result.when))
    write_file(out / "lti.jsonl", scores(everybody, result.when))
    write_file(out / "junit.xml", junit(students, result.when))
    write_file(out / "report.html", class_report(result))
    pages, answers = out / "feedback", out / "gradescope"
    pages.mkdir(exist_ok=True)
    answers.mkdir(exist_ok=True)
    names = file_names(sources)
    for each in students:
        name = names[each.source]
        shown = each.entry.name if each.entry else each.student
        write_file(pages / f"{name}.html", page(result.course, shown, each.exercises))
        write_file(answers / f"{name}.json", json.dumps(results_json(each), indent=1) + "\n")


def _noted(students: Iterable[StudentResult], sources: dict[str, str]) -> Iterator[StudentResult]:
    """The same, with the source and the student of each written down: they are read once for all."""
    for each in students:
        sources[each.source] = each.student
        yield each


def write_file(path: Path, text: str | bytes | Iterable[str]) -> None:
    """Write a file in one step: whoever reads it finds the old one or the new one, whole."""
    draft = path.with_name(f".{path.name}.draft")
    if isinstance(text, bytes):
        draft.write_bytes(text)
    else:
        with draft.open("w", encoding="utf-8", newline="") as file:
            file.writelines([text] if isinstance(text, str) else text)
    draft.replace(path)
