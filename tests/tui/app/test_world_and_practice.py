"""Practice: what is asked, answered, kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

from textual.pilot import Pilot

from tui.screens.practice import Practice

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]


async def test_a_wrong_answer_says_what_is_right_and_enter_asks_the_next(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "r", *"nonsense", "enter")
        practice = pilot.app.screen
        assert isinstance(practice, Practice)
        assert practice.asked is not None
        first = practice.asked
        assert "✗ not so" in screen(pilot)

        await press(pilot, "enter")
        assert practice.asked is not first
        assert not practice.answered


async def test_right_answers_make_a_streak(opened: Opener, press: Press, session: Any) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "r")
        practice = pilot.app.screen
        assert isinstance(practice, Practice)
        for _ in range(2):
            assert practice.asked is not None
            practice.query_one("#practice-answer").value = practice.asked.question.answer  # type: ignore[attr-defined]
            await press(pilot, "enter", "enter")

    assert session.streak("arns").now == 2


async def test_what_is_due_is_asked_first(opened: Opener, press: Press, session: Any, screen: Screen) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    session.workspace.progress.reviewed("A1", False, long_ago)
    async with opened(120, 36) as pilot:
        await press(pilot, "r")

        practice = pilot.app.screen
        assert isinstance(practice, Practice)
        assert practice.asked is not None
        assert practice.asked.card is not None
        assert practice.asked.card.misconception.id == "A1"
        assert "Due today · 1 left" in screen(pilot)
