"""A walkthrough in lines: slide by slide, live calls that can be taken back, polls, notes, a timer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from labs.course.walkthrough import CLOSING, Poll
from labs.errors import InputError
from tui.lines.room import Room
from tui.lines.words import Word

if TYPE_CHECKING:
    from labs.course import Unit
    from tui.lines.desk import Desk
    from tui.web.polling import PollPage

__all__ = ["PresentRoom"]


class PresentRoom(Room):
    """One idea at a time; no answer is given before it is asked for.

    What the class has heard is kept by the app's page of slides, which is never mounted here.
    """

    about = (
        "A walkthrough for a class. Nothing gives an answer away before you ask for it, and each live call "
        "can be taken back: the sandbox is then as it was before."
    )

    def __init__(self, desk: Desk, unit: Unit, polls: PollPage | None = None) -> None:
        from tui.screens.present import Presenter

        super().__init__(desk)
        self.page = Presenter(unit, polls)
        self.begun = False

    def leave(self) -> None:
        self.page.end()

    @property
    def prompt(self) -> str:
        page = self.page
        left = f", {page.left} s left to discuss" if page.left else ""
        return f"Slide {page.number + 1} of {len(page.slides)}{left}: next, back, run, notes or ?> "

    def enter(self) -> None:
        from tui.draw.slides import notes_drawn, slide_drawn

        page, slide, state = self.page, self.page.slide, self.page.state
        if not self.begun:
            page.begin(self.session.workspace.sandbox_file)
            self.begun = True
        page.tell()
        ran = [(each.command, each.output) for each in state.ran]
        self.talk.say(slide_drawn(slide, votes=page.votes, revealed=state.revealed, ran=ran))
        if slide.title == CLOSING:
            self.talk.say(notes_drawn(slide))
        if call := page.next_call():
            self.talk.tell(f"Live call: {call}", "Type run.")
        if slide.poll is not None and not state.revealed:
            letters = " ".join(each.letter for each in slide.poll.options)
            self.talk.tell(f"A poll. Type votes and a number for each of {letters}; next tells the answer.")
        if page.number == 0 or slide.poll is not None:
            self.address()

    def words(self) -> tuple[Word, ...]:
        return (
            Word("next", "", "What the slide holds back; after that, the next slide.", self.next, ("n",)),
            Word("back", "", "The slide before; from the first one, where you were.", self.previous, ("b",)),
            Word("run", "", "Run the next live call on the sandbox.", self.run),
            Word("undo", "", "Take the last live call of this slide back.", self.undo),
            Word("votes", "[N N …]", "The votes of a poll; or enter a number for each option.", self.votes),
            Word("close", "", "Close the vote on the phones, or open it again.", self.voting),
            Word("answer", "", "Tell the answer of the poll.", self.answer),
            Word("timer", "", "Ninety seconds to discuss, or end them.", self.timer),
            Word("notes", "", "Your notes for this slide; they name the answers.", self.notes),
        )

    def next(self, _: str = "") -> None:
        page = self.page
        if page.slide.poll is not None and not page.state.revealed:
            self.answer()
        elif page.number + 1 < len(page.slides):
            self.go(page.number + 1)
        else:
            self.talk.tell("This was the last slide. Type map, or q.")

    def previous(self, _: str = "") -> None:
        if self.page.number:
            self.go(self.page.number - 1)
        else:
            self.desk.back()

    def go(self, number: int) -> None:
        self.page.number, self.page.until = number, 0.0
        self.enter()

    def answer(self, _: str = "") -> None:
        poll = self.poll()
        self.page.state.revealed = True
        self.enter()
        if poll.answer:
            self.talk.tell(f"The answer is {poll.answer}.")

    def notes(self, _: str = "") -> None:
        from tui.draw.slides import notes_drawn

        self.talk.say(notes_drawn(self.page.slide))

    def timer(self, _: str = "") -> None:
        from tui.screens.present import DISCUSS

        self.page.until = 0.0 if self.page.left else time.time() + DISCUSS
        self.page.tell()
        self.talk.tell(f"{DISCUSS} seconds to discuss." if self.page.left else "The discussion is over.")

    # Polls

    def poll(self) -> Poll:
        """The poll of this slide.

        Raises:
            InputError: there is none.
        """
        if self.page.slide.poll is None:
            raise InputError("There is no poll on this slide", "Votes and answers belong to a poll.")
        return self.page.slide.poll

    def votes(self, text: str) -> None:
        """Take the votes that were counted, or say those that there are."""
        from tui.screens.present import votes_in

        poll = self.poll()
        if text.strip():
            self.page.state.votes = votes_in(text, poll)
            self.page.tell()
        counts = self.page.votes
        self.talk.tell(*(f"{each.letter}: {counts.get(each.letter, 0)}" for each in poll.options))
        self.address()

    def voting(self, _: str = "") -> None:
        """Close the vote on the phones, or open it again while the answer is not out."""
        self.poll()
        if self.page.polls is None or self.page.state.revealed:
            raise InputError(
                "There is no vote to close or open here", "The page is not open, or the answer is out."
            )
        self.page.state.closed = not self.page.state.closed
        self.page.tell()
        self.address()

    def address(self, _: str = "") -> None:
        """Where the class votes by phone, and how votes stand there."""
        place = self.page.place
        if place is None:
            return
        self.talk.tell(f"Vote on your phone: http://{place.host}. {place.came}.")
        if place.asking and not place.open:
            self.talk.tell("The vote is closed.")
        if place.warning:
            self.talk.tell(place.warning)

    # Live calls

    def run(self, _: str = "") -> None:
        call = self.page.next_call()
        if not call:
            raise InputError("There is nothing to run now", "All calls of this slide have run.", "Type next.")
        ran = self.desk.shell().run(call)
        self.page.state.ran.append(ran)
        self.page.tell()
        self.talk.tell(f"$ {ran.command}", *ran.output.splitlines())
        if following := self.page.next_call():
            self.talk.tell(f"Next live call: {following}")

    def undo(self, _: str = "") -> None:
        ran = self.page.state.ran
        if not ran:
            raise InputError("There is no live call to take back here", "None has run on this slide.")
        self.desk.shell().take_back(ran[-1])
        self.talk.tell(f"Taken back: {ran.pop().command}")
        self.page.tell()
