"""A bill: its total, a bar for each service, its lines, and one of them explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from labs.aws.billing import Bill, Line
from labs.aws.billing.lines import number
from labs.aws.billing.money import shown as rounded
from labs.aws.billing.periods import ESTIMATE_HOURS, month_of
from tui.draw.layout import page, row, rule
from tui.draw.words import counted, shown

if TYPE_CHECKING:
    from labs.sandbox.metering.spending import Spending

__all__ = ["bill_drawn", "dearest", "line_explained", "period_of", "service_bars", "spending_notes"]

SHOWN_LINES = 20
LABEL, AMOUNT = 18, 11
"""Columns of the services' names and of their amounts."""
BESIDE = 66
"""Columns from which on a line's formula has what it is about beside it, though that may take two lines."""
FREE_TIERS = {
    "none": "no Free Tier",
    "legacy": "legacy Free Tier",
    "credits": "Free Tier credits",
}


def bill_drawn(
    bill: Bill,
    *,
    selected: int | None = None,
    every: bool = False,
    chart: RenderableType | None = None,
    rate: Decimal | None = None,
) -> RenderableType:
    """The whole bill; `selected` is the place of the line to explain, the dearest when it is None.

    Of a long bill the dearest lines are shown, or with `every` all of them. A `chart` takes the place of the
    services' bars. `rate` is what an hour costs now, on a bill that still runs: its total has the decimals
    that one sees move.
    """
    chosen = dearest(bill.lines) if selected is None else selected
    return page(*_blocks(bill, chosen, every, chart or service_bars(bill), rate))


def _blocks(
    bill: Bill, selected: int | None, every: bool, chart: RenderableType, rate: Decimal | None
) -> Iterator[RenderableType]:
    total = Text(f"${rounded(bill.total, 2 if rate is None else 4):,}", "title", justify="right")
    tier = Text(f"  {FREE_TIERS[bill.account.free_tier]}", "quiet")
    yield row(shown(period_of(bill), "accent"), total, tier, widths=(None, 0, 0))
    if selected is None:
        yield rule()
        yield Text("Nothing was used that costs anything.", "quiet")
        return
    if rate is not None:
        yield Text(f"now ${rounded(rate, 4):,} an hour, if all stays as it is", "quiet")
    yield Text()
    yield chart
    yield rule()
    yield _Lines(bill, selected, every)
    left = len(bill.lines) - SHOWN_LINES
    if left > 0 and not every:
        yield Text(f"and {counted(left, 'line')} more, each cheaper: --all", "quiet")
    yield rule()
    yield line_explained(bill.lines[selected], selected)


def spending_notes(spent: Spending) -> RenderableType | None:
    """What is said below the bill of a running sandbox; None when there is nothing to say."""
    notes: list[RenderableType] = []
    if spent.month_end is not None and spent.bill.lines:
        amount = f"${rounded(spent.month_end):,}"
        notes.append(Text(f"If all stays as it is, {spent.now:%B} will have cost {amount}.", "quiet"))
    if spent.unpriced:
        names = ", ".join(spent.unpriced)
        notes.append(shown(f"Used, but not in the price book, so not on this bill: {names}.", "partly"))
    return page(*notes) if notes else None


def dearest(lines: Sequence[Line]) -> int | None:
    """The place of the line that costs most; None when there is none."""
    return max(range(len(lines)), key=lambda place: lines[place].cost, default=None)


def period_of(bill: Bill) -> str:
    """The bill's time: a month by its name and its hours, another time by its ends."""
    if bill.estimate:
        return f"A month of {ESTIMATE_HOURS} h"
    month = month_of(bill.start)
    if (bill.start, bill.end) == (month.start, month.end):
        return f"{bill.start:%B %Y}, {month.hours} h"
    start, end = bill.start.astimezone(UTC), bill.end.astimezone(UTC)
    return f"{_moment(start, start.year != end.year)} to {_moment(end)}"


def _moment(moment: datetime, with_year: bool = True) -> str:
    day = f"{moment.day} {moment:%b}" + (f" {moment.year}" if with_year else "")
    return day + (f" {moment:%H:%M}" if moment.hour or moment.minute else "")


