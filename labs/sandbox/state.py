"""What the parts of one world's process share: the gate, the control endpoint and the metadata service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from labs.errors import JournalError
from labs.sandbox.agenda import Agenda, Due
from labs.sandbox.clock import Clock, is_stopped
from labs.sandbox.databases.servers import Servers
from labs.sandbox.journal import Journal, JournalEntry
from labs.sandbox.ledger import Ledger
from labs.sandbox.metering import Metering
from labs.sandbox.moto_ids import drawing_from, randomness
from labs.sandbox.outcomes import Happening
from labs.sandbox.scratch import Scratch
from labs.sandbox.values import ACCOUNT, REGION

if TYPE_CHECKING:
    from labs.sandbox.functions.executions import Executions

__all__ = ["Keeper", "Kept", "Table", "WorldState"]

_remaking: ContextVar[bool] = ContextVar("remaking", default=False)


class Kept(Protocol):
    """A part of the world that a checkpoint holds, beside moto."""

    def saved(self) -> object:
        """What the checkpoint keeps: plain values that can be pickled, and that nobody changes later."""

    def restore(self, saved: Any) -> None:
        """Back to what was saved."""


class Table(dict[str, Any]):
    """A dictionary that a checkpoint holds; what is in it is never changed."""

    def saved(self) -> object:
        return dict(self)

    def restore(self, saved: Any) -> None:
        self.clear()
        self.update(saved)


class Keeper(Protocol):
    """Whoever knows the states that the world went through, and is told of each change that was accepted."""

    def note(self, entry: JournalEntry, place: Any, what: str, request_id: str | None) -> None:
        """A change has been made and written to the journal. The world's lock is held."""

    def restore_last(self) -> None:
        """Put the world back to where the last change has left it. The world's lock is held."""


@dataclass
class WorldState:
    """One world, apart from what moto holds.

    `seed` and the numbers in the journal decide all ids; `secret` is mixed into the keys of admin and root.
    `lock` orders all changes; whoever waits for something (a long poll) must not hold it.

    `on_instance` says for each access key that the metadata service gave out which instance it was given to;
    `on_function` does so for those of functions, and `functions` runs these, where somebody does.
    `leases` are the credentials that instances have, and `sessions` those of roles that the control endpoint
    gives out; `client_tokens` are the answers to requests that may come again. `kept` are the parts that a
    checkpoint holds, by name: whatever a world remembers beside moto is among them. `scratch` is its place on
    disk and `servers` its databases, which no checkpoint holds. `keeper` is told of each accepted change, and
    `wake` called after it.
    """

    seed: int = 0
    secret: bytes = field(default=b"", repr=False)
    account: str = ACCOUNT
    region: str = REGION
    clock: Clock = field(default_factory=Clock)
    agenda: Agenda = field(default_factory=Agenda)
    ledger: Ledger = field(default_factory=Ledger)
    metering: Metering = field(default_factory=Metering, repr=False)
    journal: Journal = field(init=False)
    keeper: Keeper | None = field(default=None, repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock)
    functions: Executions | None = field(default=None, repr=False)
    on_instance: Table = field(default_factory=Table)
    on_function: Table = field(default_factory=Table, repr=False)
    leases: Table = field(default_factory=Table, repr=False)
    sessions: Table = field(default_factory=Table, repr=False)
    client_tokens: Table = field(default_factory=Table, repr=False)
    kept: dict[str, Kept] = field(default_factory=dict, repr=False)
    scratch: Scratch = field(default_factory=Scratch, repr=False)
    servers: Servers = field(default_factory=Servers, repr=False)
    wake: Callable[[], None] = field(default=lambda: None, repr=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.seed)
        self.agenda.hurried = True
        self.kept |= {
            "clock": self.clock,
            "agenda": self.agenda,
            "on_instance": self.on_instance,
            "on_function": self.on_function,
            "leases": self.leases,
            "sessions": self.sessions,
            "client_tokens": self.client_tokens,
            "metering": self.metering,
        }
        self._latest: datetime | None = None

    def settle(self) -> datetime:
        """Do what is due on the agenda; returns the moment up to which it is done. The caller holds the lock.

        That moment never runs backwards, though the machine's clock may: what was done stays in the past of
        what is done next.
        """
        now = self.clock.now()
        if not is_stopped():
            now = self._latest = max(now, self._latest or now)
        self.settle_until(now)
        return now

    def settle_until(self, moment: datetime, *, stop_after: datetime | None = None) -> tuple[Happening, ...]:
        """Do what is due by a moment, each thing at its own. The caller holds the lock.

        Args:
            stop_after: stop before the first thing after this moment that has something run in real time.
        """
        return self.agenda.settle(moment, self._during, stop_after)

    @contextmanager
    def change(self, number: int | None, moment: datetime) -> Iterator[None]:
        """Within this a change is made: it happens at a moment, and draws from its number's randomness."""
        with (
            self.clock.at(moment),
            randomness(self.seed, number),
            self.agenda.at_hand(),
            self.metering.at_hand(moment),
        ):
            yield

    @contextmanager
    def _during(self, due: Due) -> Iterator[None]:
        source = Random(f"{self.seed}/{due.name}")
        with (
            self.clock.at(due.moment),
            drawing_from(source),
            self.agenda.at_hand(),
            self.metering.at_hand(due.moment),
        ):
            yield
            self.metering.happened(due.kind, due.moment)

    def accept(self, entry: JournalEntry, what: str, request_id: str | None = None) -> None:
        """A change has been made: write it to the journal, then tell whoever keeps checkpoints.

        Args:
            what: what was done, in a few words.
            request_id: of the event that will tell of it.

        Raises:
            JournalError: the journal cannot be written. The change is undone.
        """
        usage = self.metering.counts.settle()
        if _remaking.get():
            return
        if usage:
            entry = replace(entry, usage=usage)
        try:
            place = self.journal.append(entry)
        except JournalError:
            self.undo()
            raise
        if self.keeper is not None and self.journal.marked:
            self.keeper.note(entry, place, what, request_id)
        self.wake()

    def note_usage(self, least: int = 1) -> None:
        """Write down what was counted since the last change, so that it is not lost when the world ends.

        Args:
            least: how much of it the journal may not know of before it is written.
        """
        counts = self.metering.counts
        if counts.unwritten >= least and not _remaking.get():
            self.journal.note_usage(counts.waiting, self.clock.now())
            counts.unwritten = 0

    def undo(self) -> None:
        """Put the world back to where the last accepted change has left it: nothing came since."""
        if self.keeper is not None and self.journal.marked and not _remaking.get():
            self.keeper.restore_last()

    @contextmanager
    def remaking(self) -> Iterator[None]:
        """Within this, changes are made that have been made before: nobody writes them down again."""
        token = _remaking.set(True)
        try:
            with self.ledger.closed_book(), self.metering.counts.set_aside():
                yield
        finally:
            _remaking.reset(token)

    def forget_time(self) -> None:
        """The clock may now show less than it did: the world was put back to an earlier state."""
        self._latest = None
