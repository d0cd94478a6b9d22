"""Drills and reviews in lines: a question, your answer, how it fared, the next question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from tui.lines.room import Room
from tui.lines.words import Word
from tui.practising import Asked, drilling, mark, reviewing

if TYPE_CHECKING:
    from tui.lines.desk import Desk

__all__ = ["PracticeRoom", "drill_room", "review_room"]


def drill_room(desk: Desk, skill: str) -> PracticeRoom:
    """Questions on a skill, or on all by turns.

    Raises:
        CourseError: there is no such skill.
    """
    from labs.course.drills import DRILLS, drill_of

    chosen = (drill_of(skill),) if skill else DRILLS
    return PracticeRoom(desk, drilling(chosen, desk.session.first_question()))


def review_room(desk: Desk) -> PracticeRoom:
    """Questions on what is due."""
    return PracticeRoom(desk, reviewing(desk.session, datetime.now(UTC)))


class PracticeRoom(Room):
    """Question after question."""

    about = (
        "Practice. Type an answer; Enter alone shows it. A wrong answer says what you may think and what is "
        "so. Nothing here counts for marks. Words stand alone on their line here: back, why, q."
    )

    def __init__(self, desk: Desk, questions: Iterator[Asked]) -> None:
        super().__init__(desk)
        self.questions = questions
        self.asked: Asked | None = None
        self.right = self.total = 0

    @property
    def prompt(self) -> str:
        return "Your answer, why, back or ?> " if self.asked else "Practice: back or ?> "

    def enter(self) -> None:
        if self.asked is None:
            self.ask()
        else:
            self.put(self.asked)

    def words(self) -> tuple[Word, ...]:
        return (
            Word("next", "", "Leave this one open, and see its answer.", lambda _: self.answer(""), ("n",)),
        )

    def ask(self) -> None:
        """Put the next question; after the last one, say how it went and when the next review is."""
        from tui.draw.drill import nothing_due

        self.asked = next(self.questions, None)
        if self.asked is not None:
            self.put(self.asked)
            return
        if self.total:
            self.talk.tell(f"{self.right} of {self.total} right.")
        now = datetime.now(UTC)
        if not self.session.due(now):
            self.talk.say(nothing_due(self.session.reviews.next(now), now))
        self.talk.tell("Type back, or drill.")

    def put(self, asked: Asked) -> None:
        from tui.draw import drill as drawn

        of_exercise = "/" in asked.question.skill  # their texts are Markdown
        self.talk.say(drawn.question(asked.question, asked.heading, markdown=of_exercise, plain=True))

    def is_answer(self, line: str) -> bool:
        return self.asked is not None and len(line.split()) > 1

    def take(self, line: str) -> bool:
        if self.asked is None:
            return False
        self.answer(line)
        return True

    def on_empty(self) -> None:
        if self.asked is not None:
            self.answer("")

    def answer(self, given: str) -> None:
        """Mark an answer, say how it fared, and ask the next question."""
        from tui.draw import drill as drawn

        if self.asked is None:
            return
        marked = mark(self.session, self.asked, given, datetime.now(UTC))
        self.right, self.total = self.right + marked.right, self.total + 1
        known = bool(given.strip())
        self.talk.say(drawn.verdict(self.asked.question, marked.criterion, known=known, key="why"))
        if marked.streak is not None:
            self.talk.say(drawn.streak_line(marked.streak))
        example = marked.example
        runs = example is not None and example.runs
        self.desk.reasons = {1: partial(self.desk.run_example, example)} if example and runs else {}
        self.talk.tell("")
        self.ask()
