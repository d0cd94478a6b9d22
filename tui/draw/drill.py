"""Questions of drills and reviews, and how an answer fared: lines that can be read aloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from labs.course.misconceptions import misconception
from tui.draw.layout import indented, page, rule
from tui.draw.prose import prose
from tui.draw.words import counted, marked, shown

if TYPE_CHECKING:
    from labs.course.drills import Question
    from labs.course.marks import Criterion
    from labs.course.practice import Streak
    from labs.course.review import ReviewCard

__all__ = ["due_list", "nothing_due", "question", "streak_line", "verdict"]


def question(asked: Question, heading: str, *, markdown: bool = False, plain: bool = False) -> RenderableType:
    """A question: the situation, what is asked, and in which form an answer is taken."""
    return page(*_question(asked, heading, markdown, plain))


def _question(asked: Question, heading: str, markdown: bool, plain: bool) -> Iterator[RenderableType]:
    yield shown(heading, "quiet")
    yield rule()
    if asked.situation:
        yield prose(asked.situation, plain=plain) if markdown else shown(asked.situation)
        yield Text()
    yield shown(asked.prompt, "accent")
    for number, choice in enumerate(asked.choices, start=1):
        yield Text.assemble((f"  {number}  ", "quiet"), shown(choice))
    if not asked.choices:
        yield shown(f"({asked.form})", "quiet")


def verdict(asked: Question, criterion: Criterion, *, known: bool = True, key: str = "w") -> RenderableType:
    """How an answer fared; where it was wrong, what is right, why, and the command that shows it.

    `key` is what one types to run that.
    """
    return page(*_verdict(asked, criterion, known, key))


def _verdict(asked: Question, criterion: Criterion, known: bool, key: str) -> Iterator[RenderableType]:
    if criterion.state == "pass":
        yield marked("✓", "right", "allowed")
        return
    word = "not so" if known else "left open"
    yield Text.assemble(marked("✗", word, "denied"), "  it is ", shown(asked.answer, "accent"))
    if known and criterion.message and criterion.message != asked.explanation:
        yield indented(shown(criterion.message), 2)
    if asked.explanation:
        yield indented(shown(asked.explanation), 2)
    if criterion.misconception:
        yield indented(shown(misconception(criterion.misconception).refutation, "partly"), 2)
    example = criterion.counterexample or asked.example
    if example is not None and example.runs:
        way = example.typed if example.line else "how the decision falls"
        yield indented(Text.assemble(("See it  ", "quiet"), shown(way), (f"  ({key} runs it)", "quiet")), 2)


def streak_line(streak: Streak) -> RenderableType:
    """`4 in a row`; the pace once it has been earned."""
    said = f"{streak.now} in a row" if streak.now else "a new row begins"
    if streak.best > streak.now:
        said += f", {streak.best} at best"
    if streak.pace is not None:
        said += f" · {streak.pace:.0f} s a question"
    return page(Text(said, "quiet"))


def due_list(cards: Sequence[ReviewCard], now: datetime) -> RenderableType:
    """What is due: each belief, since when, and how often it showed."""
    lines: list[RenderableType] = [shown(f"Due now  {counted(len(cards), 'review')}", "accent"), rule()]
    for card in cards:
        since = (
            "today" if now - card.due < timedelta(days=1) else f"for {counted((now - card.due).days, 'day')}"
        )
        times = f"showed {'once' if card.shown == 1 else f'{card.shown} times'}"
        lines.append(
            Text.assemble((f"{card.misconception.id:<4}", "quiet"), shown(card.misconception.belief))
        )
        lines.append(indented(Text(f"due {since}, {times}", "quiet"), 4))
    return page(*lines)


def nothing_due(following: ReviewCard | None, now: datetime) -> RenderableType:
    """That nothing is due, and when the next review is."""
    if following is None:
        said = (
            "Nothing to review. What a check or a drill finds you to believe comes back here the day after."
        )
        return page(shown(said))
    left = following.due - now
    wait = (
        f"in {counted(left.days, 'day')}"
        if left.days
        else f"in {counted(max(1, left.seconds // 3600), 'hour')}"
    )
    when = following.due.astimezone()
    said = f"Nothing is due. The next review is {wait}, on {when.day} {when:%B} at {when:%H:%M}."
    return page(shown(said))
