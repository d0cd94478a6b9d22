"""The bound of a proof: how much work it may take, counted in steps, with a clock behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["Bound", "Budget", "Exhausted"]

STEPS: Final = 1_000_000
"""A step is one character fed to an automaton, one value tried, or one node of a search."""

SECONDS: Final = 3.5
"""The guard behind the steps, for a machine that is slow or busy."""

_LOOK_AT_CLOCK: Final = 512


@dataclass(frozen=True, slots=True)
class Bound:
    """Why a proof was given up: the kind of bound, how large it is, and what was being looked at."""

    name: Literal["steps", "seconds", "states", "values"]
    limit: float
    where: str

    @property
    def sentence(self) -> str:
        """The bound in one plain sentence."""
        if self.name == "steps":
            return f"The bound of {self.limit:,.0f} steps was reached {self.where}."
        if self.name == "seconds":
            return f"The bound of {self.limit:g} seconds was reached {self.where}."
        if self.name == "states":
            return f"The patterns have more than {self.limit:,.0f} states together {self.where}."
        return f"Not every value could be tried: {self.where}."


class Exhausted(Exception):
    """Raised inside the prover when a bound is reached; `compare` turns it into an answer."""

    def __init__(self, bound: Bound) -> None:
        super().__init__(bound.sentence)
        self.bound = bound


class Budget:
    """Counts steps, and now and then looks at the clock."""

    __slots__ = ("_deadline", "_next_look", "seconds", "spent", "steps", "where")

    def __init__(self, steps: int = STEPS, seconds: float = SECONDS) -> None:
        self.steps = steps
        self.seconds = seconds
        self.spent = 0
        self.where = "before the search"
        self._deadline = time.monotonic() + seconds
        self._next_look = _LOOK_AT_CLOCK

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is done inside takes no time: reading the reference, which happens once a process."""
        started = time.monotonic()
        yield
        self._deadline += time.monotonic() - started

    def spend(self, steps: int = 1) -> None:
        """Count some steps.

        Raises:
            Exhausted: there are none left, or the time is up.
        """
        self.spent += steps
        if self.spent < self._next_look:
            return
        self._next_look = self.spent + _LOOK_AT_CLOCK
        if self.spent > self.steps:
            raise Exhausted(Bound("steps", self.steps, self.where))
        if time.monotonic() > self._deadline:
            raise Exhausted(Bound("seconds", self.seconds, self.where))
