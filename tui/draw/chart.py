"""What has been spent over the time of a sandbox: the total as a chart, and below it a line for each service.

All of it shares one axis of time. Heights are eighths of a row; the services are on one scale, so that they
can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from labs.aws.billing.money import shown as rounded

__all__ = ["CostChart", "Spent", "axis_top", "between"]

EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
LABEL, AMOUNT = 18, 11
"""Columns of the services' names, where the marks of the axis stand too, and of the amounts."""
NARROWEST = 10


@dataclass(frozen=True, slots=True)
class Spent:
    """What had been spent by a moment, in US dollars: in all, and by service."""

    moment: datetime
    total: Decimal
    services: tuple[tuple[str, Decimal], ...] = ()

    def of(self, service: str) -> Decimal:
        """What one service had cost by then."""
        return next((cost for name, cost in self.services if name == service), Decimal(0))


@dataclass(frozen=True, slots=True)
class CostChart:
    """Costs from `start` on, by what had been spent at several moments in order of time; the last is now."""

    start: datetime
    spent: tuple[Spent, ...]
    height: int = 4
    """Rows of the total's chart, an even number: half of it is marked."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(options.max_width - LABEL - AMOUNT - 2, NARROWEST)
        totals = self._heights(width, None)
        top = axis_top(self.spent[-1].total)
        marks = {0: top, self.height // 2: top / 2}
        for line in range(self.height):
            mark = marks.get(line)
            bars = "".join(_eighth(cost / top * self.height * 8, self.height - 1 - line) for cost in totals)
            label = "" if mark is None else _amount(mark, top)
            yield Text.assemble((f"{label:>{LABEL - 2}} │", "quiet"), (bars, "accent"))
        yield Text(f"{_amount(Decimal(0), top):>{LABEL - 2}} └" + "─" * width, "quiet")
        yield Text(" " * LABEL + _ends(self.start, self.spent[-1].moment, width), "quiet")
        yield from self._services(width)

    def _services(self, width: int) -> Iterator[Text]:
        named = self.spent[-1].services
        most = max((cost for _, cost in named), default=Decimal(0))
        for service, cost in named:
            heights = self._heights(width, service)
            bars = "".join(_eighth(each / most * 8, 0) for each in heights) if most > 0 else ""
            yield Text.assemble(
                (f"{service[: LABEL - 1]:<{LABEL}}", ""),
                (f"{bars:<{width}}", "accent"),
                (f"{rounded(cost):>{AMOUNT + 1},}", "allowed" if cost < 0 else "title"),
            )

    def _heights(self, width: int, service: str | None) -> list[Decimal]:
        """What had been spent at the end of each column."""
        points = [(self.start, Decimal(0))]
        points += [(each.moment, each.total if service is None else each.of(service)) for each in self.spent]
        span = self.spent[-1].moment - self.start
        return [between(points, self.start + span * (column + 1) / width) for column in range(width)]


def between(points: Sequence[tuple[datetime, Decimal]], moment: datetime) -> Decimal:
    """The value at a moment, on straight lines through points in order of time; the last one after them."""
    for (before, low), (after, high) in pairwise(points):
        if moment <= after:
            span = (after - before) / timedelta(microseconds=1)
            share = (moment - before) / timedelta(microseconds=1) / span if span else 1
            return low + (high - low) * Decimal(share)
    return points[-1][1]


def axis_top(most: Decimal) -> Decimal:
    """The least of 1, 2, 2.5 and 5 times a power of ten that is no less than a cost; 0.01 for none.

    >>> axis_top(Decimal("2.03"))
    Decimal('2.5')
    """
    if most <= 0:
        return Decimal("0.01")
    power = Decimal(1).scaleb(most.adjusted())
    steps = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
    return next(step * power for step in steps if step * power >= most).normalize() + 0


def _eighth(height: Decimal, line: int) -> str:
    """What a bar so many eighths high shows in a line from the bottom; any cost shows at least one."""
    least = 1 if line == 0 and height > 0 else 0
    return EIGHTHS[max(least, min(8, int(height) - line * 8))]


def _amount(cost: Decimal, top: Decimal) -> str:
    """A mark of the axis: with as many decimals as half of the top has, which is marked too."""
    exponent = (top / 2).normalize().as_tuple().exponent
    decimals = max(2, -exponent if isinstance(exponent, int) else 0)
    return f"${cost:,.{decimals}f}"


def _ends(start: datetime, end: datetime, width: int) -> str:
    """The two ends of the axis, each below its own."""
    first, last = (f"{each.day} {each:%b %H:%M}" for each in (start.astimezone(UTC), end.astimezone(UTC)))
    if len(first) + len(last) + 2 > width:
        return f"{last:>{width}}"
    return f"{first}{last:>{width - len(first)}}"
