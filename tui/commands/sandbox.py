"""The world and what reaches it: `sandbox`, `env` and `events`."""

from __future__ import annotations

import json
import os
import shlex
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.face import YES, Face, face_of

if TYPE_CHECKING:
    from labs.course import Workspace
    from labs.sandbox import Event, World

__all__ = ["env", "events", "sandbox"]

POLL = 1.0
"""Seconds for which one request for news of the sandbox may wait."""


def sandbox(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where it listens; 0 takes a free port.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed and the same requests give the same ids.")] = 0,
    journal: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the world in this file, and go on from it.")
    ] = None,
    exercise: Annotated[
        str | None, typer.Option(metavar="NAME", help="Open this exercise's world, with what you did in it.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON when it can serve, and nothing else.")
    ] = False,
) -> None:
    """Run a sandbox that answers as AWS does.

    IAM is enforced. It runs until Ctrl+C or SIGTERM, and only this machine can reach it.
    """
    from tui.draw.card import sandbox_card
    from tui.draw.events import event_line

    face = face_of(context)
    with (
        ended_by_signals(),
        opened(face, port=port, seed=seed, journal=journal, exercise=exercise) as world,
        announced(face, world),
    ):
        if as_json:
            face.data(world.connection.to_json())
        else:
            label = exercise or "on this machine only"
            face.show(sandbox_card(world.connection, world.environment(), label=label))
        for event in following(world):
            if not as_json:
                face.show(event_line(event))


class Shell(StrEnum):
    """The shells that `env` writes for."""

    BASH = "bash"
    FISH = "fish"
    POWERSHELL = "powershell"


def env(
    context: typer.Context,
    principal: Annotated[
        str | None,
        typer.Option("--as", metavar="PRINCIPAL", help="Whose keys: admin, root, a user's name, role/NAME."),
    ] = None,
    instance: Annotated[
        str | None,
        typer.Option(metavar="ID", help="As on this instance: no keys, only its metadata service."),
    ] = None,
    shell: Annotated[Shell, typer.Option(help="For which shell.")] = Shell.BASH,
) -> None:
    """Print what a shell needs to reach the sandbox.

    Use it as: eval "$(skylab env)"
    """
    from labs.errors import InputError

    if principal and instance:
        raise InputError(
            "An instance has no keys of its own",
            "--as and --instance exclude each other.",
            "On the instance boto3 finds the role's keys itself.",
        )
    world = face_of(context).world()
    wanted = world.instance_environment(instance) if instance else world.environment(principal or "admin")
    for line in shell_lines(wanted, os.environ, shell):
        print(line)


def events(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl+C.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON document a line.")] = False,
) -> None:
    """Show the requests that the sandbox answered.

    Who asked for what, and why it was allowed or denied.
    """
    from tui.draw.events import event_line

    face = face_of(context)
    world = face.world()
    for event in following(world) if follow else world.events():
        if jsonl:
            face.data(event.to_json())
        else:
            face.show(event_line(event))


@contextmanager
def opened(
    face: Face, *, port: int, seed: int, journal: Path | None, exercise: str | None
) -> Iterator[World]:
    """A world as the options describe it, closed in the end."""
    from labs.errors import InputError
    from labs.sandbox import World

    if exercise is not None and (port or seed or journal):
        raise InputError(
            "An exercise's world brings its own settings",
            "--port, --seed and --journal do not go with --exercise.",
            "Leave them out.",
        )
    if exercise is None:
        world = World.start(seed=seed, port=port, journal=journal)
    else:
        world = world_of(exercise, face.workspace())
    with world:
        yield world


def world_of(name: str, workspace: Workspace) -> World:
    """The world of the learner's variant of an exercise, with what the learner has done in it so far."""
    from labs.course import load_course
    from labs.course.stage import open_world

    exercise = load_course().exercise(name)
    variant = exercise.variant(workspace.student)
    return open_world(exercise, variant, journal=workspace.world_journal(exercise))


@contextmanager
def announced(face: Face, world: World) -> Iterator[None]:
    """Have the workspace say where the sandbox is for as long as it runs."""
    file = face.workspace().sandbox_file
    text = json.dumps(world.connection.to_json()) + "\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    try:
        yield
    finally:
        # Another sandbox may have been started in the same workspace since.
        with suppress(OSError):
            if file.read_text() == text:
                file.unlink()


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the program as Ctrl+C does: all is closed, the exit status 0."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    ending = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = [signal.signal(each, stop) for each in ending]
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(YES) from None
    finally:
        for each, handler in zip(ending, before, strict=True):
            signal.signal(each, handler)


def following(world: World) -> Iterator[Event]:
    """The requests as they come, for as long as the world runs."""
    seen = 0
    while True:
        for event in world.events(after=seen, wait=POLL):
            seen = event.sequence
            yield event


def shell_lines(wanted: Mapping[str, str], present: Mapping[str, str], shell: Shell) -> Iterator[str]:
    """The lines that set what is wanted, and take away what is present and would stand in its way."""
    for name in sorted(_IN_THE_WAY & present.keys() - wanted.keys()):
        yield _UNSET[shell].format(name)
    for name, value in wanted.items():
        yield _SET[shell].format(name, _quoted(value, shell))


_IN_THE_WAY = {
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_ROLE_ARN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
}
_SET = {
    Shell.BASH: "export {}={}",
    Shell.FISH: "set -gx {} {}",
    Shell.POWERSHELL: "$env:{} = {}",
}
_UNSET = {
    Shell.BASH: "unset {}",
    Shell.FISH: "set -e {}",
    Shell.POWERSHELL: "Remove-Item Env:{}",
}


def _quoted(value: str, shell: Shell) -> str:
    if shell is Shell.POWERSHELL:
        return "'" + value.replace("'", "''") + "'"
    if shell is Shell.FISH:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return shlex.quote(value)
