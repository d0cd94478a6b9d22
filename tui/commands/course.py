"""A learner at work: `lesson`, `task`, `check`, `watch`, `hint` and `reset`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.ahead import BENCH, handed_in_live
from tui.commands.face import NO, YES, Face, face_of
from tui.commands.practice import session_of

if TYPE_CHECKING:
    from graders import Bench, Report
    from labs.course import CounterExample, Course, Exercise, Workspace

__all__ = ["check", "hint", "lesson", "reset", "task", "watch"]

Name = Annotated[str, typer.Argument(metavar="EXERCISE", help="Its name on the course map.")]
Json = Annotated[bool, typer.Option("--json", help="Print each report as one line of JSON.")]


def lesson(
    context: typer.Context,
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="Its name or its number.")],
    page: Annotated[
        int | None, typer.Argument(metavar="PAGE", min=1, help="Otherwise the first that you have not read.")
    ] = None,
) -> None:
    """Read a page of a unit's lesson."""
    from labs.course import load_course
    from labs.errors import InputError
    from tui.draw.prose import lesson_page

    face = face_of(context)
    chosen = load_course().unit(unit)
    progress = face.workspace().progress
    read = progress.pages_read(chosen)
    unread = (number for number, each in enumerate(chosen.pages, start=1) if each.id not in read)
    number = page or next(unread, 1)
    if number > len(chosen.pages):
        raise InputError(
            "There is no such page",
            f"The lesson {chosen.title} has {len(chosen.pages)} pages.",
            "Take one of them.",
        )
    face.show(lesson_page(chosen, number, plain=face.plain))
    progress.page_read(chosen, chosen.pages[number - 1])
    last = number == len(chosen.pages)
    tell_next(face, f"task {chosen.exercises[0].name}" if last else f"lesson {chosen.id} {number + 1}")


def task(context: typer.Context, exercise: Name) -> None:
    """Show what an exercise asks, and where you write.

    Puts the starter there if there is nothing yet.
    """
    from labs.course import load_course
    from tui.draw.prose import task_page

    face = face_of(context)
    asked = load_course().exercise(exercise)
    workspace = face.workspace()
    file = workspace.start(asked)
    face.show(task_page(asked, asked.prompt(asked.variant(workspace.student)), file, plain=face.plain))


