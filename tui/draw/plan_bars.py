"""The blocks of a plan as bars: width is size, the colour the zone, the line the tier.

`bars` says where each part stands, for whoever draws them and for whoever is pointed at one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from labs.aws.network.addresses import Block, Cell, Part, Plan, Survey, rows, strip
from tui.draw.words import clipped, shown

__all__ = ["LONGEST_NAME", "Bar", "PlanBars", "bars", "legend", "zone_colours"]

ZONES = ("cyan", "magenta", "yellow", "blue", "bright_cyan", "bright_magenta")
LINES = "─═━┄╌┅"
"""The line of each tier; when there are more tiers, the names tell them apart."""

LONGEST_NAME = 24


def legend(plan: Plan, *, zones: bool = False) -> Text:
    """What width, line and colour say; with `zones` each zone in its colour."""
    names = list(tier_lines(plan))
    text = Text("width is size", "quiet")
    if len(names) <= len(LINES):
        lines = "  ".join(f"{LINES[place]} {name}" for place, name in enumerate(names))
        text.append_text(shown(f", the line is the tier: {lines}", "quiet"))
    text.append(", colour the zone", "quiet")
    if zones:
        text.append(":", "quiet")
        for zone, colour in zone_colours(plan).items():
            text.append_text(shown(f" {zone}", colour))
    if Survey(plan).rooms:
        text.append("; · kept for its neighbour to double", "quiet")
    return text


def tier_lines(plan: Plan) -> dict[str, str]:
    """The line of each tier."""
    named = [*(tier.name for tier in plan.requirements.tiers), *(each.tier for each in plan.subnets)]
    return {name: LINES[place % len(LINES)] for place, name in enumerate(dict.fromkeys(named))}


def zone_colours(plan: Plan) -> dict[str, str]:
    """The colour of each zone."""
    named = dict.fromkeys([*plan.requirements.zones, *(each.zone for each in plan.subnets)])
    return {name: ZONES[place % len(ZONES)] for place, name in enumerate(named)}


# Where things stand


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of bars: one block from its first address to its last, in cells that begin at column `x`.

    One that is `scaled` is true to scale and has no labels; another one gives each part room for its label.
    """

    line: int
    x: int
    block: Block
    cells: tuple[Cell, ...]
    scaled: bool = False

    def cell_at(self, column: int) -> Cell | None:
        """The cell at a column of the drawing."""
        at = column - self.x
        return next((each for each in self.cells if each.x <= at < each.x + each.width), None)

    def address_at(self, column: int) -> int:
        """The address at a column of the drawing, also before the first one and behind the last."""
        at = column - self.x
        cell = self.cell_at(column) or (self.cells[0] if at < 0 else self.cells[-1])
        return cell.part.start + (at - cell.x) * cell.part.size // cell.width


def bars(plan: Plan, width: int) -> tuple[Bar, ...]:
    """All the lines of a plan that is drawn so wide, without the one that names the blocks below a bar."""
    whole = rows(plan, width, _least)
    if len(whole) == 1:
        return (Bar(0, 0, whole[0].block, whole[0].cells),)
    margin = max(len(str(each.block)) for each in whole) + 2
    blocks = plan.requirements.blocks
    found = [
        Bar(line, margin + 1, block, _columns(strip(plan, block, width - margin - 2)), scaled=True)
        for line, block in enumerate(blocks)
    ]
    shown_rows = [
        each
        for each in rows(plan, width - margin, _least)
        if [cell.part.kind for cell in each.cells] != ["free"]
    ]
    found += [
        Bar(line, margin, each.block, each.cells) for line, each in enumerate(shown_rows, start=len(blocks))
    ]
    return tuple(found)


def _columns(parts: Sequence[Part]) -> tuple[Cell, ...]:
    """What each column shows, as cells: neighbours that show the same part are one."""
    cells, x = [], 0
    for part, alike in groupby(parts):
        width = len(list(alike))
        cells.append(Cell(part, x, width))
        x += width
    return tuple(cells)


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


# How they look


@dataclass(frozen=True, slots=True)
class PlanBars:
    """The VPC's blocks as rows of bars, as wide as there is room; below each bar its block, where it fits."""

    plan: Plan
    marked: Block | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        looks = Looks(tier_lines(self.plan), zone_colours(self.plan), self.marked)
        lines = bars(self.plan, options.max_width)
        margin = lines[0].x and lines[0].x - 1
        for each in lines:
            if not margin:
                yield _bar(each.cells, looks)
                yield _under(each.cells)
            elif each.scaled:
                yield Text(f"{each.block!s:{margin}}", "accent").append_text(_strip(each.cells, looks))
            else:
                yield Text(f"{each.block!s:{margin}}", "quiet").append_text(_bar(each.cells, looks))


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


def _strip(cells: Sequence[Cell], looks: Looks) -> Text:
    """The whole block true to scale, without labels."""
    text = Text("├", "quiet")
    for cell in cells:
        style, fill = looks.of(cell.part)
        text.append(fill * cell.width, style)
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
