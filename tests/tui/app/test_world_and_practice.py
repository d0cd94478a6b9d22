"""The world followed and moved from the app, and practice: what is asked, answered, kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from tui.screens.ask import AskPanel
from tui.screens.practice import Practice
from tui.screens.world import WorldScreen

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]


@pytest.mark.parametrize(
    ("key", "seen"),
    [
        ("f3", "2 objects, 31 bytes"),
        ("f4", "10.0.1.0/24"),
        ("f5", "Public IPv4"),
        ("f6", "s3:PutObject training-7f/data/a.csv"),
    ],
)
async def test_each_part_of_the_world_is_read(
    key: str, seen: str, opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "w", key)

        assert seen in screen(pilot)


async def test_the_clock_is_moved_by_what_is_typed(opened: Opener, press: Press, session: Any) -> None:
    async with opened(notifications=True) as pilot:
        await press(pilot, "w", "a")
        assert isinstance(pilot.app.screen, AskPanel)

        await press(pilot, "backspace", "backspace", "3", "d", "enter")
        assert isinstance(pilot.app.screen, WorldScreen)
    assert session.worlds[-1].moved == timedelta(days=3).total_seconds()


async def test_a_time_that_cannot_be_read_is_told_and_the_world_stays(
    opened: Opener, press: Press, screen: Screen, session: Any
) -> None:
    async with opened(failures=1) as pilot:
        await press(pilot, "w", "a", "backspace", "backspace", "x", "enter")

        assert "x" in screen(pilot)
    assert session.worlds[-1].moved == 0


async def test_escape_leaves_the_clock_alone(opened: Opener, press: Press, session: Any) -> None:
    async with opened() as pilot:
        await press(pilot, "w", "a", "escape")

    assert session.worlds[-1].moved == 0


async def test_the_last_change_is_taken_back_and_enter_goes_back_to_a_state(
    opened: Opener, press: Press, session: Any
) -> None:
    async with opened() as pilot:
        await press(pilot, "w", "f6", "u")
        assert [each.number for each in session.worlds[-1].past] == [0, 1]

        await press(pilot, "up", "enter")
    assert [each.number for each in session.worlds[-1].past] == [0]


async def test_a_state_gets_a_name(opened: Opener, press: Press, session: Any, screen: Screen) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "w", "f6", "n", *"done", "enter")

        assert "◆ done" in screen(pilot)


async def test_a_wrong_answer_says_what_is_right_and_enter_asks_the_next(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "r", *"nonsense", "enter")
        practice = pilot.app.screen
        assert isinstance(practice, Practice)
        assert practice.question is not None
        first = practice.question
        assert "✗ not so" in screen(pilot)

        await press(pilot, "enter")
        assert practice.question is not first
        assert not practice.answered


async def test_right_answers_make_a_streak(opened: Opener, press: Press, session: Any) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "r")
        practice = pilot.app.screen
        assert isinstance(practice, Practice)
        for _ in range(2):
            assert practice.question is not None
            practice.query_one("#practice-answer").value = practice.question.answer  # type: ignore[attr-defined]
            await press(pilot, "enter", "enter")

    assert session.streak("arns").now == 2


async def test_what_is_due_is_asked_first(opened: Opener, press: Press, session: Any, screen: Screen) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    session.workspace.progress.reviewed("A1", False, long_ago)
    async with opened(120, 36) as pilot:
        await press(pilot, "r")

        practice = pilot.app.screen
        assert isinstance(practice, Practice)
        assert practice.card is not None
        assert practice.card.misconception.id == "A1"
        assert "Due today · 1 left" in screen(pilot)
