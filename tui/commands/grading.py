"""For instructors: `grade`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui.commands.face import YES, face_of

__all__ = ["grade"]


def grade(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder or a zip file for each student.")],
    out: Annotated[Path, typer.Option(metavar="OUT", help="Where the marks and the feedback pages go.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Also print the result as one line of JSON.")
    ] = False,
) -> None:
    """Mark a folder of submissions. Run it again and it goes on where it was, and marks only what changed.

    Exit status 0 once every submission has its marks; what cannot be read is listed and costs only itself.
    """
    from graders import grade_folder
    from labs.course import load_course
    from tui.draw.grades import class_result

    face = face_of(context)
    result = grade_folder(folder, out, load_course())
    if as_json:
        face.data(result.to_json())
    else:
        face.show(class_result(result, out))
    raise typer.Exit(YES)
