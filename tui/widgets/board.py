"""The bars of a plan under the hand: a block is dragged to another place, a boundary to another size.

What is dragged jumps from one block that a VPC can have there to the next. While it is dragged, places are
read by the bars as they were when it was taken up, so that nothing runs away from under the pointer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textual import events
from textual.app import RenderResult
from textual.message import Message
from textual.widget import Widget

from tui.actions import bindings

if TYPE_CHECKING:
    from labs.aws.network.addresses import Block, Plan, Subnet
    from tui.draw.plan_bars import Bar

__all__ = ["Grab", "PlanBoard", "grab_at"]


@dataclass(frozen=True, slots=True)
class Grab:
    """What the pointer has hold of: a subnet as it was, by its whole or by one end.

    `offset` is how far into the block it was taken; `bars` are the bars as they were then.
    """

    subnet: Subnet
    part: Literal["whole", "start", "end"]
    offset: int
    bars: tuple[Bar, ...]
    line: int

    def block_for(self, blocks: tuple[Block, ...], column: int, line: int) -> Block:
        """The block that the subnet has with the pointer there."""
        from labs.aws.network.addresses.dragging import carried, stretched

        bar = next((each for each in self.bars if each.line == line), self.bars[self.line])
        address = bar.address_at(column)
        if self.part == "whole":
            return carried(blocks, self.subnet.block, address - self.offset)
        return stretched(blocks, self.subnet.block, self.part, address)


def grab_at(bars: tuple[Bar, ...], column: int, line: int) -> Grab | None:
    """What is at a place of the bars to take hold of; None where nothing is.

    Where two parts meet it is the end of the left one, if that is a subnet, else the start of the right one.
    """
    place = next((number for number, each in enumerate(bars) if each.line == line), None)
    if place is None or (cell := bars[place].cell_at(column)) is None:
        return None
    bar, part = bars[place], cell.part
    if not bar.scaled and column - bar.x == cell.x and cell.x > 0:
        left = bar.cells[bar.cells.index(cell) - 1].part
        if left.kind == "subnet":
            return Grab(left.subnets[0], "end", 0, bars, place)
        if part.kind == "subnet":
            return Grab(part.subnets[0], "start", 0, bars, place)
    if not part.subnets:
        return None
    subnet = part.subnets[-1]
    return Grab(subnet, "whole", bar.address_at(column) - subnet.block.start, bars, place)


class PlanBoard(Widget, can_focus=True):
    """The bars. A click marks a block; a block, or the boundary between two, is dragged."""

    HELP_LINE = (
        "The VPC as bars. Left and Right mark a block. With the mouse, drag a block to another place, or the "
        "boundary between two to make one larger or smaller; the keys of the planner do the same."
    )
    BINDINGS = bindings("board")
    ALLOW_SELECT = False

    class Marked(Message):
        """A block was marked: the one that holds an address."""

        def __init__(self, address: int) -> None:
            super().__init__()
            self.address = address

    class Stepped(Message):
        """The next block, or the one before, is wanted."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class Dragged(Message):
        """A subnet was dragged to a block; `dropped` says that it was let go there."""

        def __init__(self, subnet: Subnet, block: Block, *, dropped: bool) -> None:
            super().__init__()
            self.subnet, self.block, self.dropped = subnet, block, dropped

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.plan: Plan | None = None
        self.marked: Block | None = None
        self.grab: Grab | None = None
        self.at: Block | None = None

    def show(self, plan: Plan | None, marked: Block | None) -> None:
        """Draw a plan, with one of its blocks marked."""
        self.plan, self.marked = plan, marked
        self.refresh(layout=True)

    def render(self) -> RenderResult:
        from tui.draw.plan_bars import PlanBars

        return PlanBars(self.plan, self.marked) if self.plan else ""

    # The pointer

    def on_mouse_down(self, event: events.MouseDown) -> None:
        from tui.draw.plan_bars import bars

        offset = event.get_content_offset(self)
        if self.plan is None or offset is None:
            return
        event.stop()
        drawn = bars(self.plan, self.content_size.width)
        line = next((each for each in drawn if each.line == offset.y), None)
        if line is not None and line.cell_at(offset.x) is not None:
            self.post_message(self.Marked(line.address_at(offset.x)))
        self.grab = grab_at(drawn, offset.x, offset.y)
        if self.grab is not None:
            self.at = self.grab.subnet.block
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.grab is None or self.plan is None:
            return
        event.stop()
        x, y = (int(each) for each in (event.x - self.gutter.left, event.y - self.gutter.top))
        block = self.grab.block_for(self.plan.requirements.blocks, x, y)
        if block != self.at:
            self.at = block
            self.post_message(self.Dragged(self.grab.subnet, block, dropped=False))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self.grab is not None and self.at is not None:
            event.stop()
            if self.at != self.grab.subnet.block:
                self.post_message(self.Dragged(self.grab.subnet, self.at, dropped=True))
        self.let_go()

    def let_go(self) -> None:
        """Take the hand off."""
        self.grab = self.at = None
        self.release_mouse()

    # Keys

    def action_previous(self) -> None:
        self.post_message(self.Stepped(-1))

    def action_next(self) -> None:
        self.post_message(self.Stepped(1))
