"""CPU credits of the instances of a world, told by CloudWatch as AWS tells them.

An instance does no work here, so its load is set from outside, 0 at first. What that earns and spends is
worked out by `labs.aws.ec2.credits` from the life of the instance. EC2 User Guide, "Monitor CPU credits for
burstable instances".
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import partial, wraps
from inspect import signature
from itertools import pairwise
from typing import Any

from labs.aws.ec2.credits import BURSTABLE, Load, Mode, Period, Point, Stopped, Switch, Timeline, timeline
from labs.aws.ec2.lifecycle import InstanceState
from labs.errors import InputError
from labs.sandbox.deeds import Deeds
from labs.sandbox.lives import find_instance, life_of
from labs.sandbox.moto_time import world_now
from labs.sandbox.state import WorldState

__all__ = ["credits_of", "enable", "tell_cloudwatch"]

EVERY = timedelta(minutes=5)
KEPT = timedelta(days=63)  # CloudWatch keeps five-minute points so long

_PATCHED = threading.Event()


@dataclass(frozen=True, slots=True)
class Credits:
    """The account of one instance since it first ran."""

    since: datetime
    timeline: Timeline

    @property
    def vcpus(self) -> int:
        """Of the instance."""
        return self.timeline.rule.vcpus

    def at(self, moment: datetime) -> dict[str, Fraction]:
        """What is held, and what has been counted, at a moment: between two points everything is linear."""
        seconds = Fraction(Decimal(str((moment - self.since).total_seconds())))
        points = self.timeline.points
        place = bisect_right(points, seconds, key=lambda point: point.seconds)
        before = points[max(place - 1, 0)]
        after = points[min(place, len(points) - 1)]
        span = after.seconds - before.seconds
        part = (seconds - before.seconds) / span if span else Fraction(0)
        names = ("balance", "launch", "surplus", "charged", "spent")
        return {name: _between(before, after, name, part) for name in names}


def _between(before: Point, after: Point, name: str, part: Fraction) -> Fraction:
    low, high = getattr(before, name), getattr(after, name)
    return Fraction(low + (high - low) * part)


def credits_of(instance: Any, until: datetime) -> Credits | None:
    """The CPU credits of an instance of moto's, up to a moment; None when it earns none, or never ran.

    Of one that runs no more it is the account as its last run closed it.
    """
    if instance.instance_type not in BURSTABLE:
        return None
    life = life_of(instance)
    states = [(moment, state) for moment, state in life.states if moment <= until]
    since = next((moment for moment, state in states if state is InstanceState.RUNNING), None)
    if since is None:
        return None
    runs = states[-1][1] is InstanceState.RUNNING
    if not runs:
        last = max(place for place, (_, state) in enumerate(states) if state is InstanceState.RUNNING)
        until = states[last + 1][0]
    first = next((_mode(mode) for moment, mode in reversed(life.credits) if moment <= since), None)
    changes: list[tuple[datetime, str, Any]] = [(moment, "state", state) for moment, state in states]
    changes += [(moment, "load", load) for moment, load in life.loads]
    changes += [(moment, "mode", _mode(mode)) for moment, mode in life.credits if moment > since]
    changes = sorted((change for change in changes if change[0] <= until), key=lambda change: change[0])
    periods = list(_periods(changes, since, until))
    return Credits(since, timeline(instance.instance_type, periods, mode=first, ends=not runs))


def _mode(text: str) -> Mode:
    return "standard" if text == "standard" else "unlimited"


def _periods(changes: list[tuple[datetime, str, Any]], since: datetime, until: datetime) -> Iterator[Period]:
    """The life of an instance as loads, stops and changes of mode, one after the other."""
    runs, load = False, Decimal(0)
    for (moment, kind, value), (following, _, _) in pairwise([*changes, (until, "end", None)]):
        if kind == "load":
            load = value
        elif kind == "state":
            runs = value is InstanceState.RUNNING
        elif moment > since:
            yield Switch(value)
        seconds = Decimal(str((following - max(moment, since)).total_seconds()))
        if seconds > 0:
            yield Load(seconds, load) if runs else Stopped(seconds)


# -- how hard an instance works ----------------------------------------------------------------------------


def enable(state: WorldState, deeds: Deeds) -> None:
    """Let the owner of this world say how hard an instance works."""
    deeds.on("cpu", partial(_load, state))


def _load(state: WorldState, now: datetime, arguments: Mapping[str, Any]) -> tuple[str, Any]:
    instance = find_instance(state.account, None, str(arguments.get("instance")))
    if instance is None:
        raise InputError("No such instance", f"This world has no instance {arguments.get('instance')!r}.")
    try:
        load = Decimal(str(arguments.get("utilisation")))
    except InvalidOperation:
        load = Decimal(-1)
    if not 0 <= load <= 1:
        raise InputError(
            "A CPU utilisation is a fraction from 0 to 1",
            f"This is {arguments.get('utilisation')}.",
            "Write 0.8 for 80 %.",
        )
    life_of(instance).loads.append((now, load))
    return f"{instance.id} works at {load:%}", {"instance": instance.id}


# -- CloudWatch --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Window:
    """Which points CloudWatch is asked for."""

    start: datetime
    end: datetime


# Without a window only the last point of each metric is told: that there is such a metric.
_window: ContextVar[_Window | None] = ContextVar("window", default=None)


def tell_cloudwatch() -> None:
    """Let moto's CloudWatch know the metrics of instances; call this once."""
    from moto.cloudwatch.models import CloudWatchBackend
    from moto.core.common_models import CloudWatchMetricProvider

    if _PATCHED.is_set():
        return
    _PATCHED.set()

    class InstanceMetrics(CloudWatchMetricProvider):  # type: ignore[misc]  # moto is Any to us
        """moto asks all subclasses of the provider."""

        get_cloudwatch_metrics = staticmethod(_metrics)

    CloudWatchBackend.instance_metrics = InstanceMetrics  # held, so that it stays a subclass
    _within_window(CloudWatchBackend, "get_metric_statistics")
    _within_window(CloudWatchBackend, "get_metric_data")


