"""Backoff: how long a client waits before it tries again, and what that does to many clients at once.

`contention` repeats the experiment of the AWS Architecture Blog, "Exponential Backoff And Jitter": clients
that all want to update one row under optimistic locking. Each reads the row's version, writes with it, and
tries again when another was quicker. At most one write of those that read the same version succeeds.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from labs.errors import InputError

__all__ = ["Backoff", "Contention", "Experiment", "contention", "experiment", "exponential", "sleeps"]

_DOUBLINGS: Final = 1000
"""More doublings than any cap needs, and still a finite float."""


class Backoff(StrEnum):
    """A way to choose the next sleep."""

    NONE = "none"
    EXPONENTIAL = "exponential"
    FULL_JITTER = "full jitter"
    EQUAL_JITTER = "equal jitter"
    DECORRELATED_JITTER = "decorrelated jitter"


def exponential(attempt: int, base: float, cap: float) -> float:
    """`min(cap, base x 2^attempt)`, in the unit of `base` and `cap`; attempts count from 0."""
    return float(min(cap, base * 2.0 ** min(attempt, _DOUBLINGS)))


def sleeps(
    backoff: Backoff, base: float, cap: float, rng: random.Random, *, first: int = 0
) -> Iterator[float]:
    """The sleeps of one client, without end, in the unit of `base` and `cap`.

    With e = `exponential(attempt)`: none 0, exponential e, full U(0, e), equal e/2 + U(0, e/2), decorrelated
    min(cap, U(base, 3 x the last sleep)), where U draws evenly and the last sleep starts as `base`. `first`
    is the number of the first attempt.

    Raises:
        InputError: a base or a cap that is not positive, or a cap below the base.
    """
    if not 0 < base <= cap:
        raise InputError(
            "A backoff needs a base above 0 and a cap that is no less",
            f"The base is {base} and the cap is {cap}.",
            "Write a small base, such as 0.1 s, and a cap, such as 20 s.",
        )
    return _sleeps(backoff, base, cap, rng, first)


def _sleeps(backoff: Backoff, base: float, cap: float, rng: random.Random, attempt: int) -> Iterator[float]:
    last = base
    while True:
        most = exponential(attempt, base, cap)
        match backoff:
            case Backoff.NONE:
                yield 0.0
            case Backoff.EXPONENTIAL:
                yield most
            case Backoff.FULL_JITTER:
                yield rng.uniform(0, most)
            case Backoff.EQUAL_JITTER:
                yield most / 2 + rng.uniform(0, most / 2)
            case Backoff.DECORRELATED_JITTER:
                last = min(cap, rng.uniform(base, last * 3))
                yield last
        attempt += 1


@dataclass(frozen=True, slots=True)
class Contention:
    """One run: the writes sent until each client had succeeded once, and when the last one had (ms)."""

    calls: int
    finished: float


_Event: TypeAlias = tuple[float, int, Callable[[float, int], None]]


def contention(
    backoff: Backoff,
    rng: random.Random,
    *,
    clients: int = 100,
    base: float = 5,
    cap: float = 2000,
    network: tuple[float, float] = (10, 2),
) -> Contention:
    """One run of the experiment, all times in milliseconds; the same `rng` state gives the same run.

    `network` is the mean and standard deviation of one way between client and server (normal, its absolute
    value). The defaults are those of AWS's experiment.

    Raises:
        InputError: no clients, or a base and cap that no backoff can have.
    """
    if clients < 1:
        raise InputError("Somebody has to contend", f"There are {clients} clients.", "Write 1 or more.")
    run = _Run(rng, network, [sleeps(backoff, base, cap, rng, first=1) for _ in range(clients)])
    return run.play()


class _Run:
    """The row, its clients and the messages between them, ordered by time of arrival."""

    def __init__(
        self, rng: random.Random, network: tuple[float, float], waits: list[Iterator[float]]
    ) -> None:
        self.rng = rng
        self.network = network
        self.waits = waits
        self.version = 0
        self.calls = 0
        self.read = [0] * len(waits)
        self.messages: list[_Event] = []

    def play(self) -> Contention:
        for client in range(len(self.waits)):
            self.send(0.0, client, self.on_read)
        now = 0.0
        while self.messages:
            now, client, arrive = heapq.heappop(self.messages)
            arrive(now, client)
        return Contention(self.calls, now)

    def send(self, now: float, client: int, arrive: Callable[[float, int], None]) -> None:
        delay = abs(self.rng.normalvariate(*self.network))
        # A client has one message under way at a time, so time and client order the queue.
        heapq.heappush(self.messages, (now + delay, client, arrive))

    def on_read(self, now: float, client: int) -> None:
        self.read[client] = self.version
        self.send(now, client, self.on_version)

    def on_version(self, now: float, client: int) -> None:
        self.send(now, client, self.on_write)

    def on_write(self, now: float, client: int) -> None:
        self.calls += 1
        if self.read[client] == self.version:
            self.version += 1
            self.send(now, client, self.on_success)
        else:
            self.send(now, client, self.on_failure)

    def on_success(self, now: float, client: int) -> None:
        """The client is done."""

    def on_failure(self, now: float, client: int) -> None:
        self.send(now + next(self.waits[client]), client, self.on_read)


@dataclass(frozen=True, slots=True)
class Experiment:
    """Several runs of one backoff: the mean number of calls, and the mean time until all were done (ms)."""

    backoff: Backoff
    runs: int
    mean_calls: float
    mean_finished: float


def experiment(
    backoff: Backoff,
    *,
    runs: int = 100,
    seed: int = 0,
    clients: int = 100,
    base: float = 5,
    cap: float = 2000,
) -> Experiment:
    """The experiment of AWS's blog, repeated; the same seed gives the same numbers.

    With 100 runs of 100 clients the mean calls come within 2 % of AWS's: none 2,442, exponential 1,871,
    decorrelated 1,008, equal 812, full 795.

    Raises:
        InputError: no runs, no clients, or a base and cap that no backoff can have.
    """
    if runs < 1:
        raise InputError("An experiment has at least one run", f"It has {runs}.", "Write 1 or more.")
    rng = random.Random(seed)
    done = [contention(backoff, rng, clients=clients, base=base, cap=cap) for _ in range(runs)]
    calls = sum(each.calls for each in done) / runs
    return Experiment(backoff, runs, calls, sum(each.finished for each in done) / runs)
