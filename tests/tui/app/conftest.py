"""The app at a fixed size, with the toy course and a sandbox in memory, and its screen as text."""

from __future__ import annotations

import difflib
import os
from asyncio import sleep as sleep_a_little
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.strip import Strip
from textual.timer import Timer

from labs.course import Course, Workspace
from tests.tui.app.memory import MemorySession, MemoryWorld
from tests.tui.app.toy_course import toy_course
from tui.app import SkylabApp

GOLDENS = Path(__file__).parent / "goldens"
UPDATE = bool(os.environ.get("UPDATE_GOLDENS"))

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
PATIENCE = 60.0
"""Seconds within which the app has to come to rest, also on a machine that does much else."""
SOON = 0.3
"""Timers of so many seconds are waited for; longer ones are clocks, and the saving of what is typed."""
ROUNDS = 3
"""How often nothing may be found: what goes from part to part is for a moment in no queue."""


@pytest.fixture
def course() -> Course:
    return toy_course()


@pytest.fixture
def session(tmp_path: Path, course: Course) -> MemorySession:
    return MemorySession(Workspace.create(tmp_path / "work", "alice"), course)


@pytest.fixture
def opened(session: MemorySession, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Open the app: `async with opened(80, 24) as pilot`; whatever fails inside fails the test."""
    monkeypatch.setenv("HOME", str(session.workspace.folder.parent))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    # Textual's own tests take an idle processor for the end of a key's effects; `settle` knows better.
    monkeypatch.setattr("textual.app.wait_for_idle", sleep_a_little)
    monkeypatch.setattr("textual.pilot.wait_for_idle", sleep_a_little)
    monkeypatch.setattr(Compositor, "render_update", only_if_full)
    monkeypatch.setattr(Stylesheet, "_parse_rules", parsed_once)

    @asynccontextmanager
    async def open_app(
        columns: int = 80, rows: int = 24, *, failures: int = 0, settled: bool = True, **options: Any
    ) -> AsyncIterator[Pilot[int]]:
        app = SkylabApp(session)
        async with app.run_test(size=(columns, rows), **options) as pilot:
            if settled:
                await settle(pilot)
            yield pilot
            await settle(pilot)
            assert len(app.failures) == failures, app.failures

    return open_app


async def settle(pilot: Pilot[int]) -> None:
    """Wait until no worker runs, no message and no short timer waits, and nothing is to be drawn."""
    app, quiet, limit = pilot.app, 0, monotonic() + PATIENCE
    while quiet < ROUNDS and not app._exit:
        # The worker that follows the sandbox never comes to an end by itself.
        busy = [each for each in app.workers if each.group != "follow" and not each.is_finished]
        if busy:
            await app.workers.wait_for_complete(busy)
        await pilot.pause(0)
        if not quiet:
            screen_strips(app)  # some parts find out how large they are when they are drawn
        at_work = list(unrest(app))
        if at_work:
            assert monotonic() < limit, f"the app does not come to rest: {at_work}"
            await sleep_a_little(0.005)
        quiet = 0 if at_work else quiet + 1


def unrest(app: App[Any]) -> Iterator[str]:
    """What the app has still to do by itself."""
    for pump in (app, *app.screen.walk_children(with_self=True)):
        if pump.message_queue_size or pump._next_callbacks:
            yield f"messages of {pump}"
        if any(due_soon(each) for each in pump._timers):
            yield f"a timer of {pump}"
    screen = app.screen
    if screen._layout_required or screen._repaint_required or screen._dirty_widgets or screen._callbacks:
        yield f"drawing {screen}"
    world = getattr(getattr(app, "current_stage", None), "world", None)
    if isinstance(world, MemoryWorld) and world.ledger and world.told < world.ledger[-1].sequence:
        yield "requests that were not told"


def due_soon(timer: Timer) -> bool:
    """Whether a timer will do something once, a moment after a key."""
    task = timer._task
    return timer._repeat == 0 and timer._interval <= SOON and task is not None and not task.done()


@pytest.fixture
def press() -> Callable[..., Any]:
    """Press keys one after the other, each when the last has had its effect; without keys, only wait."""

    async def press_keys(pilot: Pilot[int], *keys: str) -> None:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return press_keys


draw_whole = Compositor.render_update
parse_rules = Stylesheet._parse_rules
PARSED: dict[Any, Any] = {}


def parsed_once(sheet: Stylesheet, css: str, read_from: Any, *rest: Any, **options: Any) -> Any:
    """The rules of a style sheet in a theme, which each app of a test would parse again."""
    key = (css, read_from, rest, *options.items(), *sheet._variables.items())
    if key not in PARSED:
        PARSED[key] = parse_rules(sheet, css, read_from, *rest, **options)
    return PARSED[key]


def only_if_full(
    compositor: Compositor, full: bool = False, screen_stack: Any = None, simplify: bool = False
) -> Any:
    """Draw a screenshot, and nothing for a terminal that is not there: it would be a third of all work."""
    if full:
        return draw_whole(compositor, full, screen_stack, simplify)
    visible_screen_stack.set(screen_stack or [])
    compositor._dirty_regions.clear()
    return None


def screen_strips(app: App[Any]) -> list[Strip]:
    """What the terminal shows, line by line."""
    visible_screen_stack.set(list(app._background_screens))
    return app.screen._compositor.render_strips()


def screen_text(app: App[Any]) -> str:
    """What the terminal shows, as text."""
    return "\n".join(strip.text.rstrip() for strip in screen_strips(app)).rstrip() + "\n"


@pytest.fixture
def screen() -> Callable[[Pilot[int]], str]:
    return lambda pilot: screen_text(pilot.app)


@pytest.fixture
def difference() -> Callable[[str, str], Iterator[str]]:
    """How a screen differs from the one that is kept; UPDATE_GOLDENS=1 keeps this one instead."""

    def compare(name: str, text: str) -> Iterator[str]:
        kept = GOLDENS / (name if name.endswith(".svg") else f"{name}.txt")
        if UPDATE:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(text, encoding="utf-8")
        before = kept.read_text(encoding="utf-8").splitlines()
        lines = list(difflib.unified_diff(before, text.splitlines(), "kept", "now", lineterm=""))
        if lines:
            yield "\n".join([f"{name} looks different:", *lines])

    return compare