def _within_window(kind: Any, name: str) -> None:
    original: Callable[..., Any] = getattr(kind, name)
    form = signature(original)

    @wraps(original)
    def asked(*args: Any, **kwargs: Any) -> Any:
        given = form.bind(*args, **kwargs).arguments
        token = _window.set(_Window(_aware(given["start_time"]), _aware(given["end_time"])))
        try:
            return original(*args, **kwargs)
        finally:
            _window.reset(token)

    setattr(kind, name, asked)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _metrics(account_id: str, region: str) -> list[Any]:
    """The points of all instances in a region, as moto holds points."""
    from moto.ec2.models import ec2_backends

    backend = ec2_backends.get(account_id, {}).get(region)
    found: list[Any] = []
    for reservation in backend.reservations.values() if backend is not None else ():
        for instance in reservation.instances:
            found += _points(instance)
    return found


def _points(instance: Any) -> Iterator[Any]:
    """Every five minutes that it ran: the basic metric of all instances, and those of burstable ones."""
    from moto.cloudwatch.models import MetricDatum

    now, window = world_now(), _window.get()
    credits = credits_of(instance, now)
    if credits is None:
        return
    start, end = (window.start, min(window.end, now)) if window else (now - EVERY, now)
    moment = _round_up(max(start, credits.since, now - KEPT))
    dimensions = [{"Name": "InstanceId", "Value": instance.id}]
    while moment <= end:
        for name, unit, value in _values(credits, moment) if _ran_at(instance, moment) else ():
            at = moment.replace(tzinfo=None)
            yield MetricDatum("AWS/EC2", name, round(float(value), 6), dimensions, at, unit)
        moment += EVERY


def _values(credits: Credits, moment: datetime) -> Iterator[tuple[str, str, Fraction]]:
    before = max(moment - EVERY, credits.since)
    held, then = credits.at(moment), credits.at(before)
    spent = held["spent"] - then["spent"]
    minutes = Fraction(Decimal(str((moment - before).total_seconds()))) / 60
    if minutes:
        yield "CPUUtilization", "Percent", spent / (credits.vcpus * minutes) * 100
    yield "CPUCreditUsage", "Count", spent
    yield "CPUCreditBalance", "Count", held["balance"] + held["launch"]
    yield "CPUSurplusCreditBalance", "Count", held["surplus"]
    yield "CPUSurplusCreditsCharged", "Count", held["charged"] - then["charged"]


def _ran_at(instance: Any, moment: datetime) -> bool:
    states = [state for since, state in life_of(instance).states if since <= moment]
    return bool(states) and states[-1] is InstanceState.RUNNING


def _round_up(moment: datetime) -> datetime:
    """The next full five minutes."""
    past = (moment - moment.replace(minute=0, second=0, microsecond=0)) % EVERY
    return moment if not past else moment + EVERY - past
