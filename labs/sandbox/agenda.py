"""The agenda: what falls due at a moment of the world's time, and is done when the clock passes it.

Whoever plans something says what kind of thing it is and what it is about; how a thing of that kind is done
is said once, with `on`. So the agenda holds nothing but data: it can be kept in a checkpoint, and it is never
written to the journal, because the changes there plan the same things again.

What happens depends on the moment and on the state alone, and things are done in order of their moments,
before any change that comes later. A replay therefore does the same things at the same places.
"""

from __future__ import annotations

import heapq
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from labs.sandbox.outcomes import Happening

__all__ = ["Agenda", "Due", "Handler", "agenda_at_hand"]

Json = Any
Handler = Callable[[datetime, Mapping[str, Json]], "str | None"]
"""Does one thing at its moment; says in a sentence what happened, or None when that is nobody's concern."""

_at_hand: ContextVar[Agenda | None] = ContextVar("agenda", default=None)


def agenda_at_hand() -> Agenda | None:
    """The agenda of the world in which a change is being made; None outside of a change."""
    return _at_hand.get()


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One thing to be done: when, its place among those of one moment, its kind, and what it is about."""

    moment: datetime
    place: int
    kind: str = field(compare=False)
    about: Mapping[str, Json] = field(compare=False)

    @property
    def name(self) -> str:
        """What tells it from all others: what is random in it follows from this and from the seed."""
        facts = ",".join(f"{name}={value}" for name, value in sorted(self.about.items()))
        return f"{self.kind}/{self.moment.isoformat()}/{facts}"


class Agenda:
    """The agenda of one world. The world's lock orders all calls.

    `hurried` is set while a world is prepared: whatever merely takes its time then is done at once.
    """

    def __init__(self) -> None:
        self.hurried = False
        self._runs: set[str] = set()
        self._handlers: dict[str, Handler] = {}
        self._due: list[Due] = []
        self._placed = 0

    def on(self, kind: str, handler: Handler, *, runs: bool = False) -> None:
        """Say how things of a kind are done.

        Args:
            runs: whether something runs then that takes real time, and for which the clock stops on its way.
        """
        self._handlers[kind] = handler
        if runs:
            self._runs.add(kind)

    def plan(self, moment: datetime, kind: str, /, **about: Json) -> None:
        """Put a thing on the agenda; of things with one moment, the one that was planned first is first."""
        self._placed += 1
        heapq.heappush(self._due, Due(moment, self._placed, kind, about))

    def cancel(self, kind: str, **about: Json) -> None:
        """Take off all things of a kind that are about this; other facts about them do not matter."""
        kept = [due for due in self._due if due.kind != kind or not about.items() <= due.about.items()]
        heapq.heapify(kept)
        self._due = kept

    def planned(self, kind: str | None = None) -> tuple[Due, ...]:
        """What is on the agenda, in order."""
        return tuple(sorted(due for due in self._due if kind in (None, due.kind)))

    @property
    def next_moment(self) -> datetime | None:
        """When the next thing falls due."""
        return self._due[0].moment if self._due else None

    def settle(
        self,
        until: datetime,
        during: Callable[[Due], AbstractContextManager[object]],
        stop_after: datetime | None = None,
    ) -> tuple[Happening, ...]:
        """Do what is due by a moment, in order, what it plans itself included.

        Args:
            during: what each thing is done within.
            stop_after: stop before the first thing after this moment that has something run.
        """
        happened = []
        while self._due and self._due[0].moment <= until:
            due = self._due[0]
            if stop_after is not None and due.moment > stop_after and due.kind in self._runs:
                break
            heapq.heappop(self._due)
            try:
                with during(due):
                    text = self._handlers[due.kind](due.moment, due.about)
            except Exception:
                # One thing that goes wrong must not stand in the way of all requests that come after it.
                print(f"agenda: {due.name}", file=sys.stderr)
                traceback.print_exc()
                continue
            if text is not None:
                happened.append(Happening(due.moment, due.kind, text))
        return tuple(happened)

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Inside, what happens in moto may plan things here."""
        token = _at_hand.set(self)
        try:
            yield
        finally:
            _at_hand.reset(token)

    def clear(self) -> None:
        """Forget all that was planned."""
        self._due.clear()
        self._placed = 0

    def saved(self) -> object:
        """What a checkpoint keeps."""
        return list(self._due), self._placed

    def restore(self, saved: Any) -> None:
        """Back to what a checkpoint kept."""
        due, self._placed = saved
        self._due = list(due)
