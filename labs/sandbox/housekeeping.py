"""The world's housekeeping: what must happen though nobody asks. Things fall due, and images are taken."""

from __future__ import annotations

import threading
import time
import traceback

from labs.sandbox.memory import Memory
from labs.sandbox.state import WorldState

__all__ = ["Housekeeping"]

LONGEST_SLEEP = 3600.0  # seconds; the machine's clock may be set meanwhile


class Housekeeping:
    """A thread of its own that sleeps until something is to be done."""

    def __init__(self, state: WorldState, memory: Memory) -> None:
        self._state = state
        self._memory = memory
        self._news = threading.Event()
        self._wakes = 0.0  # by the machine's monotonic clock
        self.thread = threading.Thread(target=self._work, name="housekeeping", daemon=True)
        state.wake = self._wake

    def start(self) -> None:
        """Work until the process ends."""
        self.thread.start()

    def _work(self) -> None:
        while True:
            try:
                with self._state.lock:
                    self._state.settle()
                    self._memory.rest()
                    sleep = self._until_next()
                    self._wakes = time.monotonic() + sleep
            except Exception:
                traceback.print_exc()
                sleep = LONGEST_SLEEP
            self._news.wait(sleep)
            self._news.clear()

    def _wake(self) -> None:
        """A change has been made; in a rush of them it need not wake for each. The world's lock is held."""
        if time.monotonic() + self._until_next() < self._wakes:
            self._news.set()

    def _until_next(self) -> float:
        """Seconds until something is to be done."""
        moment, due = self._state.agenda.next_moment, self._memory.due
        waits = [LONGEST_SLEEP]
        if moment is not None:
            waits.append((moment - self._state.clock.now()).total_seconds())
        if due is not None:
            waits.append(due - time.monotonic())
        return max(0.0, min(waits))
