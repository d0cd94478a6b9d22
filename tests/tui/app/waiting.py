"""Waiting for what comes by itself, however slow the machine is."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual.pilot import Pilot

LONGEST = 30.0  # seconds


async def until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    limit = monotonic() + LONGEST
    while not holds():
        assert monotonic() < limit, f"it never came to hold; {pilot.app.screen} is open"
        await pilot.pause(0.02)
