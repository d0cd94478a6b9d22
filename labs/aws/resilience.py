"""The arithmetic of failure: availability, durability, latency, checkpoints, retries, redelivery.

Each function says its units. Fractions of time and of calls are numbers from 0 to 1, exact as Decimal.
Backoff has a module of its own, `labs.aws.backoff`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from labs.errors import InputError

__all__ = [
    "FIBRE_INDEX",
    "LIGHT_KM_PER_S",
    "MINUTES_PER_YEAR",
    "Place",
    "Span",
    "Step",
    "budget_left",
    "checkpoint_waste",
    "copies_needed",
    "daly_interval",
    "downtime_minutes",
    "expected_losses",
    "failure_left",
    "great_circle_km",
    "in_parallel",
    "in_series",
    "light_rtt_ms",
    "mean_tries",
    "redeliveries",
    "redelivery_times",
    "total_latency",
    "tries_needed",
    "years_per_loss",
    "young_interval",
]

MINUTES_PER_YEAR: Final = 525_600
LIGHT_KM_PER_S: Final = 299_792.458
"""The speed of light in vacuum; exact by the definition of the metre."""
FIBRE_INDEX: Final = 1.468
"""How much slower light is in single-mode fibre at 1,550 nm (group index of Corning SMF-28)."""
EARTH_RADIUS_KM: Final = 6371.0088
"""The mean radius of the Earth (IUGG)."""
VISIBILITY_TIMEOUT_S: Final = 30
"""How long SQS hides a received message unless told otherwise. Source: SQS Developer Guide."""
_COPIES_MOST: Final = 1000


# Availability and durability


def downtime_minutes(availability: Decimal, minutes: Decimal | int = MINUTES_PER_YEAR) -> Decimal:
    """Expected downtime in minutes, within a period that is given in minutes (a year of 365 days)."""
    return (1 - _share("availability", availability)) * minutes


def in_series(availabilities: Iterable[Decimal]) -> Decimal:
    """The availability of parts that all have to work: the product of theirs; 1 without parts."""
    whole = Decimal(1)
    for each in availabilities:
        whole *= _share("availability", each)
    return whole


def in_parallel(availabilities: Iterable[Decimal]) -> Decimal:
    """The availability of parts of which one has to work, failing independently: 1 - the product of (1 - a).

    It is 0 without parts.
    """
    none_works = Decimal(1)
    for each in availabilities:
        none_works *= 1 - _share("availability", each)
    return 1 - none_works


def copies_needed(availability: Decimal, target: Decimal) -> int:
    """The least number of independent copies, of which one has to work, that reaches a target.

    Raises:
        InputError: no number of copies does, or more than a thousand are needed.
    """
    _share("availability", availability)
    _share("target", target)
    allowed, left = 1 - target, Decimal(1)
    for copies in range(_COPIES_MOST + 1):
        if left <= allowed:
            return copies
        left *= 1 - availability
    raise InputError(
        "No sensible number of copies reaches this",
        f"A thousand copies at {availability} stay below {target}.",
        "Raise the availability of one copy, or lower the target.",
    )


def expected_losses(objects: int, durability: Decimal, years: Decimal | int = 1) -> Decimal:
    """How many objects are lost on average, when each survives a year with probability `durability`."""
    return objects * (1 - _share("durability", durability)) * years


def years_per_loss(objects: int, durability: Decimal) -> Decimal:
    """How many years pass on average until one object is lost.

    Raises:
        InputError: nothing is ever lost.
    """
    losses = expected_losses(objects, durability)
    if losses <= 0:
        raise InputError(
            "Nothing is ever lost",
            f"There are {objects} objects, and the durability is {durability}.",
            "Give at least one object, and a durability below 1.",
        )
    return 1 / losses


# Latency


@dataclass(frozen=True, slots=True)
class Span:
    """A quantity known to lie from `low` to `high`, in one unit; a single number has both alike.

    Raises:
        InputError: `low` is above `high`.
    """

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise InputError(
                "A span starts with its lower end", f"It is {self.low} to {self.high}.", "Swap the two ends."
            )

    @classmethod
    def of(cls, low: str | int | Decimal, high: str | int | Decimal | None = None) -> Self:
        """A span from its ends, or from the one number that it is."""
        return cls(Decimal(low), Decimal(low if high is None else high))

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    def __mul__(self, times: Decimal | int) -> Span:
        if times < 0:
            raise InputError("A span is repeated 0 times or more", f"This is {times}.", "Write 0 or more.")
        return Span(self.low * times, self.high * times)

    def __truediv__(self, other: Span) -> Span:
        """The ratio of two spans of positive numbers: least over most, and most over least."""
        return Span(self.low / other.high, self.high / other.low)


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of step, how long each takes, and how many follow each other."""

    name: str
    time: Span
    times: int = 1


def total_latency(steps: Iterable[Step]) -> Span:
    """The time of steps that wait for each other, in the unit of the steps: the sum of time x times."""
    total = Span.of(0)
    for step in steps:
        total += step.time * step.times
    return total


def budget_left(steps: Iterable[Step], budget: Decimal | int) -> Span:
    """What steps leave of a budget, in the unit of both, from the worst case to the best; below 0 is late."""
    total = total_latency(steps)
    return Span(budget - total.high, budget - total.low)


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the Earth: degrees north and degrees east.

    Raises:
        InputError: a latitude beyond 90 degrees, or a longitude beyond 180.
    """

    name: str
    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (abs(self.latitude) <= 90 and abs(self.longitude) <= 180):
            raise InputError(
                "There is no such place on Earth",
                f"{self.name} is at {self.latitude} north, {self.longitude} east.",
                "Latitude is -90 to 90, longitude -180 to 180.",
            )


def great_circle_km(one: Place, other: Place) -> float:
    """The shortest way along the Earth's surface, in kilometres (a sphere; the haversine formula)."""
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))


