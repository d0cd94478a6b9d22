"""The bars of the CIDR planner under the hand: blocks and boundaries are dragged, and keys do the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from textual.pilot import Pilot

from labs.aws.network.addresses import Plan, make_plan, requirements_from_document
from tui.draw.plan_bars import Bar, bars
from tui.instruments.planner import CidrPlanner
from tui.widgets.board import PlanBoard, grab_at

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]

ASKED = {
    "vpc": "10.0.0.0/22",
    "zones": ["a", "b"],
    "tiers": [{"name": "web", "hosts": 100}, {"name": "db", "prefix": 27}],
}


def planner_on(pilot: Pilot[int]) -> CidrPlanner:
    assert isinstance(pilot.app.screen, CidrPlanner)
    return pilot.app.screen


def blocks(pilot: Pilot[int]) -> dict[str, str]:
    """The subnets as they are now."""
    plan = planner_on(pilot).plan
    assert plan is not None
    return {each.name: str(each.block) for each in plan.subnets}


def whole_plan() -> Plan:
    plan = make_plan(requirements_from_document(ASKED))
    assert isinstance(plan, Plan)
    return plan


def row_of(drawn: tuple[Bar, ...], name: str) -> tuple[Bar, int]:
    """The labelled row that shows a subnet, and the column where the subnet begins there."""
    for bar in drawn:
        for cell in bar.cells:
            if not bar.scaled and any(each.name == name for each in cell.part.subnets):
                return bar, bar.x + cell.x
    raise AssertionError(name)


def test_every_column_of_a_bar_is_an_address_of_its_block() -> None:
    plan = whole_plan()
    for bar in bars(plan, 76):
        last = 0
        for column in range(bar.x, bar.x + sum(each.width for each in bar.cells)):
            address = bar.address_at(column)
            assert bar.block.start <= address < bar.block.stop
            assert address >= last
            last = address


def test_a_boundary_belongs_to_the_subnet_before_it_else_to_the_one_after_it() -> None:
    plan = whole_plan()
    drawn = bars(plan, 76)
    row, column = row_of(drawn, "web a")
    cell = row.cell_at(column)
    assert cell is not None

    inside = grab_at(drawn, column + 2, row.line)
    assert inside is not None
    assert (inside.subnet.name, inside.part) == ("web a", "whole")
    behind = grab_at(drawn, column + cell.width, row.line)
    assert behind is not None
    assert (behind.subnet.name, behind.part) == ("web a", "end")

    row, column = row_of(drawn, "web b")  # before it lies free room
    start = grab_at(drawn, column, row.line)
    assert start is not None
    assert (start.subnet.name, start.part) == ("web b", "start")
    assert grab_at(drawn, 70, 20) is None


async def test_a_block_is_dragged_to_another_place_and_judged_on_the_way(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "i", "down", "enter")
        before = blocks(pilot)
        board = planner_on(pilot).query_one(PlanBoard)
        row, column = row_of(bars(whole_of(pilot), board.content_size.width), "web a")
        other, far = row_of(bars(whole_of(pilot), board.content_size.width), "web b")
        assert row.line == other.line

        await pilot.mouse_down(PlanBoard, offset=(column + 3, row.line))
        await pilot.hover(PlanBoard, offset=(far + 3, row.line))
        await press(pilot)
        assert blocks(pilot)["web a"] == before["web b"]
        assert "AWS refuses it: InvalidSubnet.Conflict" in screen(pilot)

        await pilot.hover(PlanBoard, offset=(far + 16, row.line))
        await pilot.mouse_up(PlanBoard, offset=(far + 16, row.line))
        await press(pilot)
        assert blocks(pilot)["web a"] == "10.0.1.128/25"
        assert "InvalidSubnet.Conflict" not in screen(pilot)

        # All of it was one change.
        await press(pilot, "ctrl+z")
        assert blocks(pilot) == before
        assert not planner_on(pilot).past


async def test_a_boundary_is_dragged_to_the_sizes_that_a_block_can_have(opened: Opener, press: Press) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "i", "down", "enter")
        board = planner_on(pilot).query_one(PlanBoard)
        row, column = row_of(bars(whole_of(pilot), board.content_size.width), "web a")
        cell = row.cell_at(column)
        assert cell is not None
        end = column + cell.width

        await pilot.mouse_down(PlanBoard, offset=(end, row.line))
        await pilot.hover(PlanBoard, offset=(end + cell.width - 2, row.line))
        await pilot.mouse_up(PlanBoard, offset=(end + cell.width - 2, row.line))
        await press(pilot)
        assert blocks(pilot)["web a"] == "10.0.0.0/24"


async def test_keys_do_what_the_hand_does(opened: Opener, press: Press) -> None:
    async with opened() as pilot:
        await press(pilot, "i", "down", "enter")
        assert isinstance(pilot.app.focused, PlanBoard)
        await press(pilot, "plus")
        assert blocks(pilot)["web a"] == "10.0.0.0/24"
        await press(pilot, "minus", "greater_than_sign")
        assert blocks(pilot)["web a"] == "10.0.0.128/25"
        await press(pilot, "less_than_sign", "less_than_sign")
        assert blocks(pilot)["web a"] == "10.0.0.0/25"

        await press(pilot, "right", "right", "shift+right")
        assert blocks(pilot)["web b"] == "10.0.1.128/25"


async def test_what_was_made_by_hand_is_there_the_next_time(opened: Opener, press: Press) -> None:
    async with opened() as pilot:
        await press(pilot, "i", "down", "enter", "s", "greater_than_sign")
        mine = blocks(pilot)
        assert planner_on(pilot).copy_text().startswith("echo ")
        proposed = planner_on(pilot).past[0]
        await press(pilot, "escape", "enter")
        assert blocks(pilot) == mine
        await press(pilot, "ctrl+z")
        assert planner_on(pilot).plan == proposed

        # For another question there is another proposal.
        planner_on(pilot).form.load({"zones": "a,b,c"})
        planner_on(pilot).ask()
        await press(pilot)
        assert "web c" in blocks(pilot)
        assert "web a/2" not in blocks(pilot)


async def test_another_sandbox_leaves_the_plan_as_it_was_made(opened: Opener, press: Press) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, "i", "down", "enter", "s")
        mine = blocks(pilot)
        planner_on(pilot).world_ready()
        await press(pilot)

        assert blocks(pilot) == mine


def whole_of(pilot: Pilot[int]) -> Plan:
    plan = planner_on(pilot).plan
    assert plan is not None
    return plan
