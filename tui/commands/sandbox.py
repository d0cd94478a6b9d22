"""The world and what reaches it: `sandbox`, `env` and `events`."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.face import YES, Face, face_of, skylab_command
from tui.commands.steering import read_moment

if TYPE_CHECKING:
    from labs.course import Exercise, Workspace
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
    start: Annotated[
        str | None, typer.Option(metavar="WHEN", help="What its clock shows at first, as 2026-01-01T09:00.")
    ] = None,
    saved: Annotated[
        Path | None, typer.Option("--open", metavar="FILE", help="Go on with what `skylab save` wrote.")
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="Run nothing: list the rules by which it is stricter than moto.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON when it can serve, and nothing else.")
    ] = False,
) -> None:
    """Run a sandbox that answers as AWS does.

    IAM is enforced. It runs until Ctrl+C or SIGTERM, and only this machine can reach it.
    """
    if rules:
        show_rules(face_of(context), as_json)
        return
    from labs.course import load_course
    from labs.errors import InputError
    from labs.sandbox import World
    from tui.address import learner_in
    from tui.draw.card import sandbox_card
    from tui.draw.events import event_line

    if exercise is not None and (port or seed or journal or start or saved):
        raise InputError(
            "An exercise's world brings its own settings",
            "--port, --seed, --journal, --start and --open do not go with --exercise.",
            "Leave them out.",
        )
    if saved is not None and (seed or start):
        raise InputError(
            "A saved sandbox brings its own settings",
            "--seed and --start do not go with --open.",
            "Leave them out.",
        )
    beginning = read_moment(start) if start else None
    face = face_of(context)
    workspace = face.workspace()
    chosen = load_course().exercise(exercise) if exercise else None
    with ExitStack() as running:
        running.enter_context(ended_by_signals())
        if saved is not None:
            world = World.from_file(saved, port=port, journal=journal)
        elif chosen is None:
            world = World.start(seed=seed, port=port, journal=journal, start=beginning)
        else:
            world = world_of(chosen, workspace)
        running.enter_context(world)
        running.enter_context(announced(workspace, world, chosen))
        if as_json:
            face.data(world.connection.to_json())
        else:
            learner = learner_in(chosen)
            wanted, skylab = world.environment(learner), skylab_command(workspace.folder)
            face.show(sandbox_card(world.connection, learner, wanted, exercise=chosen, skylab=skylab))
        for event in following(world):
            if not as_json:
                face.show(event_line(event))


def show_rules(face: Face, as_json: bool) -> None:
    """The rules of AWS that hold in each sandbox, beside those of IAM."""
    from labs.sandbox.strict import RULES
    from tui.draw.rules import rules_page

    if as_json:
        face.data({"rules": [each.as_json() for each in RULES]})
    else:
        face.show(rules_page(RULES))


class Shell(StrEnum):
    """The shells that `env` writes for."""

    BASH = "bash"
    FISH = "fish"
    POWERSHELL = "powershell"


def env(
    context: typer.Context,
    principal: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="PRINCIPAL",
            help="Whose keys: admin, root, a user's name, role/NAME. Otherwise your own.",
        ),
    ] = None,
    instance: Annotated[
        str | None,
        typer.Option(metavar="ID", help="As on this instance: no keys, only its metadata service."),
    ] = None,
    shell: Annotated[Shell, typer.Option(help="For which shell.")] = Shell.BASH,
) -> None:
    """Print what a shell needs to reach the sandbox.

    Use it as: eval "$(skylab env)". The `aws` that the shell finds then is the AWS CLI, and also speaks to
    the sandbox for services for which the CLI alone would not.
    """
    from labs.errors import InputError
    from labs.sandbox.aws_command import first_on_path

    if principal and instance:
        raise InputError(
            "An instance has no keys of its own",
            "--as and --instance exclude each other.",
            "On the instance boto3 finds the role's keys itself.",
        )
    face = face_of(context)
    world = face.world()
    whose = principal or face.address().principal
    wanted = world.instance_environment(instance) if instance else world.environment(whose)
    wanted["PATH"] = first_on_path(face.workspace().command_folder(), os.environ.get("PATH", ""))
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


def world_of(exercise: Exercise, workspace: Workspace) -> World:
    """The world of the learner's variant of an exercise, with what the learner has done in it so far.

    A program's world begins anew each time, as it does when the program is marked.
    """
    from labs.course import WorldExercise
    from labs.course.stage import open_world

    journal = workspace.world_journal(exercise) if isinstance(exercise, WorldExercise) else None
    return open_world(exercise, exercise.variant(workspace.student), journal=journal)


@contextmanager
def announced(workspace: Workspace, world: World, exercise: Exercise | None = None) -> Iterator[None]:
    """Have the workspace say where the sandbox is for as long as it runs."""
    from tui.address import announce, withdraw

    text = announce(workspace.sandbox_file, world, exercise)
    try:
        yield
    finally:
        withdraw(workspace.sandbox_file, text)


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
