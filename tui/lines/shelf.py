"""The instruments in lines. Each is asked through its page of the app, which is never mounted here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from labs.errors import InputError
from tui.lines.room import Room
from tui.lines.words import Word, number_in

if TYPE_CHECKING:
    from labs.sandbox import World
    from tui.instruments.form import Entry
    from tui.instruments.page import Answer, Instrument
    from tui.lines.desk import Desk

__all__ = ["InstrumentRoom", "ShelfRoom", "find_instrument", "open_instrument"]

NOTHING = "nothing"
"""What stands for an empty document."""


def find_instrument(name: str) -> type[Instrument] | None:
    """The instrument of a name, or of a part of it; None where there is none."""
    from tui.instruments import INSTRUMENTS

    asked = name.strip().casefold()
    exact = [each for each in INSTRUMENTS if each.NAME.casefold() == asked]
    found = exact or [each for each in INSTRUMENTS if asked and asked in each.NAME.casefold().split()]
    return found[0] if len(found) == 1 else None


def open_instrument(desk: Desk, kind: type[Instrument]) -> InstrumentRoom:
    """The room of an instrument."""
    from tui.lines.benches import ROOMS

    return ROOMS.get(kind.NAME, InstrumentRoom)(desk, kind())


class ShelfRoom(Room):
    """All instruments."""

    about = "The instruments. They need no exercise: ask them what you like; nothing is marked."

    @property
    def prompt(self) -> str:
        return "Instruments: open N, back or ?> "

    def enter(self) -> None:
        from tui.instruments import INSTRUMENTS

        for number, each in enumerate(INSTRUMENTS, start=1):
            self.talk.tell(f"{number}. {each.NAME}: {each.SUMMARY}")
        self.talk.tell("Drills: type drill, or drill and a skill: arns, hosts, overlap, decisions, costs.")

    def words(self) -> tuple[Word, ...]:
        return (
            Word("open", "N", "Open instrument N, or anything by its name.", self.open),
            Word("next", "", "Open the first one.", lambda _: self.open("1"), ("n",)),
        )

    def open(self, text: str) -> None:
        from tui.instruments import INSTRUMENTS

        if text.strip().isdecimal():
            kind: type[Instrument] | None = INSTRUMENTS[number_in(text, len(INSTRUMENTS), "instrument") - 1]
        else:
            kind = find_instrument(text)  # here `cidr` is the planner, not the unit
        if kind is None:
            self.desk.open_named(text)
        else:
            self.desk.enter(open_instrument(self.desk, kind))


class InstrumentRoom(Room):
    """One instrument: its entries, each with a name to set it by, and the answer."""

    page: Instrument

    def __init__(self, desk: Desk, page: Instrument) -> None:
        super().__init__(desk)
        self.page = page
        self.about = f"{page.NAME}. {page.SUMMARY}"
        held = self.session.draft(page.NAME)
        self.values = {each.name: held.get(each.name, each.value) for each in page.ENTRIES}
        self.mine = dict(self.values)
        self.example = 0
        self.shown: Answer | None = None

    @property
    def prompt(self) -> str:
        return f"{self.page.NAME}: {self.page.ENTRIES[0].name} …, entries, next, back or ?> "

    def enter(self) -> None:
        self.talk.tell(self.about)
        self.show_entries()
        self.talk.tell("To change one, type its name and what it should be.", "")
        self.ask()

    def show_entries(self, _: str = "") -> None:
        """What is asked now: each entry with its name, and what it may hold."""
        for each in self.page.ENTRIES:
            value = self.values[each.name]
            if each.kind == "document":
                self.talk.tell(f"{each.name}, {each.label}:", *value.splitlines() or ["nothing"])
                continue
            may = f"may be {', '.join(each.choices)}" if each.choices else each.hint and f"as {each.hint}"
            self.talk.tell(f"{each.name}: {value or 'nothing'}{f' ({may})' if may else ''}")

    def words(self) -> tuple[Word, ...]:
        return (
            *self.deeds(),
            *(Word(each.name, *self.use_of(each), self.setter(each)) for each in self.page.ENTRIES),
            Word("entries", "", "What is asked now, entry by entry.", self.show_entries),
            Word("answer", "", "Answer once more.", lambda _: self.ask()),
            Word("next", "", "The next example; after the last one yours comes back.", self.next, ("n",)),
            Word("command", "", "The command that says the same.", self.command),
        )

    def deeds(self) -> tuple[Word, ...]:
        """What this instrument can do besides answering."""
        return ()

    @staticmethod
    def use_of(entry: Entry) -> tuple[str, str]:
        """What follows an entry's name, and its line of help."""
        if entry.kind == "document":
            return (
                "[FILE]",
                f"{entry.label}: from a file, or lines up to a lone dot, or {NOTHING} to empty it.",
            )
        if entry.choices:
            return "|".join(entry.choices).replace(" ", "-"), f"Set {entry.label}."
        return "TEXT", f"Set {entry.label}{f', as {entry.hint}' if entry.hint else ''}."

    def setter(self, entry: Entry) -> Callable[[str], None]:
        return lambda text: self.put(entry, text.strip())

    def put(self, entry: Entry, text: str) -> None:
        """Set an entry and answer.

        Raises:
            InputError: it is none of the choices, or there is no such file.
        """
        if entry.kind == "document":
            text = self.document(entry, text)
        elif entry.choices:
            text = choice_of(entry, text)
        self.values[entry.name] = text
        self.keep()
        self.ask()

    def document(self, entry: Entry, file: str) -> str:
        """A document from a file, or else typed; without a line it stays as it was."""
        from tui.commands.lines import read_text

        if file == NOTHING:
            return ""
        if file:
            return read_text(Path(file).expanduser())
        self.talk.tell(f"{entry.label}: write; a line with a lone dot ends it.")
        return self.talk.ask_several() or self.values[entry.name]

    def take(self, line: str) -> bool:
        """An instrument with one entry takes any line for it."""
        if len(self.page.ENTRIES) > 1:
            return False
        self.put(self.page.ENTRIES[0], line.strip())
        return True

    def keep(self) -> None:
        self.session.keep_draft(self.page.NAME, self.values)

    def next(self, _: str = "") -> None:
        examples = self.page.EXAMPLES
        if not examples:
            raise InputError("This instrument has no examples", "It reads the sandbox.", "Set its entries.")
        if self.example == 0:
            self.mine = dict(self.values)
        self.example = (self.example + 1) % (len(examples) + 1)
        self.values.update(examples[self.example - 1] if self.example else self.mine)
        self.talk.tell(f"Example {self.example} of {len(examples)}." if self.example else "Yours again.")
        self.show_entries()
        self.ask()

    def command(self, _: str = "") -> None:
        held = self.shown.command if self.shown else ""
        self.talk.tell(held or "No command says the same.")

    # The answer

    def ask(self) -> None:
        """Work the answer out, and say it."""
        self.shown = None
        self.shown = self.page.answer(self.values, self.current_world())
        self.say_answer(self.shown)

    def current_world(self) -> World | None:
        """The sandbox, if one has been started."""
        return self.session.current.world if self.session.current else None

    def say_answer(self, answer: Answer) -> None:
        self.talk.say(answer.drawing)


def choice_of(entry: Entry, text: str) -> str:
    """The choice that a text is, or begins; blanks may be written as dashes.

    Raises:
        InputError: it is none, or several.
    """
    asked = text.casefold()
    folded = {each: each.casefold() for each in entry.choices}
    exact = [each for each, name in folded.items() if asked in (name, name.replace(" ", "-"))]
    begun = exact or [each for each, name in folded.items() if asked and name.startswith(asked)]
    if len(begun) != 1:
        raise InputError(
            f"This is no choice for {entry.label}", f"It is {text!r}.", f"One of: {', '.join(entry.choices)}."
        )
    return begun[0]
