"""Jump mode, the tour, the diff and the marks at three sizes: what is kept was looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

from textual.pilot import Pilot
from textual.widgets import TextArea

from tests.tui.app.conftest import screen_strips
from tests.tui.app.contrast import unreadable
from tests.tui.app.test_app_goldens import KEPT, layout_faults, other_theme

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]

WRONG = """\
{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": ["s3:GetObjct", "s3:ListBucket"],
    "Resource": "arn:aws:s3:::training-7f/*"
  }]
}
"""


async def test_each_habit_looks_as_it_did_at_every_size_and_is_readable_in_light_and_dark(
    opened: Opener, press: Press, screen: Screen, session: Any, difference: Callable[[str, str], Any]
) -> None:
    faults: list[str] = []

    async def look(name: str, *opening: str) -> None:
        """Look at the screen; what a change of size closes is opened anew for each."""
        for width, height in KEPT:
            await pilot.resize_terminal(width, height)
            await press(pilot, *opening)
            faults.extend(layout_faults(pilot.app.screen))
            faults.extend(difference(f"{name}-{width}x{height}", screen(pilot)))
            if opening and (width, height) != KEPT[-1]:
                await press(pilot, "escape")
        faults.extend(unreadable(pilot.app, screen_strips(pilot.app)))
        await other_theme(pilot, press)  # the next screen is seen in the theme in which this one ends
        faults.extend(unreadable(pilot.app, screen_strips(pilot.app)))
        if opening:
            await press(pilot, "escape")

    for belief in ("I2", "C1", "B1", "A1"):
        session.workspace.progress.reviewed(belief, False, datetime.now(UTC) - timedelta(days=30))
    async with opened(*KEPT[0]) as pilot:
        await look("map-due")
        await look("jump-map", "ctrl+g")
        await press(pilot, "right", "down", "enter")
        await look("jump-fields", "ctrl+g")
        await press(pilot, "ctrl+l")
        await look("tour-map")
        await press(pilot, "l")
        await look("tour-lesson")
        await press(pilot, "f1")
        await look("tour-help")
        await press(pilot, "escape", "ctrl+l", "escape", "right", "down", "enter", "f5")
        await look("diff-none")
        await press(pilot, "escape", "ctrl+s", "f2")
        pilot.app.screen.query_one(TextArea).load_text(WRONG)
        await press(pilot)
        await look("policy-marked")
        await press(pilot, "f5")
        await look("diff")
        await press(pilot, "escape", *("ctrl+t",) * 4, "f6")
        await look("solution")
    assert not faults, "\n".join(faults)
