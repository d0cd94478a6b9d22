"""CPU credits of the burstable families T2, T3, T3a and T4g: what is earned, spent, thrown away and charged.

One credit is one vCPU at full speed for one minute. An instance earns credits all the time, spends them as it
works, and keeps what is left up to a day's earning. At an empty balance `standard` holds it to its baseline
and `unlimited` lets it borrow: a day's earning free of charge if it is earned back, the rest at a price.

>>> timeline("t3.micro", [Load(Decimal(86400), Decimal(1))]).charged_vcpu_hours
Decimal('43.2')

Sources: EC2 User Guide, "Key concepts for burstable performance instances", "Unlimited mode concepts",
"Standard mode concepts" and "Monitor CPU credits for burstable instances".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias, get_args

from labs.aws.ec2.burstable import BURSTABLE, CreditRule, Mode, credit_rule
from labs.errors import Ec2Error

__all__ = [
    "BURSTABLE",
    "CreditRule",
    "CreditState",
    "Event",
    "Load",
    "Mode",
    "Period",
    "Point",
    "Stopped",
    "Switch",
    "Timeline",
    "credit_rule",
    "surplus_charged",
    "timeline",
]

_ZERO: Final = Fraction(0)
_HOUR: Final = 3600
_EXACT: Final = 200
"""More digits than any sum of products of two Decimals of ordinary precision has."""


@dataclass(frozen=True, slots=True)
class Load:
    """A stretch of running: how long in seconds, and which fraction (0 to 1) of all vCPUs the work wants.

    Raises:
        Ec2Error: a negative time, a utilisation outside 0 to 1, or a number that is not exact.
    """

    seconds: Decimal
    utilisation: Decimal

    def __post_init__(self) -> None:
        _check_seconds(self.seconds)
        _check_exact("utilisation", self.utilisation)
        if not 0 <= self.utilisation <= 1:
            percent = self.utilisation / 100
            raise Ec2Error(
                "A CPU utilisation is a fraction from 0 to 1",
                f"This is {self.utilisation}.",
                f"Write {percent} for {self.utilisation} %."
                if 1 < self.utilisation <= 100
                else "1 is all vCPUs.",
            )


@dataclass(frozen=True, slots=True)
class Stopped:
    """A stretch in the state `stopped`, in seconds: nothing is earned, and the balance may be lost."""

    seconds: Decimal

    def __post_init__(self) -> None:
        _check_seconds(self.seconds)


@dataclass(frozen=True, slots=True)
class Switch:
    """The credit specification is changed to another mode; takes no time."""

    mode: Mode

    def __post_init__(self) -> None:
        _check_mode(self.mode)


Period: TypeAlias = Load | Stopped | Switch


@dataclass(frozen=True, slots=True)
class CreditState:
    """What an instance holds: earned credits, launch credits apart from them, and credits that it owes."""

    balance: Fraction = _ZERO
    launch: Fraction = _ZERO
    surplus: Fraction = _ZERO

    def __post_init__(self) -> None:
        if min(self.balance, self.launch, self.surplus) < 0:
            raise Ec2Error(
                "An instance holds no credits below nothing",
                f"The balance is {self.balance}, launch credits {self.launch}, surplus {self.surplus}.",
                "What is owed is a positive surplus.",
            )


class Event(StrEnum):
    """Why a timeline has a point; the value is a sentence for the learner."""

    START = "The timeline starts."
    BOUNDARY = "The load changes."
    LAUNCH_SPENT = "The launch credits are spent; earned credits are next."
    FULL = "The balance is full: what is earned beyond the work's need is discarded from here on."
    EMPTY = "The balance is empty, and the work wants more than the baseline."
    PAID_BACK = "The surplus credits are paid back; from here on credits are kept again."
    BORROWED_ALL = "As many surplus credits are owed as a day earns: what is spent from here on is charged."
    STOPPED = "The instance stops: surplus credits are charged."
    LOST = "The balance of the stopped instance is lost."
    STARTED = "The instance starts."
    SWITCHED = "The credit specification changes."
    END = "The timeline ends."


@dataclass(frozen=True, slots=True)
class Point:
    """The account at one moment: what is held now, and what has been counted since the start.

    `seconds` is the time since the start. Credits (vCPU-minutes): `balance`, `launch`, `surplus` now;
    `earned`, `granted` (launch credits), `spent`, `discarded`, `lost`, `charged` and `denied` (work that
    standard mode held back) since the start. `utilisation` is what the instance runs at from here on.
    """

    seconds: Fraction = _ZERO
    event: Event = Event.START
    balance: Fraction = _ZERO
    launch: Fraction = _ZERO
    surplus: Fraction = _ZERO
    earned: Fraction = _ZERO
    granted: Fraction = _ZERO
    spent: Fraction = _ZERO
    discarded: Fraction = _ZERO
    lost: Fraction = _ZERO
    charged: Fraction = _ZERO
    denied: Fraction = _ZERO
    utilisation: Fraction = _ZERO


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole account: a point for each boundary of the loads and each bound that was hit."""

    rule: CreditRule
    mode: Mode
    points: tuple[Point, ...]

    @property
    def end(self) -> Point:
        """The last point."""
        return self.points[-1]

    @property
    def state(self) -> CreditState:
        """What is held at the end: the start of a timeline that carries on."""
        return CreditState(self.end.balance, self.end.launch, self.end.surplus)

    @property
    def charged_credits(self) -> Fraction:
        """Surplus credits that are paid for, exactly."""
        return self.end.charged

    @property
    def charged_vcpu_hours(self) -> Decimal:
        """What the bill counts: vCPU-hours of surplus that were not earned back (40 digits where endless)."""
        hours = self.end.charged / 60
        with localcontext(prec=40):
            return Decimal(hours.numerator) / Decimal(hours.denominator)


