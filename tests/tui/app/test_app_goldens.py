"""Each screen at three sizes, in light and dark: what is kept was looked at, and nothing moves unnoticed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import textual.screen
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widget import Widget

from tests.tui.app.conftest import screen_strips
from tests.tui.app.contrast import unreadable
from tests.tui.app.pictures import picture

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]
Difference = Callable[[str, str], Iterator[str]]

KEPT = ((80, 24), (120, 36), (200, 60))
"""The sizes at which screens are compared with those that are kept."""
PICTURED = (120, 36)
"""The size at which the main screens are kept as pictures too, one in light and one in dark."""
JUST_WIDE = (110, 24)
"""The least size at which two panes stand side by side; nothing may be cut there."""

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


MAIN = (
    "map",
    "lesson",
    "policy-checked",
    "world",
    "evaluator-answer",
    "planner",
    "tracer-blocked",
    "bill-answer",
    "present-answer",
)
"""The main screens."""


@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_looks_as_it_did_and_can_be_read_at_any_size_in_light_and_dark(
    name: str, opened: Opener, press: Press, screen: Screen, difference: Difference
) -> None:
    """The letters are the same in light and dark, so that one text is kept for both."""
    faults: list[str] = []
    async with opened(*KEPT[0]) as pilot:
        await press(pilot, *SCREENS[name])
        for width, height in KEPT:
            await pilot.resize_terminal(width, height)
            await press(pilot)
            texts: list[str] = []
            for again in (False, True):
                if again:  # the next size begins in the theme in which this one ends
                    await other_theme(pilot, press)
                texts.append(screen(pilot))
                here = [*layout_faults(pilot.app.screen), *unreadable(pilot.app, screen_strips(pilot.app))]
                faults += [f"{width}x{height} {pilot.app.theme} {fault}" for fault in here]
                if name in MAIN and (width, height) == PICTURED:
                    tone = "dark" if pilot.app.current_theme.dark else "light"
                    faults += difference(f"svg/{name}-{tone}.svg", picture(pilot.app))
            faults += difference(f"{name}-{width}x{height}", texts[0])
            if texts[0] != texts[1]:
                faults.append(f"{width}x{height} the letters are not the same in light and dark")
        await pilot.resize_terminal(*JUST_WIDE)
        await press(pilot)
        faults += [f"just wide {fault}" for fault in layout_faults(pilot.app.screen)]
    assert not faults, "\n".join(faults)


async def other_theme(pilot: Pilot[int], press: Press) -> None:
    """Go from light to dark, or from dark to light."""
    await pilot.app.run_action("theme")
    await press(pilot)
    if isinstance(pilot.app.screen, CommandPalette):
        # Textual leaves an open palette as it was; there is no key that changes the theme in it.
        pilot.app.stylesheet.update(pilot.app.screen)
        await press(pilot)


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
