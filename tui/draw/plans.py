"""Subnet plans drawn: their bars, each subnet with its numbers, what the planner or the judge has to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from labs.aws.network.addresses import (
    Block,
    Judgement,
    Need,
    NoPlan,
    Plan,
    Subnet,
    Survey,
    Violation,
    usable,
)
from tui.draw.layout import indented, page, row, rule
from tui.draw.plan_bars import LONGEST_NAME, PlanBars, legend, zone_colours
from tui.draw.words import clipped, counted, marked, shown

__all__ = ["PlanBars", "judgement_drawn", "no_plan_drawn", "plan_drawn", "plan_heading", "workbench"]

SHORT_NAME = 16
WIDE = 110


def plan_drawn(plan: Plan, *, plain: bool = False) -> RenderableType:
    """A plan: its bars, each subnet with its numbers, what the planner had to say."""
    return page(*_heading(plan), *_body(plan, plain), *_notes(plan.notes))


def judgement_drawn(judgement: Judgement, *, plain: bool = False) -> RenderableType:
    """A plan, and what is wrong with it."""
    plan, found = judgement.plan, judgement.violations
    word = (
        marked("✓", "the plan holds", "allowed")
        if judgement.ok
        else marked("✗", f"{counted(len(found), 'violation')}", "denied")
    )
    return page(word, *_heading(plan), *_body(plan, plain), *_violations(found))


def plan_heading(plan: Plan) -> RenderableType:
    """What stands above the bars of a plan that is changed by hand."""
    return page(*_heading(plan))


def workbench(judgement: Judgement, marked_block: Block | None) -> RenderableType:
    """What stands below the bars of a plan that is changed by hand: the marked block, and what is wrong."""
    plan, found = judgement.plan, judgement.violations
    word = (
        marked("✓", "the plan holds", "allowed")
        if judgement.ok
        else marked("✗", counted(len(found), "violation"), "denied")
    )
    return page(
        *_cursor(plan, marked_block),
        word,
        *_violations(found),
        *_notes(plan.notes),
        Text(),
        legend(plan, zones=True),
    )


def _cursor(plan: Plan, block: Block | None) -> Iterator[RenderableType]:
    """The marked block in a line: its range, and how many addresses of it resources can have."""
    if block is None:
        return
    subnet = next((each for each in plan.subnets if each.block == block), None)
    name = shown(clipped(subnet.name, LONGEST_NAME), "title") if subnet else Text("free", "quiet")
    yield Text.assemble(name, (f"   {block}", "accent"), f"   {block[0]} – {block[-1]}")
    said = f"{block.size:,} addresses, {usable(block):,} usable"
    if subnet is not None:
        doubled = Survey(plan).doubled(subnet)
        said += f"; doubles in place to {doubled}" if doubled else "; cannot double in place"
    yield Text(said, "quiet")
    yield Text()


def no_plan_drawn(no: NoPlan) -> RenderableType:
    """Why there is no plan: what each tier takes, and what would do."""
    word = marked("✗", "there is no such plan", "denied")
    if no.violations:
        return page(word, *_violations(no.violations))
    return page(word, shown(no.sentence), rule(), *map(_need, no.needs))


def _heading(plan: Plan) -> Iterator[RenderableType]:
    asked = plan.requirements
    blocks = "  ".join(map(str, asked.blocks))
    addresses = sum(block.size for block in asked.blocks)
    facts = (
        f"{addresses:,} addresses",
        counted(len({each.zone for each in plan.subnets}), "zone"),
        counted(len({each.tier for each in plan.subnets}), "tier"),
        f"{plan.share_free:.0f} % free",
    )
    yield Text.assemble((blocks, "accent"), (f"   {' · '.join(facts)}", "quiet"))
    yield rule()


def _body(plan: Plan, plain: bool) -> Iterator[RenderableType]:
    if not plain:
        yield PlanBars(plan)
        yield legend(plan)
        yield Text()
    yield PlanTable(plan)
    public = [tier.name for tier in plan.requirements.tiers if tier.public]
    if plan.free or public:
        yield Text()
    if plan.free:
        yield row(Text("free", "quiet"), Text(", ".join(map(str, plan.free))), widths=(6, None))
    if public:
        yield row(Text("public", "quiet"), shown(", ".join(public)), widths=(6, None))


def _notes(notes: Sequence[str]) -> Iterator[RenderableType]:
    if notes:
        yield Text()
    for note in notes:
        yield row(Text("!", "partly"), shown(note), widths=(1, None))


def _violations(found: Sequence[Violation]) -> Iterator[RenderableType]:
    for each in found:
        yield Text()
        sign = Text("✗", "denied") if each.code else Text("!", "partly")
        refused = f"   AWS refuses it: {each.code}" if each.code else ""
        yield row(sign, Text.assemble((each.property.value, "title"), (refused, "quiet")), widths=(1, None))
        yield indented(shown(each.sentence), 2)
        yield indented(shown(each.repair.sentence, "quiet"), 2)


def _need(need: Need) -> RenderableType:
    room = ", and as much again to double" if need.room else ""
    said = f"{need.count} × /{need.prefix}{room}"
    addresses = Text(f"{need.addresses:,}", justify="right")
    return row(
        shown(clipped(need.tier, LONGEST_NAME)),
        Text(said, "quiet"),
        addresses,
        widths=(LONGEST_NAME, None, 8),
    )


@dataclass(frozen=True, slots=True)
class PlanTable:
    """The subnets, a line each."""

    plan: Plan

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        survey, zones = Survey(self.plan), zone_colours(self.plan)
        wide = options.max_width >= WIDE
        longest = LONGEST_NAME if wide else SHORT_NAME
        names = max([6, *(min(len(each.name), longest) for each in self.plan.subnets)])
        widths = (names + 1, 19, *((33,) if wide else ()), 7, 8, 1, None)
        right = [Text(each, "quiet", justify="right") for each in ("usable", "wanted")]
        ranges = [Text("addresses", "quiet")] if wide else []
        yield row(
            Text("subnet", "quiet"),
            Text("block", "quiet"),
            *ranges,
            *right,
            "",
            Text("doubles to", "quiet"),
            widths=widths,
        )
        for each in self.plan.subnets:
            name = shown(clipped(each.name, names), zones[each.zone])
            yield row(name, *_numbers(self.plan, survey, each, wide), widths=widths)


def _numbers(plan: Plan, survey: Survey, subnet: Subnet, wide: bool) -> Iterator[RenderableType]:
    """What a line says of a subnet behind its name."""
    block, needed = subnet.block, plan.tier(subnet.tier).needed
    yield shown(block.written or block)
    if wide:
        yield Text(f"{block[0]} – {block[-1]}", "quiet")
    yield Text(f"{usable(block):,}", justify="right")
    yield Text("" if needed is None else f"{needed:,}", "quiet", justify="right")
    yield ""
    doubled = survey.doubled(subnet)
    yield Text("–" if doubled is None else str(doubled))
