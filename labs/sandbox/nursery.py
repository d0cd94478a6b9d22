"""A nursery of worlds: one process that has moto loaded forks a fresh world in a few milliseconds.

It can keep fresh worlds ready, and bears copies of worlds that run.
"""

from __future__ import annotations

import json
import os
import threading
import weakref
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

from labs.errors import SandboxError, SkylabError
from labs.sandbox.launching import SERVICES, Launched, launch_nursery
from labs.sandbox.parcel import call_off
from labs.sandbox.processes import START_TIMEOUT, finish, read_answer, read_log
from labs.sandbox.values import Connection, Credentials, Json
from labs.sandbox.world import Prepare, World, offset_of

__all__ = ["Nursery"]


class Nursery:
    """Makes worlds. Safe to use from many threads; all its worlds end with it.

    Args:
        ready: how many fresh worlds wait for whoever asks next. Each takes some 30 MB.
        launched: its parent process, where that was launched before.

    What its worlds may never ask for is not loaded at first, so that the first one is there in half the time;
    it takes longer over its first calls. For worlds that wait, and once a few were asked for, all is loaded.
    Meanwhile one can do something else: whoever asks for the first world waits for that, and hears of it if
    the parent process could not start.

    Raises:
        SandboxError: this system cannot fork, or the parent process of worlds that wait cannot start.
    """

    def __init__(self, ready: int = 0, launched: Launched | None = None) -> None:
        if not hasattr(os, "fork"):
            raise SandboxError(
                "Worlds cannot be forked here", "This system has no fork.", "Start each with World.start()."
            )
        self.ready = ready
        self._asking = threading.Lock()
        self._waiting: deque[Connection] = deque()
        self._filling = threading.Lock()
        self._process, self._log = launched or launch_nursery(*([SERVICES] if ready else []))
        self._end = weakref.finalize(self, finish, self._process, self._log)
        self._loaded = False
        if ready:
            try:
                with self._asking:
                    self._wait_until_loaded()
            except BaseException:
                self.close()
                raise
            self._fill()

    @property
    def pid(self) -> int:
        """The parent process of its worlds."""
        return self._process.pid

    def world(
        self,
        seed: int = 0,
        journal: Path | None = None,
        prepare: Prepare | None = None,
        *,
        secret: str = "",
        start: datetime | None = None,
        memory: bool = True,
        functions: bool = True,
        lasting: bool = False,
    ) -> World:
        """A fresh world, as `World.start` makes one.

        Args:
            memory: whether its changes can be taken back.
            functions: whether functions of Lambda are run in it: by its process, for whoever makes one.
            lasting: whether it will be made anew many times, and is worth some time and memory at first.

        Raises:
            SandboxError: the nursery has ended.
            JournalError: the journal cannot be read, or belongs to another world.
        """
        offset = offset_of(start)
        usual = memory and functions and not lasting
        connection = self._one_that_waits(seed, secret, offset) if usual else None
        if connection is None:
            order = {
                "seed": seed,
                "port": 0,
                "secret": secret,
                "offset": offset,
                "memory": memory,
                "functions": functions,
                "lasting": lasting,
            }
            return self.bear(order).begin(prepare, journal)
        return self._handle(connection).begin(prepare, journal)

    def bear(self, order: Mapping[str, Json]) -> World:
        """A world that has not begun: nothing is prepared, and nothing is remembered.

        Args:
            order: as `labs.sandbox.server` reads its options.

        Raises:
            SandboxError: the nursery has ended, or the port is taken.
        """
        return self._handle(Connection.from_json(self._ask(order)))

    def fork(self, world: World) -> World:
        """An independent copy of a world that runs, wherever it was born.

        Raises:
            SandboxError: the nursery has ended, or moto holds something that cannot be copied.
        """
        with self._asking:
            place = self._order({"copy": True})
            try:
                told = world._call("fork", to=place["address"], key=place["key"])
            except BaseException:
                call_off(place["address"], place["key"])
                raise
        return self._handle(Connection.from_json(told))

    def _handle(self, connection: Connection) -> World:
        return World(connection, lambda: _end(connection), self._log, self)

    def _one_that_waits(self, seed: int, secret: str, offset: float) -> Connection | None:
        """A world that was born before it was asked for, made the one that is wanted."""
        try:
            connection = self._waiting.popleft()
        except IndexError:
            return None
        threading.Thread(target=self._fill, name="nursery", daemon=True).start()
        try:
            told = World(connection)._call("found-anew", seed=seed, secret=secret, offset=offset)
        except SandboxError:
            return None  # it has died meanwhile
        return replace(connection, seed=seed, credentials=Credentials.from_json(told))

    def _fill(self) -> None:
        """Have worlds born until enough are waiting."""
        with self._filling, suppress(SandboxError):
            while len(self._waiting) < self.ready and self._end.alive:
                order = {"seed": 0, "port": 0, "secret": "", "offset": 0.0}
                self._waiting.append(Connection.from_json(self._ask(order)))

    def _ask(self, order: Mapping[str, Json]) -> dict[str, Json]:
        with self._asking:
            return self._order(order)

    def _order(self, order: Mapping[str, Json]) -> dict[str, Json]:
        assert self._process.stdin is not None
        self._wait_until_loaded()
        try:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError) as broken:
            raise SandboxError("The nursery has ended", str(broken), "Open another one.") from broken
        return read_answer(self._process, self._log, START_TIMEOUT)

    def _wait_until_loaded(self) -> None:
        if not self._loaded:
            read_answer(self._process, self._log, START_TIMEOUT)
            self._loaded = True

    def log(self) -> str:
        """What the nursery and its worlds have logged: their own failures."""
        return "" if self._log.closed else read_log(self._log)

    def close(self) -> None:
        """End the nursery and all its worlds."""
        with self._asking:  # a world that is being born is heard out first
            if not self._loaded:  # it would load all that it has to before it found its input closed
                self._process.kill()
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _end(connection: Connection) -> None:
    with suppress(SkylabError):  # it has ended already
        World(connection).shutdown()