def timeline(
    type_name: str,
    loads: Iterable[Period],
    *,
    mode: Mode | None = None,
    ends: bool = True,
    start: CreditState | None = None,
) -> Timeline:
    """The credits of one instance through its loads, stops and changes of mode, in order.

    `mode` defaults to the family's. With `ends` the instance is stopped or terminated at the end, which
    charges every surplus credit that is left. `start` is what it holds at first; without it the instance is
    launched, and T2 in standard mode gets its launch credits. Standard mode falls to the baseline at once;
    AWS says that it lowers the utilisation gradually.

    Raises:
        Ec2Error: a type without CPU credits.
    """
    rule = credit_rule(type_name)
    mode = rule.default_mode if mode is None else _check_mode(mode)
    first = Point()
    if start is None:
        first = _granted(first, rule, mode)
    else:
        first = replace(first, balance=start.balance, launch=start.launch, surplus=start.surplus)
    points = [first]
    for period in loads:
        match period:
            case Load():
                points += _run(points.pop(), period, rule, mode)
            case Stopped():
                points += _rest(points[-1], period, rule, mode)
            case Switch():
                points.append(_switched(points[-1], mode, period.mode))
                mode = period.mode
    last = replace(points[-1], event=Event.END, utilisation=_ZERO)
    points.append(_settled(last) if ends else last)
    return Timeline(rule, mode, tuple(points))


def surplus_charged(
    type_name: str, loads: Iterable[Load], *, mode: Mode | None = None, ends: bool = True
) -> Fraction:
    """The charged credits of the same `timeline`, exact, without its points: for bills of many instances.

    Raises:
        Ec2Error: a type without CPU credits.
    """
    rule = credit_rule(type_name)
    if (rule.default_mode if mode is None else _check_mode(mode)) == "standard":
        return _ZERO
    # vCPU-seconds are finite decimals, and what is kept less what is owed is one number.
    with localcontext(prec=_EXACT):
        limit = rule.limit * 60
        held = charged = Decimal(0)
        for load in loads:
            held = min(limit, held + (rule.baseline - load.utilisation) * rule.vcpus * load.seconds)
            if held < -limit:
                charged, held = charged - limit - held, -limit
        if ends and held < 0:
            charged -= held
        return Fraction(charged) / 60


def _granted(point: Point, rule: CreditRule, mode: Mode) -> Point:
    """The point with the launch credits of a start."""
    launch = Fraction(rule.launch_credits if mode == "standard" else 0)
    return replace(point, launch=point.launch + launch, granted=point.granted + launch)


def _settled(point: Point) -> Point:
    """The point with every surplus credit charged."""
    return replace(point, surplus=_ZERO, charged=point.charged + point.surplus)


def _switched(point: Point, before: Mode, after: Mode) -> Point:
    """The point after a change of mode: owed credits are charged, or launch credits taken away."""
    point = replace(point, event=Event.SWITCHED)
    if before == after:
        return point
    if after == "standard":
        return _settled(point)
    return replace(point, launch=_ZERO, lost=point.lost + point.launch)


def _rest(point: Point, stop: Stopped, rule: CreditRule, mode: Mode) -> Iterator[Point]:
    """The points of a stop: charged at once, lost after the time that the family keeps a balance, started."""
    point = replace(_settled(point), event=Event.STOPPED, utilisation=_ZERO)
    yield point
    started = point.seconds + Fraction(stop.seconds)
    if stop.seconds > rule.kept_seconds or rule.kept_seconds == 0:
        point = replace(
            point,
            seconds=point.seconds + rule.kept_seconds,
            event=Event.LOST,
            balance=_ZERO,
            launch=_ZERO,
            lost=point.lost + point.balance + point.launch,
        )
        yield point
    yield _granted(replace(point, seconds=started, event=Event.STARTED), rule, mode)


