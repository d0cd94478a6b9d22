"""The presenter: a walkthrough as slides, with live calls that can be taken back, polls and a timer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from labs.course.walkthrough import CLOSING, Slide, slides
from labs.errors import InputError
from tui.actions import bindings
from tui.live_calls import Ran, Shell
from tui.messages import Failed
from tui.screens.ask import AskPanel
from tui.screens.base import Page

if TYPE_CHECKING:
    from labs.course import Unit
    from labs.sandbox import World

__all__ = ["Presenter"]

DISCUSS = 90
"""Seconds of a discussion."""


@dataclass(slots=True)
class Shown:
    """What the class has seen of a slide: the votes, whether the answer is out, the calls that have run."""

    votes: dict[str, int] = field(default_factory=dict)
    revealed: bool = False
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

    def __init__(self, unit: Unit) -> None:
        super().__init__()
        self.unit = unit
        self.slides = slides(unit.walkthrough)
        self.shown = [Shown() for _ in self.slides]
        self.number = 0
        self.with_notes = False
        self.left = 0
        self.running = ""
        self._shell: Shell | None = None

    def body(self) -> ComposeResult:
        with Stage(id="stage"):
            yield Static(id="slide")

    def on_mount(self) -> None:
        self.set_interval(1.0, self.tick)
        self.query_one("#stage").focus()
        self.draw()

    def on_unmount(self) -> None:
        if self._shell is not None:
            self._shell.close()

    @property
    def slide(self) -> Slide:
        return self.slides[self.number]

    @property
    def state(self) -> Shown:
        return self.shown[self.number]

    def draw(self) -> None:
        """Draw the slide as far as the class has seen it."""
        from tui.draw.slides import slide_drawn

        clock = f"discuss · {self.left // 60}:{self.left % 60:02}" if self.left else ""
        self.say(f"{self.unit.title} › {self.slide.title}", f"{self.number + 1} of {len(self.slides)}")
        drawn: list[RenderableType] = [
            slide_drawn(
                self.slide,
                votes=self.state.votes,
                revealed=self.state.revealed,
                ran=[(each.command, each.output) for each in self.state.ran],
                following=self.running or self.next_call(),
                running=bool(self.running),
                clock=clock,
            )
        ]
        if self.with_notes or self.slide.title == CLOSING:
            from tui.draw.slides import notes_drawn

            drawn.append(notes_drawn(self.slide))
        self.query_one("#slide", Static).update(Group(*drawn))

    def tick(self) -> None:
        if self.left:
            self.left -= 1
            self.draw()

    # Slides

    def action_next(self) -> None:
        """Reveal what the slide holds back; after that, the next slide."""
        if self.slide.poll is not None and not self.state.revealed:
            self.action_reveal()
        elif self.number + 1 < len(self.slides):
            self.go(self.number + 1)

    def action_previous(self) -> None:
        if self.number:
            self.go(self.number - 1)

    def go(self, number: int) -> None:
        self.number, self.left = number, 0
        self.query_one("#stage").scroll_home(animate=False)
        self.draw()

    def action_reveal(self) -> None:
        self.state.revealed = True
        self.draw()

    def action_notes(self) -> None:
        self.with_notes = not self.with_notes
        self.draw()

    def action_timer(self) -> None:
        self.left = 0 if self.left else DISCUSS
        self.draw()

    # Polls

    def action_votes(self) -> None:
        if self.slide.poll is None:
            self.notify("There is no poll on this slide.", timeout=3)
            return
        letters = " ".join(each.letter for each in self.slide.poll.options)
        self.skylab.push_screen(
            AskPanel("Votes", f"How many for {letters}, in this order: 12 18 6", self.count)
        )

    def count(self, text: str) -> None:
        """Take the votes that were counted.

        Raises:
            InputError: they are no numbers, or not one for each option.
        """
        assert self.slide.poll is not None
        letters = [each.letter for each in self.slide.poll.options]
        words = text.replace(",", " ").split()
        if len(words) != len(letters) or not all(word.isdecimal() for word in words):
            raise InputError(
                "These are no votes", f"It is {text!r}.", f"A number for each of {' '.join(letters)}."
            )
        self.state.votes = dict(zip(letters, map(int, words), strict=True))
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
        self.dismiss()

    def shell_command(self) -> str:
        return f"skylab present {self.unit.id}"


class Stage(VerticalScroll):
    """The slide."""

    HELP_LINE = "The slide. Right goes on, Left goes back; Up and Down scroll it."
