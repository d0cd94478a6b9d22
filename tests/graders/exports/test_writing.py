"""The files of a class are the same, whoever writes the students' pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from graders import ClassResult
from graders.batch import results_of
from graders.exports.writing import write_results
from graders.pool import Pool, Workers
from graders.roster import Entry, Roster
from graders.worker import course_of
from labs.errors import WorkerError
from tests.graders.conftest import Classroom

STUDENTS = ("ann", "bob", "cyd", "dan", "=eve")


class Losing(Workers):
    """Two workers, of whom the second one is lost; the first one does its work here and now."""

    width = 2

    def __init__(self) -> None:
        self.asked = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.asked += 1
        future: Future[Any] = Future()
        if self.asked == 2:
            future.set_exception(WorkerError("A worker was lost", "It ended."))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


@pytest.fixture
def graded(classroom: Classroom) -> ClassResult:
    for student in STUDENTS[:4]:
        classroom.hand_in(student, number=classroom.number(student))
    roster = Roster(tuple(Entry(student, student, {}) for student in STUDENTS))
    classroom.grade(roster=roster)
    return results_of(classroom.out, course_of(classroom.loader))


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(2) as pool:
        yield pool


def written(out: Path) -> dict[str, bytes]:
    """All files but the verdicts themselves, by name; whoever writes them next finds none."""
    files = [path for path in out.rglob("*") if path.is_file() and path.suffix != ".sqlite"]
    found = {str(path.relative_to(out)): path.read_bytes() for path in files}
    for path in files:
        path.unlink()
    return found


def test_workers_write_what_this_process_writes(
    graded: ClassResult, classroom: Classroom, pool: Pool
) -> None:
    out, losing = classroom.out, Losing()
    by_the_batch = written(out)
    assert sum(name.startswith("feedback") for name in by_the_batch) == len(STUDENTS)
    assert sum(name.startswith("gradescope") for name in by_the_batch) == len(STUDENTS)
    write_results(graded, out)
    assert written(out) == by_the_batch, "alone"
    write_results(graded, out, workers=pool, loader=classroom.loader)
    assert written(out) == by_the_batch, "with two workers"
    write_results(graded, out, workers=losing, loader=classroom.loader)
    assert written(out) == by_the_batch, "with one who is lost"
    assert losing.asked == 2
