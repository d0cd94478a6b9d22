"""The command line of `skylab` as one Typer application.

A command imports what it needs when it runs: `skylab --help` loads neither rich nor moto nor textual.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tui.commands import (
    addresses,
    authoring,
    billing,
    course,
    exporting,
    grading,
    home,
    instances,
    instruments,
    machine,
    practice,
    preferences,
    presenting,
    proving,
    reach,
    replaying,
    sandbox,
    serving,
    ssh,
    steering,
)
from tui.commands.face import Face
from tui.ending import every_end
from tui.opening import open_or_show_map

__all__ = ["application"]

COMMANDS = (
    home.start,
    home.demo,
    presenting.present,
    serving.serve,
    course.lesson,
    course.task,
    course.check,
    course.watch,
    course.hint,
    course.reset,
    practice.drill,
    practice.review,
    sandbox.sandbox,
    sandbox.env,
    sandbox.events,
    ssh.ssh,
    steering.clock,
    steering.advance,
    steering.checkpoint,
    steering.history,
    steering.rewind,
    steering.save,
    steering.interrupt,
    steering.cpu,
    instruments.arn,
    instruments.explain,
    instruments.lint,
    proving.prove,
    replaying.replay,
    reach.reach,
    instances.ec2,
    billing.bill,
    grading.grade,
    grading.adjust,
    authoring.release,
    authoring.new_exercise,
    authoring.verify,
    machine.lab,
    machine.doctor,
    preferences.settings,
)


class Commands(TyperGroup):
    """The group of all commands: where every error, interrupt and closed pipe ends.

    The contexts are `Any` because the class that Typer declares for them is private.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, presenting.with_poll_place(shared_options_first(args)))

    def invoke(self, ctx: Any) -> object:
        # The callback, which makes the face from the words, is part of what is invoked.
        with every_end(lambda: ctx.obj if isinstance(ctx.obj, Face) else Face()):
            result = super().invoke(ctx)
            sys.stdout.flush()
        return result


def application() -> typer.Typer:
    """The command line as one Typer application."""
    app = typer.Typer(
        cls=Commands,
        invoke_without_command=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=home.HELP,
    )
    app.callback()(_open)
    for command in COMMANDS:
        app.command()(command)
    app.add_typer(addresses.cidr, name="cidr")
    app.add_typer(exporting.export, name="export")
    return app


def _open(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The workspace; else SKYLAB_WORKSPACE, else the nearest one upward, else ~/skylab.",
        ),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Lines of text only: no colour, no rules, nothing redrawn.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True)
    ] = False,
) -> None:
    if version:
        home.print_version()
        raise typer.Exit
    context.obj = Face(plain=plain, folder=workspace)
    if context.invoked_subcommand is None:
        raise typer.Exit(open_or_show_map(context.obj))


def shared_options_first(words: list[str]) -> list[str]:
    """The words with --plain and --workspace in front, so that they may stand after the command as well."""
    front: list[str] = []
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            rest += [word, *left]
        elif word == "--plain" or word.startswith("--workspace="):
            front.append(word)
        elif word == "--workspace":
            front += [word, *([value] if (value := next(left, None)) is not None else [])]
        else:
            rest.append(word)
    return front + rest
