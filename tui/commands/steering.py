"""The time and the past of a sandbox: `clock`, `advance`, `checkpoint`, `history`, `rewind`, `save`,
`interrupt` and `cpu`. They go to its control endpoint; no credentials of AWS reach that.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from tui.commands.face import face_of

__all__ = [
    "advance",
    "checkpoint",
    "clock",
    "cpu",
    "history",
    "interrupt",
    "read_duration",
    "read_moment",
    "rewind",
    "save",
]

Json = Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")]
UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[wdhms])+", re.IGNORECASE)
_PART = re.compile(r"(\d+(?:\.\d+)?)([wdhms])", re.IGNORECASE)


def clock(context: typer.Context, as_json: Json = False) -> None:
    """Show the sandbox's time.

    It may be ahead of this machine's.
    """
    from tui.draw.time import clock_line

    face = face_of(context)
    reading = face.world().clock()
    if as_json:
        face.data(reading.to_json())
    else:
        face.show(clock_line(reading))


def advance(
    context: typer.Context,
    by: Annotated[list[str] | None, typer.Argument(metavar="TIME…", help="As 3d, 2h30m, 1w or 90s.")] = None,
    to: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Until then, as 2026-02-01T00:00. It is UTC.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Move the sandbox's clock ahead.

    Credentials expire, messages return to their queue, instances start: all that falls due on the way
    happens, each thing at its time.
    """
    from labs.errors import InputError
    from tui.draw.time import advance_drawn

    if bool(by) == bool(to):
        raise InputError(
            "How far is not said",
            "Give a time or --to, and not both.",
            "As in: skylab advance 3d, or skylab advance --to 2026-02-01T00:00",
        )
    face = face_of(context)
    world = face.world()
    if to is not None:
        moved = world.advance(to=read_moment(to))
    else:
        moved = world.advance(seconds=read_duration("".join(by or ())).total_seconds())
    if as_json:
        face.data(moved.to_json())
    else:
        face.show(advance_drawn(moved))


def checkpoint(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call the sandbox as it is now.")],
    as_json: Json = False,
) -> None:
    """Name the sandbox's present state.

    Come back to it with: skylab rewind --to NAME
    """
    from tui.draw.time import change_line

    face = face_of(context)
    last = face.world().checkpoint(name)
    if as_json:
        face.data(last.to_json())
    else:
        face.show(change_line(last))


def history(
    context: typer.Context,
    jsonl: Annotated[bool, typer.Option("--jsonl", "--json", help="One JSON document a line.")] = False,
) -> None:
    """List what can be taken back, oldest first."""
    from tui.draw.time import history_drawn

    face = face_of(context)
    changes = face.world().history()
    if jsonl:
        for change in changes:
            face.data(change.to_json())
    else:
        face.show(history_drawn(changes))


def rewind(
    context: typer.Context,
    steps: Annotated[int | None, typer.Argument(metavar="N", help="How many changes; 1 if not said.")] = None,
    to: Annotated[
        str | None, typer.Option(metavar="WHERE", help="A checkpoint, or the last change that stays.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take back what was done in the sandbox.

    The last change goes first. Programs that are connected go on working, as long as the keys that they use
    were there then.
    """
    from labs.errors import InputError
    from tui.draw.time import rewound

    if steps is not None and to is not None:
        raise InputError("How far is said twice", "Give a number of changes or --to, and not both.")
    face = face_of(context)
    world = face.world()
    last = world.rewind(steps, to=to)
    if as_json:
        face.data(last.to_json())
    else:
        face.show(rewound(last, world.clock()))


def save(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; as classroom.world.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file when it is there.")] = False,
) -> None:
    """Write the whole sandbox to one file.

    Open it again, here or elsewhere, with: skylab sandbox --open FILE. The file holds the keys of the
    sandbox.
    """
    from labs.errors import InputError
    from tui.draw.words import counted, shown

    if file.exists() and not force:
        raise InputError("The file is there already", f"{file}", "Take another name, or say --force.")
    face = face_of(context)
    changes = face.world().export(file)
    face.tell(shown(f"{file} holds the sandbox: {counted(changes, 'change')}."))


def interrupt(
    context: typer.Context,
    instance: Annotated[str, typer.Argument(metavar="ID", help="A Spot Instance that runs.")],
    after: Annotated[
        str | None, typer.Option(metavar="TIME", help="How long from now; two minutes at least.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Let EC2 take a Spot Instance back.

    Its metadata tell two minutes ahead.
    """
    from tui.draw.words import shown

    face = face_of(context)
    when = face.world().interrupt(instance, after=read_duration(after) if after else timedelta())
    if as_json:
        face.data({"instance": instance, "time": when.isoformat().replace("+00:00", "Z")})
    else:
        face.show(shown(f"{instance} will be interrupted at {when:%Y-%m-%d %H:%M:%S} UTC."))


def cpu(
    context: typer.Context,
    instance: Annotated[str, typer.Argument(metavar="ID", help="An instance.")],
    load: Annotated[str, typer.Argument(metavar="PERCENT", help="Of all its vCPUs, as 80 or 80%.")],
) -> None:
    """Set how hard an instance works.

    It spends CPU credits by that from now on.
    """
    from labs.errors import InputError
    from tui.draw.words import shown

    try:
        percent = Decimal(load.removesuffix("%"))
    except InvalidOperation:
        raise InputError("This is no percentage", f"It is {load!r}.", "Write 80 or 80%.") from None
    face = face_of(context)
    face.world().set_cpu(instance, percent / 100)
    face.tell(shown(f"{instance} works at {percent} % from now on."))


def read_duration(text: str) -> timedelta:
    """A time as people write it: `3d`, `2h30m`, `1.5h`.

    Raises:
        InputError: it is something else.
    """
    from labs.errors import InputError

    compact = "".join(text.split())
    if not _DURATION.fullmatch(compact):
        raise InputError(
            "This is no length of time",
            f"It is {text!r}.",
            "Write numbers with w, d, h, m or s after them, as in 3d or 2h30m.",
        )
    total = timedelta()
    for number, unit in _PART.findall(compact):
        total += timedelta(**{UNITS[unit.lower()]: float(number)})
    return total


def read_moment(text: str) -> datetime:
    """A moment as people write it, in UTC unless it says otherwise.

    Raises:
        InputError: it is something else.
    """
    from labs.errors import InputError

    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InputError("This is no time", f"It is {text!r}.", "Write it as in 2026-02-01T00:00.") from None
