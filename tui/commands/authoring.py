"""For whoever gives the course, and writes it: `release`, `new-exercise`, `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui.commands.face import NO, YES, face_of

__all__ = ["new_exercise", "release", "verify"]

Json = Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")]


def release(
    context: typer.Context,
    units: Annotated[list[str], typer.Argument(metavar="UNIT...", help="Their names or numbers.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the copy goes: a new folder.")],
    student: Annotated[
        list[str] | None,
        typer.Option("--student", metavar="NAME", help="For this student; repeat it for more."),
    ] = None,
    roster: Annotated[
        Path | None, typer.Option(metavar="FILE", help="For everybody in a roster, a CSV file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a student's copy of units, without the answers.

    Solutions, wrong answers and checks stay behind. What comes back is marked with the whole course, by
    skylab grade.
    """
    from rich.text import Text

    from graders.releasing import release as released
    from graders.roster import read_roster
    from labs.course import load_course

    face, course = face_of(context), load_course()
    students = list(student or ())
    if roster is not None:
        students += [each.student for each in read_roster(roster).entries]
    made = released([course.unit(name) for name in units], list(dict.fromkeys(students)), out)
    if as_json:
        face.data(made.to_json())
    else:
        face.show(
            Text(
                f"{len(made.exercises)} exercises of {', '.join(made.units)} for "
                f"{len(made.students)} student{'s' if len(made.students) != 1 else ''} are in {made.folder}."
            )
        )
    raise typer.Exit(YES)


def verify(
    context: typer.Context,
    exercises: Annotated[
        list[str] | None, typer.Argument(metavar="EXERCISE...", help="Only these; otherwise every exercise.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, metavar="N", help="How many variants are tried.")] = 20,
    mutants: Annotated[
        int, typer.Option(min=0, metavar="N", help="How many changed solutions are tried; 0 for none.")
    ] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each exercise.")] = False,
) -> None:
    """Test exercises as their author.

    Solutions, starters, wrong answers, hints and texts are tried in many variants; then mutants, which are
    solutions with one small change. One that earns full marks survives: it is as right as the solution, or
    the check would miss a wrong answer. Exit status 0 when all holds, 1 when something does not; survivors
    are only told of.
    """
    from graders.mutating import survivors
    from graders.verifying import TestBench, mark_faults, text_faults
    from labs.course import load_course
    from tui.draw.verified import verified

    face, course = face_of(context), load_course()
    chosen = [course.exercise(name) for name in exercises or ()]
    whole = True
    with TestBench() as bench:
        for exercise in chosen or [each for unit in course.units for each in unit.exercises]:
            faults = [str(each) for each in text_faults(exercise)]
            # With a blank left there is nothing yet that could be marked.
            if not faults:
                faults += [
                    str(each) for number in range(seeds) for each in mark_faults(exercise, number, bench)
                ]
            tried, changes = 0, list[str]()
            if mutants and not faults:
                tried, changes = survivors(exercise, 0, bench.passes, mutants)
            whole = whole and not faults
            if as_json:
                told = {"exercise": exercise.id, "holds": not faults, "faults": faults}
                face.data({**told, "variants": seeds, "mutants": tried, "survivors": changes})
            else:
                face.show(verified(exercise.id, faults, seeds, tried, changes))
    raise typer.Exit(YES if whole else NO)


def new_exercise(
    context: typer.Context,
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="Its name or its number.")],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Small letters, with dashes between the words.")
    ],
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="answer, predict, policy, code, world or order.")
    ] = "answer",
) -> None:
    """Begin an exercise, whole but for its blanks.

    Once these are filled it passes skylab verify.
    """
    from rich.text import Text

    from labs.course import Kind, load_course
    from labs.course.scaffold import begin_exercise
    from labs.errors import CourseError

    if kind not in list(Kind):
        raise CourseError("There is no such kind", f"It is {kind!r}.", f"There are: {', '.join(Kind)}.")
    chosen = load_course().unit(unit)
    folder = begin_exercise(chosen, name, Kind(kind))
    face_of(context).show(
        Text(f"{folder} is begun. Fill its blanks, «like this», and then: skylab verify {chosen.id}/{name}")
    )
    raise typer.Exit(YES)