class service_bars:
    """A bar for each service, as long as its share of the dearest; credits have an amount and no bar."""

    def __init__(self, bill: Bill) -> None:
        self.subtotals = bill.subtotals

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        most = max((cost for _, cost in self.subtotals), default=Decimal(0))
        room = max(4, options.max_width - LABEL - AMOUNT - 2)
        for label, cost in self.subtotals:
            length = int(room * cost / most) if most > 0 and cost > 0 else 0
            bar = "▇" * (max(1, length) if cost > 0 else 0)
            yield Text.assemble(
                (f"{label:<{LABEL}}", ""),
                (f"{bar:<{room}}", "accent"),
                (f"{rounded(cost):>{AMOUNT + 1},}", "allowed" if cost < 0 else "title"),
            )


class _Lines:
    """The lines as a table, by month where there are several; the one that is explained has a sign.

    What a line is about stands beside its formula, or below it where there is little room.
    """

    def __init__(self, bill: Bill, selected: int, every: bool) -> None:
        self.bill, self.selected = bill, selected
        self.places: Sequence[int] = range(len(bill.lines))
        if not every and len(self.places) > SHOWN_LINES:
            kept = sorted(self.places, key=lambda place: bill.lines[place].cost, reverse=True)[:SHOWN_LINES]
            self.places = sorted({*kept, selected})

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows = list(self._rows())
        needed = sum(max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)) + 3 * 2
        beside = options.max_width >= min(needed, BESIDE)
        grid = Table.grid(padding=(0, 2), expand=True)
        grid.add_column(justify="right", no_wrap=True)
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold", ratio=None if beside else 1)
        if beside:
            grid.add_column(overflow="fold", ratio=1)
        for sign, cost, formula, subject in rows:
            if beside:
                grid.add_row(sign, cost, formula, subject)
            else:
                grid.add_row(sign, cost, Text("\n").join([formula, subject]) if subject else formula)
        yield grid

    def _rows(self) -> Iterator[tuple[Text, Text, Text, Text]]:
        lines = self.bill.lines
        several = len({line.month for line in lines}) > 1
        costs = _aligned([lines[place].cost for place in self.places])
        month = None
        for place, cost in zip(self.places, costs, strict=True):
            line = lines[place]
            if several and line.month != month:
                month = line.month
                yield Text(), Text(f"{month.start:%b %Y}", "accent"), Text(), Text()
            sign = f"▸ {place + 1}" if place == self.selected else str(place + 1)
            style = "accent" if place == self.selected else "quiet"
            yield Text(sign, style), Text(cost), shown(line.formula), shown(_subject(line), "quiet")


def _subject(line: Line) -> str:
    return f"{line.subject}, free tier" if line.allowance is not None else line.subject


def _aligned(costs: Sequence[Decimal]) -> list[str]:
    """Amounts with two to six decimals, blanks before them so that their points stand below one another."""
    texts = [_amount(cost) for cost in costs]
    before = max(text.index(".") for text in texts)
    return [" " * (before - text.index(".")) + text for text in texts]


def _amount(cost: Decimal) -> str:
    whole, _, rest = f"{rounded(cost, 6):,f}".partition(".")
    kept = rest.rstrip("0") if not cost or rest.strip("0") else rest
    return f"{whole}.{kept:0<2}"


def line_explained(line: Line, place: int) -> RenderableType:
    """One line: what it costs, by which rule, at which price, from which page, and what the course says."""
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.add_column(width=11)
    grid.add_column(ratio=1, overflow="fold")
    for name, text in _facts(line, place):
        grid.add_row(Text(name, "quiet"), text)
    return grid


def _facts(line: Line, place: int) -> Iterator[tuple[str, Text]]:
    cost, exact = number(line.cost)
    sign = "-" if cost.startswith("-") else ""
    yield f"Line {place + 1}", Text(f"{'' if exact else '≈ '}{sign}${cost.removeprefix('-')}", "title")
    yield "Rule", shown(line.sentence)
    if line.listed:
        yield "Price", shown(line.listed)
    note = "; generally known, to be verified there" if line.verify else ""
    yield "Source", shown(f"{line.source}{note}", "quiet")
    if line.course:
        yield "Course says", shown(line.course, "partly")
