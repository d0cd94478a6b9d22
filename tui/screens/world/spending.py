"""What a sandbox has cost over its time: bills at several moments, each asked for once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from labs.aws.billing.money import total
from labs.aws.billing.periods import month_of
from tui.draw.chart import Spent

if TYPE_CHECKING:
    from decimal import Decimal

    from labs.aws.billing import Bill
    from labs.sandbox import Change, World
    from labs.sandbox.metering.spending import Spending

__all__ = ["Costs", "Ledger", "hourly", "moments", "step_for"]

MOST = 60
"""Moments at which costs are looked up, at most: about one for a column of the chart."""
HOUR = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STEPS = tuple(
    timedelta(seconds=each)
    for each in (1, 5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400)
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The bill as it is now, and what had been spent at moments from its start until now."""

    now: Spending
    spent: tuple[Spent, ...]


class Costs:
    """What one world had cost at past moments, which stays as it was until something is taken back."""

    def __init__(self) -> None:
        self._known: dict[datetime, Spent] = {}
        self._past: tuple[Change, ...] = ()

    def read(self, world: World) -> Ledger:
        """The bill and its past. Blocks for some milliseconds, and later for those of what is new."""
        past = world.history()
        if past[: len(self._past)] != self._past:
            self._known = {}
        self._past, known = past, self._known
        now = world.bill()
        start, end = now.bill.start, min(now.bill.end, now.now)
        for moment in moments(start, end):
            if moment not in known:
                known[moment] = spent_by(world.bill(start=start, end=moment).bill, moment)
        spent = (known[moment] for moment in sorted(known) if start < moment < end)
        return Ledger(now, (*spent, spent_by(now.bill, now.bill.end)))


def spent_by(bill: Bill, moment: datetime) -> Spent:
    return Spent(moment, bill.total, bill.subtotals)


def moments(start: datetime, end: datetime) -> Iterator[datetime]:
    """The moments between two at which costs are looked up: the same ones as time goes on, for a while."""
    step = step_for(end - start)
    moment = EPOCH + ((start - EPOCH) // step + 1) * step
    while moment < end:
        yield moment
        moment += step


def step_for(span: timedelta) -> timedelta:
    """The least step of a round length that needs no more than MOST of them."""
    weeks = -(-span // (MOST * STEPS[-1]))
    return next((each for each in STEPS if span <= MOST * each), STEPS[-1] * max(weeks, 1))


def hourly(spending: Spending) -> Decimal | None:
    """What an hour costs if all stays as it is; None where nobody can tell."""
    month = month_of(spending.now)
    left = month.end - spending.now
    if spending.month_end is None or left < HOUR:
        return None
    so_far = total(line.cost for line in spending.bill.lines if line.month == month)
    return (spending.month_end - so_far) / (left // timedelta(seconds=1)) * 3600
