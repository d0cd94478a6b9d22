"""Item statistics: how hard each exercise was, how well it tells students apart, and what they believed.

Difficulty is the mean share of the points (the p-value of classical test theory). Discrimination is Pearson's
correlation of that share with the mean of the shares in all other exercises (the corrected item-total
correlation). Work that is missing counts in neither.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum, isnan, nan, sqrt
from statistics import median

from graders.report import Report
from graders.results import StudentResult

__all__ = ["BINS", "ClassStatistics", "Copy", "Item", "statistics_of"]

BINS = 10
FEWEST = 3
"""Students below which no correlation is told."""


@dataclass(frozen=True, slots=True)
class Copy:
    """An answer that was made for somebody else's variant."""

    student: str
    exercise: str
    fits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One exercise in a class. Shares go from 0 to 1; what cannot be told is None."""

    id: str
    title: str
    points: str
    states: Mapping[str, int]
    difficulty: float | None
    discrimination: float | None
    shares: tuple[int, ...]
    beliefs: Mapping[str, int]
    minutes: float | None
    told_time: int


@dataclass(frozen=True, slots=True)
class ClassStatistics:
    """A class: how many students, of each share of all points how many, and each exercise."""

    students: int
    totals: tuple[int, ...]
    mean: float | None
    middle: float | None
    items: tuple[Item, ...]
    copies: tuple[Copy, ...]
    isolation: Mapping[tuple[str, ...], int]


@dataclass(slots=True)
class _Tally:
    title: str = ""
    points: str = ""
    states: Counter[str] = field(default_factory=Counter)
    shares: array[float] = field(default_factory=lambda: array("d"))
    beliefs: Counter[str] = field(default_factory=Counter)
    seconds: list[int] = field(default_factory=list)


def statistics_of(exercises: Sequence[str], results: Iterable[StudentResult]) -> ClassStatistics:
    """The statistics of a class, in one pass that keeps a few numbers of each student."""
    tallies = {name: _Tally() for name in exercises}
    totals = array("d")
    copies: list[Copy] = []
    isolation: Counter[tuple[str, ...]] = Counter()
    for result in results:
        for report in result.exercises:
            _count(tallies[report.exercise.id], report)
            if report.fits:
                copies.append(Copy(result.student, report.exercise.id, report.fits))
            if report.isolation:
                isolation[report.isolation] += 1
        totals.append(float(result.points / result.max) if result.max and _handed_in(result) else nan)
    known = [share for share in totals if not isnan(share)]
    items = tuple(_item(name, tally, tallies) for name, tally in tallies.items())
    return ClassStatistics(
        students=len(totals),
        totals=_bins(known),
        mean=fsum(known) / len(known) if known else None,
        middle=median(known) if known else None,
        items=items,
        copies=tuple(copies),
        isolation=isolation,
    )


def _handed_in(result: StudentResult) -> bool:
    return any(report.state != "missing" or report.adjustment for report in result.exercises)


def _count(tally: _Tally, report: Report) -> None:
    tally.title, tally.points = report.exercise.title, str(report.max)
    tally.states[report.state] += 1
    counts = report.state != "missing" or report.adjustment is not None
    tally.shares.append(float(report.points / report.max) if counts and report.max else nan)
    tally.beliefs.update(report.misconceptions)
    if report.seconds is not None:
        tally.seconds.append(report.seconds)


def _item(name: str, tally: _Tally, tallies: Mapping[str, _Tally]) -> Item:
    known = [share for share in tally.shares if not isnan(share)]
    others = [other.shares for each, other in tallies.items() if each != name]
    return Item(
        id=name,
        title=tally.title or name,
        points=tally.points,
        states=tally.states,
        difficulty=fsum(known) / len(known) if known else None,
        discrimination=_discrimination(tally.shares, others),
        shares=_bins(known),
        beliefs=dict(tally.beliefs.most_common()),
        minutes=median(tally.seconds) / 60 if tally.seconds else None,
        told_time=len(tally.seconds),
    )


def _bins(shares: Sequence[float]) -> tuple[int, ...]:
    """How many shares lie in each tenth; the last holds full marks too."""
    counts = [0] * BINS
    for share in shares:
        counts[max(0, min(BINS - 1, int(share * BINS)))] += 1
    return tuple(counts)


def _discrimination(own: Sequence[float], others: Sequence[Sequence[float]]) -> float | None:
    pairs = []
    for place, share in enumerate(own):
        rest = [shares[place] for shares in others if not isnan(shares[place])]
        if rest and not isnan(share):
            pairs.append((share, fsum(rest) / len(rest)))
    return _correlation(pairs)


def _correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's; None where there are few pairs, or all are alike on one side."""
    if len(pairs) < FEWEST:
        return None
    count = len(pairs)
    left, right = fsum(x for x, _ in pairs) / count, fsum(y for _, y in pairs) / count
    spread = fsum((x - left) ** 2 for x, _ in pairs), fsum((y - right) ** 2 for _, y in pairs)
    if min(spread) < 1e-12:
        return None
    return fsum((x - left) * (y - right) for x, y in pairs) / sqrt(spread[0] * spread[1])
