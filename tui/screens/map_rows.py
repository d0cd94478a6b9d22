"""The rows of the course map, and what it notes below the units."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.content import Content

from tui.actions import action
from tui.draw.words import counted
from tui.settings import Settings, own_key
from tui.widgets.line import NOTHING, Hanging, Line, Lines, Piece, foreign

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from labs.course import Exercise, Standing, Unit
    from labs.course.review import ReviewCard

__all__ = ["SIGNS", "exercise_row", "first_paragraph", "lesson_row", "notes", "unit_row"]

SIGNS = {
    "done": ("✓", "$success"),
    "partial": ("◐", "$primary"),
    "started": ("◐", "$dim"),
    "new": ("○", "$dim"),
}
MOST_DOTS = 8
MOST_TOPICS = 3
INDENT = 3


def unit_row(unit: Unit, standings: list[Standing]) -> Lines:
    """A unit's number, title and a dot for each exercise, full for each that is done."""
    done = sum(each.state == "done" for each in standings)
    total = len(standings)
    dots = min(total, MOST_DOTS)
    full = done if total <= MOST_DOTS else done * MOST_DOTS // total
    left = Content.assemble("  ", (f"{unit.number:>2}  ", "$dim"), unit.title)
    right = Content.assemble(("●" * full, "$primary"), ("○" * (dots - full), "$dim"), " ")
    return Lines(Line(left, right))


def lesson_row(pages: int, read: int, roomy: bool) -> Lines:
    """The lesson's row: its sign, and how many pages were read."""
    sign, colour = SIGNS["done" if read >= pages else "started" if read else "new"]
    left = Content.assemble("  ", (sign, colour), "  Lesson")
    return Lines(Line(left, columns("lesson", f"{pages} pages", f"{read}/{pages}" if read else "", roomy)))


def exercise_row(exercise: Exercise, standing: Standing, roomy: bool) -> Lines:
    """An exercise's sign, title, kind, minutes and points."""
    sign, colour = SIGNS[standing.state]
    left = Content.assemble("  ", (sign, colour), "  ", exercise.title)
    points = f"{standing.points:f}/{exercise.points}" if standing.attempts else f"{exercise.points}"
    return Lines(Line(left, columns(exercise.kind.value, f"{exercise.minutes} min", points, roomy)))


def columns(kind: str, minutes: str, points: str, roomy: bool) -> Content:
    """The right-hand columns of a row, at fixed places; only the points where there is little room."""
    return Content.styled(f"{kind:<8}{minutes:>8}{points:>6} " if roomy else f"{points:>5} ", "$dim")


def first_paragraph(markdown: str) -> str:
    """The first paragraph of a text as plain words."""
    blocks = (
        block for block in markdown.split("\n\n") if block.strip() and not block.lstrip().startswith("#")
    )
    return " ".join(re.sub(r"[*`]", "", next(blocks, "")).split())


def notes(following: Exercise | None, due: Sequence[ReviewCard], settings: Settings, *, tour: bool) -> Lines:
    """What stands below the units: where one goes on, what is due again, and on a new workspace the tour."""
    return Lines(*_notes(following, due, settings, tour))


def _notes(
    following: Exercise | None, due: Sequence[ReviewCard], settings: Settings, tour: bool
) -> Iterator[Piece]:
    if tour:
        yield _title("New here?", own_key(settings, action("app.tour")))
        yield _text("A tour of two minutes shows you around.")
        yield Line(NOTHING)
    if following is not None:
        yield _title("Go on with", own_key(settings, action("map.resume")))
        yield _text(f"{following.unit.number} › {following.title}")
        yield Line(NOTHING)
    if due:
        topics = ", ".join(card.misconception.topic for card in due[:MOST_TOPICS])
        more = f" and {len(due) - MOST_TOPICS} more" if len(due) > MOST_TOPICS else ""
        yield _title("Due today", own_key(settings, action("map.review")))
        yield _text(f"{counted(len(due), 'review')} · {topics}{more}")


def _title(title: str, key: str) -> Line:
    return Line(Content.assemble("   ", (title, "bold")), Content.assemble((key, "bold $primary"), " "))


def _text(text: str) -> Hanging:
    return Hanging(NOTHING, foreign(text, "$dim"), INDENT)
