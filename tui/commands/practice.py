"""Practice in lines: `drill` asks without end, `review` asks what is due again."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.face import YES, Face, face_of

if TYPE_CHECKING:
    from labs.course import CounterExample
    from labs.course.drills import Question
    from labs.course.review import Review
    from tui.practising import Asked, Marked
    from tui.session import Session

__all__ = ["drill", "review"]

ENDS = ("q", "quit", "exit")
WHY = ("w", "why")
Count = Annotated[int | None, typer.Option(metavar="N", min=1, help="Stop after so many questions.")]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print questions and verdicts as lines of JSON; answers come from stdin."),
]


def drill(
    context: typer.Context,
    skill: Annotated[
        str | None,
        typer.Argument(metavar="SKILL", help="arns, hosts, overlap, decisions or costs; else all by turns."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Begin with this question; else with any.")
    ] = None,
    count: Count = None,
    as_json: Json = False,
) -> None:
    """Practise one skill, question after question.

    Enter alone shows the answer, w runs what shows why the last one was so, q ends. How fast you are is
    shown once five answers in a row were right.
    """
    from labs.course.drills import DRILLS, drill_of
    from tui.practising import drilling

    face = face_of(context)
    session = session_of(face)
    chosen = (drill_of(skill),) if skill else DRILLS
    first = session.first_question() if seed is None else seed
    right, asked = put(face, session, islice(drilling(chosen, first), count), as_json=as_json)
    summarise(face, right, asked, as_json=as_json)
    raise typer.Exit(YES)


def review(
    context: typer.Context,
    due: Annotated[bool, typer.Option("--due", help="List what is due, and ask nothing.")] = False,
    count: Count = None,
    as_json: Json = False,
) -> None:
    """Answer again what you once got wrong, when it is due.

    Each misconception that a check or a drill found comes back at growing distances: sooner when you
    miss it, later when you do not. Enter alone shows the answer, w runs what shows why the last one was
    so, q ends.
    """
    face, now = face_of(context), datetime.now(UTC)
    session = session_of(face)
    if due:
        show_due(face, session.reviews, now, as_json=as_json)
    else:
        answer_due(face, session, now, count, as_json=as_json)
    raise typer.Exit(YES)


def session_of(face: Face) -> Session:
    """The session of the workspace that is meant."""
    from labs.course import load_course
    from tui.session import Session

    return Session(face.workspace(), load_course())


def answer_due(face: Face, session: Session, now: datetime, count: int | None, *, as_json: bool) -> None:
    """Ask about each card that is due, once."""
    from tui.practising import reviewing

    right, asked = put(face, session, reviewing(session, now, count), now=now, as_json=as_json)
    reviews = session.reviews
    following = reviews.next(now)
    if as_json:
        face.data({"right": right, "asked": asked, "next": following.to_json() if following else None})
        return
    summarise(face, right, asked, as_json=False)
    if not reviews.due(now):
        show_due(face, reviews, now, as_json=False)


def put(
    face: Face, session: Session, questions: Iterable[Asked], *, as_json: bool, now: datetime | None = None
) -> tuple[int, int]:
    """Put questions until they or the answers end; returns how many were right, of how many."""
    from tui.practising import mark

    right = asked = 0
    before: CounterExample | None = None
    for each in questions:
        answer = ask(face, each.question, each.heading, before, as_json=as_json)
        if answer is None:
            break
        marked = mark(session, each, answer, now or datetime.now(UTC))
        before = marked.example
        right, asked = right + marked.right, asked + 1
        show_verdict(face, each.question, answer, marked, as_json=as_json)
    return right, asked


def show_due(face: Face, reviews: Review, now: datetime, *, as_json: bool) -> None:
    """What is due; where that is nothing, when the next is."""
    from tui.draw.drill import due_list, nothing_due

    cards, following = reviews.due(now), reviews.next(now)
    if as_json:
        following_json = following.to_json() if following else None
        face.data({"due": [card.to_json() for card in cards], "next": following_json})
    else:
        face.show(due_list(cards, now) if cards else nothing_due(following, now))


def ask(
    face: Face, question: Question, heading: str, before: CounterExample | None, *, as_json: bool
) -> str | None:
    """Put a question, and read the line that answers it; None when the learner ends.

    `before` is what shows why the answer to the last one is what it is, and runs when it is asked for.
    """
    from tui.draw import drill as drawn

    if as_json:
        face.data({"question": question.to_json()})
    else:
        of_exercise = "/" in question.skill  # their texts are Markdown
        face.show("", drawn.question(question, heading, markdown=of_exercise, plain=face.plain))
    for line in lines():
        said = line.strip().casefold()
        if said in ENDS:
            break
        if said not in WHY or as_json:
            return line
        show_why(face, before)
    return None


def show_why(face: Face, before: CounterExample | None) -> None:
    """Run what shows why the last answer is what it is."""
    from rich.text import Text

    from labs.aws.iam import case_from_json, explain
    from tui.draw.decision import ladder
    from tui.draw.words import shown
    from tui.running import run_example

    if before is None or not before.runs:
        face.show(Text("  There is nothing to run yet. Your answer?", "quiet"))
    elif before.case is not None:
        face.show(ladder(explain(*case_from_json(dict(before.case)))))
    else:
        face.show(shown(f"  $ {before.typed}", "quiet"), shown(run_example(before, plain=face.plain)))


def lines() -> Iterator[str]:
    """What is typed, or comes through a pipe, a line at a time."""
    while True:
        if sys.stdin.isatty():
            try:
                yield input("  > ")
            except EOFError:
                return
        elif line := sys.stdin.readline():
            yield line.rstrip("\r\n")
        else:
            return


def show_verdict(face: Face, question: Question, answer: str, marked: Marked, *, as_json: bool) -> None:
    """Say how an answer fared, how long the streak is, or when it is asked again."""
    from tui.draw import drill as drawn

    if as_json:
        face.data({"verdict": verdict_json(question, marked)})
        return
    face.show(drawn.verdict(question, marked.criterion, known=bool(answer.strip())))
    if marked.streak is not None:
        face.show(drawn.streak_line(marked.streak))


def verdict_json(question: Question, marked: Marked) -> dict[str, object]:
    """A verdict for programs; `seconds` a question only once a streak has been earned."""
    said: dict[str, object] = {
        "right": marked.right,
        "answer": question.answer,
        "message": marked.criterion.message,
        "explanation": question.explanation,
        "misconception": marked.criterion.misconception,
        "counterexample": marked.example.to_json() if marked.example else None,
    }
    if marked.streak is not None:
        streak = marked.streak
        said |= {"streak": streak.now, "best": streak.best, "seconds": streak.pace}
    if marked.due is not None:
        said["due"] = marked.due.isoformat(timespec="seconds")
    return said


def summarise(face: Face, right: int, asked: int, *, as_json: bool) -> None:
    """How many were right, of how many."""
    from rich.text import Text

    from tui.draw.layout import page

    if as_json:
        face.data({"right": right, "asked": asked})
    elif asked:
        face.show("", page(Text(f"{right} of {asked} right.", "accent")))
