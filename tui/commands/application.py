"""The command line of `skylab` as one Typer application.

A command is loaded and built when it is named, and imports what it needs when it runs: `skylab --help` loads
neither rich nor moto nor textual, and `skylab check` no other command.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from typer.core import TyperGroup
from typer.main import get_command

from tui.commands import home, presenting
from tui.commands.ahead import BENCH, bench_for_check
from tui.commands.face import Face
from tui.ending import every_end
from tui.opening import open_or_show_map

__all__ = ["application"]

COMMANDS = {
    "start": "home",
    "demo": "home",
    "present": "presenting",
    "serve": "serving",
    "lesson": "course",
    "task": "course",
    "check": "course",
    "watch": "course",
    "hint": "course",
    "reset": "course",
    "drill": "practice",
    "review": "practice",
    "sandbox": "sandbox",
    "env": "sandbox",
    "events": "sandbox",
    "ssh": "ssh",
    "clock": "steering",
    "advance": "steering",
    "checkpoint": "steering",
    "history": "steering",
    "rewind": "steering",
    "save": "steering",
    "interrupt": "steering",
    "cpu": "steering",
    "arn": "instruments",
    "explain": "instruments",
    "lint": "instruments",
    "prove": "proving",
    "replay": "replaying",
    "reach": "reach",
    "ec2": "instances",
    "bill": "billing",
    "grade": "grading",
    "adjust": "grading",
    "release": "authoring",
    "new-exercise": "authoring",
    "verify": "authoring",
    "lab": "machine",
    "doctor": "machine",
    "settings": "preferences",
    "cidr": "addresses",
    "export": "exporting",
}
"""All commands, in the order of the help, each with the module that has a function of its name."""

LOOKS: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
}


@cache
def built(name: str) -> Any:
    """A command, or the group of commands that a name stands for."""
    found = getattr(import_module(f"tui.commands.{COMMANDS[name]}"), name.replace("-", "_"))
    alone = typer.Typer(**LOOKS)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
        group = get_command(alone)
        assert isinstance(group, TyperGroup)
        return group.commands[name]
    alone.command(name)(found)
    return get_command(alone)


class Built(Mapping[str, Any]):
    """All commands by name; none is built before it is asked for."""

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        return built(name)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class Commands(TyperGroup):
    """The group of all commands: where every error, interrupt and closed pipe ends.

    The contexts are `Any` because the class that Typer declares for them is private.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = cast(Any, Built())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = presenting.with_poll_place(shared_options_first(args))
        # Until there is a face, the context's object is what was launched before all else.
        bench = bench_for_check(words, ctx.obj)
        if bench is None:
            return super().parse_args(ctx, words)
        ctx.meta[BENCH] = bench
        ctx.call_on_close(bench.close)
        try:
            return super().parse_args(ctx, words)
        except BaseException:  # who reads words that are wrong never gets to its end
            ctx.close()
            raise

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
        context_settings={"help_option_names": ["-h", "--help"]},
        help=home.HELP,
        **LOOKS,
    )
    app.callback()(_open)
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
