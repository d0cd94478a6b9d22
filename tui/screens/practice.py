"""Practice: what is due again, and drills without end; accuracy first, speed only after a streak."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.actions import bindings
from tui.practising import Asked, Marked, mark
from tui.screens.examples import ExamplePage
from tui.widgets.line import Line, Lines
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from labs.course import CounterExample
    from labs.course.drills import Drill, Question

__all__ = ["Practice"]

DUE = "due"
DRAFT = "Practice"
"""Under which name the answer that is being written is kept among the drafts."""


class Practice(ExamplePage):
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
        self.asked: Asked | None = None
        self.example: CounterExample | None = None
        self.answered = False
        self.given = ""
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
        draft = self.skylab.session.draft(DRAFT)
        skills = [DUE, *(each.skill for each in self.drills)]
        if draft.get("answer") and draft.get("skill") in skills:
            self.choose(draft["skill"], first=draft.get("question", ""))
            if self.question_name == draft.get("question"):
                self.given = self.query_one("#practice-answer", Input).value = draft["answer"]
            return
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

    def choose(self, skill: str, first: str = "") -> None:
        """Practise something else, from the question of that name on, else from any."""
        self.chosen = skill
        rows = self.query_one(Skills)
        rows.highlighted = [DUE, *(each.skill for each in self.drills)].index(skill)
        if skill != DUE:
            from labs.course.drills import drill_of
            from labs.course.practice import questions

            seed = int(first) if first.isdecimal() else self.skylab.session.first_question()
            self._queue = questions((drill_of(skill),), seed)
        self.ask()

    # Asking and answering

    def ask(self) -> None:
        """Put the next question; where nothing is due, say when the next is."""
        from tui.draw import drill as drawn

        session, now = self.skylab.session, datetime.now(UTC)
        field = self.query_one("#practice-answer", Input)
        self.asked, self.answered, self.example = None, False, None
        self.query_one("#verdict-text", Static).update("")
        if self.chosen == DUE:
            due = session.due(now)
            if not due:
                self.query_one("#question-text", Static).update(
                    drawn.nothing_due(session.reviews.next(now), now)
                )
                field.display = False
                self.query_one(Skills).focus()
                return
            self.asked = Asked(session.review_question(due[0]), f"Due today · {len(due)} left", due[0])
        else:
            title = next(each.title for each in self.drills if each.skill == self.chosen)
            self.asked = Asked(next(self._queue), title)
        question, heading = self.asked.question, self.asked.heading
        of_exercise = "/" in question.skill
        self.query_one("#question-text", Static).update(
            drawn.question(question, heading, markdown=of_exercise, plain=False)
        )
        field.display, field.value, self.given = True, "", ""
        field.focus()

    @property
    def question_name(self) -> str:
        """What tells the question that is asked from the others of its skill."""
        if self.asked is None:
            return ""
        card = self.asked.card
        return str(self.asked.question.seed) if card is None else f"{card.misconception.id} {card.shown}"

    @on(Input.Changed, "#practice-answer")
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        self.given = event.value
        self.keep_soon()

    def keep(self) -> None:
        """Keep the answer that is being written, with what it answers."""
        answer = "" if self.answered else self.given
        draft = {"skill": self.chosen, "question": self.question_name, "answer": answer}
        self.skylab.session.keep_draft(DRAFT, draft if answer else {})

    def on_unmount(self) -> None:
        self.keep()

    @on(Input.Submitted, "#practice-answer")
    def submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_answer()

    def action_answer(self) -> None:
        """Mark the answer; after that, go to the next question."""
        if self.asked is None or self.answered:
            self.ask()
            return
        marked = mark(self.skylab.session, self.asked, self.given, datetime.now(UTC))
        self.answered, self.example = True, marked.example
        self.keep()
        self.tell(self.asked.question, marked, known=bool(self.given.strip()))
        self.fill()

    def tell(self, question: Question, marked: Marked, *, known: bool) -> None:
        from rich.console import Group
        from rich.text import Text

        from tui.draw import drill as drawn

        parts = [drawn.verdict(question, marked.criterion, known=known, key="^o")]
        if marked.streak is not None:
            parts.append(drawn.streak_line(marked.streak))
        parts.append(Text("\n  Enter asks the next one.", "quiet"))
        self.query_one("#verdict-text", Static).update(Group(*parts))
        self.call_after_refresh(self.query_one("#question-scroll").scroll_end, animate=False)

    # Why

    def action_why(self) -> None:
        if self.example is None or not self.example.runs:
            self.notify("Answer first; then there is something to run.", timeout=4)
        else:
            self.run_example(self.example)

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
