"""The world followed and moved from the app: its parts, its time, its requests, and a sandbox that stops."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from labs.errors import SandboxError
from labs.sandbox import Change
from tests.tui.app.waiting import until
from tui.screens.ask import AskPanel
from tui.screens.request import RequestPanel
from tui.screens.world import WorldScreen
from tui.screens.world.resources import ResourceTree
from tui.screens.world.rewinding import RewindPanel, undone_by_one
from tui.screens.world.time import Past
from tui.widgets.requests import RequestsPanel
from tui.widgets.rows import Rows
from tui.widgets.timeline import Timeline, places, taken_back

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]

NINE = datetime(2026, 1, 14, 9, tzinfo=UTC)


def numbers(session: Any) -> list[int]:
    """The changes that the world holds."""
    return [each.number for each in session.worlds[-1].past]


async def test_each_part_of_the_world_is_read(opened: Opener, press: Press, screen: Screen) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "w")
        for key, seen in (
            ("f3", "2 objects, 31 bytes"),
            ("f4", "10.0.1.0/24"),
            ("f5", "Public IPv4"),
            ("f6", "s3:PutObject training-7f"),
        ):
            await press(pilot, key)
            assert seen in screen(pilot)


# What exists


async def test_the_tree_folds_and_says_the_arn_of_what_is_marked(
    opened: Opener, press: Press, screen: Screen, session: Any
) -> None:
    async with opened() as pilot:
        await press(pilot, "w", "f3", "down", "down")
        assert "▸ reader" in screen(pilot)
        assert "ARN      arn:aws:iam::123456789012:user/reader" in screen(pilot)

        await press(pilot, "f7", "up", "enter")
        assert pilot.app.clipboard == "arn:aws:iam::123456789012:user/reader"
        assert "▶ user  1" in screen(pilot)
        assert "└─ reader" not in screen(pilot)

        # What is folded stays so when the world is read again, and the mark stays.
        part = pilot.app.screen.query_one(ResourceTree)
        part.fill(session.worlds[-1].resources())
        await press(pilot)
        assert "▶ user  1" in screen(pilot)
        assert part.cursor_node is not None
        assert part.cursor_node.data == ("iam", "user")


# Time


async def test_the_clock_is_moved_by_what_is_typed_and_left_alone_by_escape(
    opened: Opener, press: Press, session: Any
) -> None:
    async with opened(notifications=True) as pilot:
        await press(pilot, "w", "a", "escape")
        assert session.worlds[-1].moved == 0

        await press(pilot, "a")
        assert isinstance(pilot.app.screen, AskPanel)
        await press(pilot, "backspace", "backspace", "3", "d", "enter")
        assert isinstance(pilot.app.screen, WorldScreen)
    assert session.worlds[-1].moved == timedelta(days=3).total_seconds()


async def test_a_time_that_cannot_be_read_is_told_and_the_world_stays(
    opened: Opener, press: Press, screen: Screen, session: Any
) -> None:
    async with opened(failures=1) as pilot:
        await press(pilot, "w", "a", "backspace", "backspace", "x", "enter")

        assert "It is 'x'." in screen(pilot)
    assert session.worlds[-1].moved == 0


async def test_undo_says_what_it_will_take_back_before_it_does(
    opened: Opener, press: Press, session: Any, screen: Screen
) -> None:
    async with opened() as pilot:
        await press(pilot, "w", "u")
        assert isinstance(pilot.app.screen, RewindPanel)
        assert "Take 1 change back?" in screen(pilot)
        assert "s3:PutObject training-7f/data/a.csv" in screen(pilot)
        assert numbers(session) == [0, 1, 2]

        await press(pilot, "escape")
        assert numbers(session) == [0, 1, 2]
        await press(pilot, "u", "enter")
        assert numbers(session) == [0, 1]


async def test_the_cursor_moves_on_the_timeline_and_enter_goes_there(
    opened: Opener, press: Press, session: Any, screen: Screen
) -> None:
    async with opened() as pilot:
        await press(pilot)
        world = session.worlds[-1]
        hours = (0, 1, 10)
        world.past = [
            replace(each, time=each.time - timedelta(hours=12 - hours[place]))
            for place, each in enumerate(world.past)
        ]
        await press(pilot, "w", "f6")
        past, line = pilot.app.screen.query_one(Past), pilot.app.screen.query_one(Timeline)
        assert past.highlighted == 2
        assert "This is the state of now." in screen(pilot)

        await press(pilot, "left")
        assert past.highlighted == 1
        assert "takes 1 change back" in screen(pilot)
        assert "◆┄" in screen(pilot)  # what would go is drawn hollow
        await press(pilot, "right")
        assert past.highlighted == 2

        await pilot.click(Timeline, offset=(line.columns[0] + 2, 2))
        assert past.highlighted == 0
        assert "takes 2 changes back" in screen(pilot)
        await press(pilot, "enter")
        assert "◆ empty" in screen(pilot)
        assert "Gone with them: empty." in " ".join(screen(pilot).replace("│", "").split())
        await press(pilot, "enter")
    assert numbers(session) == [0]


async def test_a_state_gets_a_name_that_stands_on_the_timeline(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "w", "f6", "n", *"done", "enter")

        assert "◆ done" in screen(pilot)


def change(number: int, *, counts: bool = True) -> Change:
    return Change(number, NINE + timedelta(minutes=number), f"change {number}", counts)


def test_credentials_that_were_handed_out_go_with_the_change_before_them() -> None:
    history = (change(0, counts=False), change(1), change(2), change(3, counts=False))
    assert undone_by_one(history) == (history[1], (history[3], history[2]))
    assert undone_by_one(history[:1]) is None


def test_moments_stand_along_the_line_by_their_time() -> None:
    times = [NINE, NINE + timedelta(hours=1), NINE + timedelta(hours=3)]
    assert places(times, NINE + timedelta(hours=4), 41) == [0, 10, 30]
    assert places(times[:1], NINE, 41) == [0]
    assert places([], NINE, 41) == []
    assert taken_back((change(0), change(1), change(2)), 0) == (change(2), change(1))


# Requests


async def test_requests_are_filtered_by_words_as_they_are_typed(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened() as pilot:
        await press(pilot, "w", "slash", *"reader -s3")
        panel = pilot.app.screen.query_one(RequestsPanel)
        assert [each.operation for each in panel.shown()] == ["GetCallerIdentity"]

        await press(pilot, "enter")
        assert "1 of 4 · reader -s3" in screen(pilot)
        assert "s3:GetObject" not in screen(pilot)
        await press(pilot, "backspace")
        assert len(panel.shown()) == 4
        await press(pilot, "slash", *"zebra")
        assert "No request has zebra." in screen(pilot)
        await press(pilot, "escape", "d")
        assert [each.operation for each in panel.shown()] == ["ListObjectsV2"]


async def test_a_request_opens_with_its_answer_and_its_whole_decision(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(80, 48) as pilot:
        await press(pilot, "w", "slash", *"list", "enter", "enter")
        assert isinstance(pilot.app.screen, RequestPanel)
        told = screen(pilot)
        assert "✗ denied   HTTP 403   AccessDenied" in told
        assert "asked 1 question" in told
        assert "Identity-based policies" in told

        # One that asked IAM nothing opens too, and says so.
        await press(pilot, "escape", "slash", *["backspace"] * 4, *"sts", "enter", "enter")
        assert "this call needs no permission" in screen(pilot)


async def test_what_comes_in_a_flood_is_drawn_and_read_together(
    opened: Opener, press: Press, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "w")
        world = pilot.app.screen
        assert isinstance(world, WorldScreen)
        panel = world.query_one(RequestsPanel)
        done: list[str] = []
        draw, read = panel.draw, world.read_again

        def drawn(*seconds: float) -> None:
            done.append("draw")
            draw(*seconds)

        def was_read() -> None:
            done.append("read")
            read()

        monkeypatch.setattr(panel, "draw", drawn)
        monkeypatch.setattr(world, "read_again", was_read)
        await until(pilot, lambda: not panel.keys_go_first() and panel._drawing is None)
        done.clear()

        for number in range(50):
            panel.add([replace(session.events[0], sequence=100 + number)])
            world.world_changed()
        assert done == ["draw", "read"]
        await until(pilot, lambda: sorted(done) == ["draw", "draw", "read", "read"])
        assert len(panel.shown()) == 54
        assert panel.query_one("#requests-list", Rows).option_count == 54


# A sandbox that stops


@pytest.mark.parametrize("by_key", [False, True], ids=["by itself", "by a key"])
async def test_when_the_sandbox_stops_a_line_says_so_and_when_it_runs_again_its_requests_follow(
    by_key: bool, opened: Opener, press: Press, session: Any, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "w", "f3")
        old = session.worlds[-1]

        def gone(*_: Any, **__: Any) -> Any:
            raise SandboxError("The sandbox has gone", "Nothing answers.")

        for name in ("events", "resources", "history", "clock", "bill"):
            monkeypatch.setattr(old, name, gone)
        await until(pilot, lambda: "The sandbox has stopped" in screen(pilot))
        assert "sandbox stopped" in screen(pilot)
        assert "2 objects, 31 bytes" in screen(pilot)  # what was read last stays
        await press(pilot, "f5", "f3", "f2")  # and every key goes on working

        session.events = tuple(replace(each, principal=each.principal + "-again") for each in session.events)
        again = session._new_world(None)
        if by_key:
            await pilot.press("r")
        else:
            monkeypatch.setattr(session, "_running_world", lambda: again)
        await until(pilot, lambda: "reader-again" in screen(pilot))
        assert "The sandbox has stopped" not in screen(pilot)
        assert "sandbox ready" in screen(pilot)
        assert old.closed
