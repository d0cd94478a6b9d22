"""The presenter: slides that give nothing away, polls, the timer, and live calls that are taken back."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.theme import Theme

from labs.sandbox import World
from tui.live_calls import Ran, Shell
from tui.presenting import presentation_file, presented
from tui.screens import present
from tui.screens.present import Presenter
from tui.theme import DARK, LIGHT, drawing_styles
from tui.web.door import Door
from tui.web.polling import PollPage

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]
Difference = Callable[[str, str], Iterable[str]]


class MemoryShell:
    """Runs commands in memory, and remembers what was taken back."""

    def __init__(self, world: Any, folder: Any) -> None:
        self.world = world
        self.taken_back: list[str] = []

    def run(self, command: str) -> Ran:
        return Ran(command, f"ran {command}", 0, 0, {})

    def take_back(self, ran: Ran) -> None:
        self.taken_back.append(ran.command)

    def close(self) -> None:
        pass


@pytest.fixture
def presenting(
    opened: Opener, press: Press, session: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AbstractAsyncContextManager[Pilot[int]]]:
    monkeypatch.setattr(present, "Shell", MemoryShell)
    return opened


@pytest.fixture
def polls() -> Iterator[PollPage]:
    """A page for votes, at this machine alone."""
    page = PollPage(ipaddress.ip_address("127.0.0.1"), 0)
    yield page
    page.close()


async def begin(pilot: Pilot[int], press: Press, session: Any, polls: PollPage | None = None) -> Presenter:
    pilot.app.present(session.course.units[0], polls)  # type: ignore[attr-defined]
    await press(pilot)
    assert isinstance(pilot.app.screen, Presenter)
    return pilot.app.screen


async def test_a_poll_hides_its_answer_and_what_comes_after_until_it_is_asked_for(
    presenting: Opener, press: Press, screen: Screen, session: Any
) -> None:
    async with presenting() as pilot:
        await begin(pilot, press, session)
        await press(pilot, "right")
        before = screen(pilot)
        await press(pilot, "enter")
        after = screen(pilot)

    assert "She deletes" in before
    assert "✓" not in before
    assert "explain" not in before
    assert re.search(r"✓ +B +Denied", after)
    assert "$ skylab explain" in after


async def test_right_reveals_first_and_goes_on_then_and_left_comes_back(
    presenting: Opener, press: Press, session: Any
) -> None:
    async with presenting() as pilot:
        screen = await begin(pilot, press, session)
        await press(pilot, "right", "right")
        assert (screen.number, screen.state.revealed) == (1, True)

        await press(pilot, "right")
        assert screen.number == 2
        await press(pilot, "left", "left")
        assert screen.number == 0


async def test_a_live_call_runs_and_is_taken_back(
    presenting: Opener, press: Press, screen: Screen, session: Any
) -> None:
    async with presenting() as pilot:
        shown = await begin(pilot, press, session)
        await press(pilot, "x", "x")
        assert "ran aws s3 mb s3://training-data" in screen(pilot)
        assert len(shown.state.ran) == 2

        await press(pilot, "z")
        assert len(shown.state.ran) == 1
        assert shown._shell.taken_back == ["aws s3 ls"]  # type: ignore[union-attr]


async def test_votes_are_drawn_as_bars(
    presenting: Opener, press: Press, screen: Screen, session: Any
) -> None:
    async with presenting() as pilot:
        await begin(pilot, press, session)
        await press(pilot, "right", "v", *"12", "space", *"18", "enter")

        assert "   18" in screen(pilot)


async def test_votes_that_fit_no_poll_are_told(
    presenting: Opener, press: Press, screen: Screen, session: Any
) -> None:
    async with presenting(failures=1) as pilot:
        await begin(pilot, press, session)
        await press(pilot, "right", "v", "1", "enter")

        assert "These are no votes" in screen(pilot)


async def test_notes_and_the_timer_show_when_they_are_asked_for(
    presenting: Opener, press: Press, screen: Screen, session: Any
) -> None:
    async with presenting() as pilot:
        await begin(pilot, press, session)
        assert "every call is a question" not in screen(pilot)

        await press(pilot, "n", "t")
        assert "every call is a question" in screen(pilot)
        assert "discuss · 1:" in screen(pilot)


async def test_a_class_votes_by_phone_until_the_vote_closes_and_counts_by_hand_are_kept(
    presenting: Opener,
    press: Press,
    screen: Screen,
    difference: Difference,
    session: Any,
    polls: PollPage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(present, "SURE", 600)
    polls.door = Door(ipaddress.ip_address("192.168.1.20"), 8000)
    async with presenting(80, 24) as pilot:
        shown = await begin(pilot, press, session, polls)
        assert "http://192.168.1.20:8000" in screen(pilot)
        assert polls.ballot.question is None

        await press(pilot, "right")
        asked = polls.ballot.question
        assert asked is not None
        assert (asked.slide, asked.title, asked.open, asked.answer) == (1, "nothing said", True, "")

        for device, letter in (("one", "A"), ("two", "B"), ("one", "B")):
            assert polls.ballot.vote(device, 1, letter) == ""
        shown.tick()
        await press(pilot)
        assert re.search(r"▇ +2 *$", screen(pilot), re.MULTILINE)
        assert "2 by phone" in screen(pilot)

        await press(pilot, "v", *"12", "space", *"16", "enter")
        assert shown.votes == {"A": 12, "B": 18}
        assert "2 by phone, 28 by hand" in screen(pilot)
        for columns, rows in ((80, 24), (120, 36), (200, 60)):
            await pilot.resize_terminal(columns, rows)
            await press(pilot)
            assert list(difference(f"present-vote-{columns}x{rows}", screen(pilot))) == []

        await press(pilot, "a")
        assert "Scan the code" in screen(pilot)
        assert "Denied." not in screen(pilot)
        await press(pilot, "right")  # back to the slide, and no answer yet
        assert not shown.state.revealed
        assert "Denied." in screen(pilot)

        await press(pilot, "c")
        assert "closed" in polls.ballot.vote("three", 1, "A")
        assert "The vote is closed" in screen(pilot)
        await press(pilot, "c")
        assert polls.ballot.vote("three", 1, "A") == ""
        await press(pilot, "enter", "c")  # after the answer, c opens nothing
        asked = polls.ballot.question
        assert asked is not None
        assert (asked.open, asked.revealed, asked.answer) == (False, True, "B")
        assert shown.votes == {"A": 13, "B": 18}

        await press(pilot, "right", "left")
        assert shown.votes == {"A": 13, "B": 18}
        await press(pilot, "escape")
        assert polls._thread.is_alive()  # one slip of a finger costs no votes
        await press(pilot, "escape")
        assert not polls._thread.is_alive()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda each: each.name)
def test_code_in_a_question_stands_on_the_slides_own_ground(theme: Theme) -> None:
    style = drawing_styles(theme).styles["markdown.code"]

    assert style.bgcolor is None
    assert style.color is not None
    assert style.color.name == theme.primary.lower()


async def test_without_a_page_its_keys_say_how_to_open_one(
    presenting: Opener, press: Press, session: Any
) -> None:
    async with presenting(notifications=True) as pilot:
        await begin(pilot, press, session)
        await press(pilot, "c", "a")

        assert [each.message for each in pilot.app._notifications] == [
            "No page for votes is open: skylab present UNIT --poll."
        ] * 2


async def test_the_presentation_tells_where_it_is_until_it_ends(
    presenting: Opener, press: Press, session: Any
) -> None:
    file = presentation_file(session.workspace.sandbox_file)
    async with presenting() as pilot:
        await begin(pilot, press, session)
        await press(pilot, "x", "right", "v", *"3", "space", *"4", "enter", "enter", "t")
        now = presented(file)
        assert now is not None
        assert (now.unit, now.slide, now.revealed, now.ran) == ("policies", 1, True, 0)
        assert now.votes == {"A": 3, "B": 4}
        assert now.until is not None

        await press(pilot, "t", "left")
        now = presented(file)
        assert now is not None
        assert (now.slide, now.ran, now.until) == (0, 1, None)
        await press(pilot, "escape")
        assert not file.exists()


def test_a_live_call_changes_the_sandbox_and_the_way_back_leads_to_where_it_was(
    world: World, tmp_path: Any
) -> None:
    shell = Shell(world, tmp_path)
    try:
        made = shell.run("aws iam create-user --user-name alice && export WHO=alice")
        assert made.status == 0, made.output
        assert "alice" in made.output
        assert shell.run("echo $WHO").output == "alice\n"

        shell.take_back(made)
        assert shell.run("echo [$WHO]").output == "[]\n"
        assert "alice" not in shell.run("aws iam list-users --output text").output
    finally:
        shell.close()
