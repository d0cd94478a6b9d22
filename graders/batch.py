"""Grade a class: every submission of a folder, several at once, each verdict kept as it comes.

What was judged before and has not changed is not judged again, so a run that was cut off goes on where it
stopped. Each piece of work is judged for itself: what is broken costs only itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import starmap
from pathlib import Path

from graders.adjustments import Adjustment, Adjustments
from graders.box import Limits, layers
from graders.changes import Change, change_of
from graders.cluster import cluster
from graders.exports.canvas import fill
from graders.exports.writing import write_results
from graders.marks import Marks
from graders.names import printable
from graders.pool import Pool, Workers, processors
from graders.progress import Progress
from graders.results import ClassResult, Unread
from graders.roster import Roster
from graders.rounds import Round
from graders.rules import Rules
from graders.store import STORE, Store
from graders.submissions import Listing, find_submissions
from graders.worker import LOADER, Settings, course_of
from labs.course import CodeExercise, Course, Exercise
from labs.course.variants import COURSE
from labs.errors import SubmissionError

__all__ = ["grade_folder", "results_of"]


def grade_folder(
    folder: Path,
    out: Path,
    course: Course | None = None,
    *,
    exercises: Sequence[str] | None = None,
    students: Collection[str] | None = None,
    roster: Roster | None = None,
    regrade: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    canvas: tuple[bytes, str | None] | None = None,
    allow_reduced: bool = False,
    limits: Limits | None = None,
    worlds: int | None = None,
    loader: str = LOADER,
    on_verdict: Callable[[Progress], None] | None = None,
) -> ClassResult:
    """Grade every submission in `folder`, and write the results to `out`.

    With `exercises` or `students` only those are looked at; what earlier runs found of the others stays in
    the results. The changes that the result tells are those since the last run that came to its end.

    Args:
        folder: holds one submission for each student, named after the student.
        out: gets `results.json`, `results.sqlite`, and the marks in the forms of graders.exports.
        course: the course; Skylab's own by default.
        exercises: which exercises to grade, by their ids; all of the course by default.
        students: whose submissions to grade; all by default.
        roster: who is in the class; without one nobody is missing and nobody is unknown.
        regrade: judge again what has been judged before; a regrade that was cut off goes on.
        workers: how many to judge at once; one for each processor by default.
        scheduler: the address of a Dask scheduler whose workers are to judge in place of this machine.
        canvas: an export of a Canvas gradebook, and the column of it that `canvas.csv` fills.
        allow_reduced: run code on a machine that cannot shut it in fully.
        limits: what a student's program may use.
        worlds: in how many hidden worlds a program must do what is asked; by default as its exercise says.
        loader: where the processes that judge get the same course from, as `package.module:function`.
        on_verdict: called with each verdict, as it comes.

    Raises:
        SubmissionError: there is no such folder, student or column, or results that cannot be gone on with
            are in `out`.
        CourseError: there is no such exercise.
        IsolationError: student code cannot be shut in on a machine that judges.
        WorkerError: the scheduler cannot be reached, or judges with another Skylab.
    """
    course = course or course_of(loader)
    chosen = [course.exercise(name) for name in exercises] if exercises else _all_exercises(course)
    if scheduler is None and any(isinstance(exercise, CodeExercise) for exercise in chosen):
        layers.require(allow_reduced=allow_reduced)
    listing = _listing(folder, out, _all_exercises(course)).known_by(roster)
    wanted = [each for each in listing.submissions if students is None or each.student in students]
    _must_be_there(students, listing)
    if canvas is not None:
        fill(canvas[0], (), canvas[1])  # what is wrong with it is said before anything is judged
    _make_folder(out)
    with Store(out / STORE) as store, _judges(scheduler, workers) as executor:
        settings = Settings(loader, allow_reduced, limits or Limits(), worlds, store.secret())
        store.keep_roster(roster)
        store.keep_canvas(canvas)
        run = store.begin(listing, [each.id for each in chosen], regrade=regrade)
        names = [each.student for each in listing.submissions]
        names += [each.student for each in roster.entries] if roster else []
        this = Round(
            store, run, Rules(settings), executor, students=names, regrade=regrade, on_verdict=on_verdict
        )
        this.grade(wanted, chosen)
        result = results_of(out, course)
        # Workers that have judged are there; to start some for this would take longer than it saves.
        helpers = executor if isinstance(executor, Pool) and executor.running else None
        write_results(result, out, workers=helpers, loader=loader)
        store.finish(run, [change.to_json() for change in result.changes])
    return result


def results_of(out: Path, course: Course) -> ClassResult:
    """The results of all that has been judged into `out`, with what people have set by hand.

    Raises:
        SubmissionError: nothing has been judged into it, or its files cannot be read.
    """
    if not (out / STORE).is_file():
        raise SubmissionError(
            "There are no marks here", f"{out} has no {STORE}.", "Name the folder that was given with --out."
        )
    adjustments = Adjustments(out).in_force()
    with Store(out / STORE) as store:
        judged, roster, began = store.exercises(), store.roster(), store.began()
        canvas = store.canvas()
        changes = tuple(_changes(store, adjustments))
        errors = [*starmap(Unread, store.unread()), *_strangers(roster, store.students())]
    told = tuple(exercise for exercise in _all_exercises(course) if exercise.id in judged)
    marks = Marks(out / STORE, told, roster, adjustments)
    return ClassResult(
        COURSE,
        tuple(each.id for each in told),
        marks,
        tuple(errors),
        changes,
        began,
        roster.headings if roster else (),
        canvas,
    )


def _changes(store: Store, adjustments: Mapping[tuple[str, str], Adjustment]) -> Iterator[Change]:
    """What differs from what the last run told; once a run has ended, what it said itself."""
    ended = store.ended()
    if ended is not None:
        yield from map(Change.from_json, ended)
    elif store.told_before():
        yield from (change_of(before, after, adjustments) for before, after in store.changes())


def _strangers(roster: Roster | None, students: Sequence[str]) -> Iterator[Unread]:
    """Those who have handed in and are not in the roster; they are graded all the same."""
    for student in students:
        if roster is not None and roster.find(student) is None:
            yield Unread(
                student,
                SubmissionError(
                    "Not in the roster",
                    f"The roster has nobody called {printable(student)}; the work is graded all the same.",
                    "Add the student to the roster, or name the submission as the roster does.",
                ),
            )


def _judges(scheduler: str | None, workers: int | None) -> AbstractContextManager[Workers]:
    return Pool(workers or processors()) if scheduler is None else cluster(scheduler)


def _listing(folder: Path, out: Path, exercises: Sequence[Exercise]) -> Listing:
    """What lies in the folder; the results may lie there too, and are no submission."""
    found = find_submissions(folder, exercises)
    kept = tuple(each for each in found.submissions if each.path.resolve() != out.resolve())
    return Listing(kept, found.errors)


def _must_be_there(students: Collection[str] | None, listing: Listing) -> None:
    known = {each.student for each in listing.submissions}
    absent = sorted(set(students or ()) - known)
    if absent:
        raise SubmissionError(
            "There is no such submission",
            f"Nobody called {absent[0]!r} has handed in.",
            "Name students as their submissions are named, without .zip or .ipynb.",
        )


def _all_exercises(course: Course) -> list[Exercise]:
    return [exercise for unit in course.units for exercise in unit.exercises]


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SubmissionError(
            "The results cannot be written", f"{out}: {error.strerror}.", "Name another folder with --out."
        ) from error
