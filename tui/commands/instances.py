"""What becomes of an EC2 instance: `ec2`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui.commands.face import NO, YES, face_of

__all__ = ["ec2"]


def ec2(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A question, one JSON object; - reads stdin.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Answer questions from stdin, one JSON document a line.")
    ] = False,
) -> None:
    """What becomes of an EC2 instance, and why.

    A question is {"after": "stop and start"} or another action, {"credentials": [...]}, {"metadata": {...}}
    or {"launch": {...}}. Exit status 0, or 1 where AWS refuses; with --jsonl 0 once every line has its
    answer.
    """
    from labs.aws.ec2.questions import tell
    from labs.errors import InputError
    from tui.commands.lines import answer_lines, load_json

    face = face_of(context)
    if jsonl:
        answer_lines(lambda document: tell(document).to_json())
        raise typer.Exit(YES)
    if file is None:
        raise InputError(
            "No question is given", "There is no FILE.", "skylab ec2 FILE, or skylab ec2 - to read stdin."
        )
    answer = tell(load_json(file))
    if as_json:
        face.data(answer.to_json())
    else:
        from tui.draw.instance import told

        face.show(told(answer))
    raise typer.Exit(YES if answer.ok else NO)
