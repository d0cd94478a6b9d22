"""A walkthrough in lines: slide by slide, live calls that can be taken back, polls, notes, a timer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labs.course.walkthrough import CLOSING, Slide, slides
from labs.errors import InputError
from tui.lines.room import Room
from tui.lines.words import Word
from tui.presenting import Presented, Teller, presentation_file

if TYPE_CHECKING:
    from labs.course import Unit
    from tui.lines.desk import Desk
    from tui.live_calls import Ran

__all__ = ["PresentRoom"]

DISCUSS = 90
"""Seconds of a discussion."""


@dataclass(slots=True)
class Shown:
    """What the class has heard of a slide."""

    votes: dict[str, int] = field(default_factory=dict)
    revealed: bool = False
    ran: list[Ran] = field(default_factory=list)


class PresentRoom(Room):
    """One idea at a time; no answer is given before it is asked for."""

    about = (
        "A walkthrough for a class. Nothing gives an answer away before you ask for it, and each live call "
        "can be taken back: the sandbox is then as it was before."
    )

    def __init__(self, desk: Desk, unit: Unit) -> None:
        super().__init__(desk)
        self.unit = unit
        self.slides = slides(unit.walkthrough)
        self.shown = [Shown() for _ in self.slides]
        self.number = 0
        self.until: float | None = None
        self.teller = Teller(presentation_file(desk.session.workspace.sandbox_file))

    @property
    def slide(self) -> Slide:
        return self.slides[self.number]

    @property
    def state(self) -> Shown:
        return self.shown[self.number]

    @property
    def prompt(self) -> str:
        left = "" if self.until is None else f", {max(0, round(self.until - time.time()))} s left to discuss"
        return f"Slide {self.number + 1} of {len(self.slides)}{left}: next, back, run, notes or ?> "

    def enter(self) -> None:
        from tui.draw.slides import notes_drawn, slide_drawn

        self.tell()
        ran = [(each.command, each.output) for each in self.state.ran]
        state = self.state
        self.talk.say(slide_drawn(self.slide, votes=state.votes, revealed=state.revealed, ran=ran))
        if self.slide.title == CLOSING:
            self.talk.say(notes_drawn(self.slide))
        if call := self.next_call():
            self.talk.tell(f"Live call: {call}", "Type run.")
        if self.slide.poll is not None and not state.revealed:
            letters = " ".join(each.letter for each in self.slide.poll.options)
            self.talk.tell(f"A poll. Type votes and a number for each of {letters}; next tells the answer.")

    def tell(self) -> None:
        """Tell the notes on another terminal where we are."""
        state, ran = self.state, len(self.state.ran)
        self.teller.tell(
            Presented(self.unit.id, self.number, state.revealed, ran, dict(state.votes), self.until)
        )

    def leave(self) -> None:
        self.teller.end()

    def words(self) -> tuple[Word, ...]:
        return (
            Word("next", "", "What the slide holds back; after that, the next slide.", self.next, ("n",)),
            Word("back", "", "The slide before; from the first one, where you were.", self.previous, ("b",)),
            Word("run", "", "Run the next live call on the sandbox.", self.run),
            Word("undo", "", "Take the last live call of this slide back.", self.undo),
            Word("votes", "N N …", "Enter the votes of a poll, a number for each option.", self.votes),
            Word("answer", "", "Tell the answer of the poll.", self.answer),
            Word("timer", "", "Ninety seconds to discuss, or end them.", self.timer),
            Word("notes", "", "Your notes for this slide; they name the answers.", self.notes),
        )

    def next(self, _: str = "") -> None:
        if self.slide.poll is not None and not self.state.revealed:
            self.answer()
        elif self.number + 1 < len(self.slides):
            self.go(self.number + 1)
        else:
            self.talk.tell("This was the last slide. Type map, or q.")

    def previous(self, _: str = "") -> None:
        if self.number:
            self.go(self.number - 1)
        else:
            self.desk.back()

    def go(self, number: int) -> None:
        self.number, self.until = number, None
        self.enter()

    def answer(self, _: str = "") -> None:
        self.state.revealed = True
        self.enter()
        if self.slide.poll is not None and self.slide.poll.answer:
            self.talk.tell(f"The answer is {self.slide.poll.answer}.")

    def notes(self, _: str = "") -> None:
        from tui.draw.slides import notes_drawn

        self.talk.say(notes_drawn(self.slide))

    def timer(self, _: str = "") -> None:
        self.until = None if self.until is not None else time.time() + DISCUSS
        self.talk.tell(
            f"{DISCUSS} seconds to discuss." if self.until is not None else "The discussion is over."
        )
        self.tell()

    def votes(self, text: str) -> None:
        """Take the votes that were counted.

        Raises:
            InputError: they are no numbers, or not one for each option.
        """
        if self.slide.poll is None:
            raise InputError("There is no poll on this slide", "Votes belong to a poll.")
        letters = [each.letter for each in self.slide.poll.options]
        words = text.replace(",", " ").split()
        if len(words) != len(letters) or not all(word.isdecimal() for word in words):
            raise InputError(
                "These are no votes", f"It is {text!r}.", f"A number for each of {' '.join(letters)}."
            )
        self.state.votes = dict(zip(letters, map(int, words), strict=True))
        self.talk.tell(*(f"{letter}: {count}" for letter, count in self.state.votes.items()))
        self.tell()

    # Live calls

    def next_call(self) -> str:
        """The next command that can be run live; empty when all have run, or while a poll is open."""
        if self.slide.poll is not None and not self.state.revealed and not self.slide.code:
            return ""
        done = len(self.state.ran)
        return self.slide.calls[done] if done < len(self.slide.calls) else ""

    def run(self, _: str = "") -> None:
        call = self.next_call()
        if not call:
            raise InputError("There is nothing to run now", "All calls of this slide have run.", "Type next.")
        ran = self.desk.shell().run(call)
        self.state.ran.append(ran)
        self.tell()
        self.talk.tell(f"$ {ran.command}", *ran.output.splitlines())
        if following := self.next_call():
            self.talk.tell(f"Next live call: {following}")

    def undo(self, _: str = "") -> None:
        if not self.state.ran:
            raise InputError("There is no live call to take back here", "None has run on this slide.")
        ran = self.state.ran[-1]
        self.desk.shell().take_back(ran)
        self.state.ran.pop()
        self.tell()
        self.talk.tell(f"Taken back: {ran.command}")
