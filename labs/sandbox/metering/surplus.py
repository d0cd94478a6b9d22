"""Surplus CPU credits that are charged, from the lives of the burstable instances of a world.

EC2 User Guide, "Surplus credits can incur charges".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, ClassVar

from labs.aws.billing.charges import Charge, Item, Lasting, Tariff, Where, prefix
from labs.aws.billing.periods import Calendar
from labs.aws.ec2.credits import BURSTABLE
from labs.sandbox.cpu_credits import credits_of
from labs.sandbox.live import live_everywhere
from labs.sandbox.lives import life_of
from labs.sandbox.metering.periods import Periods, Thing

__all__ = ["surplus_credits"]


def surplus_credits(periods: Periods, account: str, until: datetime) -> Iterator[Item]:
    """An item for each instance that has worked: only then can it spend more than it earns."""
    for ec2 in live_everywhere("ec2", account):
        for reservation in ec2.reservations.values():
            for instance in reservation.instances:
                life = life_of(instance)
                if instance.instance_type in BURSTABLE and life.loads and life.states:
                    thing = Thing("ec2.instance", account, ec2.region_name, instance.id)
                    tags = periods.tags(thing)
                    where = Where(instance.id, ec2.region_name, "", tags, "RunInstances")
                    yield Surplus(where=where, start=life.states[0][0], end=until, instance=instance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus(Lasting):
    """The surplus credits of one instance of moto's, charged when its account of credits says so."""

    meter: ClassVar[str] = "ec2.instance"

    instance: Any

    def charges(self, calendar: Calendar) -> Iterator[Charge]:
        family = self.instance.instance_type.partition(".")[0]
        usage = f"{prefix(self.where.region)}CPUCredits:{family}"
        tariff = Tariff(self.meter, f"ec2.cpu-credits:{family}", usage, "ec2.cpu-credits")
        start, end = self.period(calendar)
        for span, low, high in calendar.pieces(start, end):
            hours = (self._charged(high) - self._charged(low)) / 60
            yield Charge(tariff.by(hours.denominator), self.where, span, low, high, hours.numerator)

    def _charged(self, moment: datetime) -> Fraction:
        """The credits that were charged by a moment."""
        credits = credits_of(self.instance, moment)
        return credits.at(moment)["charged"] if credits is not None else Fraction(0)
