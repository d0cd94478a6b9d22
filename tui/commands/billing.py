"""What things cost: `bill`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.commands.face import YES, Face, face_of

if TYPE_CHECKING:
    from labs.aws.billing import Usage

__all__ = ["bill"]

WRONG_USE = 2


def bill(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Metered usage, one JSON object; - reads stdin."),
    ] = None,
    line: Annotated[
        int | None, typer.Option("--line", "-l", metavar="N", help="Explain this line; else the dearest.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show every line of a long bill, not only the dearest.")
    ] = False,
    focus: Annotated[
        bool, typer.Option("--focus", help="Write the lines as CSV in the form of FOCUS 1.2.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Bill usage from stdin, one JSON document a line.")
    ] = False,
) -> None:
    """What it costs, line by line, and why.

    Exit status 0; with --jsonl once every line has its answer. With --jsonl --focus all lines go into one
    CSV, and those that cannot be billed are named on stderr, which makes the status 2.
    """
    from labs.aws.billing import bill as billed
    from labs.aws.billing import bill_to_json, focus_csv, usage_from_json
    from tui.commands.lines import answer_lines, load_json

    face = face_of(context)
    if jsonl and focus:
        raise typer.Exit(_export_lines(face))
    if jsonl:
        answer_lines(lambda document: bill_to_json(billed(usage_from_json(document))))
        raise typer.Exit(YES)
    usage = usage_from_json(load_json(file)) if file is not None else metered_usage(face)
    result = billed(usage)
    if focus:
        print(focus_csv(result), end="", flush=True)
    elif as_json:
        face.data(bill_to_json(result))
    else:
        from tui.draw.bill import bill_drawn

        face.show(bill_drawn(result, selected=_place(line, len(result.lines)), every=every))
    raise typer.Exit(YES)


def metered_usage(face: Face) -> Usage:
    """What the running sandbox has metered, from its ledger.

    Raises:
        InputError: there is nothing to read it from.
    """
    from labs.errors import InputError

    raise InputError(
        "There is no usage to bill",
        "No FILE is given, and the sandbox does not meter yet what runs in it.",
        "Give usage as JSON: skylab bill FILE, or a document a line to skylab bill --jsonl. For example "
        '{"month": "730h", "usage": [{"meter": "ec2.instance", "type": "t3.micro"}]}',
    )


def _place(line: int | None, lines: int) -> int | None:
    """The place of the line that was asked for, which counts from 1."""
    from labs.errors import InputError

    if line is None:
        return None
    if not 1 <= line <= lines:
        has = f"It has the lines 1 to {lines}" if lines else "It has no lines"
        raise InputError(
            "The bill has no such line", f"{has}, and {line} was asked for.", "Leave --line away."
        )
    return line - 1


def _export_lines(face: Face) -> int:
    """Write the bills of all documents on stdin as one CSV; the exit status."""
    import sys

    from labs.aws.billing import Bill, focus_csv, usage_from_json
    from labs.aws.billing import bill as billed
    from labs.errors import InputError
    from tui.commands.lines import read_object
    from tui.draw.failure import failure

    bills: list[Bill] = []
    status = YES
    for place, text in enumerate(sys.stdin.buffer, start=1):
        if not text.strip():
            continue
        document: dict[str, Any] = {}
        try:
            document = read_object(text, f"line {place}")
            bills.append(billed(usage_from_json(document)))
        except InputError as error:
            face.tell(failure(InputError(f"Line {place}: {error.title}", error.detail, error.hint)))
            status = WRONG_USE
    print(focus_csv(*bills), end="", flush=True)
    return status
