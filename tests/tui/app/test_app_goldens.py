"""Each screen as text at 80x24 and 160x48: what is kept was looked at, and nothing moves unnoticed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import textual.screen
from textual.pilot import Pilot
from textual.widget import Widget

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]

KEPT = ((80, 24), (120, 36), (200, 60))
"""The sizes at which screens are compared with those that are kept."""
SIZES = (*KEPT, (110, 24))

DOWN = ("down",) * 9

SCREENS: dict[str, tuple[str, ...]] = {
    "map": (),
    "map-exercise": ("right", "down", "down"),
    "lesson": ("l",),
    "lesson-second-page": ("l", "right"),
    "lesson-contents": ("l", "t"),
    "lesson-requests": ("l", "w"),
    "predict": ("right", "down", "enter"),
    "predict-answered": ("right", "down", "enter", "enter", "ctrl+s"),
    "policy": ("right", "down", "down", "enter"),
    "policy-checked": ("right", "down", "down", "enter", "ctrl+s"),
    "policy-hints": ("right", "down", "down", "enter", "ctrl+t", "ctrl+t"),
    "policy-requests": ("right", "down", "down", "enter", "f4", "up", "up"),
    "policy-counter-example": ("right", "down", "down", "enter", "ctrl+s", "ctrl+o"),
    "policy-counter-example-all": ("right", "down", "down", "enter", "ctrl+s", "ctrl+o", "space"),
    "program": ("right", "down", "down", "down", "enter"),
    "task-in-a-world": ("right", "down", "down", "down", "down", "enter"),
    "map-help": ("f1",),
    "exercise-help": ("right", "down", "down", "enter", "f1"),
    "palette": ("ctrl+p",),
    "shelf": ("i",),
    "arn": ("i", "enter"),
    "planner": ("i", *DOWN[:1], "enter", "down", "down", "s"),
    "evaluator": ("i", *DOWN[:2], "enter"),
    "evaluator-answer": ("i", *DOWN[:2], "enter", "f3"),
    "evaluator-step": ("i", *DOWN[:2], "enter", "f4", "f4", "f4"),
    "proof": ("i", *DOWN[:3], "enter"),
    "proof-answer": ("i", *DOWN[:3], "enter", "f3"),
    "tracer": ("i", *DOWN[:4], "enter"),
    "tracer-blocked": ("i", *DOWN[:4], "enter", "tab", *"i-0a1"),
    "bill": ("i", *DOWN[:5], "enter"),
    "bill-answer": ("i", *DOWN[:5], "enter", "f3"),
    "credentials": ("i", *DOWN[:6], "enter"),
    "world": ("w",),
    "world-resources": ("w", "f3"),
    "world-network": ("w", "f4"),
    "world-bill": ("w", "f5"),
    "world-time": ("w", "f6"),
    "world-advance": ("w", "a"),
    "present": ("p",),
    "present-poll": ("p", "right"),
    "present-answer": ("p", "right", "enter"),
    "present-notes": ("p", "n"),
    "practice": ("r",),
    "practice-answered": ("r", "enter"),
    "code": ("i", "enter", "f9"),
}


@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_looks_as_it_did_and_nothing_is_cut_off_at_any_size(
    name: str, opened: Opener, press: Press, screen: Screen, golden: Callable[[str, str], None]
) -> None:
    async with opened(80, 24) as pilot:
        await press(pilot, *SCREENS[name])
        for width, height in SIZES:
            await pilot.resize_terminal(width, height)
            await press(pilot)
            assert list(layout_faults(pilot.app.screen)) == [], (width, height)
            if (width, height) in KEPT:
                golden(f"{name}-{width}x{height}", screen(pilot))


def layout_faults(screen: textual.screen.Screen[Any]) -> Iterator[str]:
    """Widgets that stick out of the screen or of a parent that does not scroll, and siblings that overlap."""
    for parent in [screen, *screen.query(Widget)]:
        shown = [
            child
            for child in parent.children
            if child.display and child.region and child.styles.overlay != "screen" and child.visible
        ]
        for child in shown:
            room = screen.region if parent.is_scrollable else parent.region
            if not parent.is_scrollable and not room.contains_region(child.region):
                yield f"{child} {child.region} sticks out of {parent} {room}"
        for number, one in enumerate(shown):
            for other in shown[number + 1 :]:
                if one.region.overlaps(other.region) and one.layer == other.layer:
                    yield f"{one} {one.region} overlaps {other} {other.region}"
