"""`export`: the course in the forms that other systems take in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.face import YES, face_of

if TYPE_CHECKING:
    from labs.course import Exercise

__all__ = ["export"]

export = typer.Typer(
    help="The course for Gradescope and for nbgrader.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@export.command()
def gradescope(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="UNIT|EXERCISE…", help="What the assignment is of.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The zip file to write.")],
    roster: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Who is in the class: a CSV file with student, name, email and ids."
        ),
    ] = None,
    allow_reduced: Annotated[
        bool,
        typer.Option("--allow-reduced", help="Run code where it cannot be shut in fully. Each mark says so."),
    ] = False,
) -> None:
    """Write an autograder for Gradescope: upload it as it is.

    It holds the checks and the solutions: keep it from students.
    """
    from graders.exports.autograder import autograder
    from graders.exports.files import write_file
    from graders.roster import read_roster
    from tui.draw.words import counted, shown

    exercises = chosen(names)
    known = read_roster(roster) if roster else None
    write_file(out, autograder(exercises, roster=known, allow_reduced=allow_reduced))
    face_of(context).tell(
        shown(f"{out} grades {counted(len(exercises), 'exercise')}. Keep it from students.")
    )
    raise typer.Exit(YES)


@export.command()
def nbgrader(
    context: typer.Context,
    unit: Annotated[str, typer.Argument(help="The unit whose notebook it is.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The notebook to write.")],
) -> None:
    """Write a unit's notebook with nbgrader's metadata, to be released with nbgrader."""
    from graders.exports.files import write_file
    from graders.exports.nbgrader import release
    from labs.course import load_course
    from labs.course.notebooks import notebook_of
    from labs.errors import CourseError
    from tui.draw.words import shown

    asked = load_course().unit(unit)
    path = notebook_of(asked)
    if path is None:
        raise CourseError(
            "The unit has no notebook",
            f"None of the course's notebooks is of {asked.id}.",
            "Choose another unit.",
        )
    write_file(out, release(asked, path.read_bytes()))
    face_of(context).tell(shown(f"{out} is the notebook of {asked.title}, for nbgrader."))
    raise typer.Exit(YES)


def chosen(names: list[str]) -> list[Exercise]:
    """The exercises of these units, and these exercises, each once, in the order of the names."""
    from labs.course import load_course

    course = load_course()
    units = {form for unit in course.units for form in (unit.id, str(unit.number))}
    found: dict[str, Exercise] = {}
    for name in names:
        exercises = course.unit(name).exercises if name in units else (course.exercise(name),)
        found.update({exercise.id: exercise for exercise in exercises})
    return list(found.values())
