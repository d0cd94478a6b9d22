"""A handle on a world: start one, or hold one that runs, and look at it, speak to it and steer it."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from labs.errors import InputError, SandboxError
from labs.sandbox.outcomes import Change
from labs.sandbox.processes import read_log, start_process
from labs.sandbox.speaking import ADMIN, Speaking
from labs.sandbox.values import (
    Connection,
    Credentials,
    Event,
    Json,
    ReplayResult,
    Resource,
)

if TYPE_CHECKING:
    from labs.aws.billing.account import FreeTier
    from labs.sandbox.journal import JournalEntry
    from labs.sandbox.metering.spending import Spending
    from labs.sandbox.nursery import Nursery

__all__ = ["Prepare", "World", "offset_of"]

END_TIMEOUT = 10.0  # seconds
MOST_KEPT = 200
"""Worlds that one process keeps as they were, some 100 kB each."""
SANDBOX = "sandbox"

Prepare = Callable[["World"], object]


class World(Speaking):
    """One world. As a context manager it ends with the block; one that was only connected to lives on."""

    def __init__(
        self,
        connection: Connection,
        end: Callable[[], None] | None = None,
        log: IO[bytes] | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        super().__init__(connection)
        self._log = log
        self._nursery = nursery
        self._end = weakref.finalize(self, end) if end is not None else None
        self.kept: dict[str, int] = {}
        """The seeds of the worlds that `keep` has kept, by name."""

    # Beginning and end

    @classmethod
    def start(
        cls,
        seed: int = 0,
        port: int = 0,
        journal: Path | None = None,
        prepare: Prepare | None = None,
        *,
        secret: str = "",
        start: datetime | None = None,
    ) -> Self:
        """Start a world in a process of its own.

        Args:
            seed: decides all ids.
            port: of the endpoint; 0 takes a free one.
            journal: a file to continue from and to write to.
            prepare: sets the world up before the journal and the events begin.
            secret: mixed into the keys of admin and root, for a world whose seed others know.
            start: what its clock shows at first, the machine's time if nothing else is said. A journal that
                goes on knows better.

        Raises:
            SandboxError: the process cannot start, or the port is taken.
            JournalError: the journal cannot be read, or belongs to another world.
        """
        options = {"seed": seed, "port": port, "secret": secret, "offset": offset_of(start)}
        return cls(*start_process(options)).begin(prepare, journal)

    @classmethod
    def from_file(
        cls, path: Path, port: int = 0, journal: Path | None = None, *, nursery: Nursery | None = None
    ) -> World:
        """Start the world that `export` wrote to a file, as it was.

        Args:
            journal: a new file to write to from now on, the file's own journal included.
            nursery: who bears it; otherwise it has a process of its own, which takes a few seconds.

        Raises:
            JournalError: the file cannot be read or is damaged, or the journal holds something already.
            InputError: the world was prepared, so that its journal alone would not bring it back.
        """
        from labs.sandbox.world_file import read_world

        held = read_world(path)
        if journal is not None and held.preparation:
            raise InputError(
                "This world cannot be kept in a journal",
                f"{path} holds a world that was prepared before its journal began.",
                "Export it again at the end.",
            )
        if journal is not None and journal.exists() and journal.stat().st_size:
            raise InputError(
                "The journal holds a session already", f"{journal} is not empty.", "Take a new file."
            )
        offset = held.offset.total_seconds()
        order = {"seed": held.seed, "port": port, "secret": held.secret, "offset": offset}
        world = nursery.bear(order) if nursery is not None else cls(*start_process(order))
        try:
            world._call("take-over", path=str(path.absolute()))
            if journal is not None:
                world.open_journal(journal, held.label or SANDBOX)
        except BaseException:
            world.close()
            raise
        return world

    def begin(self, prepare: Prepare | None, journal: Path | None) -> Self:
        """Prepare a fresh world, mark it and continue its journal; when that fails, the world ends."""
        try:
            if prepare is not None:
                prepare(self)
            self.mark()
            if journal is not None:
                self.open_journal(journal, SANDBOX)
        except BaseException:
            self.close()
            raise
        return self

    @classmethod
    def connect(cls, connection: Connection) -> Self:
        """Hold a world that runs.

        Raises:
            SandboxError: nothing answers there, or not to this token.
        """
        world = cls(connection)
        world._call("status")
        return world

    def close(self) -> None:
        """End the world, if this handle started it."""
        self._hang_up()
        if self._end is not None:
            self._end()

    def fork(self, nursery: Nursery | None = None) -> World:
        """An independent copy of this world as it is now: the same state and ids, its own ports and control.

        Args:
            nursery: who bears it; otherwise the one that bore this world, or one that is started for it,
                which takes a few seconds.

        Raises:
            SandboxError: moto holds something that cannot be copied, or this system cannot fork.
        """
        from labs.sandbox.nursery import Nursery

        nursery = nursery or self._nursery
        if nursery is None:
            nursery = self._nursery = Nursery()
        return nursery.fork(self)

    def shutdown(self) -> None:
        """End the world, whoever started it; when this returns, nothing answers there."""
        self._call("shutdown")
        self._hang_up()
        deadline = time.monotonic() + END_TIMEOUT
        with suppress(SandboxError):
            while time.monotonic() < deadline:
                self._call("status")
                time.sleep(0.005)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<World {self.endpoint} seed={self.seed}>"

    # Looking at it

    def events(self, after: int = 0, wait: float = 0.0, *, newest: int = 0) -> tuple[Event, ...]:
        """The events after a sequence number; when there is none, wait up to so many seconds (60) for one.

        Args:
            newest: how many at most, those that came last; 0 gives all.
        """
        found = self._call("events", after=after, wait=wait, newest=newest)
        return tuple(Event.from_json(event) for event in found)

    def case(self, check_id: str) -> dict[str, Json]:
        """The case behind a check of an event, as `skylab explain` reads it.

        Raises:
            InputError: the world does not remember the check.
        """
        return dict(self._call("case", check=check_id))

    def resources(self) -> tuple[Resource, ...]:
        """What exists in the world now."""
        return tuple(Resource.from_json(each) for each in self._call("resources"))

    def bill(
        self,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        free_tier: FreeTier = "none",
    ) -> Spending:
        """What has been used so far and what that costs, from the world's beginning or in another time (UTC).

        Raises:
            InputError: the time begins after it ends, or has not come yet.
        """
        from labs.sandbox.metering.sending import received

        times = {"start": _text_of(start), "end": _text_of(end)}
        return received(self._call("bill", **times, free_tier=free_tier))

    def log(self) -> str:
        """What the process of the world has logged: its own failures. Empty for a world only connected to."""
        return read_log(self._log) if self._log is not None and not self._log.closed else ""

    # Steering it

    def mark(self) -> None:
        """Preparation is over: events and the journal start here, and `reset` comes back to here."""
        self._call("mark")

    def open_journal(self, path: Path, label: str) -> ReplayResult:
        """Replay what the file holds, then write every later change to it.

        Raises:
            JournalError: the file cannot be read, is of another label or seed, or in use.
        """
        return ReplayResult.from_json(self._call("open-journal", path=str(path.absolute()), label=label))

    def replay(self, entries: Iterable[JournalEntry], offset: timedelta = timedelta()) -> ReplayResult:
        """Apply the entries of a journal, through the gate, as if they came at their recorded times.

        Args:
            offset: how far the clock of their world was ahead when their journal began.
        """
        told = [entry.to_json() for entry in entries]
        return ReplayResult.from_json(self._call("replay", entries=told, offset=offset.total_seconds()))

    def reset(self) -> None:
        """Back to where preparation ended; an open journal is set aside and begun anew."""
        self._call("reset")
        self._forget_keys()

    def renew(self, seed: int, prepare: Prepare | None = None, *, secret: str = "") -> Self:
        """Put a fresh world in the place of this one, in the same process; the handle's clients stay.

        Raises:
            SandboxError: something of the old world is still about. End it then, and take another one.
        """
        self._become(seed, self._call("renew", seed=seed, secret=secret))
        return self.begin(prepare, None)

    def keep(self, name: str) -> None:
        """Keep the world as it is now, in its process, for `renew_as`; `kept` has the last MOST_KEPT names.

        Raises:
            SandboxError: moto holds something that cannot be copied.
        """
        oldest = next(iter(self.kept)) if len(self.kept) >= MOST_KEPT else None
        self._call("keep", name=name, instead_of=oldest)
        self.kept.pop(oldest or name, None)
        self.kept[name] = self.seed

    def renew_as(self, name: str) -> Self:
        """Put the world that was kept under a name in the place of this one; nothing has to be prepared.

        Raises:
            SandboxError: something of the old world is still about. End it then, and take another one.
        """
        self._become(self.kept[name], self._call("renew-as", name=name))
        return self

    def _become(self, seed: int, told: Json) -> None:
        """Take another world's seed and keys on; the admin's clients and sessions stay."""
        from labs.sandbox.clients import rekey

        keys = Credentials.from_json(told)
        self.connection = replace(self.connection, seed=seed, credentials=keys)
        with self._making:
            self._clients = {key: client for key, client in self._clients.items() if key[1] == ADMIN}
            self._sessions = {key: session for key, session in self._sessions.items() if key[0] == ADMIN}
            for session in self._sessions.values():
                rekey(session, keys)

    def rewind(self, steps: int | None = None, *, to: str | int | None = None) -> Change:
        change = super().rewind(steps, to=to)
        self._forget_keys()
        return change

    rewind.__doc__ = Speaking.rewind.__doc__


def offset_of(start: datetime | None) -> float:
    """How far a clock that shows this is ahead of the machine's, in seconds."""
    if start is None:
        return 0.0
    aware = start if start.tzinfo else start.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()


def _text_of(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
