"""Practice: how a run of questions goes. Accuracy first: speed shows only once a streak has been earned."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

from labs.course.drills import Drill, Question
from labs.course.progress import Drilled

__all__ = ["EARNED", "Streak", "questions", "streak_of"]

EARNED: Final = 5
"""Right answers in a row after which speed is shown."""


@dataclass(frozen=True, slots=True)
class Streak:
    """Right answers in a row: those of now, and the most there ever were. `pace` is in seconds a question."""

    now: int
    best: int
    pace: float | None


def streak_of(answers: Iterable[Drilled]) -> Streak:
    """The streak after some answers, the oldest first; without a pace until it is long enough."""
    row: list[float] = []
    best = 0
    for each in answers:
        row = [*row, each.seconds] if each.right else []
        best = max(best, len(row))
    return Streak(len(row), best, median(row) if len(row) >= EARNED else None)


def questions(drills: tuple[Drill, ...], seed: int) -> Iterator[Question]:
    """Questions without end from a seed on; those of several drills by turns, in an order of the seed's."""
    while True:
        yield random.Random(f"turn {seed}").choice(drills).question(seed)
        seed += 1
