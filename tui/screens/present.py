"""The presenter: a walkthrough as slides, with live calls that can be taken back, polls and a timer."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from labs.course.walkthrough import CLOSING, Poll, Slide, name_of, slides
from labs.errors import InputError
from tui.actions import bindings
from tui.live_calls import Ran, Shell
from tui.messages import Failed
from tui.presenting import Presented, Teller, presentation_file
from tui.screens.ask import AskPanel
from tui.screens.base import Page

if TYPE_CHECKING:
    from labs.course import Unit
    from labs.sandbox import World
    from tui.draw.voting import Place
    from tui.web.ballot import Question
    from tui.web.polling import PollPage

__all__ = ["DISCUSS", "Presenter", "votes_in"]

DISCUSS = 90
"""Seconds of a discussion."""
NO_PAGE = "No page for votes is open: skylab present UNIT --poll."
SURE = 4
"""Seconds in which Esc has to come again where votes would go with the presentation."""


@dataclass(slots=True)
class Shown:
    """What the class has seen of a slide: whether the answer is out, the calls that have run.

    `votes` are those that were counted in the room; `closed` is whether the page takes no more of them.
    """

    votes: dict[str, int] = field(default_factory=dict)
    revealed: bool = False
    closed: bool = False
    ran: list[Ran] = field(default_factory=list)


class Presenter(Page):
    """One idea a screen; everything else is hidden."""

    SCOPE = "present"
    HELP_LINE = (
        "A walkthrough on the projector. Nothing gives an answer away before you ask for it, and each live "
        "call can be taken back: the sandbox is then as it was before."
    )
    BINDINGS = bindings("present")

    class Done(Message):
        """A live call has run, or was taken back (then there is none)."""

        def __init__(self, ran: Ran | None) -> None:
            super().__init__()
            self.ran = ran

    def __init__(self, unit: Unit, polls: PollPage | None = None) -> None:
        """`polls` is a page on which the class votes; it ends with the presentation."""
        super().__init__()
        self.unit = unit
        self.polls = polls
        self.slides = slides(unit.walkthrough)
        self.shown = [Shown() for _ in self.slides]
        self.number = 0
        self.with_notes = False
        self.until = 0.0
        self.joining = False
        self.running = ""
        self._shell: Shell | None = None
        self._teller: Teller | None = None
        self._leaving = 0.0
        self._votes_drawn = 0

    def body(self) -> ComposeResult:
        with Stage(id="stage"):
            yield Static(id="slide")

    def begin(self, sandbox_file: Path) -> None:
        """Tell the notes on another terminal from now on, and open the page for votes."""
        self._teller = Teller(presentation_file(sandbox_file))
        if self.polls is not None:
            self.polls.start()

    def end(self) -> None:
        """Take back what was told, and close what was opened."""
        if self._teller is not None:
            self._teller.end()
        if self.polls is not None:
            self.polls.close()
        if self._shell is not None:
            self._shell.close()

    def on_mount(self) -> None:
        self.begin(self.skylab.session.workspace.sandbox_file)
        self.set_interval(1.0, self.tick)
        self.query_one("#stage").focus()
        self.draw()

    def on_unmount(self) -> None:
        self.end()

    @property
    def slide(self) -> Slide:
        return self.slides[self.number]

    @property
    def state(self) -> Shown:
        return self.shown[self.number]

    @property
    def left(self) -> int:
        """Seconds that are left to discuss."""
        return max(0, math.ceil(self.until - time.time()))

    @property
    def votes(self) -> Mapping[str, int]:
        """The votes for this slide's poll: those counted in the room, and those that came by phone."""
        if self.slide.poll is None:
            return {}
        phones = self.polls.ballot.counts(self.number) if self.polls else {}
        sums = {
            each.letter: self.state.votes.get(each.letter, 0) + phones.get(each.letter, 0)
            for each in self.slide.poll.options
        }
        return sums if any(sums.values()) or self.state.votes else {}

    @property
    def voting(self) -> bool:
        """Whether the page takes votes for this slide's poll now."""
        return self.slide.poll is not None and not (self.state.revealed or self.state.closed)

    @property
    def place(self) -> Place | None:
        """What there is to say of the page for votes; None where there is none."""
        from tui.draw.voting import Place

        if self.polls is None:
            return None
        by_phone = sum(self.polls.ballot.counts(self.number).values())
        return Place(
            self.polls.door.host,
            asking=self.slide.poll is not None,
            open=self.voting,
            by_phone=by_phone,
            by_hand=sum(self.state.votes.values()),
            warning=self.polls.warning,
        )

    def draw(self) -> None:
        """Draw the slide as far as the class has seen it, and tell the phones and the notes of it."""
        from tui.draw.slides import slide_drawn
        from tui.draw.voting import join_drawn

        self.tell()
        left = self.left
        clock = f"discuss · {left // 60}:{left % 60:02}" if left else ""
        self.say(f"{self.unit.title} › {self.slide.title}", f"{self.number + 1} of {len(self.slides)}")
        place = self.place
        if self.joining and place is not None:
            self.query_one("#slide", Static).update(join_drawn(place))
            return
        drawn: list[RenderableType] = [
            slide_drawn(
                self.slide,
                votes=self.votes,
                revealed=self.state.revealed,
                ran=[(each.command, each.output) for each in self.state.ran],
                following=self.running or self.next_call(),
                running=bool(self.running),
                clock=clock,
                place=place if self.number == 0 or self.slide.poll is not None else None,
            )
        ]
        if self.with_notes or self.slide.title == CLOSING:
            from tui.draw.slides import notes_drawn

            drawn.append(notes_drawn(self.slide))
        self.query_one("#slide", Static).update(Group(*drawn))

    def tell(self) -> None:
        """Tell the page for votes what is asked, and the notes on another terminal where we are."""
        state = self.state
        if self.polls is not None:
            self._votes_drawn = self.polls.ballot.changes
            self.polls.ballot.ask(self.question())
        if self._teller is not None:
            until = self.until if self.left else None
            self._teller.tell(
                Presented(self.unit.id, self.number, state.revealed, len(state.ran), dict(self.votes), until)
            )

    def question(self) -> Question | None:
        """What the page asks; it hears of the answer when the class does."""
        from tui.web.ballot import Question

        poll = self.slide.poll
        if poll is None:
            return None
        revealed = self.state.revealed
        answer = poll.answer if revealed else ""
        asked = name_of(self.slide), poll.question, poll.options, self.slide.code
        return Question(self.number, *asked, open=self.voting, revealed=revealed, answer=answer)

    def tick(self) -> None:
        voted = self.polls is not None and self.polls.ballot.changes != self._votes_drawn
        if self.until or voted:
            self.draw()
        if not self.left:
            self.until = 0.0

    # Slides

    def action_next(self) -> None:
        """Reveal what the slide holds back; after that, the next slide."""
        if self.joining:
            self.action_address()
        elif self.slide.poll is not None and not self.state.revealed:
            self.action_reveal()
        elif self.number + 1 < len(self.slides):
            self.go(self.number + 1)

    def action_previous(self) -> None:
        if self.number:
            self.go(self.number - 1)

    def go(self, number: int) -> None:
        self.number, self.until, self.joining = number, 0.0, False
        self.query_one("#stage").scroll_home(animate=False)
        self.draw()

    def action_reveal(self) -> None:
        self.state.revealed, self.joining = True, False
        self.draw()

    def action_notes(self) -> None:
        self.with_notes = not self.with_notes
        self.draw()

    def action_timer(self) -> None:
        self.until = 0.0 if self.left else time.time() + DISCUSS
        self.draw()

    # Polls

    def action_address(self) -> None:
        """Show the page's address in place of the slide, or the slide again."""
        if self.polls is None:
            self.notify(NO_PAGE, timeout=4)
        else:
            self.joining = not self.joining
            self.query_one("#stage").scroll_home(animate=False)
            self.draw()

    def action_voting(self) -> None:
        """Close the vote on the phones, or open it again while the answer is not out."""
        if self.polls is None:
            self.notify(NO_PAGE, timeout=4)
        elif self.slide.poll is None or self.state.revealed:
            self.notify("There is no vote to close or open here.", timeout=3)
        else:
            self.state.closed = not self.state.closed
            self.draw()

    def action_votes(self) -> None:
        if self.slide.poll is None:
            self.notify("There is no poll on this slide.", timeout=3)
            return
        letters = " ".join(each.letter for each in self.slide.poll.options)
        besides = ". Votes by phone come on top" if self.polls else ""
        self.skylab.push_screen(
            AskPanel("Votes", f"How many for {letters}, in this order: 12 18 6{besides}", self.count)
        )

    def count(self, text: str) -> None:
        """Take the votes that were counted.

        Raises:
            InputError: they are no numbers, or not one for each option.
        """
        assert self.slide.poll is not None
        self.state.votes = votes_in(text, self.slide.poll)
        self.draw()

    # Live calls

    def next_call(self) -> str:
        """The next command that can be run live; empty when all have run, or while a poll is open."""
        if self.slide.poll is not None and not self.state.revealed and not self.slide.code:
            return ""
        done = len(self.state.ran)
        return self.slide.calls[done] if done < len(self.slide.calls) else ""

    def action_run(self) -> None:
        call = self.next_call()
        stage = self.skylab.current_stage
        if self.running or not call:
            self.notify("There is nothing to run now.", timeout=3)
        elif stage is None:
            self.notify("The sandbox is warming; try again in a moment.", timeout=4)
        else:
            self.running = call
            self.draw()
            self.run_call(call, stage.world)

    def shell(self, world: World) -> Shell:
        """The surroundings of the live calls, new for another sandbox. Blocks."""
        if self._shell is None or self._shell.world is not world:
            self._shell = Shell(world, self.skylab.session.workspace.folder)
        return self._shell

    @work(thread=True, exclusive=True, exit_on_error=False, group="live")
    def run_call(self, call: str, world: World) -> None:
        """Run a command on the sandbox."""
        try:
            self.post_message(self.Done(self.shell(world).run(call)))
        except Exception as error:
            self.post_message(Failed(error, "running a live call"))

    def action_back(self) -> None:
        stage = self.skylab.current_stage
        if not self.state.ran or stage is None or self.running:
            self.notify("There is no live call to take back here.", timeout=3)
        else:
            self.running = self.state.ran[-1].command
            self.take_back(self.state.ran[-1], stage.world)

    @work(thread=True, exclusive=True, exit_on_error=False, group="live")
    def take_back(self, ran: Ran, world: World) -> None:
        """Put the sandbox back to where it was before a call."""
        try:
            self.shell(world).take_back(ran)
            self.post_message(self.Done(None))
        except Exception as error:
            self.post_message(Failed(error, "taking a live call back"))

    @on(Done)
    def was_done(self, message: Done) -> None:
        message.stop()
        self.running = ""
        if message.ran is None:
            self.state.ran.pop()
        else:
            self.state.ran.append(message.ran)
        self.draw()
        self.query_one("#stage").scroll_end(animate=False)

    @on(Failed)
    def failed(self, message: Failed) -> None:
        message.stop()
        self.running = ""
        self.draw()
        self.skylab.show_failure(message.error, message.doing)

    def action_close(self) -> None:
        if self.polls is not None and time.monotonic() > self._leaving:
            self._leaving = time.monotonic() + SURE
            self.notify("Esc once more ends the presentation and the page with its votes.", timeout=SURE)
        else:
            self.dismiss()

    def shell_command(self) -> str:
        return f"skylab present {self.unit.id}"


def votes_in(text: str, poll: Poll) -> dict[str, int]:
    """The votes that were counted, by the letters of the options.

    Raises:
        InputError: they are no numbers, or not one for each option.
    """
    letters = [each.letter for each in poll.options]
    words = text.replace(",", " ").split()
    if len(words) != len(letters) or not all(word.isdecimal() for word in words):
        raise InputError(
            "These are no votes", f"It is {text!r}.", f"A number for each of {' '.join(letters)}."
        )
    return dict(zip(letters, map(int, words), strict=True))


class Stage(VerticalScroll):
    """The slide."""

    HELP_LINE = "The slide. Right goes on, Left goes back; Up and Down scroll it."
