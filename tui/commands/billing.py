"""What things cost: `bill`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.commands.face import YES, Face, face_of

if TYPE_CHECKING:
    from labs.sandbox.metering.spending import Spending

__all__ = ["bill"]

WRONG_USE = 2
_HOW = (
    "Start a sandbox: skylab sandbox. Or give usage as JSON: skylab bill FILE, or a document a line to "
    "skylab bill --jsonl. For example "
    '{"month": "730h", "usage": [{"meter": "ec2.instance", "type": "t3.micro"}]}'
)


def bill(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="Metered usage, one JSON object; - reads stdin. Else the sandbox's."
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="WHEN", help="Of the sandbox: from then on, as 2026-02-01. It is UTC."
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="WHEN", help="Of the sandbox: until then, itself not included."),
    ] = None,
    free_tier: Annotated[
        str,
        typer.Option(help="Of the sandbox: as an account with this Free Tier: none, legacy or credits."),
    ] = "none",
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

    Without FILE it is the running sandbox's bill so far, at list prices unless --free-tier says otherwise.

    Exit status 0; with --jsonl once every line has its answer. With --jsonl --focus all lines go into one
    CSV, and those that cannot be billed are named on stderr, which makes the status 2.
    """
    from labs.aws.billing import bill as billed
    from labs.aws.billing import bill_to_json, focus_csv, usage_from_json
    from tui.commands.lines import answer_lines, load_json

    _only_of_a_sandbox(file is not None or jsonl, since=since, to=to, free_tier=free_tier)
    face = face_of(context)
    if jsonl and focus:
        raise typer.Exit(_export_lines(face))
    if jsonl:
        answer_lines(lambda document: bill_to_json(billed(usage_from_json(document))))
        raise typer.Exit(YES)
    spent = None
    if file is not None:
        result = billed(usage_from_json(load_json(file)))
    else:
        spent = _spending(face, since, to, free_tier)
        result = spent.bill
    if focus:
        print(focus_csv(result), end="", flush=True)
    elif as_json and spent is not None:
        from labs.sandbox.metering.sending import shown

        face.data(shown(spent))
    elif as_json:
        face.data(bill_to_json(result))
    else:
        from tui.draw.bill import bill_drawn, spending_notes

        face.show(bill_drawn(result, selected=_place(line, len(result.lines)), every=every))
        if spent is not None and (notes := spending_notes(spent)) is not None:
            face.show(notes)
    raise typer.Exit(YES)


def _spending(face: Face, since: str | None, to: str | None, free_tier: str) -> Spending:
    """What the running sandbox has cost.

    Raises:
        InputError: there is no such time or Free Tier.
        SandboxError: no sandbox runs.
    """
    from labs.aws.billing.fields import choice
    from labs.errors import SandboxError, UsageError
    from tui.commands.steering import read_moment

    try:
        tier = choice(free_tier, ("none", "legacy", "credits"))
    except UsageError as error:
        raise error.within("--free-tier") from None
    start = read_moment(since) if since is not None else None
    end = read_moment(to) if to is not None else None
    try:
        world = face.world()
    except SandboxError as missing:
        raise SandboxError("There is no usage to bill", f"{missing.title}. {missing.detail}", _HOW) from None
    return world.bill(start, end, free_tier=tier)


def _only_of_a_sandbox(given: bool, *, since: str | None, to: str | None, free_tier: str) -> None:
    """Refuse options that usage from a file has no use for: it says these things itself."""
    from labs.errors import InputError

    if given and (since or to or free_tier != "none"):
        raise InputError(
            "These options are for the sandbox's bill",
            "Usage that is given says itself which time and which account it is for.",
            'Write "from", "to" and "account" into the usage, and leave --from, --to and --free-tier away.',
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