def light_rtt_ms(km: float, index: float = 1.0) -> float:
    """The least round trip over a distance in kilometres, in milliseconds; `FIBRE_INDEX` for glass."""
    return 2 * km * index / LIGHT_KM_PER_S * 1000


# Checkpoints


def young_interval(checkpoint_s: float, mtbf_s: float) -> float:
    """The interval between checkpoints that wastes least, in seconds: sqrt(2CM).

    C is the time that a checkpoint takes and M the mean time between failures, both in seconds.
    Source: J. W. Young, "A first order approximation to the optimum checkpoint interval", CACM 17 (1974).
    """
    _positive("checkpoint time", checkpoint_s)
    _positive("mean time between failures", mtbf_s)
    return math.sqrt(2 * checkpoint_s * mtbf_s)


def daly_interval(checkpoint_s: float, mtbf_s: float) -> float:
    """Young's interval to a higher order, in seconds: sqrt(2CM) [1 + sqrt(C/2M)/3 + C/18M] - C.

    It is M where a checkpoint takes 2M or longer.
    Source: J. T. Daly, "A higher order estimate of the optimum checkpoint interval", FGCS 22 (2006).
    """
    young = young_interval(checkpoint_s, mtbf_s)
    if checkpoint_s >= 2 * mtbf_s:
        return mtbf_s
    share = checkpoint_s / (2 * mtbf_s)
    return young * (1 + math.sqrt(share) / 3 + share / 9) - checkpoint_s


def checkpoint_waste(interval_s: float, checkpoint_s: float, mtbf_s: float) -> float:
    """The fraction of time that is wasted, to first order: C/T for checkpoints, T/2M for work done again."""
    _positive("interval", interval_s)
    _positive("mean time between failures", mtbf_s)
    return checkpoint_s / interval_s + interval_s / (2 * mtbf_s)


# Retries and redelivery


def failure_left(failure: Decimal, tries: int) -> Decimal:
    """The fraction of calls that still fail after some tries in all, each failing alike: p^r."""
    _share("failure rate", failure)
    _count("tries", tries)
    return failure**tries


def tries_needed(failure: Decimal, target: Decimal) -> int:
    """The least number of tries that leaves at most a target fraction of failures.

    Raises:
        InputError: no number of tries does, because every try fails or the target is 0.
    """
    _share("failure rate", failure)
    _share("target", target)
    if failure == 0:
        return 1
    if failure == 1 or target == 0:
        raise InputError(
            "No number of tries reaches this",
            f"Each try fails with {failure}, and the target is {target}.",
            "Give a failure rate below 1 and a target above 0.",
        )
    # The logarithm is rounded, so its answer is a place to start from.
    tries = max(1, int(target.ln() / failure.ln()) - 1)
    while failure**tries > target:
        tries += 1
    return tries


def mean_tries(failure: Decimal, most: int) -> Decimal:
    """The tries that a call makes on average when it may make `most`: the load that retries put on a service.

    It is (1 - p^r)/(1 - p), and r where every try fails.
    """
    left = failure_left(failure, most)
    return Decimal(most) if failure == 1 else (1 - left) / (1 - failure)


def redeliveries(handler_s: Decimal | int, visibility_s: Decimal | int = VISIBILITY_TIMEOUT_S) -> int:
    """How often SQS hands a message out again before its first handler is done and deletes it.

    The handler takes `handler_s` seconds, and a waiting consumer receives the message as soon as the
    visibility timeout of `visibility_s` seconds is over.
    Source: SQS Developer Guide, "Amazon SQS visibility timeout".
    """
    _check_visibility(handler_s, visibility_s)
    return max(0, math.ceil(Decimal(handler_s) / Decimal(visibility_s)) - 1)


def redelivery_times(
    handler_s: Decimal | int, visibility_s: Decimal | int = VISIBILITY_TIMEOUT_S
) -> Iterator[Decimal]:
    """When each redelivery comes, in seconds after the first delivery: every visibility timeout."""
    count = redeliveries(handler_s, visibility_s)
    return (Decimal(visibility_s) * number for number in range(1, count + 1))


def _check_visibility(handler_s: Decimal | int, visibility_s: Decimal | int) -> None:
    if handler_s < 0:
        raise InputError("A handler takes some time", f"It takes {handler_s} s.", "Write 0 or more.")
    if not 0 < visibility_s <= 43_200:
        raise InputError(
            "A visibility timeout that hides a message is 1 s to 12 hours",
            f"It is {visibility_s} s.",
            "Write up to 43200; at 0 a message is never hidden.",
        )


def _share(what: str, number: Decimal) -> Decimal:
    if number.is_nan() or not 0 <= number <= 1:
        percent = not number.is_nan() and 1 < number <= 100
        hint = f"Write {number / 100} for {number} %." if percent else "1 is always, 0 is never."
        raise InputError(f"The {what} is a fraction from 0 to 1", f"It is {number}.", hint)
    return number


def _positive(what: str, seconds: float) -> None:
    if not 0 < seconds < math.inf:
        raise InputError(
            f"The {what} is more than 0 seconds", f"It is {seconds} s.", "Write seconds above 0."
        )


def _count(what: str, number: int) -> None:
    if number < 1:
        raise InputError(f"There is at least one of the {what}", f"There are {number}.", "Write 1 or more.")
