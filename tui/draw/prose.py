"""The course's own text: a page of a lesson, the task of an exercise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.markdown import Markdown
from rich.text import Text

from labs.course import Kind
from tui.draw.layout import page, rule
from tui.draw.spoken import spoken
from tui.draw.words import counted, shown

if TYPE_CHECKING:
    from labs.course import Exercise, Unit

__all__ = ["lesson_page", "task_page"]


def lesson_page(unit: Unit, number: int, *, plain: bool = False) -> RenderableType:
    """One page of a lesson, with its place in it."""
    chosen = unit.pages[number - 1]
    where = f"{unit.number}  {unit.title} · page {number} of {len(unit.pages)}"
    return page(shown(where, "quiet"), shown(chosen.title, "accent"), rule(), prose(chosen.text, plain=plain))


def task_page(exercise: Exercise, prompt: str, file: Path, *, plain: bool = False) -> RenderableType:
    """What an exercise asks, what it is worth, and where the answer goes."""
    return page(*_task(exercise, prompt, file, plain))


def _task(exercise: Exercise, prompt: str, file: Path, plain: bool) -> Iterator[RenderableType]:
    worth = f"{exercise.kind.value}, {exercise.minutes} min, {counted(exercise.points, 'point')}"
    yield Text.assemble(shown(exercise.title, "accent"), "  ", (worth, "quiet"))
    yield rule()
    yield prose(prompt, plain=plain)
    yield Text()
    if exercise.kind in (Kind.CODE, Kind.WORLD):
        yield Text.assemble(("Its world  ", "quiet"), f"skylab sandbox --exercise {exercise.name}")
    if exercise.kind is not Kind.WORLD:
        yield Text.assemble(("Your file  ", "quiet"), shown(file))
    if exercise.kind in (Kind.ANSWER, Kind.PREDICT):
        yield Text("           Its questions stand in it, each above the answer.", "quiet")
    yield Text.assemble(("Mark it    ", "quiet"), f"skylab check {exercise.name}")


def prose(markdown: str, *, plain: bool = False) -> RenderableType:
    """Markdown, set; or as text, for those who have it read aloud."""
    return shown(spoken(markdown)) if plain else Markdown(markdown, code_theme="ansi_dark")