class _Rates(NamedTuple):
    """A rule in credits a second: what is earned, what all vCPUs spend, and the limit, in credits."""

    earned: Fraction
    most: Fraction
    limit: Fraction
    baseline: Fraction


@lru_cache(maxsize=len(BURSTABLE))
def _rates(rule: CreditRule) -> _Rates:
    return _Rates(
        Fraction(rule.earned_per_hour) / _HOUR,
        Fraction(rule.vcpus, 60),
        Fraction(rule.limit),
        Fraction(rule.baseline),
    )


def _run(point: Point, load: Load, rule: CreditRule, mode: Mode) -> Iterator[Point]:
    """The points of one load: the first again with its utilisation, each bound that is hit, and the end."""
    rates, wanted = _rates(rule), Fraction(load.utilisation)
    until = point.seconds + Fraction(load.seconds)
    while True:
        flow = _flow(point, wanted, rates, mode)
        yield replace(point, utilisation=flow.utilisation)
        if point.seconds == until:
            return
        event, time = flow.next_bound(point, rates.limit)
        left = until - point.seconds
        if time is None or time > left:
            event, time = Event.BOUNDARY, left
        point = flow.after(point, time, event)


@dataclass(frozen=True, slots=True)
class _Flow:
    """What changes while nothing is full or empty: credits a second, each at least 0 but the three held."""

    utilisation: Fraction
    earned: Fraction
    spent: Fraction
    denied: Fraction
    balance: Fraction = _ZERO
    launch: Fraction = _ZERO
    surplus: Fraction = _ZERO
    discarded: Fraction = _ZERO
    charged: Fraction = _ZERO

    def next_bound(self, point: Point, limit: Fraction) -> tuple[Event, Fraction | None]:
        """The first bound that this flow runs into, and in how many seconds; None when it meets none."""
        bounds: list[tuple[Fraction, Event]] = []
        if self.launch < 0:
            bounds.append((point.launch / -self.launch, Event.LAUNCH_SPENT))
        if self.balance > 0:
            bounds.append(((limit - point.balance) / self.balance, Event.FULL))
        if self.balance < 0:
            bounds.append((point.balance / -self.balance, Event.EMPTY))
        if self.surplus < 0:
            bounds.append((point.surplus / -self.surplus, Event.PAID_BACK))
        if self.surplus > 0:
            bounds.append(((limit - point.surplus) / self.surplus, Event.BORROWED_ALL))
        if not bounds:
            return Event.BOUNDARY, None
        time, event = min(bounds, key=lambda bound: bound[0])
        return event, time

    def after(self, point: Point, time: Fraction, event: Event) -> Point:
        """The point that this flow reaches after a time in seconds."""
        moved = {
            name: getattr(point, name) + rate * time for name in _FLOWING if (rate := getattr(self, name))
        }
        return replace(point, seconds=point.seconds + time, event=event, **moved)


_FLOWING: Final = ("earned", "spent", "denied", "balance", "launch", "surplus", "discarded", "charged")


def _flow(point: Point, utilisation: Fraction, rates: _Rates, mode: Mode) -> _Flow:
    """How the credits move from this point on; the order in which pots are filled and emptied is AWS's."""
    earned, wanted = rates.earned, utilisation * rates.most
    throttled = mode == "standard" and wanted > earned and point.balance <= 0 and point.launch <= 0
    spent = earned if throttled else wanted
    flow = _Flow(rates.baseline if throttled else utilisation, earned, spent, wanted - spent)
    if point.launch > 0:
        # Launch credits are spent first, so all that is earned meanwhile is kept or discarded.
        flow, net = replace(flow, launch=-spent), earned
    else:
        net = earned - spent
    if net > 0 and point.surplus > 0:
        return replace(flow, surplus=-net)
    if net > 0 and point.balance >= rates.limit:
        return replace(flow, discarded=net)
    if net < 0 and point.balance <= 0:
        full = point.surplus >= rates.limit
        return replace(flow, charged=-net) if full else replace(flow, surplus=-net)
    return replace(flow, balance=net)


def _check_mode(mode: Mode) -> Mode:
    if mode not in get_args(Mode):
        raise Ec2Error(
            "There is no such credit specification", f"It is {mode}.", "It is unlimited or standard."
        )
    return mode


def _check_seconds(seconds: Decimal) -> None:
    _check_exact("number of seconds", seconds)
    if seconds < 0:
        raise Ec2Error("Time does not run backwards", f"This lasts {seconds} seconds.", "Write 0 or more.")


def _check_exact(what: str, number: Decimal) -> None:
    if not isinstance(number, Decimal | int) or not Decimal(number).is_finite():
        raise Ec2Error(
            f"The {what} is no exact number",
            f"It is {number!r}.",
            "Write a finite Decimal, as Decimal('0.07').",
        )
