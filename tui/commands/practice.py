"""Practice in lines: `drill` asks without end, `review` asks what is due again."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.face import YES, Face, face_of

if TYPE_CHECKING:
    from labs.course import CounterExample, Criterion
    from labs.course.drills import Question
    from labs.course.practice import Streak
    from labs.course.review import Review

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
    import random

    from labs.course.drills import DRILLS, drill_of
    from labs.course.practice import questions, streak_of
    from labs.course.progress import Drilled

    face = face_of(context)
    chosen = (drill_of(skill),) if skill else DRILLS
    titles = {each.skill: each.title for each in chosen}
    progress = face.workspace().progress
    first = random.SystemRandom().randrange(2**31) if seed is None else seed
    history = {each.skill: list(progress.drills(each.skill)) for each in chosen}
    right = asked = 0
    before: CounterExample | None = None
    for number, question in enumerate(islice(questions(chosen, first), count), start=1):
        heading = f"{titles[question.skill]} · question {number}"
        began = time.monotonic()
        answer = ask(face, question, heading, before, as_json=as_json)
        if answer is None:
            break
        seconds = time.monotonic() - began
        criterion = question.mark(answer)
        before = criterion.counterexample or question.example
        good = criterion.state == "pass"
        done = Drilled(
            question.skill, question.seed, datetime.now(UTC), good, seconds, criterion.misconception
        )
        progress.drilled(done)
        history[question.skill].append(done)
        right, asked = right + good, asked + 1
        show_verdict(face, question, answer, criterion, streak_of(history[question.skill]), as_json=as_json)
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
    from labs.course.review import Review

    face, now = face_of(context), datetime.now(UTC)
    workspace = face.workspace()
    reviews = Review(workspace.progress)
    if due:
        show_due(face, reviews, now, as_json=as_json)
    else:
        answer_due(face, reviews, workspace.student, now, count, as_json=as_json)
    raise typer.Exit(YES)


def answer_due(
    face: Face, reviews: Review, student: str, now: datetime, count: int | None, *, as_json: bool
) -> None:
    """Ask about each card that is due, once."""
    from labs.course import load_course
    from labs.course.review_questions import question_on

    cards = reviews.due(now)
    right = asked = 0
    before: CounterExample | None = None
    for number, card in enumerate(cards[:count], start=1):
        name = card.misconception.id
        question = question_on(load_course(), name, student, card.shown + card.right)
        heading = f"Review {number} of {len(cards[:count])}"
        answer = ask(face, question, heading, before, as_json=as_json)
        if answer is None:
            break
        criterion = question.mark(answer)
        before = criterion.counterexample or question.example
        good = criterion.state == "pass"
        after = reviews.answer(name, right=good, now=now)
        right, asked = right + good, asked + 1
        show_verdict(face, question, answer, criterion, None, as_json=as_json, due=after.due)
    following = reviews.next(now)
    if as_json:
        face.data({"right": right, "asked": asked, "next": following.to_json() if following else None})
        return
    summarise(face, right, asked, as_json=False)
    if not reviews.due(now):
        show_due(face, reviews, now, as_json=False)


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
        face.show(shown(f"  $ {before.typed}", "quiet"), shown(run_example(before)))


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


def show_verdict(
    face: Face,
    question: Question,
    answer: str,
    criterion: Criterion,
    streak: Streak | None,
    *,
    as_json: bool,
    due: datetime | None = None,
) -> None:
    """Say how an answer fared, how long the streak is, or when it is asked again."""
    from tui.draw import drill as drawn

    if as_json:
        face.data({"verdict": verdict_json(question, criterion, streak, due)})
        return
    face.show(drawn.verdict(question, criterion, known=bool(answer.strip())))
    if streak is not None:
        face.show(drawn.streak_line(streak))


def verdict_json(
    question: Question, criterion: Criterion, streak: Streak | None, due: datetime | None
) -> dict[str, object]:
    """A verdict for programs; `seconds` a question only once a streak has been earned."""
    example = criterion.counterexample or question.example
    said: dict[str, object] = {
        "right": criterion.state == "pass",
        "answer": question.answer,
        "message": criterion.message,
        "explanation": question.explanation,
        "misconception": criterion.misconception,
        "counterexample": example.to_json() if example else None,
    }
    if streak is not None:
        said |= {"streak": streak.now, "best": streak.best, "seconds": streak.pace}
    if due is not None:
        said["due"] = due.isoformat(timespec="seconds")
    return said


def summarise(face: Face, right: int, asked: int, *, as_json: bool) -> None:
    """How many were right, of how many."""
    from rich.text import Text

    from tui.draw.layout import page

    if as_json:
        face.data({"right": right, "asked": asked})
    elif asked:
        face.show("", page(Text(f"{right} of {asked} right.", "accent")))
