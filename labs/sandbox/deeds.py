"""Deeds: what the owner of a world does to it past the gate. Each is one change, and stands in the journal.

A kind of deed is declared once, with `on`; a replay does it again by the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from labs.errors import JournalError
from labs.sandbox.entries import Deed, JournalEntry
from labs.sandbox.state import WorldState

__all__ = ["Deeds", "Way"]

Json = Any
Way = Callable[[datetime, Mapping[str, Json]], "tuple[str, Json]"]
"""Does a deed at a moment, with its arguments; says what was done, in a few words, and what the caller gets.

Raises SkylabError when it cannot be done; then it must have changed nothing.
"""


class Deeds:
    """The kinds of deeds that a world knows."""

    def __init__(self, state: WorldState) -> None:
        self.state = state
        self._ways: dict[str, Way] = {}

    def on(self, kind: str, way: Way) -> None:
        """Say how deeds of a kind are done."""
        self._ways[kind] = way

    def do(self, deed: Deed) -> Json:
        """Do it now, or in a replay at its time. The caller holds the world's lock.

        Raises:
            JournalError: nobody knows this kind; or the journal cannot be written.
            SkylabError: it cannot be done.
        """
        if deed.kind not in self._ways:
            raise JournalError("Unknown journal entry", f"Nothing is known about {deed}.")
        now, number = self.state.settle(), self.state.journal.next_number()
        with self.state.change(number, now):
            what, result = self._ways[deed.kind](now, deed.arguments)
        self.state.accept(JournalEntry(number, now, deed), what)
        return result
