"""On an instance: `ssh`."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.face import NO, face_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ssh"]

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""The exit statuses of a shell for a program that is not there, or is no program."""


def ssh(
    context: typer.Context,
    instance: Annotated[str, typer.Argument(metavar="ID", help="An instance that runs.")],
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COMMAND", help="After --: what to run there; else a shell.", show_default=False
        ),
    ] = None,
    source: Annotated[
        str, typer.Option("--from", metavar="WHO", help="Where you are: internet, or an address.")
    ] = "internet",
    jumps: Annotated[
        list[str] | None,
        typer.Option("--jump", "-J", metavar="ID", help="Through this instance; more than once for more."),
    ] = None,
    container: Annotated[
        bool,
        typer.Option("--container", help="In a container there: one more hop to the metadata service."),
    ] = False,
) -> None:
    """Open a shell on an instance, or run a command there.

    It runs on this machine, as on the instance: no keys, a home of its own, and its role by way of its
    metadata service, also at http://169.254.169.254. The exit status is the command's. Where the login
    fails, what blocks it is on stderr and the exit status is 1; 2 and 3 as everywhere. To tell these from
    the command's own, ask first: skylab reach --from internet --to ID --port 22
    """
    from labs.sandbox.login import barrier, command_line, surroundings

    face = face_of(context)
    world = face.world()
    closed = barrier(world, instance, source, tuple(jumps or ()))
    if closed is not None:
        from tui.draw.login import shut

        face.tell(shut(closed))
        raise typer.Exit(NO)
    environment = surroundings(world, instance, os.environ, hops=2 if container else 1)
    raise typer.Exit(run(command_line(command or ()), environment, world.home(instance)))


def run(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> int:
    """Run a program in a folder with our own input and output; its exit status as a shell tells it."""
    import shutil
    import sys

    program = shutil.which(words[0], path=environment["PATH"])
    if program is None:
        print(f"{words[0]}: command not found", file=sys.stderr)
        return NOT_FOUND
    try:
        process = subprocess.Popen([program, *words[1:]], env=dict(environment), cwd=folder)
    except OSError as broken:
        print(f"{words[0]}: {broken.strerror}", file=sys.stderr)
        return NOT_EXECUTABLE
    with handed_on(process):
        status = process.wait()
    return status if status >= 0 else 128 - status


@contextmanager
def handed_on(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Within this, signals are the process's: the terminal sends it Ctrl+C itself, others we send on."""
    others = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {each: signal.signal(each, lambda number, _: process.send_signal(number)) for each in others}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
