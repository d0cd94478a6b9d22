"""Practice: what is due again, and drills without end; accuracy first, speed only after a streak."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.actions import bindings
from tui.messages import Explained, Failed, Printed
from tui.running import run_example
from tui.screens.base import Page
from tui.screens.output import OutputPanel
from tui.widgets.line import Line, Lines
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from labs.course import CounterExample, Criterion
    from labs.course.drills import Drill, Question
    from labs.course.review import ReviewCard

__all__ = ["Practice"]

DUE = "due"


class Practice(Page):
    """Questions on what was once wrong, and on any skill."""

    SCOPE = "practice"
    HELP_LINE = (
        "Practice. Choose what is due, or a skill, at the left; answer at the right. A wrong answer says "
        "what you may think and what is so. Nothing here counts for marks."
    )
    BINDINGS = bindings("practice")

    def __init__(self) -> None:
        super().__init__()
        self.chosen = ""
        self.question: Question | None = None
        self.card: ReviewCard | None = None
        self.example: CounterExample | None = None
        self.answered = False
        self.began = 0.0
        self._queue: Iterator[Question] = iter(())

    def body(self) -> ComposeResult:
        with Horizontal(id="practice"):
            with Vertical(id="skills-pane"):
                yield Static("Practice", classes="pane-title")
                yield Skills(id="skills")
            with Vertical(id="question-pane"):
                with QuestionText(id="question-scroll"):
                    yield Static(id="question-text")
                    yield Static(id="verdict-text")
                field = Input(compact=True, classes="field", id="practice-answer", placeholder="your answer")
                field.cursor_blink = False
                yield field

    def on_mount(self) -> None:
        self.say("Practice")
        self.fill()
        due = self.skylab.session.due(datetime.now(UTC))
        self.choose(DUE if due else self.drills[0].skill)

    @property
    def drills(self) -> tuple[Drill, ...]:
        from labs.course.drills import DRILLS

        return DRILLS

    def fill(self) -> None:
        """The list at the left: what is due, and each skill with its streak."""
        now, session = datetime.now(UTC), self.skylab.session
        marked = self.query_one(Skills).highlighted
        rows = [Option(skill_row("Due today", str(len(session.due(now)))), id=DUE)]
        for drill in self.drills:
            streak = session.streak(drill.skill)
            rows.append(
                Option(skill_row(drill.title, f"{streak.now} in a row" if streak.now else ""), id=drill.skill)
            )
        with self.prevent(OptionList.OptionHighlighted):
            self.query_one(Skills).set_options(rows)
            self.query_one(Skills).highlighted = marked or 0

    @on(OptionList.OptionSelected, "#skills")
    def skill_chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.choose(str(event.option_id))

    def choose(self, skill: str) -> None:
        """Practise something else."""
        self.chosen = skill
        rows = self.query_one(Skills)
        rows.highlighted = [DUE, *(each.skill for each in self.drills)].index(skill)
        if skill != DUE:
            from labs.course.drills import drill_of
            from labs.course.practice import questions

            self._queue = questions((drill_of(skill),), self.skylab.session.first_question())
        self.ask()

    # Asking and answering

    def ask(self) -> None:
        """Put the next question; where nothing is due, say when the next is."""
        from tui.draw import drill as drawn

        session, now = self.skylab.session, datetime.now(UTC)
        field = self.query_one("#practice-answer", Input)
        self.answered, self.example, self.card = False, None, None
        self.query_one("#verdict-text", Static).update("")
        if self.chosen == DUE:
            due = session.due(now)
            if not due:
                self.question = None
                self.query_one("#question-text", Static).update(
                    drawn.nothing_due(session.reviews.next(now), now)
                )
                field.display = False
                self.query_one(Skills).focus()
                return
            self.card, self.question = due[0], session.review_question(due[0])
            heading = f"Due today · {len(due)} left"
        else:
            self.question = next(self._queue)
            heading = next(each.title for each in self.drills if each.skill == self.chosen)
        of_exercise = "/" in self.question.skill
        self.query_one("#question-text", Static).update(
            drawn.question(self.question, heading, markdown=of_exercise, plain=False)
        )
        field.display, field.value = True, ""
        field.focus()
        self.began = time.monotonic()

    @on(Input.Submitted, "#practice-answer")
    def submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_answer()

    def action_answer(self) -> None:
        """Mark the answer; after that, go to the next question."""
        if self.question is None or self.answered:
            self.ask()
            return
        given = self.query_one("#practice-answer", Input).value
        criterion = self.question.mark(given)
        self.answered = True
        self.example = criterion.counterexample or self.question.example
        self.keep(self.question, criterion)
        self.tell(self.question, criterion, known=bool(given.strip()))
        self.fill()

    def keep(self, question: Question, criterion: Criterion) -> None:
        """Keep how it went."""
        session, right = self.skylab.session, criterion.state == "pass"
        if self.card is not None:
            session.reviews.answer(self.card.misconception.id, right=right, now=datetime.now(UTC))
        else:
            session.drilled(question, right, time.monotonic() - self.began, criterion.misconception)

    def tell(self, question: Question, criterion: Criterion, *, known: bool) -> None:
        from rich.console import Group
        from rich.text import Text

        from tui.draw import drill as drawn

        parts = [drawn.verdict(question, criterion, known=known, key="^o")]
        if self.card is None:
            parts.append(drawn.streak_line(self.skylab.session.streak(question.skill)))
        parts.append(Text("\n  Enter asks the next one.", "quiet"))
        self.query_one("#verdict-text", Static).update(Group(*parts))
        self.call_after_refresh(self.query_one("#question-scroll").scroll_end, animate=False)

    # Why

    def action_why(self) -> None:
        if self.example is None or not self.example.runs:
            self.notify("Answer first; then there is something to run.", timeout=4)
        else:
            self.run_example(self.example)

    @work(thread=True, exclusive=True, exit_on_error=False, group="example")
    def run_example(self, example: CounterExample) -> None:
        """Decide what shows the answer, or run its command."""
        try:
            if example.case is not None:
                decision = self.skylab.session.explain(example.case)
                self.post_message(Explained(decision, example.sentence))
            else:
                self.post_message(Printed(example.line, run_example(example)))
        except Exception as error:
            self.post_message(Failed(error, "running what shows the answer"))

    @on(Printed)
    def printed(self, message: Printed) -> None:
        message.stop()
        self.skylab.push_screen(OutputPanel(message.line, message.text))

    @on(Explained)
    def explained(self, message: Explained) -> None:
        message.stop()
        self.skylab.show_decision(message)

    def action_skills(self) -> None:
        self.query_one(Skills).focus()

    def action_close(self) -> None:
        self.dismiss()

    def shell_command(self) -> str:
        return "skylab review" if self.chosen == DUE else f"skylab drill {self.chosen}"


class Skills(Rows):
    """What can be practised."""

    HELP_LINE = "What can be practised: what is due again, then each skill. Enter begins."


class QuestionText(VerticalScroll):
    """The question, and how the answer fared."""

    HELP_LINE = "The question and, after your answer, how it fared. Up and Down scroll it."


def skill_row(title: str, said: str) -> Lines:
    """A skill, and how it stands."""
    return Lines(Line(Content.assemble("  ", title), Content.styled(f"{said} ", "$dim")))
