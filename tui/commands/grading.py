"""For instructors: `grade`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.face import YES, Face, face_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from graders import Progress

__all__ = ["grade"]


def grade(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder or a zip file for each student.")],
    out: Annotated[Path, typer.Option(metavar="OUT", help="Where the marks and the feedback pages go.")],
    exercise: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this exercise; repeat it for more.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many to mark at once; otherwise one for each processor.")
    ] = None,
    allow_reduced: Annotated[
        bool,
        typer.Option("--allow-reduced", help="Run code where it cannot be shut in fully. Each mark says so."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")] = False,
) -> None:
    """Mark a folder of submissions.

    Run again, it goes on where it was and marks only what changed. Exit status 0 once every submission has
    its marks; what cannot be read is listed and costs only itself.
    """
    from graders import grade_folder
    from labs.course import load_course
    from tui.draw.grades import class_result

    face, course = face_of(context), load_course()
    result = grade_folder(
        folder,
        out,
        course,
        exercises=[course.exercise(name).id for name in exercise] if exercise else None,
        workers=workers,
        allow_reduced=allow_reduced,
        on_verdict=progress(face),
    )
    if as_json:
        face.data(result.to_json())
    else:
        face.show(class_result(result, out))
    raise typer.Exit(YES)


def progress(face: Face) -> Callable[[Progress], None] | None:
    """What says on stderr how far the marking is and how long it will take; None where nobody looks."""
    if face.plain or not sys.stderr.isatty():
        return None
    began = time.monotonic()

    def say(verdict: Progress) -> None:
        done, total = verdict.done, verdict.total
        left = (time.monotonic() - began) / done * (total - done)
        line = f"  {done} of {total} marked, {left:.0f} s to go"
        print(f"{line:<60}", end="\n" if done == total else "\r", file=sys.stderr, flush=True)

    return say
