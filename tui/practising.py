"""Practice, whatever face shows it: how an answer fares, and what is kept of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.course import CounterExample, Criterion
    from labs.course.drills import Drill, Question
    from labs.course.practice import Streak
    from labs.course.review import ReviewCard
    from tui.session import Session

__all__ = ["Asked", "Marked", "drilling", "mark", "reviewing"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was put: under which heading, for which card of a review, and when."""

    question: Question
    heading: str
    card: ReviewCard | None = None
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Marked:
    """How an answer fared. A drill has a streak; a review, when it is asked again."""

    criterion: Criterion
    example: CounterExample | None
    streak: Streak | None = None
    due: datetime | None = None

    @property
    def right(self) -> bool:
        return self.criterion.state == "pass"


def drilling(drills: tuple[Drill, ...], first: int) -> Iterator[Asked]:
    """Questions without end, those of several drills by turns."""
    from labs.course.practice import questions

    titles = {each.skill: each.title for each in drills}
    for number, question in enumerate(questions(drills, first), start=1):
        yield Asked(question, f"{titles[question.skill]} · question {number}")


def reviewing(session: Session, now: datetime, most: int | None = None) -> Iterator[Asked]:
    """A question on each card that is due, the most urgent first."""
    cards = session.due(now)[:most]
    for number, card in enumerate(cards, start=1):
        yield Asked(session.review_question(card), f"Review {number} of {len(cards)}", card)


def mark(session: Session, asked: Asked, given: str, now: datetime) -> Marked:
    """Mark an answer, and keep how it fared: with its card, or among the answers of its drill."""
    question = asked.question
    criterion = question.mark(given)
    right = criterion.state == "pass"
    example = criterion.counterexample or question.example
    if asked.card is not None:
        after = session.reviews.answer(asked.card.misconception.id, right=right, now=now)
        return Marked(criterion, example, due=after.due)
    session.drilled(question, right, time.monotonic() - asked.began, criterion.misconception)
    return Marked(criterion, example, session.streak(question.skill))
