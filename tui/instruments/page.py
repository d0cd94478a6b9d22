"""What all instruments share: a question that is typed, an answer that follows as you type.

An instrument says what it asks for (`ENTRIES`) and how it answers (`answer`), which runs in a worker thread
and returns a drawing of `tui.draw`: the same one that the command prints.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from labs.errors import SkylabError
from tui.actions import bindings
from tui.instruments.form import Entry, Form
from tui.messages import Failed
from tui.screens.base import Page
from tui.widgets.bars import Panes

if TYPE_CHECKING:
    from textual.timer import Timer

    from labs.sandbox import World

__all__ = ["Answer", "Instrument", "Values", "command_line"]

SETTLE = 0.15
"""Seconds without a keystroke after which the answer is worked out."""

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer drawn; the command that prints the same; and what the instrument's own keys act on."""

    drawing: RenderableType
    command: str = ""
    result: object = None


class Instrument(Page):
    """One instrument."""

    SCOPE = "instrument"
    BINDINGS = bindings("instrument")

    NAME: ClassVar[str]
    """Its name in the list, in the palette and among the drafts."""
    SUMMARY: ClassVar[str]
    """What it is good for, in a line."""
    ENTRIES: ClassVar[tuple[Entry, ...]]
    EXAMPLES: ClassVar[tuple[Values, ...]] = ()
    READS_WORLD: ClassVar[bool] = False
    """Whether its answers are about the running sandbox, and are worked out again for another one."""

    class Answered(Message):
        """The answer to what was asked, the `number`-th time that something was."""

        def __init__(self, number: int, asked: Values, answer: Answer) -> None:
            super().__init__()
            self.number = number
            self.asked = asked
            self.answer = answer

    def __init__(self) -> None:
        super().__init__()
        self.shown: Answer | None = None
        self.typed: Values = {}
        self._own: Values = {}
        self._example = 0
        self._settling: Timer | None = None
        self._asked = 0

    def body(self) -> ComposeResult:
        values = self.skylab.session.draft(self.NAME)
        documents = any(each.kind == "document" for each in self.ENTRIES)
        self.set_class(documents, "-documents")
        if documents:
            yield Panes("instrument.question", "instrument.answer")
        with Container(id="instrument"):
            with Container(id="question"):
                yield Form(self.ENTRIES, values, id="form")
                yield from self.beside_the_form()
            with AnswerText(id="reply"):
                yield from self.above_the_answer()
                yield Static(id="reply-text")

    def beside_the_form(self) -> ComposeResult:
        """What else belongs to the question."""
        yield from ()

    def above_the_answer(self) -> ComposeResult:
        """What else the answer shows."""
        yield from ()

    def on_mount(self) -> None:
        self.say(f"Instruments › {self.NAME}")
        self.show("question")
        self.ask()

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    @property
    def world(self) -> World | None:
        """The running sandbox, when one is ready."""
        stage = self.skylab.current_stage
        return stage.world if stage else None

    # Asking

    @on(Form.Changed)
    def changed(self, event: Form.Changed) -> None:
        """Something was typed: it is kept, and answered once the keys rest."""
        event.stop()
        self.typed = self.form.values
        self.keep_soon()
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLE, self.ask)

    def ask(self) -> None:
        """Work the answer out to what stands in the form now."""
        self.typed = self.form.values
        self.keep()
        self._asked += 1
        self.work_out(self._asked, self.typed, self.world)

    def keep(self) -> None:
        """Keep what was typed for the next time."""
        if self.typed:
            self.skylab.session.keep_draft(self.NAME, self.typed)

    def on_unmount(self) -> None:
        self.keep()

    @work(thread=True, exclusive=True, exit_on_error=False, group="answer")
    def work_out(self, number: int, values: Values, world: World | None) -> None:
        """Answer the question; what cannot be asked so is an answer too."""
        from tui.draw.failure import failure
        from tui.draw.layout import page

        try:
            answer = self.answer(values, world)
        except SkylabError as error:
            answer = Answer(page(failure(error)))
        except Exception as error:
            self.post_message(Failed(error, f"answering with {self.NAME}"))
            return
        self.post_message(self.Answered(number, values, answer))

    def answer(self, values: Values, world: World | None) -> Answer:
        """The answer to a question. Blocks.

        Raises:
            SkylabError: the question cannot be read; the error takes the answer's place.
        """
        raise NotImplementedError

    @on(Answered)
    def answered(self, message: Answered) -> None:
        message.stop()
        # One that was asked earlier may come later: to cancel it does not stop its thread.
        if message.number == self._asked and message.asked == self.form.values:
            self.shown = message.answer
            self.show_answer(message.answer)

    def show_answer(self, answer: Answer) -> None:
        """Draw the answer."""
        self.query_one("#reply-text", Static).update(answer.drawing)

    def world_ready(self) -> None:
        if self.READS_WORLD and self.is_mounted and self.query(Form):
            self.ask()

    # Keys

    def action_question(self) -> None:
        self.show("question")

    def action_answer(self) -> None:
        self.show("answer")

    def action_example(self) -> None:
        if not self.EXAMPLES:
            self.notify("This instrument has no examples: it reads the sandbox.", timeout=4)
            return
        if self._example == 0:
            self._own = self.form.values
        self._example = (self._example + 1) % (len(self.EXAMPLES) + 1)
        self.form.load(self.EXAMPLES[self._example - 1] if self._example else self._own)

    def action_close(self) -> None:
        self.keep()
        self.dismiss()

    def show(self, pane: str) -> None:
        """Go to the question or to the answer: it takes the focus, and the screen where there is one only."""
        for each in ("question", "answer"):
            self.set_class(each == pane, f"-show-{each}")
        for panes in self.query(Panes):
            panes.active = pane
        target: Widget = self.query_one("#reply") if pane == "answer" else self.first_entry()
        target.focus(scroll_visible=False)

    def first_entry(self) -> Widget:
        """What takes the focus when the question does."""
        return self.query_one(f"#entry-{self.ENTRIES[0].name}")

    def shell_command(self) -> str:
        return self.shown.command if self.shown else ""

    copy_text = shell_command


class AnswerText(VerticalScroll):
    """The answer."""

    HELP_LINE = "The answer. Up and Down scroll it."


def command_line(*words: str) -> str:
    """A `skylab` command as one types it."""
    return shlex.join(["skylab", *words])
