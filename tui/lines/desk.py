"""Line mode itself: one loop over lines, the rooms that one goes through, and the words of every room."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from labs.errors import InputError, SkylabError
from tui.lines.words import Word, find, help_lines, number_in, unknown

if TYPE_CHECKING:
    from labs.course import CounterExample, Exercise, Unit
    from labs.sandbox import World
    from tui.lines.room import Room
    from tui.lines.talk import Talk
    from tui.live_calls import Shell
    from tui.session import Session

__all__ = ["Desk"]

FAULT = 3
"""The exit status for a fault of ours."""

GRAMMAR = (
    "Type a word, and after it what it is about; then press Enter. Capitals do not matter in words.",
    "next goes on, back goes back one step, open N opens item N of the list that was read last.",
    "What you write is saved at once. The end of the input, or q, leaves.",
)


class Desk:
    """A learner at work in line mode."""

    def __init__(self, session: Session, talk: Talk) -> None:
        self.session = session
        self.talk = talk
        self.rooms: list[Room] = []
        self.over = False
        self.status = 0
        self.reasons: Mapping[int, Callable[[], None]] = {}
        """What `why N` explains: of the list that was read last."""
        self._shell: Shell | None = None

    # The loop

    def run(self, *rooms: Room) -> int:
        """Go from the last of some rooms until the learner leaves.

        Returns:
            The exit status of the last line: 0 done or right, 1 not right, 2 not understood, 3 the machine
            failed.
        """
        try:
            self.rooms = list(rooms)
            self.guarded(self.room.enter)
            while not self.over:
                line = self.talk.ask(self.room.prompt)
                if line is None:
                    break
                self.guarded(partial(self.take, line))
            self.talk.tell("What you have written is saved.")
        finally:
            self.close()
        return self.status

    @property
    def room(self) -> Room:
        return self.rooms[-1]

    def guarded(self, deed: Callable[[], object]) -> None:
        """Do something; whatever goes wrong is said, and one can go on."""
        try:
            deed()
        except SkylabError as error:
            self.talk.tell(*filter(None, (f"Problem: {error.title}.", error.detail, error.hint)))
            self.status = error.exit_status
        except BrokenPipeError:
            raise  # nobody reads on: there is nobody to tell
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            self.talk.tell(
                f"A fault of Skylab and not yours: {type(error).__name__}: {error}",
                "What you wrote is saved, and you can go on. Type again, or back.",
            )
            self.status = FAULT

    def take(self, line: str) -> None:
        """Do what a line says."""
        if not line.strip():
            self.room.on_empty()
            return
        words = self.words()
        found = None if self.room.is_answer(line) else find(line, words)
        if found is not None and found[0].name == "q":
            self.over = True
            return
        self.status = 0
        if found is not None:
            found[0].do(found[1])
        elif not self.room.take(line):
            raise unknown(line, words)

    def words(self) -> tuple[Word, ...]:
        """All that may be typed now; the room's words come before those of every room."""
        return (*self.room.words(), *self.others())

    def others(self) -> list[Word]:
        """The words of every room, but for those that this room has a use of its own for."""
        own = {name for word in self.room.words() for name in word.names}
        return [word for word in self.everywhere() if word.name not in own]

    def everywhere(self) -> tuple[Word, ...]:
        return (
            Word("?", "", "Say what may be typed here.", self.help, ("help", "h")),
            Word("again", "", "Say once more what is here.", lambda _: self.room.enter()),
            Word("back", "", "Go back to where you were.", lambda _: self.back(), ("b",)),
            Word("why", "[N]", "Say why: for item N of what was read last.", self.why, ("w",)),
            Word("map", "", "Go to the course map.", lambda _: self.go_map(), ("m",)),
            Word("continue", "", "Go on where you left off.", lambda _: self.go_on(), ("c",)),
            Word("open", "NAME", "Open a unit, an exercise or an instrument by its name.", self.open_named),
            Word("lesson", "UNIT [N]", "Read a unit's lesson, at page N.", self.open_lesson),
            Word("review", "", "Answer again what is due.", lambda _: self.open_review()),
            Word("drill", "[SKILL]", "Practise a skill: arns, hosts, overlap, decisions, costs.", self.drill),
            Word("instruments", "", "The instruments, which need no exercise.", lambda _: self.open_shelf()),
            Word("world", "", "The sandbox: requests, resources, bill, time.", lambda _: self.open_world()),
            Word("present", "UNIT", "Show a unit's walkthrough to a class.", self.present),
            Word("q", "", "Leave Skylab.", lambda _: None, ("quit", "exit")),
        )

    def help(self, _: str = "") -> None:
        """What the room is for, and every word."""
        here, elsewhere = help_lines(self.room.words()), help_lines(self.others())
        self.talk.tell(self.room.about, *here, "Everywhere:", *elsewhere, *GRAMMAR)

    # Going about

    def enter(self, room: Room) -> None:
        """Go into a room; `back` leads here again."""
        self.rooms.append(room)
        room.enter()

    def turn_to(self, room: Room) -> None:
        """Go into a room in place of this one."""
        self.rooms.pop().leave()
        self.enter(room)

    def back(self) -> None:
        """Go back to where one was; from the first room, to the map."""
        if len(self.rooms) == 1:
            self.go_map()
            return
        self.rooms.pop().leave()
        self.room.enter()

    def go_map(self) -> None:
        from tui.lines.course import MapRoom

        for room in reversed(self.rooms):
            room.leave()
        self.rooms = []
        self.enter(MapRoom(self))

    def go_on(self) -> None:
        """The first thing that is not done, where the learner is."""
        from tui.lines.course import next_room

        room = next_room(self, self.session.current_unit())
        if room is None:
            self.talk.tell("Everything is done. Type review, drill or instruments to go on practising.")
        else:
            self.enter(room)

    def open_named(self, name: str) -> None:
        """Open a unit, an exercise or an instrument."""
        from tui.lines.course import UnitRoom
        from tui.lines.exercise import open_exercise
        from tui.lines.shelf import find_instrument, open_instrument

        asked, course = name.strip(), self.session.course
        unit = next((each for each in course.units if asked.casefold() in _names(each)), None)
        instrument = None if unit is not None else find_instrument(asked)
        if unit is not None:
            self.enter(UnitRoom(self, unit))
        elif instrument is not None:
            self.enter(open_instrument(self, instrument))
        else:
            self.enter(open_exercise(self, course.exercise(asked)))

    def open_lesson(self, text: str) -> None:
        from tui.lines.lesson import LessonRoom

        name, _, page = text.strip().partition(" ")
        if not name:
            raise InputError(
                "Which lesson is not said", "Name a unit.", "As in: lesson policies, or lesson 4"
            )
        unit = self.session.course.unit(name)
        number = (
            number_in(page, len(unit.pages), "page") - 1 if page.strip() else self.session.next_page(unit)
        )
        self.enter(LessonRoom(self, unit, number))

    def open_review(self) -> None:
        from tui.lines.practice import review_room

        self.enter(review_room(self))

    def drill(self, skill: str) -> None:
        from tui.lines.practice import drill_room

        self.enter(drill_room(self, skill.strip()))

    def open_shelf(self) -> None:
        from tui.lines.shelf import ShelfRoom

        self.enter(ShelfRoom(self))

    def open_world(self) -> None:
        from tui.lines.world import WorldRoom

        current = self.session.current.exercise if self.session.current else None
        self.enter(WorldRoom(self, self.room.own or current))

    def present(self, unit: str) -> None:
        from tui.lines.present import PresentRoom

        self.enter(PresentRoom(self, self.session.course.unit(unit.strip())))

    # Why

    def why(self, text: str) -> None:
        """Explain an item of what was read last; without a number the first one."""
        if not self.reasons:
            raise InputError(
                "There is nothing to explain yet",
                "Counter-examples come with a check, requests with the sandbox.",
                "Type check in an exercise, or requests in the world.",
            )
        said = text.strip() or str(min(self.reasons))
        if not said.isdecimal() or int(said[:9]) not in self.reasons:
            numbers = ", ".join(map(str, sorted(self.reasons)))
            raise InputError("There is no such item", f"{said!r} was asked for.", f"There are: {numbers}.")
        self.reasons[int(said)]()

    def run_example(self, example: CounterExample) -> None:
        """Run a counter-example, and say how it falls."""
        from tui.draw.decision import ladder
        from tui.draw.words import shown
        from tui.running import run_example

        if example.case is not None:
            self.talk.say(ladder(self.session.explain(example.case)))
        else:
            self.talk.say(shown(f"$ {example.typed}"), shown(run_example(example, plain=True)))

    # The world

    def world(self, exercise: Exercise | None = None, *, afresh: bool = False) -> World:
        """The sandbox, or the exercise's own; it is started when it is first asked for."""
        if self.session.needs_stage(exercise, afresh=afresh):
            self.talk.tell("The sandbox is starting.")
            self.close_shell()
            self.session.open_stage(exercise, afresh=afresh)
        assert self.session.current is not None
        return self.session.current.world

    def shell(self, exercise: Exercise | None = None) -> Shell:
        """The surroundings of commands that are run in the sandbox, as whom the learner is there."""
        from labs.sandbox.aws_command import first_on_path
        from tui.address import learner_in
        from tui.live_calls import Shell

        world = self.world(exercise)
        if self._shell is None or self._shell.world is not world:
            self.close_shell()
            assert self.session.current is not None
            shell = Shell(world, self.session.workspace.folder)
            keys = world.environment(learner_in(self.session.current.exercise))
            path = first_on_path(self.session.workspace.command_folder(), shell.environment["PATH"])
            shell.environment = {**shell.environment, **keys, "PATH": path}
            self._shell = shell
        return self._shell

    def close_shell(self) -> None:
        if self._shell is not None:
            self._shell.close()
            self._shell = None

    def close(self) -> None:
        """End what was started."""
        for room in self.rooms:
            room.leave()
        self.close_shell()
        self.session.close()


def _names(unit: Unit) -> tuple[str, ...]:
    """What a unit may be called."""
    return (unit.id, str(unit.number), unit.title.casefold())
