"""The world in lines: its requests and why, what exists, the network, the bill, the time and the past."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labs.errors import InputError
from tui.lines.room import Room
from tui.lines.words import Word, number_in

if TYPE_CHECKING:
    from labs.course import Exercise
    from labs.sandbox import Event, World
    from tui.lines.desk import Desk

__all__ = ["Deeds", "WorldRoom"]

SHOWN = 20
"""Requests that are listed at a time, the last ones."""


class Deeds:
    """What can be done in a world from any room that has one: an exercise's own, or the sandbox."""

    def __init__(self, desk: Desk, exercise: Exercise | None = None) -> None:
        self.desk = desk
        self.exercise = exercise

    @property
    def world(self) -> World:
        return self.desk.world(self.exercise)

    def words(self) -> tuple[Word, ...]:
        return (
            Word("run", "COMMAND", "Run a command in the sandbox, as aws s3 ls.", self.run),
            Word("python", "", "Run a program in the sandbox: lines up to a lone dot.", self.python),
            Word("requests", "[denied]", "The last requests, numbered for why.", self.requests),
        )

    def run(self, command: str) -> None:
        """Run a command of a shell, and say what it prints."""
        if not command.strip():
            raise InputError("There is no command", "Nothing follows run.", "As in: run aws s3 ls")
        self.say_output(command)

    def python(self, _: str = "") -> None:
        """Run a program of several lines."""
        self.desk.talk.tell("Write; a line with a lone dot ends it and runs it.")
        program = self.desk.talk.ask_several()
        if program is None:
            raise InputError("There is no program", "Nothing was written.")
        file = self.desk.shell(self.exercise).folder / "program.py"
        file.write_text(program, encoding="utf-8")
        self.say_output("python3 program.py")

    def say_output(self, command: str) -> None:
        ran = self.desk.shell(self.exercise).run(command)
        self.desk.talk.tell(*ran.output.splitlines())
        if ran.status:
            self.desk.talk.tell(f"It ended with status {ran.status}.")
        elif not ran.output.strip():
            self.desk.talk.tell("Done; it printed nothing.")
        self.desk.status = 1 if ran.status else 0

    def requests(self, text: str = "") -> None:
        """The last requests, a line each; `why N` explains one."""
        only = text.strip().casefold()
        if only not in ("", "denied"):
            raise InputError("This is no kind of request", f"It is {text!r}.", "requests, or requests denied")
        world = self.world
        events = [each for each in world.events() if not only or each.refused][-SHOWN:]
        self.desk.reasons = {each.sequence: partial(self.explain, world, each) for each in events}
        self.desk.talk.tell(*map(request_line, events))
        none = "Nothing was denied yet." if only else "The sandbox was asked nothing yet."
        self.desk.talk.tell("Type why and a number." if events else none)

    def explain(self, world: World, event: Event) -> None:
        """Say how the decision on a request fell: on the check that was denied, or on the last one."""
        from labs.aws.iam import case_from_json, explain
        from tui.draw.decision import ladder
        from tui.draw.events import event_line

        if not event.checks:
            self.desk.talk.say(event_line(event))
            return
        check = next((each for each in event.checks if not each.allowed), event.checks[-1])
        self.desk.talk.say(ladder(explain(*case_from_json(world.case(check.id)))))

    def undo(self, world: World) -> None:
        """Take the last change of a world back."""
        from tui.draw.time import rewound

        self.desk.talk.say(rewound(world.rewind(1), world.clock()))


def request_line(event: Event) -> str:
    """`3. 09:14:02 user/reader asks s3:ListObjectsV2: denied`."""
    from tui.draw.words import short_principal

    said = "allowed" if event.error is None else "denied" if event.refused else f"refused, {event.error}"
    who = short_principal(event.principal)
    return f"{event.sequence}. {event.time[11:19]} {who} asks {event.service}:{event.operation}: {said}"


class WorldRoom(Room):
    """The sandbox as it is now."""

    about = "The world: what the sandbox was asked, what exists in it, what it costs, its time and its past."

    def __init__(self, desk: Desk, exercise: Exercise | None = None) -> None:
        super().__init__(desk)
        self.own = exercise
        self.deeds = Deeds(desk, exercise)

    @property
    def world(self) -> World:
        return self.desk.world(self.own)

    @property
    def prompt(self) -> str:
        return "World: requests, resources, network, bill, time, run, back or ?> "

    def enter(self) -> None:
        from tui.draw.time import clock_line

        world = self.world
        of = f"of the exercise {self.own.title}" if self.own else "of no exercise"
        denied = sum(each.refused for each in world.events())
        self.talk.tell(
            f"The sandbox {of} answers at {world.connection.endpoint}.",
            f"Requests: {len(world.events())}, denied {denied}. Resources: {len(world.resources())}.",
        )
        self.talk.say(clock_line(world.clock()))

    def words(self) -> tuple[Word, ...]:
        return (
            *self.deeds.words(),
            Word("resources", "", "What exists, by service and kind.", self.resources),
            Word("network", "", "The VPCs, their subnets and what stands in them.", self.network),
            Word("bill", "[N]", "What it has cost so far; line N with its rule and price.", self.bill),
            Word("time", "", "The clock, and the changes that can be taken back.", self.time),
            Word("advance", "TIME", "Move the clock ahead, as 3d or 2h30m.", self.advance),
            Word("undo", "", "Take the last change back.", lambda _: self.deeds.undo(self.world)),
            Word("rewind", "N", "Take N changes back; or rewind to NAME, or to change N.", self.rewind),
            Word("name", "NAME", "Give the present state a name.", self.name),
        )

    def resources(self, _: str = "") -> None:
        from tui.draw.resources import resources_drawn

        self.talk.say(resources_drawn(self.world.resources()))

    def network(self, _: str = "") -> None:
        from tui.draw.network import network_drawn

        self.talk.say(network_drawn(self.session.network(self.world)))

    def bill(self, text: str = "") -> None:
        from tui.draw.bill import bill_drawn, spending_notes

        spent = self.world.bill()
        lines = spent.bill.lines
        selected = number_in(text, len(lines), "line") - 1 if text.strip() else None
        notes = spending_notes(spent)
        self.talk.say(bill_drawn(spent.bill, selected=selected), *((notes,) if notes is not None else ()))

    def time(self, _: str = "") -> None:
        from tui.draw.time import clock_line, history_drawn

        self.talk.say(clock_line(self.world.clock()), history_drawn(self.world.history()))

    def advance(self, text: str) -> None:
        from tui.commands.steering import read_duration
        from tui.draw.time import advance_drawn

        self.talk.say(advance_drawn(self.world.advance(seconds=read_duration(text).total_seconds())))

    def rewind(self, text: str) -> None:
        from tui.draw.time import rewound

        first, *rest = text.split() or [""]
        if first == "to" and len(rest) == 1:
            place = rest[0]
            last = self.world.rewind(to=int(place) if place.isdecimal() else place)
        else:
            last = self.world.rewind(number_in(text, len(self.world.history()) - 1, "change"))
        self.talk.say(rewound(last, self.world.clock()))

    def name(self, text: str) -> None:
        from tui.draw.time import change_line

        self.talk.say(change_line(self.world.checkpoint(text.strip())))
