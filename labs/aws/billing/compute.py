"""Meters of computing: EC2 instances by the running second, with what CPU credits cost, and Lambda.

Sources: EC2 User Guide, "Amazon EC2 instance state changes" (billing by state), "Billing for interrupted Spot
Instances", "Surplus credits can incur charges"; AWS Lambda Pricing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from typing import ClassVar, Final, Literal, TypeAlias

from labs.aws.billing.charges import HOURS, Charge, Counted, Lasting, Tariff, prefix
from labs.aws.billing.money import times
from labs.aws.billing.periods import HOUR, MICROSECOND, Calendar
from labs.aws.ec2.credits import BURSTABLE, Load, Mode, surplus_charged

__all__ = ["Ec2Instance", "Lambda", "LambdaRuns"]

Work: TypeAlias = "Decimal | tuple[Load, ...]"

_LEAST_SECONDS: Final = 60
_MICROSECONDS: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ec2Instance(Lasting):
    """One running period of a Linux instance: from `running` until it stops or terminates.

    `cpu` is the fraction of all vCPUs that it works at, or stretches of different work in their order; what
    they leave of the period is idle. `credits` is the credit specification, the family's own when absent. A
    period without an end still runs, and its surplus credits may yet be earned back.
    """

    meter: ClassVar[str] = "ec2.instance"

    type: str
    cpu: Work = Decimal(0)
    credits: Mode | None = None
    market: Literal["on-demand", "spot"] = "on-demand"
    ended_by: Literal["user", "aws"] = "user"

    def charges(self, calendar: Calendar) -> Iterable[Charge]:
        if self.market == "on-demand":
            running = self.seconds(calendar, _on_demand(self.type, self.where.region), _LEAST_SECONDS)
        else:
            running = self._spot(calendar)
        if self.cpu and self.type in BURSTABLE:
            return chain(running, self._surplus(calendar))
        return running

    def _spot(self, calendar: Calendar) -> Iterator[Charge]:
        start, end = self.period(calendar)
        usage = f"{prefix(self.where.region)}SpotUsage:{self.type}"
        if self.ended_by == "aws" and self.end is not None and end - start < HOUR:
            free = Tariff(self.meter, "ec2.spot:interrupted", usage, "ec2.spot-interrupted", HOURS, False)
            for charge in self.seconds(calendar, free, _LEAST_SECONDS):
                yield charge._replace(rate=None)
            return
        rule = "ec2.spot" if self.rate is not None else "ec2.spot-at-most"
        tariff = Tariff(self.meter, f"ec2.instance:{self.type}", usage, rule, HOURS, False)
        yield from self.seconds(calendar, tariff, _LEAST_SECONDS)

    def _surplus(self, calendar: Calendar) -> Iterator[Charge]:
        """Surplus credits that are charged, in the month in which they are."""
        start, end = self.period(calendar)
        family = self.type.partition(".")[0]
        usage = f"{prefix(self.where.region)}CPUCredits:{family}"
        tariff = Tariff(self.meter, f"ec2.cpu-credits:{family}", usage, "ec2.cpu-credits")
        for span, low, high in calendar.pieces(start, end):
            hours = self._charged_by(high, start) - self._charged_by(low, start)
            exact = tariff.by(hours.denominator)
            yield Charge(exact, self.where, span, low, high, hours.numerator)

    def _charged_by(self, moment: datetime, start: datetime) -> Fraction:
        """The vCPU-hours of surplus credits that are charged by a moment of the period."""
        if moment <= start:
            return Fraction(0)
        ended = self.end is not None and moment >= self.end
        work = _until(self.cpu, ((moment - start) // MICROSECOND) * _MICROSECONDS)
        return surplus_charged(self.type, work, mode=self.credits, ends=ended) / 60


def _until(work: Work, seconds: Decimal) -> tuple[Load, ...]:
    """The work of the first seconds of a period."""
    if isinstance(work, Decimal):
        return (Load(seconds, work),)
    loads = []
    for load in work:
        part = min(load.seconds, seconds)
        loads.append(Load(part, load.utilisation))
        seconds -= part
    return (*loads, Load(seconds, Decimal(0)))


@lru_cache(maxsize=1024)
def _on_demand(type_name: str, region: str) -> Tariff:
    usage = f"{prefix(region)}BoxUsage:{type_name}"
    return Tariff("ec2.instance", f"ec2.instance:{type_name}", usage, "ec2.running", HOURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lambda(Counted):
    """Invocations of one function: how many, how long each in milliseconds, and its memory in MB."""

    meter: ClassVar[str] = "lambda"

    requests: Decimal
    ms: Decimal
    mb: Decimal
    arch: Literal["x86", "arm"] = "x86"

    def charges(self, calendar: Calendar) -> Iterable[Charge]:
        duration, requests = _lambda(self.arch, self.where.region)
        milliseconds = self.ms.to_integral_value(ROUND_CEILING)
        memory = times(times(self.requests, milliseconds), self.mb)
        return (
            *self.once(calendar, duration, memory),
            *self.once(calendar, requests, self.requests, rate=False),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaRuns(Counted):
    """Invocations of one function, added up: how many, and the sum of MB times whole milliseconds."""

    meter: ClassVar[str] = "lambda"

    requests: int
    mb_ms: int
    arch: Literal["x86", "arm"] = "x86"

    def charges(self, calendar: Calendar) -> Iterable[Charge]:
        duration, requests = _lambda(self.arch, self.where.region)
        return (
            *self.once(calendar, duration, Decimal(self.mb_ms)),
            *self.once(calendar, requests, Decimal(self.requests), rate=False),
        )


@lru_cache(maxsize=64)
def _lambda(arch: str, region: str) -> tuple[Tariff, Tariff]:
    before, after = prefix(region), "-ARM" if arch == "arm" else ""
    usage = f"{before}Lambda-GB-Second{after}"
    return (
        Tariff("lambda", f"lambda.duration:{arch}", usage, "lambda.duration", 1000 * 1024),
        Tariff("lambda", f"lambda.requests:{arch}", f"{before}Request{after}", "lambda.requests"),
    )
