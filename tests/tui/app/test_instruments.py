"""The instruments in the app: the answer follows what is typed, keys change it, and nothing typed is lost."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from labs.errors import InputError
from tui.instruments import INSTRUMENTS
from tui.instruments.bill import BillExplorer, change_from
from tui.instruments.evaluator import PolicyEvaluator
from tui.instruments.page import Instrument
from tui.instruments.planner import CidrPlanner
from tui.instruments.tracer import PacketTracer
from tui.screens.code import CodePanel
from tui.screens.practice import Practice
from tui.screens.shelf import Shelf

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]


def open_on(pilot: Pilot[int]) -> Instrument:
    assert isinstance(pilot.app.screen, Instrument)
    return pilot.app.screen


async def ask(pilot: Pilot[int], press: Press, **values: str) -> None:
    """Type an answer into the form, and wait until it is worked out."""
    instrument = open_on(pilot)
    instrument.form.load(values)
    instrument.ask()
    await press(pilot)


@pytest.mark.parametrize("place", range(len(INSTRUMENTS)), ids=lambda place: INSTRUMENTS[place].NAME)
async def test_each_instrument_opens_from_the_shelf_and_goes_back_to_it(
    place: int, opened: Opener, press: Press
) -> None:
    async with opened() as pilot:
        await press(pilot, "i", *["down"] * place, "enter")
        assert type(pilot.app.screen) is INSTRUMENTS[place]

        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, Shelf)


async def test_a_key_that_comes_before_the_instrument_is_filled_is_not_lost(
    opened: Opener, press: Press
) -> None:
    async with opened() as pilot:
        evaluator = PolicyEvaluator()
        pilot.app.push_screen(evaluator)
        assert not evaluator.query("*")
        assert await pilot.app._check_bindings("f5", priority=True)  # as the app does with a key

        await press(pilot)
        assert open_on(pilot) is evaluator
        assert evaluator.form.values.items() >= evaluator.EXAMPLES[0].items()


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda each: each.NAME)
def test_each_example_has_an_answer(instrument: type[Instrument]) -> None:
    own = {each.name: each.value for each in instrument.ENTRIES}
    for example in instrument.EXAMPLES:
        asked = instrument()
        answer = asked.answer({**own, **example}, None)
        assert answer.drawing is not None
        assert answer.command.startswith(("skylab", "echo")) or instrument.NAME == "Credential chain"


async def test_the_answer_follows_what_is_typed(opened: Opener, press: Press, screen: Screen) -> None:
    async with opened() as pilot:
        await press(pilot, "i", "enter")
        await ask(pilot, press, arn="arn:aws:s3:us-east-1::bucket")

        assert "not an ARN that AWS has" in screen(pilot)


async def test_what_was_typed_is_there_the_next_time(opened: Opener, press: Press, session: Any) -> None:
    async with opened() as pilot:
        await press(pilot, "i", "enter")
        await ask(pilot, press, arn="arn:aws:sns:us-east-1:123456789012:alarms")
        await press(pilot, "escape", "enter")

        assert open_on(pilot).form.values["arn"] == "arn:aws:sns:us-east-1:123456789012:alarms"
    assert session.draft("ARN dissector") == {"arn": "arn:aws:sns:us-east-1:123456789012:alarms"}


async def test_after_the_last_example_ones_own_question_comes_back(opened: Opener, press: Press) -> None:
    async with opened() as pilot:
        await press(pilot, "i", "enter")
        await ask(pilot, press, arn="arn:aws:s3:::mine")
        seen = []
        for _ in range(len(INSTRUMENTS[0].EXAMPLES) + 1):
            await press(pilot, "f5")
            seen.append(open_on(pilot).form.values["arn"])

        assert seen == [*(each["arn"] for each in INSTRUMENTS[0].EXAMPLES), "arn:aws:s3:::mine"]


async def test_a_policy_that_is_no_json_yet_is_an_answer_and_no_failure(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "i", "down", "down", "enter")
        await ask(pilot, press, identity='{"Version": ')

        assert "The identity-based policy is not JSON yet" in screen(pilot)


async def test_the_ladder_lights_up_stage_by_stage(opened: Opener, press: Press, screen: Screen) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "i", "down", "down", "enter", "f4")
        assert "undecided so far" in screen(pilot)

        await press(pilot, *["f4"] * 5)
        assert "denied: nothing allows it" in screen(pilot)
        assert isinstance(pilot.app.screen, PolicyEvaluator)


async def test_blocks_are_split_joined_and_taken_back_by_keys(opened: Opener, press: Press) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "i", "down", "enter")
        planner = open_on(pilot)
        assert isinstance(planner, CidrPlanner)
        assert planner.plan is not None
        first = planner.plan

        await press(pilot, "s")
        assert len(planner.plan.subnets) == len(first.subnets) + 1
        await press(pilot, "S")
        assert planner.plan.subnets == first.subnets
        await press(pilot, "x")
        assert len(planner.plan.subnets) == len(first.subnets) - 1
        await press(pilot, "ctrl+z", "ctrl+z", "ctrl+z")
        assert planner.plan == first


async def test_a_repair_of_the_judge_is_made_by_a_key(opened: Opener, press: Press, screen: Screen) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "i", "down", "enter", "s")
        assert "✗ 4 violations" in screen(pilot)

        await press(pilot, "f4")
        assert "✗ 3 violations" in screen(pilot)


async def test_a_blocked_path_is_told_with_its_repair(opened: Opener, press: Press, screen: Screen) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "i", *["down"] * 4, "enter")
        assert "i-0a1" in screen(pilot)  # what a packet can go to, while nothing is asked

        await ask(pilot, press, to="i-0a1")
        assert "✗ blocked on the way there" in screen(pilot)


async def test_a_network_that_was_read_before_a_repair_is_not_shown_after_it(
    opened: Opener, press: Press, screen: Screen, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, late = session.network, threading.Event()
    networks = [lambda world: late.wait(30) and replace(read(world), interfaces={}), read]
    monkeypatch.setattr(session, "network", lambda world: networks.pop(0)(world))
    async with opened(120, 36) as pilot:
        await press(pilot, "i", *["down"] * 4)
        await pilot.press("enter")
        while len(networks) == 2:
            await pilot.pause(0.02)

        tracer = pilot.app.screen
        assert isinstance(tracer, PacketTracer)
        tracer.action_refresh()
        while "Where a packet can go" not in screen(pilot):
            await pilot.pause(0.02)
        late.set()
        await press(pilot)
        assert "Where a packet can go" in screen(pilot)

        await ask(pilot, press, to="i-0a1")
        assert not networks
        assert "✗ blocked" in screen(pilot)


async def test_the_requests_for_a_roles_credentials_are_made_one_by_one(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "i", *["down"] * 6, "enter", "f4")
        assert "1 of 3 requests made" in screen(pilot)
        assert screen(pilot).count("not asked yet") == 2

        await press(pilot, "f4", "f4")
        assert "✓ the program has the role's credentials" in screen(pilot)
        assert "not asked yet" not in screen(pilot)
        await press(pilot, "f4")
        assert "1 of 3 requests made" in screen(pilot)

        await press(pilot, "f1")
        assert "Help   Credential chain" in screen(pilot)


async def test_drills_stand_on_the_shelf(opened: Opener, press: Press) -> None:
    async with opened() as pilot:
        await press(pilot, "i", "end", "enter")
        assert isinstance(pilot.app.screen, Practice)

        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, Shelf)


async def test_the_marked_line_of_a_bill_is_explained(opened: Opener, press: Press, screen: Screen) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "i", *["down"] * 5, "enter", "f4", "down")

        assert isinstance(pilot.app.screen, BillExplorer)
        assert "Line 2" in screen(pilot)


async def test_what_if_shows_the_difference(opened: Opener, press: Press, screen: Screen) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "i", *["down"] * 5, "enter")
        await ask(pilot, press, what_if="1 type=t3.small")

        assert "+$7.59" in screen(pilot)


@pytest.mark.parametrize("text", ["t3.small", "9 type=t3.small", "-9", "1 type"])
def test_a_what_if_that_cannot_be_read_says_how_it_is_written(text: str) -> None:
    with pytest.raises(InputError):
        change_from(text, 5)


async def test_the_code_behind_a_page_and_its_command_are_shown(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened() as pilot:
        await press(pilot, "i", "enter", "f9")

        assert isinstance(pilot.app.screen, CodePanel)
        assert "$ skylab arn arn:aws:s3:::training-7f/data/a.csv" in screen(pilot)
        assert "class ArnDissector(Instrument)" in screen(pilot)


async def test_the_command_is_copied_and_kept_in_a_file(opened: Opener, press: Press, session: Any) -> None:
    async with opened() as pilot:
        await press(pilot, "i", "enter", "f7")

        assert pilot.app.clipboard == "skylab arn arn:aws:s3:::training-7f/data/a.csv"
    kept = session.workspace.sandbox_file.with_name("copied.txt")
    assert kept.read_text() == "skylab arn arn:aws:s3:::training-7f/data/a.csv"
