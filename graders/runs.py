"""Run a learner's program against its own world, call by call, in boxes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from graders.bench import Bench
from graders.box import Box, Broken
from graders.report import State
from labs.course import Call, CallResult, Run
from labs.errors import SkylabError
from labs.sandbox import World

__all__ = ["Program", "Ran", "Unfinished", "run_program"]


@dataclass(frozen=True, slots=True)
class Program:
    """What a learner wrote: its text, and the name of the file."""

    source: str
    filename: str


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that came to its end: its results and calls, the layers that shut it in, and what it printed."""

    run: Run
    isolation: tuple[str, ...]
    output: str


class Unfinished(Exception):
    """A run that did not come to its end: the program cannot be loaded, or a box broke."""

    def __init__(self, state: State, message: str, isolation: tuple[str, ...], output: str) -> None:
        super().__init__(state, message)
        self.state = state
        self.message = message
        self.isolation = isolation
        self.output = output


def run_program(program: Program, calls: Sequence[Call], world: World, bench: Bench) -> Ran:
    """Make the calls in their order, each in the box of the place and the principal that it names.

    The laptop's calls share one process for each principal, as one session at a keyboard would; a call on an
    instance runs in a box that has no keys, only the instance's metadata endpoint.

    Raises:
        Unfinished: the program cannot be loaded, or a box ended before it had answered.
    """
    with ExitStack() as stack:
        site = _Site(program, world, bench, stack)
        results: list[CallResult] = []
        try:
            for call in calls:
                results.append(site.make(call, results))
            site.finish()
        except Broken as broken:
            output = site.output + broken.output
            raise Unfinished(broken.state, broken.message, site.isolation, output) from None
        return Ran(Run(tuple(results), world.events()), site.isolation, site.output)


class _Site:
    """The boxes of one run, each opened when the first call needs it."""

    def __init__(self, program: Program, world: World, bench: Bench, stack: ExitStack) -> None:
        self.program = program
        self.world = world
        self.bench = bench
        self.stack = stack
        self.boxes: dict[tuple[str, str], Box] = {}
        self.isolation: tuple[str, ...] = ()
        self.output = ""

    def make(self, call: Call, earlier: Sequence[CallResult]) -> CallResult:
        """Make one call; what it needs of an earlier one that failed is a failure too."""
        needed = _references(call.args) | ({0} if call.where == "instance" else set())
        if any(earlier[number].error is not None for number in needed):
            why = f"{call.function}() was not called: the call that it builds on failed."
            return CallResult(None, why, made=False)
        try:
            box = self._box(call, earlier)
        except _NoSuchPlace as error:
            return CallResult(None, f"{call.function}() was not called: {error}", made=False)
        reply = box.call(call.function, _filled(list(call.args), earlier))
        self.output += reply.output
        said = reply.fault.sentence(self.program.filename) if reply.fault else None
        return CallResult(reply.value, said, reply.output)

    def finish(self) -> None:
        """Let every box end by itself."""
        for box in self.boxes.values():
            box.finish()

    def _box(self, call: Call, earlier: Sequence[CallResult]) -> Box:
        place = (call.where, str(earlier[0].value) if call.where == "instance" else call.as_)
        if place not in self.boxes:
            environment = self._environment(call, earlier)
            box = self.stack.enter_context(self.bench.boxes.open(environment, self.bench.limits))
            self.isolation = box.layers
            loaded = box.load(self.program.source, self.program.filename)
            self.output += loaded.output
            if loaded.fault is not None:
                message = loaded.fault.sentence(self.program.filename)
                raise Unfinished("error", message, box.layers, self.output)
            self.boxes[place] = box
        return self.boxes[place]

    def _environment(self, call: Call, earlier: Sequence[CallResult]) -> dict[str, str]:
        if call.where != "instance":
            return self.world.environment(call.as_)
        instance = earlier[0].value
        if not isinstance(instance, str):
            raise _NoSuchPlace("the first call returned no instance id.")
        try:
            return self.world.instance_environment(instance)
        except SkylabError as error:
            raise _NoSuchPlace(
                f"{instance} is no instance that it could run on. {error.detail}".strip()
            ) from None


class _NoSuchPlace(Exception):
    """The instance that a call is to run on does not exist, or does not run."""


def _references(value: Any) -> set[int]:
    """The numbers of the earlier calls whose results these arguments name."""
    match value:
        case {"result": int(number)} if len(value) == 1:
            return {number}
        case dict():
            return set().union(*map(_references, value.values()))
        case list() | tuple():
            return set().union(*map(_references, value))
    return set()


def _filled(value: Any, earlier: Sequence[CallResult]) -> Any:
    """The arguments with each reference replaced by the result that it names."""
    match value:
        case {"result": int(number)} if len(value) == 1:
            return earlier[number].value
        case dict():
            return {key: _filled(item, earlier) for key, item in value.items()}
        case list() | tuple():
            return [_filled(item, earlier) for item in value]
    return value
