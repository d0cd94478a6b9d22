"""For instructors: `grade`, `adjust`."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.face import YES, Face, face_of, user_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from graders import ClassResult, Progress

__all__ = ["adjust", "grade"]


def grade(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The submissions, named after the students.")],
    out: Annotated[Path, typer.Option(metavar="OUT", help="Where the marks and the feedback pages go.")],
    only: Annotated[
        list[str] | None,
        typer.Option("--only", "--exercise", metavar="NAME", help="Only this exercise; repeat it for more."),
    ] = None,
    only_student: Annotated[
        list[str] | None,
        typer.Option("--only-student", metavar="NAME", help="Only this student; repeat it for more."),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Who is in the class: a CSV file with student, name and ids."),
    ] = None,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Mark again what is marked already, and say what changes.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many to mark at once; otherwise one for each processor.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Mark on the Dask cluster of the scheduler at tcp://HOST:PORT."),
    ] = None,
    worlds: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Run each program in N hidden worlds; otherwise as its exercise says."
        ),
    ] = None,
    allow_reduced: Annotated[
        bool,
        typer.Option("--allow-reduced", help="Run code where it cannot be shut in fully. Each mark says so."),
    ] = False,
    canvas: Annotated[
        Path | None,
        typer.Option(metavar="EXPORT", help="A gradebook exported from Canvas: fill one of its columns."),
    ] = None,
    canvas_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which one; otherwise the only one for marks.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")] = False,
) -> None:
    """Mark a folder of submissions.

    Run again, it goes on where it was, marks only what changed, and says what has changed since. Exit status
    0 once every submission has its marks; what cannot be read is listed and costs only itself.
    """
    from graders import grade_folder
    from graders.exports.canvas import fill
    from graders.exports.people import standings
    from graders.roster import read_roster
    from labs.course import load_course
    from tui.draw.grades import canvas_filled, class_result

    face, course = face_of(context), load_course()
    with watching(face, quiet=as_json) as say:
        result = grade_folder(
            folder,
            out,
            course,
            exercises=[course.exercise(name).id for name in only] if only else None,
            students=only_student,
            roster=read_roster(roster) if roster else None,
            regrade=regrade,
            workers=workers,
            scheduler=scheduler,
            allow_reduced=allow_reduced,
            worlds=worlds,
            canvas=(canvas_export(canvas), canvas_column) if canvas else None,
            on_verdict=say,
        )
    if as_json:
        print_json(result)
    else:
        face.show(class_result(result, out))
    if result.canvas is not None:
        face.tell(canvas_filled(fill(result.canvas[0], standings(result.submissions), result.canvas[1])))
    raise typer.Exit(YES)


def adjust(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder of marks.")],
    student: Annotated[str | None, typer.Argument(help="Whose points to set.")] = None,
    exercise: Annotated[str | None, typer.Argument(help="Of which exercise.")] = None,
    points: Annotated[
        str | None, typer.Argument(help="The points that count from now on; without them, the verdict's.")
    ] = None,
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason. The student reads it.")] = "",
    who: Annotated[str | None, typer.Option(metavar="NAME", help="Who says so; otherwise you.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")] = False,
) -> None:
    """Set a student's points by hand; a regrade keeps them.

    With OUT alone it lists what was ever set. The verdict stays as it is: the marks show both, with the
    reason, who it was and when.
    """
    from graders.adjusting import adjust, points_of
    from graders.adjustments import Adjustments
    from labs.course import load_course
    from tui.draw.grades import adjusted, adjustments

    face = face_of(context)
    if student is None:
        made = Adjustments(out).read()
        if as_json:
            face.data({"adjustments": [each.to_json() for each in made]})
        else:
            face.show(adjustments(made))
        raise typer.Exit(YES)
    if exercise is None:
        raise typer.BadParameter("Name the exercise too.", param_hint="EXERCISE")
    given = None if points is None else points_of(points)
    now = datetime.now(UTC)
    report = adjust(out, load_course(), student, exercise, given, why=why, who=who or user_name(), when=now)
    if as_json:
        face.data({"student": student, **report.to_json()})
    else:
        face.show(adjusted(report, student))
    raise typer.Exit(YES)


def canvas_export(path: Path) -> bytes:
    """The export that the teacher names; it stays as it is, and OUT/canvas.csv has it filled."""
    from labs.errors import SubmissionError

    try:
        return path.read_bytes()
    except OSError as error:
        raise SubmissionError("The Canvas export cannot be read", f"{path}: {error.strerror}.") from error


def watching(face: Face, *, quiet: bool) -> AbstractContextManager[Callable[[Progress], None] | None]:
    """What says on stderr how far the marking is; nothing where only a program listens."""
    if quiet:
        return nullcontext()
    from tui.draw.marking import MarkingLine

    return MarkingLine(sys.stderr, redrawn=sys.stderr.isatty() and not face.plain)


def print_json(result: ClassResult) -> None:
    """The result as one line, with one submission at a time in memory."""
    for piece in result.json_lines():
        sys.stdout.write(piece)
    sys.stdout.write("\n")
    sys.stdout.flush()
