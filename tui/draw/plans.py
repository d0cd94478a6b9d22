"""Subnet plans drawn: a block is a bar, its width the size, its colour the zone, its line the tier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from labs.aws.network.addresses import (
    Block,
    Cell,
    Judgement,
    Need,
    NoPlan,
    Part,
    Plan,
    Subnet,
    Survey,
    Violation,
    rows,
    strip,
    usable,
)
from tui.draw.layout import indented, page, row, rule
from tui.draw.words import clipped, counted, marked, shown

__all__ = ["judgement_drawn", "no_plan_drawn", "plan_drawn", "workbench"]

ZONES = ("cyan", "magenta", "yellow", "blue", "bright_cyan", "bright_magenta")
LINES = "─═━┄╌┅"
"""The line of each tier; when there are more tiers, the names tell them apart."""

LONGEST_NAME = 24
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


def workbench(judgement: Judgement, marked_block: Block | None) -> RenderableType:
    """A plan while it is changed by hand: its bars with one block marked, that block, and what is wrong."""
    plan, found = judgement.plan, judgement.violations
    word = (
        marked("✓", "the plan holds", "allowed")
        if judgement.ok
        else marked("✗", counted(len(found), "violation"), "denied")
    )
    return page(
        *_heading(plan),
        PlanBars(plan, marked_block),
        Text(),
        *_cursor(plan, marked_block),
        word,
        *_violations(found),
        *_notes(plan.notes),
    )


def _cursor(plan: Plan, block: Block | None) -> Iterator[RenderableType]:
    """The marked block in a line: its range, and how many addresses of it resources can have."""
    if block is None:
        return
    facts = f"   {block[0]} – {block[-1]}   {block.size:,} addresses, {usable(block):,} usable"
    yield Text.assemble(("cursor  ", "quiet"), (str(block), "accent"), (facts, ""))
    subnet = next((each for each in plan.subnets if each.block == block), None)
    if subnet is not None:
        doubled = Survey(plan).doubled(subnet)
        said = f"doubles in place to {doubled}" if doubled else "cannot double in place"
        yield Text(f"        {said}", "quiet")
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
        yield _legend(plan)
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


def _legend(plan: Plan) -> Text:
    names = list(_tiers(plan))
    text = Text("width is size", "quiet")
    if len(names) <= len(LINES):
        lines = "  ".join(f"{LINES[place]} {name}" for place, name in enumerate(names))
        text.append_text(shown(f", the line is the tier: {lines}", "quiet"))
    text.append(", colour the zone", "quiet")
    if Survey(plan).rooms:
        text.append("; · kept for its neighbour to double", "quiet")
    return text


def _tiers(plan: Plan) -> dict[str, str]:
    """The line of each tier."""
    named = [*(tier.name for tier in plan.requirements.tiers), *(each.tier for each in plan.subnets)]
    return {name: LINES[place % len(LINES)] for place, name in enumerate(dict.fromkeys(named))}


def _zones(plan: Plan) -> dict[str, str]:
    """The colour of each zone."""
    named = dict.fromkeys([*plan.requirements.zones, *(each.zone for each in plan.subnets)])
    return {name: ZONES[place % len(ZONES)] for place, name in enumerate(named)}


@dataclass(frozen=True, slots=True)
class PlanBars:
    """The VPC's blocks as rows of bars, as wide as there is room; below each bar its block, where it fits."""

    plan: Plan
    marked: Block | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        looks = Looks(_tiers(self.plan), _zones(self.plan), self.marked)
        whole = rows(self.plan, options.max_width, _least)
        if len(whole) == 1:
            yield _bar(whole[0].cells, looks)
            yield _under(whole[0].cells)
            return
        margin = max(len(str(each.block)) for each in whole) + 2
        width = options.max_width - margin
        for block in self.plan.requirements.blocks:
            yield Text(f"{block!s:{margin}}", "accent").append_text(_strip(self.plan, block, width, looks))
        for each in rows(self.plan, width, _least):
            if [cell.part.kind for cell in each.cells] != ["free"]:
                yield Text(f"{each.block!s:{margin}}", "quiet").append_text(_bar(each.cells, looks))


def _least(part: Part) -> int:
    """How wide a part must be for its label: a sign at each side, and blanks around it."""
    label = _label(part)
    return len(label) + 4 if label else 2


def _label(part: Part) -> str:
    match part.kind:
        case "subnet":
            return shown(clipped(part.subnets[0].name, LONGEST_NAME)).plain
        case "overlap":
            return "overlap"
        case "free":
            return "free"
    return ""


@dataclass(frozen=True, slots=True)
class Looks:
    """How the parts of one plan look: the line of a tier, the colour of a zone, and the marked block."""

    tiers: dict[str, str]
    zones: dict[str, str]
    marked: Block | None = None

    def of(self, part: Part) -> tuple[str, str]:
        """The style and the line of a part; the marked one is reversed, so that it shows without colour."""
        style, line = self._plain(part)
        inside = self.marked is not None and self.marked.start <= part.start and part.stop <= self.marked.stop
        return (f"{style} reverse" if inside else style), line

    def _plain(self, part: Part) -> tuple[str, str]:
        match part.kind:
            case "subnet":
                return self.zones[part.subnets[0].zone], self.tiers[part.subnets[0].tier]
            case "overlap":
                return "denied", "×"
            case "room":
                return "quiet", "·"
        return "quiet", " "


def _strip(plan: Plan, block: Block, width: int, looks: Looks) -> Text:
    """The whole block true to scale, without labels."""
    text = Text("├", "quiet")
    for part in strip(plan, block, width - 2):
        style, fill = looks.of(part)
        text.append(fill, style)
    return text.append("┤", "quiet")


def _bar(cells: Sequence[Cell], looks: Looks) -> Text:
    text = Text()
    for place, cell in enumerate(cells):
        last = place == len(cells) - 1
        text.append("├" if place == 0 else "┼", "quiet")
        style, fill = looks.of(cell.part)
        label = _label(cell.part)
        room = cell.width - 1 - last
        inner = f" {label} " if label and len(label) + 2 <= room else ""
        text.append(inner.center(room, fill) if inner else fill * room, style)
    return text.append("┤", "quiet")


def _under(cells: Sequence[Cell]) -> Text:
    """The blocks of the subnets, each below its bar: whole, or what tells it from its neighbours, or not."""
    text = Text("", "quiet")
    for cell in cells:
        said = ""
        if cell.part.kind == "subnet":
            block = cell.part.subnets[0].block
            said = next((each for each in (str(block), _short(block)) if len(each) < cell.width), "")
        text.append(f"{said:{cell.width}}")
    text.rstrip()
    return text


def _short(block: Block) -> str:
    """10.0.96.0/22 as .96/22"""
    octets = str(block[0]).split(".")
    return f".{octets[2] if block.prefix <= 24 else octets[3]}/{block.prefix}"


@dataclass(frozen=True, slots=True)
class PlanTable:
    """The subnets, a line each."""

    plan: Plan

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        survey, zones = Survey(self.plan), _zones(self.plan)
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
