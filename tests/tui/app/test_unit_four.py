"""The whole of unit 4 in the app with the keyboard alone: each page read, each exercise done.

One start of the app. Long texts come as a paste, as a person would bring them; what an exercise of the kind
world asks for is done from another terminal, with the surroundings that `skylab env` gives there.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from labs.course import AnswerExercise, Exercise, Unit, Workspace, WorldExercise, load_course
from tui.answer_text import values_of
from tui.app import SkylabApp
from tui.screens.exercise import ExerciseScreen
from tui.screens.lesson import Lesson
from tui.screens.map import CourseMap
from tui.session import Session
from tui.widgets.fields import Choice

PATIENCE = 120.0
"""Seconds that a loaded machine may take for one step."""

Keys = Pilot[int]


async def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for something, however slow the machine is."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"This did not come: {what}."
        # A pause of the pilot's waits for every widget, which costs more than all that is tested here.
        await asyncio.sleep(0.05)


async def paste(pilot: Keys, text: str) -> None:
    """Bring a text as a terminal brings what is pasted."""
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()


async def fill_in(pilot: Keys, exercise: AnswerExercise, answers: dict[str, str]) -> None:
    """Go through the fields with Tab: choices by arrows and Enter, the rest typed."""
    choices = {choice.name: choice for choice in pilot.app.screen.query(Choice)}
    keys: list[str] = []
    for field in exercise.fields(exercise.variant("alice")):
        if field.choices:
            steps = choices[field.name].choices.index(answers[field.name])
            keys += [*["down"] * steps, "enter", "tab"]
        else:
            await pilot.press(*keys)
            await paste(pilot, answers[field.name])
            keys = ["tab"]
    await pilot.press(*keys)


async def answer(pilot: Keys, exercise: Exercise, session: Session) -> None:
    """Answer an exercise with its own solution for this learner, by keys."""
    solution = exercise.solution(session.variant(exercise))
    if isinstance(exercise, WorldExercise):
        await until(lambda: staged(pilot, exercise), "the world of the exercise")
        await asyncio.to_thread(in_another_terminal, solution, exercise, session)
    elif isinstance(exercise, AnswerExercise):
        await fill_in(pilot, exercise, values_of(solution))
    else:
        lines = len(session.text(exercise).splitlines())
        await pilot.press(*["shift+down"] * (lines + 1))
        await paste(pilot, solution)


def staged(pilot: Keys, exercise: Exercise) -> bool:
    app = pilot.app
    assert isinstance(app, SkylabApp)
    return app.current_stage is not None and app.current_stage.exercise is exercise


def in_another_terminal(program: str, exercise: WorldExercise, session: Session) -> None:
    """Run a program as the learner, where only the surroundings say where the world is."""
    assert session.current is not None
    surroundings = {**os.environ, **session.current.world.environment(exercise.learner)}
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], env=surroundings, check=True)


async def check(pilot: Keys, exercise: Exercise, session: Session) -> None:
    """Have it marked, and see on the screen that all is right."""
    await pilot.press("ctrl+s")
    await until(lambda: session.standing(exercise).attempts > 0, f"a mark for {exercise.id}")
    assert session.is_done(exercise), f"{exercise.id} is not done:\n{session.text(exercise)}"
    step = "goes to the next exercise"
    await until(lambda: step in screen_text(pilot), f"the next step after {exercise.id}")


def screen_text(pilot: Keys) -> str:
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Garbage stays where it is: to look for it among the widgets of so many screens takes a long time."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
async def test_unit_four_is_done_from_its_first_page_to_its_last_exercise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.delenv("NO_COLOR", raising=False)
    session = Session(Workspace.create(tmp_path / "work", "alice"), load_course())
    unit = session.course.unit("policies")
    app = SkylabApp(session)

    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*["down"] * session.course.units.index(unit), "l")
        await until(lambda: isinstance(app.screen, Lesson), "the lesson")
        for page in unit.pages:
            await until(partial(was_read, session, unit, page.id), f"the page {page.title}")
            step = "to the exercises" if page is unit.pages[-1] else "next page"
            assert f"→ {step}" in screen_text(pilot)
            await pilot.press("n")
        for exercise in unit.exercises:
            await until(partial(shows, pilot, exercise), f"the exercise {exercise.id}")
            await answer(pilot, exercise, session)
            await check(pilot, exercise, session)
            await pilot.press("ctrl+n")
        await until(lambda: isinstance(app.screen, Lesson), "the next unit's lesson")
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, CourseMap), "the course map")

        assert [each.name for each in unit.exercises if not session.is_done(each)] == []
        assert app.failures == []


def was_read(session: Session, unit: Unit, page: str) -> bool:
    return page in session.pages_read(unit)


def shows(pilot: Keys, exercise: Exercise) -> bool:
    """Whether an exercise's screen is there, and its answer can be typed."""
    screen = pilot.app.screen
    return (
        isinstance(screen, ExerciseScreen) and screen.exercise is exercise and pilot.app.focused is not None
    )
