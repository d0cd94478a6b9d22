"""The ladder of the policy evaluator runs on its own, stops where the decision falls, and any key ends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from textual.pilot import Pilot

from tui.instruments import evaluator
from tui.instruments.evaluator import PolicyEvaluator

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]

EVALUATOR = ("i", "down", "down", "enter")


@pytest.fixture
def moving(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """The app on a terminal where things may move."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "full")
    return opened


def ladder_on(pilot: Pilot[int]) -> PolicyEvaluator:
    assert isinstance(pilot.app.screen, PolicyEvaluator)
    return pilot.app.screen


async def test_stages_light_up_one_after_the_other_and_stop_where_the_decision_falls(
    moving: Opener, press: Press, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluator, "CLIMB", 3600.0)
    async with moving(120, 36) as pilot:
        await press(pilot, *EVALUATOR)
        told = []
        while (ladder := ladder_on(pilot)).lit is not None:
            told.append(ladder.lit)
            assert "undecided so far" in screen(pilot)
            ladder.climb_on()
            await press(pilot)
        assert told == [0, 1, 2, 3, 4, 5]  # the identity-based policies, sixth, had to allow it
        assert "✗ denied: nothing allows it" in screen(pilot)
        assert ladder_on(pilot)._climbing is None

        # What it has told already is not climbed again.
        ladder_on(pilot).ask()
        await press(pilot)
        assert ladder_on(pilot).lit is None


async def test_any_key_ends_it_at_once(moving: Opener, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluator, "CLIMB", 3600.0)
    async with moving(120, 36) as pilot:
        await press(pilot, *EVALUATOR)
        ladder = ladder_on(pilot)
        for key in ("left", "f4", "f6", "f1", "f3", "f2", "a"):
            ladder.told = ()
            ladder.ask()
            await press(pilot)
            assert ladder._climbing is not None, key

            await pilot.press(key)
            await pilot.pause()
            assert ladder._climbing is None, key
            assert ladder.lit == (1 if key == "f4" else None), key
            if key == "f1":
                await press(pilot, "escape")


async def test_it_runs_by_itself_and_in_a_narrow_terminal_once_the_answer_is_in_view(
    moving: Opener, press: Press, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluator, "CLIMB", 0.08)
    async with moving(80, 24) as pilot:
        await press(pilot, *EVALUATOR)
        assert ladder_on(pilot).told == ()

        await pilot.press("f3")
        assert ladder_on(pilot).told
        for _ in range(200):
            if ladder_on(pilot).lit is None:
                break
            await pilot.pause(0.02)
        await press(pilot)
        assert "✗ denied: nothing allows it" in screen(pilot)


async def test_nothing_moves_where_less_motion_is_wanted(
    opened: Opener, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, *EVALUATOR)
        ladder = ladder_on(pilot)
        for level in ("none", "basic"):
            monkeypatch.setenv("TEXTUAL_ANIMATIONS", level)
            ladder.told = ()
            ladder.ask()
            await press(pilot)
            assert ladder.told
            assert ladder._climbing is None
            assert ladder.lit is None