def check(
    context: typer.Context,
    exercises: Annotated[
        list[str], typer.Argument(metavar="EXERCISE...", help="Their names on the course map.")
    ],
    why: Annotated[
        bool, typer.Option("--why", help="Run the counter-examples and show how they fall.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Mark what you have written.

    Exit status 0 when everything is right, 1 when something is not.
    """
    from graders import Bench
    from labs.course import load_course

    face, course = face_of(context), load_course()
    chosen = [course.exercise(name) for name in exercises]
    workspace = face.workspace()
    right = True
    live = handed_in_live(chosen, workspace)
    told = {each.id: report for each in live if (report := told_by_the_desk(each, workspace))}
    # It is the learner's own code: a machine that cannot shut it in fully may run it all the same.
    with context.meta.get(BENCH) or Bench(allow_reduced=True, alone=True) as bench:
        import tui.draw.report  # noqa: F401  # while the bench warms up

        for exercise in chosen:
            report = told.get(exercise.id) or marked(exercise, workspace, bench)
            right = right and report.state == "pass"
            if as_json:
                face.data(report.to_json())
            else:
                show_report(face, report, why=why)
    following = session_of(face).exercise_after(chosen[-1])
    if right and not as_json and following is not None:
        tell_next(face, f"task {following.name}")
    raise typer.Exit(YES if right else NO)


def watch(
    context: typer.Context,
    exercises: Annotated[
        list[str] | None, typer.Argument(metavar="EXERCISE...", help="Only these; otherwise every exercise.")
    ] = None,
) -> None:
    """Mark an exercise each time you save it.

    Ctrl+C ends it.
    """
    from rich.text import Text
    from watchfiles import watch as changes

    from graders import Bench
    from graders.desk import Desk
    from labs.course import load_course

    face, course = face_of(context), load_course()
    workspace = face.workspace()
    chosen = [course.exercise(name) for name in exercises or ()]
    watched = files_of(chosen or all_exercises(course), workspace)
    face.tell(
        Text(f"Watching {workspace.folder}. Save an exercise to have it marked; Ctrl+C ends this.", "quiet")
    )
    with Bench(allow_reduced=True, alone=True) as bench, Desk(course, bench, workspace.desk_file):
        for exercise in chosen:
            show_report(face, marked(exercise, workspace, bench))
        for batch in changes(workspace.folder, raise_interrupt=True):
            saved = {Path(name) for _, name in batch}
            for exercise in (watched[file] for file in sorted(saved & watched.keys())):
                face.clear()
                show_report(face, marked(exercise, workspace, bench))


def hint(context: typer.Context, exercise: Name) -> None:
    """Show the next hint.

    First the idea, then the place, then a worked sibling, at last the solution.
    """
    from rich.text import Text

    from labs.course import load_course
    from tui.draw.hints import hints_drawn

    face = face_of(context)
    asked = load_course().exercise(exercise)
    workspace = face.workspace()
    hints = asked.hints(asked.variant(workspace.student))
    progress = workspace.progress
    seen = progress.best(asked).hints
    if seen < len(hints):
        progress.hint_shown(asked, hints[seen].level)
    face.show(hints_drawn(hints[: seen + 1], len(hints), plain=face.plain))
    if seen >= len(hints):
        face.tell(Text("That was the last one.", "quiet"))


def reset(context: typer.Context, exercise: Name) -> None:
    """Start an exercise afresh.

    What you had is kept under .skylab/trash.
    """
    from labs.course import Kind, load_course
    from tui.draw.words import shown

    face = face_of(context)
    asked = load_course().exercise(exercise)
    workspace = face.workspace()
    workspace.reset(asked)
    face.tell(shown(f"{asked.id} is as it was at the start; what you had is in .skylab/trash."))
    if asked.kind in (Kind.CODE, Kind.WORLD):
        face.tell(
            shown(f"If its world is open somewhere, open it anew: skylab sandbox --exercise {asked.name}")
        )


def told_by_the_desk(exercise: Exercise, workspace: Workspace) -> Report | None:
    """The report of a process that is warm, the app or `skylab watch`, recorded as an attempt.

    None where none runs in this workspace, or nothing is handed in.
    """
    if not workspace.desk_file.exists() or (text := workspace.read(exercise)) is None:
        return None
    from graders.desk import ask_desk

    report = ask_desk(workspace.desk_file, text, exercise.variant(workspace.student))
    if report is not None:
        workspace.progress.record(report)
    return report


def marked(exercise: Exercise, workspace: Workspace, bench: Bench) -> Report:
    """The report on what the workspace holds of an exercise, recorded as an attempt."""
    from graders import judge
    from labs.course import Kind

    written = workspace.read(exercise)
    report = judge(exercise, written, exercise.variant(workspace.student), bench)
    # Of a world the app keeps what was done in it, which its journal does not tell in words.
    workspace.progress.record(report, text=None if exercise.kind is Kind.WORLD else written)
    return report


def show_report(face: Face, report: Report, *, why: bool = False) -> None:
    """Draw a report and, if asked, run its counter-examples."""
    from rich.text import Text

    from labs.course import Kind
    from tui.draw.report import report as drawn

    face.show(drawn(report), "")
    examples = [each.counterexample for each in report.criteria if each.counterexample]
    runnable = [example for example in examples if example.runs]
    for example in runnable if why else ():
        show_example(face, example)
    if report.state == "missing":
        world = report.exercise.kind is Kind.WORLD
        way = "sandbox --exercise" if world else "task"
        face.tell(Text(f"Nothing is there yet. Begin with: skylab {way} {report.exercise.name}", "quiet"))
    if runnable and not why:
        face.tell(Text(f"To run the counter-examples: skylab check {report.exercise.name} --why", "quiet"))


def show_example(face: Face, example: CounterExample) -> None:
    """Run a counter-example, and draw how it falls."""
    from rich.text import Text

    from labs.aws.iam import case_from_json, explain
    from tui.draw.decision import ladder
    from tui.running import run_example

    if example.case is not None:
        face.show(ladder(explain(*case_from_json(example.case))), "")
    else:
        face.show(Text(f"$ {example.typed}", "quiet"), Text(run_example(example, plain=face.plain)))


def tell_next(face: Face, words: str) -> None:
    """Say which command goes on."""
    from tui.draw.words import shown

    face.tell(shown(f"Next: skylab {words}", "quiet"))


def files_of(exercises: Iterable[Exercise], workspace: Workspace) -> dict[Path, Exercise]:
    """Which file belongs to which exercise."""
    return {workspace.path(each).resolve(): each for each in exercises}


def all_exercises(course: Course) -> list[Exercise]:
    """Every exercise of the course, in its order."""
    return [exercise for unit in course.units for exercise in unit.exercises]
