"""Keeping the keys from being held up: by Python's garbage collector, and by news of a busy sandbox.

Now and then the collector looks through all that there is, and the models of AWS that a sandbox and a policy
bring with them are much: a tenth of a second, again and again, though none of it is ever garbage. So after a
search that was slow, what survived it is set aside for good (`gc.freeze`), and the next one is quick.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from time import thread_time

__all__ = ["RESTED", "Calm"]

RESTED = 0.3
"""Seconds without a key after which news may be fetched and drawn again; until then keys go first."""

SLOW = 0.02
"""Seconds of the processor's time from which a search was slow."""
OLDEST = 2
SELDOM = (20_000, 20, 50)
"""How many objects more make a search due, and how many searches one of the older ones."""


class Calm:
    """Sets aside what survives a slow search, between `begin` and `end`."""

    def __init__(self) -> None:
        self._began = 0.0
        self._loading = False
        self._usual = gc.get_threshold()

    def begin(self) -> None:
        if not gc.isenabled():
            # It was off while the app was loaded, which makes no garbage: all that is there will stay.
            self._loading = True
            gc.freeze()
            gc.enable()
        self._usual = gc.get_threshold()
        gc.set_threshold(*SELDOM)
        gc.callbacks.append(self.collected)

    def loaded(self) -> None:
        """What the sandbox brought with it stays as well, and need not be searched for the first time."""
        if self._loading:
            self._loading = False
            gc.freeze()

    def end(self) -> None:
        """Set nothing aside any more."""
        gc.set_threshold(*self._usual)
        if self.collected in gc.callbacks:
            gc.callbacks.remove(self.collected)

    def collected(self, phase: str, info: Mapping[str, int]) -> None:
        """What the collector calls before and after each search."""
        if info["generation"] != OLDEST:
            return
        if phase == "start":
            self._began = thread_time()
        elif thread_time() - self._began >= SLOW:
            gc.freeze()
