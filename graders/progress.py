"""How far a batch is: how many verdicts there are, of which states, and how long the rest will take."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graders.report import Report

__all__ = ["Meter", "Progress"]

WINDOW = 30.0
"""Seconds of the past from which the time to go is estimated."""
SETTLED = 2.0
"""Seconds after which there is an estimate."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One verdict of a batch: whose it is, and how many of how many are done.

    `states` counts the verdicts so far by their state. `fresh` says whether the work was judged in this run;
    otherwise it is missing, cannot be read, or has not changed since it was judged. `left` are the seconds
    that the rest will take, None while nobody can tell.
    """

    done: int
    total: int
    student: str
    report: Report
    states: Mapping[str, int]
    fresh: bool = True
    left: float | None = None


class Meter:
    """Counts verdicts. The time to go follows from those of the last half minute: the kinds of work mix."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self.done = 0
        self.states: Counter[str] = Counter()
        self._clock = clock
        self._began = clock()
        self._past: deque[tuple[float, int]] = deque([(self._began, 0)])

    def count(self, student: str, report: Report, *, fresh: bool) -> Progress:
        """One more verdict."""
        self.done += 1
        self.states[report.state] += 1
        now = self._clock()
        self._past.append((now, self.done))
        while len(self._past) > 2 and now - self._past[0][0] > WINDOW:
            self._past.popleft()
        return Progress(self.done, self.total, student, report, dict(self.states), fresh, self._left(now))

    def _left(self, now: float) -> float | None:
        if self.done >= self.total:
            return 0.0
        since, before = self._past[0]
        if now - self._began < SETTLED or self.done == before:
            return None
        return (now - since) / (self.done - before) * (self.total - self.done)
