"""Grade a class: every submission of a folder, several at once, each verdict kept as it comes.

What was judged before and has not changed is not judged again, so a run that was cut off goes on where it
stopped. Each piece of work is judged for itself: what is broken costs only itself.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path

from graders.box import Limits, layers
from graders.judging import failed_check, missing, unreadable
from graders.pool import Settings, judge_all
from graders.report import Report
from graders.results import ClassResult, StudentResult, Unread, write_results
from graders.store import Store
from graders.submissions import Submission, find_submissions, text_of
from graders.worker import LOADER, Task, course_of
from labs.course import CodeExercise, Course, Exercise
from labs.course.variants import COURSE
from labs.errors import SubmissionError

__all__ = ["Progress", "grade_folder"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One verdict of a batch: whose it is, and how many of how many are done."""

    done: int
    total: int
    student: str
    report: Report


def grade_folder(
    folder: Path,
    out: Path,
    course: Course | None = None,
    *,
    exercises: Sequence[str] | None = None,
    workers: int | None = None,
    allow_reduced: bool = False,
    limits: Limits | None = None,
    loader: str = LOADER,
    on_verdict: Callable[[Progress], None] | None = None,
) -> ClassResult:
    """Grade every folder and zip file in `folder`, and write the results to `out`.

    Args:
        folder: holds one folder or zip file for each student, named after the student.
        out: gets `results.json`, `results.sqlite`, `gradebook.csv` and `feedback/STUDENT.html`.
        course: the course; Skylab's own by default.
        exercises: which exercises to grade, by their ids; all of the course by default.
        workers: how many to judge at once; one for each processor by default.
        allow_reduced: run code on a machine that cannot shut it in fully.
        limits: what a student's program may use.
        loader: where the processes that judge get the same course from, as `package.module:function`.
        on_verdict: called with each verdict, as it comes.

    Raises:
        SubmissionError: there is no such folder, or results that cannot be gone on with are in `out`.
        CourseError: there is no such exercise.
        IsolationError: student code cannot be shut in on this machine.
    """
    course = course or course_of(loader)
    chosen = [course.exercise(name) for name in exercises] if exercises else _all_exercises(course)
    if any(isinstance(exercise, CodeExercise) for exercise in chosen):
        layers.require(allow_reduced=allow_reduced)
    listing = find_submissions(folder)
    found = [each for each in listing.submissions if each.path.resolve() != out.resolve()]
    settings = Settings(loader, allow_reduced, asdict(limits or Limits()))
    _make_folder(out)
    errors = [Unread(*error) for error in listing.errors]
    reports: dict[tuple[str, str], Report] = {}
    with Store(out / "results.sqlite") as store:
        for submission, report in _verdicts(found, chosen, settings, workers, store, errors):
            reports[submission.source, report.exercise.id] = report
            if on_verdict is not None:
                total = len(found) * len(chosen)
                on_verdict(Progress(len(reports), total, submission.student, report))
    ids = tuple(exercise.id for exercise in chosen)
    students = tuple(
        StudentResult(each.student, each.source, tuple(reports[each.source, name] for name in ids))
        for each in found
    )
    result = ClassResult(COURSE, ids, students, tuple(errors))
    write_results(result, out)
    return result


def _verdicts(
    submissions: Sequence[Submission],
    exercises: Sequence[Exercise],
    settings: Settings,
    workers: int | None,
    store: Store,
    errors: list[Unread],
) -> Iterator[tuple[Submission, Report]]:
    """Every verdict: first those that need no work or were kept, then the others as they are judged."""
    by_source = {submission.source: submission for submission in submissions}
    by_id = {exercise.id: exercise for exercise in exercises}
    marks = {exercise.id: _fingerprint(exercise, settings) for exercise in exercises}
    tasks: list[Task] = []
    for submission in submissions:
        work = _read(submission, exercises, errors)
        for exercise in exercises:
            settled = _settle(submission, exercise, work.get(exercise.id), marks[exercise.id], store)
            if isinstance(settled, Report):
                yield submission, settled
            else:
                tasks.append(settled)
    for verdict in judge_all(tasks, settings, workers or os.cpu_count() or 1):
        task, exercise = verdict.task, by_id[verdict.task.exercise]
        variant = exercise.variant(task.student)
        if verdict.report is None:  # not kept: the next run tries again
            yield by_source[task.source], failed_check(exercise, variant, verdict.reason)
        else:
            store.keep(task.source, task.student, task.digest, verdict.report)
            yield by_source[task.source], Report.from_json(verdict.report, variant)


def _read(
    submission: Submission, exercises: Sequence[Exercise], errors: list[Unread]
) -> Mapping[str, str | SubmissionError]:
    """What was handed in for each exercise: its text, or why it cannot be read."""
    names = {f"{exercise.id}/{exercise.filename}": exercise.id for exercise in exercises}
    try:
        files = submission.read(list(names))
    except SubmissionError as error:
        errors.append(Unread(submission.source, error))
        return dict.fromkeys(names.values(), error)
    return {names[name]: _text(data) for name, data in files.items()}


def _text(data: bytes | SubmissionError) -> str | SubmissionError:
    if isinstance(data, SubmissionError):
        return data
    try:
        return text_of(data)
    except SubmissionError as error:
        return error


def _settle(
    submission: Submission, exercise: Exercise, text: str | SubmissionError | None, mark: str, store: Store
) -> Report | Task:
    """The report, where there is nothing to judge or it has been judged; else what is to be done."""
    variant = exercise.variant(submission.student)
    if text is None:
        return missing(exercise, variant)
    if isinstance(text, SubmissionError):
        return unreadable(exercise, variant, text)
    digest = hashlib.sha256(f"{mark}\0{variant.seed}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
    kept = store.find(submission.source, exercise.id, digest)
    if kept is not None:
        return Report.from_json(kept, variant)
    return Task(submission.source, submission.student, exercise.id, digest, text)


def _fingerprint(exercise: Exercise, settings: Settings) -> str:
    """A digest of what a verdict follows from besides the work: this Skylab, the exercise, the settings."""
    digest = hashlib.sha256(f"{version('skylab')}\0{settings.argument()}".encode())
    for name, data in _files(exercise.folder):
        digest.update(f"\0{name}\0".encode() + data)
    return digest.hexdigest()


def _files(folder: Traversable) -> Iterator[tuple[str, bytes]]:
    """The files of an exercise, in the order of their names."""
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_file():
            yield entry.name, entry.read_bytes()
        elif entry.name != "__pycache__":
            yield from _files(entry)


def _all_exercises(course: Course) -> list[Exercise]:
    return [exercise for unit in course.units for exercise in unit.exercises]


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SubmissionError(
            "The results cannot be written", f"{out}: {error.strerror}.", "Name another folder with --out."
        ) from error
