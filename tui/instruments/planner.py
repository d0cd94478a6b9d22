"""The CIDR planner: a VPC as bars; subnets are split, joined, dragged, and judged meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from labs.errors import SkylabError
from tui.actions import bindings
from tui.instruments.evaluator import shell_quoted
from tui.instruments.form import Entry
from tui.instruments.page import Answer, Instrument, Values, command_line
from tui.widgets.board import PlanBoard
from tui.widgets.line import Line, Lines, foreign
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from labs.aws.network.addresses import Block, Plan, Subnet
    from labs.sandbox import World

__all__ = ["CidrPlanner"]

BY_HAND = "CIDR planner, by hand"
"""Under which name the plan that was made by hand is kept among the drafts."""
Edit = Callable[..., "Plan"]


class CidrPlanner(Instrument):
    """A plan of subnets, drawn and judged while it is changed."""

    SCOPE = "planner"
    ALSO = ("instrument",)
    NAME = "CIDR planner"
    SUMMARY = "A VPC's blocks as bars: split, join and move subnets, and see what AWS would say."
    HELP_LINE = (
        "Say what the VPC is for; the planner proposes subnets. Then mark a block and change it by keys, or "
        "drag it, or the boundary between two: the bars and the judge's findings follow."
    )
    BINDINGS = bindings("planner")
    ENTRIES = (
        Entry("vpc", "VPC", "10.0.0.0/22", hint="10.0.0.0/16"),
        Entry("zones", "zones", "a,b", hint="a,b,c or how many"),
        Entry("tiers", "tiers", "web=100,public app=60 db=/27", hint="NAME=HOSTS or NAME=/27, a word each"),
    )
    EXAMPLES = (
        {"vpc": "10.0.0.0/16", "zones": "a,b,c", "tiers": "web=250,public app=1000 db=100"},
        {"vpc": "10.0.0.0/24", "zones": "a,b", "tiers": "web=100 db=100"},
        {"vpc": "172.16.0.0/20", "zones": "a,b", "tiers": "lb=/28,public svc=500 data=/25,nodouble"},
    )

    def __init__(self) -> None:
        super().__init__()
        self.plan: Plan | None = None
        self.past: list[Plan] = []
        self.asked = ""
        """What the form asked for when the plan was proposed."""
        self.marked: Block | None = None
        self.dragging: Plan | None = None
        """The plan as it was when what is dragged was taken up."""
        self.begun = False
        """Whether a first plan was drawn; from then on the keys that change it work."""

    def beside_the_form(self) -> ComposeResult:
        yield Blocks(id="plan-blocks")

    def above_the_answer(self) -> ComposeResult:
        yield Static(id="plan-heading")
        yield PlanBoard(id="plan-board")

    # What was made by hand is kept, as what is typed is

    def keep(self) -> None:
        from labs.aws.network.addresses import to_json

        super().keep()
        if self.plan is not None and self.begun:
            made = json.dumps(to_json(self.plan)["subnets"]) if self.by_hand else ""
            self.skylab.session.keep_draft(BY_HAND, {"asked": self.asked, "subnets": made})

    @property
    def by_hand(self) -> bool:
        """Whether the plan is another one than what was proposed."""
        return self.plan != (self.shown.result if self.shown else None)

    def kept_plan(self, proposed: Plan) -> Plan:
        """The plan as it was left, if it is for what is asked now; else what is proposed."""
        from labs.aws.network.addresses import plan_from_document, to_json

        held = self.skylab.session.draft(BY_HAND)
        if not held.get("subnets") or held.get("asked") != self.asked:
            return proposed
        try:
            document = {**to_json(proposed), "subnets": json.loads(held["subnets"])}
            return replace(proposed, subnets=plan_from_document(document).subnets)
        except (SkylabError, ValueError):
            return proposed

    def shell_command(self) -> str:
        from labs.aws.network.addresses import to_json

        if self.plan is None or not self.by_hand:
            return super().shell_command()
        return f"echo {shell_quoted(to_json(self.plan))} | skylab cidr judge -"

    copy_text = shell_command

    # The plan that the form asks for

    def answer(self, values: Values, world: World | None) -> Answer:
        from labs.aws.network.addresses import Plan, make_plan, requirements_from_document
        from tui.commands.plans import PlanOptions
        from tui.draw.plans import no_plan_drawn

        vpc, *also = values["vpc"].replace(",", " ").split() or [""]
        tiers, zones = tuple(values["tiers"].split()), values["zones"].strip() or "2"
        document = PlanOptions(tiers, zones, tuple(also)).document(vpc)
        found = make_plan(requirements_from_document(document))
        words = [word for tier in tiers for word in ("--tier", tier)]
        command = command_line("cidr", "plan", vpc, "--zones", zones, *words)
        if isinstance(found, Plan):
            return Answer("", command, found)
        return Answer(no_plan_drawn(found), command)

    def show_answer(self, answer: Answer) -> None:
        from labs.aws.network.addresses import Plan

        self.asked = json.dumps(dict(self.typed))
        self.plan = self.kept_plan(answer.result) if isinstance(answer.result, Plan) else None
        self.past, self.dragging = [], None
        for part in ("#plan-heading", "#plan-board"):
            self.query_one(part).display = self.plan is not None
        if self.plan is None:
            self.query_one(Blocks).clear_options()
            super().show_answer(answer)
            return
        self.marked = self.plan.subnets[0].block if self.plan.subnets else None
        self.draw_plan()
        if not self.begun:
            self.begun = True
            self.first_entry().focus()

    def draw_plan(self) -> None:
        """The list of blocks, and the bars with the judge's findings."""
        if self.plan is None:
            return
        entries = entries_of(self.plan)
        blocks = [block for block, _ in entries]
        if self.marked not in blocks:
            self.marked = next(
                (each for each in blocks if self.marked and each.overlaps(self.marked)), blocks[0]
            )
        rows = self.query_one(Blocks)
        with self.prevent(OptionList.OptionHighlighted):
            rows.set_options(Option(block_row(block, subnet)) for block, subnet in entries)
            rows.highlighted = blocks.index(self.marked)
        self.draw_bars()

    def draw_bars(self) -> None:
        from labs.aws.network.addresses import judge
        from tui.draw.plans import plan_heading, workbench

        if self.plan is not None:
            self.query_one("#plan-heading", Static).update(plan_heading(self.plan))
            self.query_one(PlanBoard).show(self.plan, self.marked)
            self.query_one("#reply-text", Static).update(workbench(judge(self.plan), self.marked))

    @on(OptionList.OptionHighlighted, "#plan-blocks")
    def block_marked(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.plan is not None:
            self.marked = entries_of(self.plan)[event.option_index][0]
            self.draw_bars()

    @on(PlanBoard.Marked)
    def address_marked(self, event: PlanBoard.Marked) -> None:
        event.stop()
        self.mark(lambda block: block.start <= event.address < block.stop)

    @on(PlanBoard.Stepped)
    def stepped(self, event: PlanBoard.Stepped) -> None:
        event.stop()
        if self.plan is not None and self.marked is not None:
            blocks = [block for block, _ in entries_of(self.plan)]
            place = max(0, min(len(blocks) - 1, blocks.index(self.marked) + event.by))
            self.mark(lambda block: block == blocks[place])

    def mark(self, wanted: Callable[[Block], bool]) -> None:
        """Mark the last block that is wanted; of subnets that overlap it is the one that lies on top."""
        if self.plan is not None:
            found = [block for block, _ in entries_of(self.plan) if wanted(block)]
            self.marked = found[-1] if found else self.marked
            self.draw_plan()

    @on(PlanBoard.Dragged)
    def dragged(self, event: PlanBoard.Dragged) -> None:
        """Show the plan with the subnet where it is dragged to; let go, it is one change to undo."""
        from labs.aws.network.addresses.edits import placed

        event.stop()
        if self.plan is None:
            return
        before = self.dragging or self.plan
        self.dragging = None if event.dropped else before
        self.plan, self.marked = before, event.subnet.block
        self.put(lambda plan: placed(plan, event.subnet.name, event.block), follow=event.subnet.name)
        if not event.dropped:
            self.past.pop()

    # Changing it

    def subnet(self) -> Subnet | None:
        """The marked subnet, if a subnet is marked."""
        if self.plan is None:
            return None
        return next((each for each in self.plan.subnets if each.block == self.marked), None)

    def change(self, edit: Edit) -> None:
        """Make a change of the marked subnet; one that makes no sense is told and not made."""
        subnet = self.subnet()
        if self.plan is None or subnet is None:
            self.notify("Mark a subnet first; this block is free.", timeout=4)
            return
        self.put(lambda plan: edit(plan, subnet.name), follow=subnet.name)

    def put(self, edit: Callable[[Plan], Plan], follow: str | None = None) -> None:
        """Put a changed plan in place of this one; the mark follows a subnet."""
        assert self.plan is not None
        try:
            changed = edit(self.plan)
        except SkylabError as refused:
            self.notify(f"{refused.title}. {refused.detail}", timeout=6)
            return
        self.past.append(self.plan)
        self.plan = changed
        found = next((each.block for each in changed.subnets if each.name == follow), None)
        self.marked = found or self.marked
        self.draw_plan()

    def action_split(self) -> None:
        from labs.aws.network.addresses.edits import halved

        self.change(halved)

    def action_join(self) -> None:
        from labs.aws.network.addresses.edits import joined

        self.change(joined)

    def action_move(self) -> None:
        from labs.aws.network.addresses.edits import moved

        self.change(moved)

    def action_earlier(self) -> None:
        self.shift(-1)

    def action_later(self) -> None:
        self.shift(1)

    def shift(self, by: int) -> None:
        """Carry the marked subnet to the place of its size before or after it."""
        from labs.aws.network.addresses.dragging import carried

        self.place(lambda blocks, block: carried(blocks, block, block.start + by * block.size))

    def action_larger(self) -> None:
        self.stretch(lambda block: block.stop + block.size)

    def action_smaller(self) -> None:
        self.stretch(lambda block: block.stop - block.size // 2)

    def stretch(self, to: Callable[[Block], int]) -> None:
        """Carry the boundary behind the marked subnet to where its size is the next one."""
        from labs.aws.network.addresses.dragging import stretched

        self.place(lambda blocks, block: stretched(blocks, block, "end", to(block)))

    def place(self, where: Callable[[tuple[Block, ...], Block], Block]) -> None:
        """Put the marked subnet somewhere else, as by hand; at the end of the way say so."""
        from labs.aws.network.addresses.edits import placed

        subnet = self.subnet()
        if self.plan is None or subnet is None:
            self.notify("Mark a subnet first; this block is free.", timeout=4)
            return
        block = where(self.plan.requirements.blocks, subnet.block)
        if block == subnet.block:
            self.notify(
                f"{subnet.name} goes no further: a block begins at a multiple of its size.", timeout=4
            )
        else:
            self.put(lambda plan: placed(plan, subnet.name, block), follow=subnet.name)

    def action_zone(self) -> None:
        from labs.aws.network.addresses.edits import rezoned

        self.change(rezoned)

    def action_tier(self) -> None:
        from labs.aws.network.addresses.edits import retiered

        self.change(retiered)

    def action_drop(self) -> None:
        from labs.aws.network.addresses.edits import dropped

        self.change(dropped)

    def action_take(self) -> None:
        from labs.aws.network.addresses.edits import taken

        block = self.marked
        if self.plan is None or block is None or self.subnet() is not None:
            self.notify("Mark a free block first; this one is a subnet.", timeout=4)
            return
        self.put(lambda plan: taken(plan, block))

    def action_repair(self) -> None:
        from labs.aws.network.addresses import judge, repaired

        if self.plan is None:
            return
        repairs = [each.repair for each in judge(self.plan).violations if each.repair.changes]
        if repairs:
            self.put(lambda plan: repaired(plan, repairs[0]))
        else:
            self.notify("There is nothing to repair, or no change would.", timeout=4)

    def action_undo(self) -> None:
        from labs.aws.network.addresses import Plan

        proposed = self.shown.result if self.shown else None
        if self.past:
            self.plan = self.past.pop()
            self.draw_plan()
        elif self.by_hand and isinstance(proposed, Plan):
            # What was made the last time is one change.
            self.plan = proposed
            self.draw_plan()
        else:
            self.notify("This is the plan as it was proposed.", timeout=4)

    def action_blocks(self) -> None:
        self.first_entry().focus()

    def first_entry(self) -> Widget:
        if self.plan is None:
            return super().first_entry()
        # The list stands beside the bars only where there is room for it.
        blocks = self.query_one(Blocks)
        return blocks if blocks.display and self.has_class("-wide") else self.query_one(PlanBoard)


class Blocks(Rows):
    """The blocks of the plan in order of address: its subnets, and what is free."""

    HELP_LINE = (
        "The blocks of the plan. Up and Down mark one; s splits it, S joins, m moves, t and z change its "
        "tier and zone, a takes a free block, x drops a subnet."
    )


def entries_of(plan: Plan) -> list[tuple[Block, Subnet | None]]:
    """The subnets and the free blocks of a plan, in order of address."""
    subnets: list[tuple[Block, Subnet | None]] = [(each.block, each) for each in plan.subnets]
    return sorted([*subnets, *((each, None) for each in plan.free)], key=lambda entry: entry[0])


def block_row(block: Block, subnet: Subnet | None) -> Lines:
    """A block's name, its addresses and how many of them resources can have."""
    from labs.aws.network.addresses import usable

    name = foreign(subnet.name) if subnet else Content.styled("free", "$dim")
    right = Content.styled(f"{block!s:<18} {usable(block):>7,} ", "$dim")
    return Lines(Line(Content.assemble("  ", name), right))
