"""The course map as a list: each unit with its exercises, and how far the learner is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tui.draw.layout import page, row, rule
from tui.draw.words import counted, listed, shown

if TYPE_CHECKING:
    from labs.course import Course, Exercise, Standing, Unit
    from labs.course.review import ReviewCard

__all__ = ["course_map"]

SIGNS = {
    "done": ("✓", "allowed"),
    "partial": ("◐", "partly"),
    "started": ("◐", "quiet"),
    "new": ("○", "quiet"),
}


def course_map(
    course: Course,
    standing: Callable[[Exercise], Standing] | None = None,
    due: Sequence[ReviewCard] = (),
) -> RenderableType:
    """Units and exercises, with signs and points when it is known how the learner stands, and what is due."""
    return page(*_blocks(course, standing, due))


def _blocks(
    course: Course, standing: Callable[[Exercise], Standing] | None, due: Sequence[ReviewCard]
) -> Iterator[RenderableType]:
    yield Text("Skylab", "accent")
    yield rule()
    longest = max((len(each.name) for unit in course.units for each in unit.exercises), default=0)
    for unit in course.units:
        yield _heading(unit)
        yield shown(unit.summary, "quiet")
        for exercise in unit.exercises:
            yield _exercise(exercise, standing(exercise) if standing else None, longest + 1)
        yield Text()
    if due:
        ids = listed(tuple(card.misconception.id for card in due))
        yield Text.assemble(
            ("Due now  ", "accent"), counted(len(due), "review"), (f" · {ids}   skylab review", "quiet")
        )
    yield Text("✓ done  ◐ begun  ○ to do. Commands take the name in the second column.", "quiet")


def _heading(unit: Unit) -> Text:
    pages = counted(len(unit.pages), "page")
    return Text.assemble(
        (f"{unit.number}  ", "quiet"), shown(unit.title, "title"), (f"   lesson, {pages}", "quiet")
    )


def _exercise(exercise: Exercise, standing: Standing | None, name_width: int) -> RenderableType:
    sign, style = SIGNS[standing.state if standing else "new"]
    begun = standing is not None and standing.attempts > 0
    points = f"{standing.points:f}/{exercise.points}" if standing and begun else str(exercise.points)
    return row(
        Text(sign, style),
        shown(exercise.name, "accent"),
        shown(exercise.title),
        Text(str(exercise.kind.value), "quiet"),
        Text(f"{exercise.minutes} min", "quiet", justify="right"),
        Text(points, "quiet", justify="right"),
        widths=(1, name_width, None, 8, 7, 6),
    )
