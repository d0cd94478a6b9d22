"""What is likely to be spent: at the average rate of the month so far, as far as its days differ.

AWS weighs in the months before, and says nothing before it has about five weeks of them. Here a world may be
a few days old, so the rate of the month at hand, since something was first used, is all there is to go by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import sqrt
from statistics import NormalDist, pstdev

from labs.aws.billing.money import quotient, times
from labs.aws.billing.periods import MICROSECOND, month_of

__all__ = ["Forecast", "days_of"]

_DAY = timedelta(days=1)


def days_of(since: datetime, now: datetime) -> tuple[datetime, ...]:
    """The moments that bound the days of the month so far, from when something was first used in it."""
    moments = [max(month_of(now).start, since)]
    while moments[-1] < now:
        moments.append(min(now, moments[-1] + _DAY))
    return tuple(moments)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Goes by `amounts`, what was spent or used between each two of `moments`."""

    moments: Sequence[datetime]
    amounts: Sequence[Decimal]

    @property
    def possible(self) -> bool:
        """Whether there is anything to go by: a day at least, or a begun hour would pass for many."""
        return self.moments[-1] - self.moments[0] >= _DAY and any(self.amounts)

    def mean(self, start: datetime, end: datetime) -> Decimal:
        """What is likely between two moments."""
        whole = (self.moments[-1] - self.moments[0]) // MICROSECOND
        return quotient(times(sum(self.amounts, Decimal(0)), (end - start) // MICROSECOND), whole)

    def bounds(self, start: datetime, end: datetime, level: int) -> tuple[Decimal, Decimal]:
        """Between which amounts it is with a probability of so many percent, if days vary as they did."""
        full = [float(amount) for amount in self.amounts[:-1]]
        spread = pstdev(full) if len(full) > 1 else 0.0
        days = (end - start) / _DAY
        away = Decimal(repr(NormalDist().inv_cdf(0.5 + level / 200) * spread * sqrt(days)))
        mean = self.mean(start, end)
        return max(Decimal(0), mean - away), mean + away
