"""The ledger: every call that reached the gate, in order, with the questions that IAM was asked about it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from labs.aws.iam import PolicySet, Request, case_to_json
from labs.sandbox.trail import Record
from labs.sandbox.values import Event, Json

__all__ = ["CAPACITY", "Case", "Ledger"]

CAPACITY = 10_000

Case = tuple[Request, PolicySet]

# Of the thread at hand: while it makes changes again that stand in the ledger, others go on answering.
_closed_book: ContextVar[bool] = ContextVar("closed_book", default=False)


@dataclass(frozen=True, slots=True)
class _Entry:
    event: Event
    cases: Mapping[str, Case]
    trail: Record | None = None


@dataclass
class Ledger:
    """The last events of a world. Safe to use from many threads.

    `dropped` counts the events that gave way to newer ones.
    """

    capacity: int = CAPACITY
    dropped: int = field(default=0, init=False)
    _entries: deque[_Entry] = field(default_factory=deque, init=False, repr=False)
    _cases: dict[str, Case] = field(default_factory=dict, init=False, repr=False)
    _sequence: int = field(default=0, init=False, repr=False)
    _closed: bool = field(default=False, init=False, repr=False)
    _changed: threading.Condition = field(default_factory=threading.Condition, init=False, repr=False)

    def record(self, event: Event, cases: Mapping[str, Case], trail: Record | None = None) -> Event:
        """Enter an event and the case behind each check, by its id; returns the event with its number.

        Args:
            trail: what CloudTrail keeps of it.
        """
        if _closed_book.get():
            return event
        with self._changed:
            self._sequence += 1
            event = replace(event, sequence=self._sequence)
            self._entries.append(_Entry(event, cases, trail))
            self._cases.update(cases)
            if len(self._entries) > self.capacity:
                self._forget(self._entries.popleft())
                self.dropped += 1
            self._changed.notify_all()
        return event

    def since(self, after: int = 0, wait: float = 0.0) -> tuple[Event, ...]:
        """The events after a sequence number; when there is none, wait up to so many seconds for one."""
        deadline = time.monotonic() + wait
        with self._changed:
            while self._last() <= after and not self._closed:
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            newer: list[Event] = []
            for entry in reversed(self._entries):
                if entry.event.sequence <= after:
                    break
                newer.append(entry.event)
        return tuple(reversed(newer))

    def recorded(self, before: int | None = None) -> list[tuple[Event, Record]]:
        """The events of which CloudTrail keeps a record, newest first; those before a sequence number."""
        with self._changed:
            return [
                (entry.event, entry.trail)
                for entry in reversed(self._entries)
                if entry.trail is not None and (before is None or entry.event.sequence < before)
            ]

    def case(self, check_id: str) -> dict[str, Json] | None:
        """The case behind one check, as `skylab explain` reads it; None when the ledger does not hold it."""
        with self._changed:
            case = self._cases.get(check_id)
        return case_to_json(*case) if case else None

    @contextmanager
    def closed_book(self) -> Iterator[None]:
        """Within this nothing is entered: what happens has happened before."""
        token = _closed_book.set(True)
        try:
            yield
        finally:
            _closed_book.reset(token)

    @property
    def last(self) -> int:
        """The number of the last event that there was."""
        with self._changed:
            return self._sequence

    def take_back(self, gone: Callable[[Event], bool]) -> None:
        """Forget some events, as if they had not been; numbering goes on."""
        with self._changed:
            for entry in [each for each in self._entries if gone(each.event)]:
                self._entries.remove(entry)
                self._forget(entry)

    def saved(self) -> object:
        """What a copy of the world takes with it: the events, without the cases behind their checks."""
        with self._changed:
            return self._sequence, self.dropped, [(entry.event, entry.trail) for entry in self._entries]

    def restore(self, saved: Any) -> None:
        """Take over what another ledger has saved."""
        with self._changed:
            self._sequence, self.dropped, events = saved
            self._cases.clear()
            self._entries = deque(_Entry(event, {}, trail) for event, trail in events)

    def clear(self) -> None:
        """Forget all events. Numbering goes on, so that whoever waits for newer ones misses none."""
        with self._changed:
            self._entries.clear()
            self._cases.clear()
            self.dropped = 0

    def close(self) -> None:
        """Send everybody home who waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _last(self) -> int:
        return self._entries[-1].event.sequence if self._entries else 0

    def _forget(self, entry: _Entry) -> None:
        for check_id in entry.cases:
            self._cases.pop(check_id, None)
