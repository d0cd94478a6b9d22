"""How far the marking of a class is: on one line that is redrawn calmly, or on a new line now and then."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from math import ceil
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from graders import Progress

__all__ = ["MarkingLine", "span"]

REDRAWN_EACH = 0.25
"""Seconds between two looks of the line: more would flicker."""
SAID_EACH = 30.0
"""Seconds after which a log gets a line even when little has happened."""
STEPS = 10
"""Lines that a log gets for a batch that goes smoothly."""
PAUSE = 2.0
"""Seconds between two of them."""
ORDER = ("pass", "partial", "fail", "error", "timeout", "tampered", "missing")


class MarkingLine:
    """Says on a stream how many verdicts there are, of which states, and how long the rest will take.

    As a context manager it ends its line with the block, however that ends.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        redrawn: bool,
        clock: Callable[[], float] = time.monotonic,
        width: Callable[[], int] = lambda: shutil.get_terminal_size().columns,
    ) -> None:
        self._stream = stream
        self._redrawn = redrawn
        self._clock = clock
        self._width = width
        self._said_at = clock()
        self._said: Progress | None = None
        self._begun = False

    def __call__(self, progress: Progress) -> None:
        now = self._clock()
        if progress.done < progress.total and not self._is_due(progress, now - self._said_at):
            return
        self._said, self._said_at = progress, now
        text = sentence(progress)
        if self._redrawn:
            fitting = text[: max(self._width() - 3, 1)]
            self._stream.write(f"\r  {fitting}\x1b[K")
            self._begun = True
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def _is_due(self, progress: Progress, since: float) -> bool:
        if self._redrawn:
            return since >= REDRAWN_EACH or not self._begun
        before = self._said.done * STEPS // progress.total if self._said else 0
        stepped = progress.done * STEPS // progress.total > before
        return since >= SAID_EACH or (stepped and since >= PAUSE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begun:
            self._stream.write("\n")
            self._stream.flush()
            self._begun = False


def sentence(progress: Progress) -> str:
    """`312 of 3000 marked, about 2 min to go: 280 pass, 20 partial, 12 missing`."""
    far = f"{progress.done} of {progress.total} marked"
    if progress.done < progress.total and progress.left is not None:
        far += f", {span(progress.left)} to go"
    return f"{far}: {counts(progress.states)}"


def counts(states: Mapping[str, int]) -> str:
    """How many there are of each state, the good ones first."""
    return ", ".join(f"{states[state]} {state}" for state in ORDER if states.get(state))


def span(seconds: float) -> str:
    """A time to go in round numbers, so that it does not jump about."""
    if seconds < 60:
        return f"about {max(5, 5 * ceil(seconds / 5))} s"
    minutes = ceil(seconds / 60)
    if minutes < 60:
        return f"about {minutes} min"
    return f"about {minutes // 60} h {minutes % 60:02} min"
