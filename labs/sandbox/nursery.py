"""A nursery of worlds: one process that has moto loaded forks a fresh world in a few milliseconds.

The parent process has a single thread for all its life, so its children start from a sound state. It reads
one JSON line of options from standard input for each world, forks, and the child prints its connection. When
standard input ends, or the parent dies in any other way, the children see their lifeline close and end too.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import tempfile
import threading
import traceback
import weakref
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Self

from labs.errors import SandboxError, SkylabError
from labs.sandbox.values import Connection, Json
from labs.sandbox.world import START_TIMEOUT, Prepare, World, finish, launch, read_answer, read_log

__all__ = ["Nursery"]


class Nursery:
    """Makes worlds. Safe to use from many threads; all its worlds end with it.

    Raises:
        SandboxError: this system cannot fork, or the parent process cannot start.
    """

    def __init__(self) -> None:
        if not hasattr(os, "fork"):
            raise SandboxError(
                "Worlds cannot be forked here", "This system has no fork.", "Start each with World.start()."
            )
        self._asking = threading.Lock()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
        self._process = launch("labs.sandbox.nursery", self._log)
        self._end = weakref.finalize(self, finish, self._process, self._log)
        try:
            read_answer(self._process, self._log, START_TIMEOUT)
        except BaseException:
            self.close()
            raise

    def world(
        self,
        seed: int = 0,
        journal: Path | None = None,
        prepare: Prepare | None = None,
        *,
        secret: str = "",
    ) -> World:
        """A fresh world, as `World.start` makes one.

        Raises:
            SandboxError: the nursery has ended.
            JournalError: the journal cannot be read, or belongs to another world.
        """
        connection = Connection.from_json(self._ask({"seed": seed, "port": 0, "secret": secret}))
        return World(connection, lambda: _end(connection), self._log).begin(prepare, journal)

    def _ask(self, options: Mapping[str, Json]) -> dict[str, Json]:
        assert self._process.stdin is not None
        with self._asking:
            try:
                self._process.stdin.write(json.dumps(options).encode() + b"\n")
                self._process.stdin.flush()
            except (OSError, ValueError) as broken:
                raise SandboxError("The nursery has ended", str(broken), "Open another one.") from broken
            return read_answer(self._process, self._log, START_TIMEOUT)

    def log(self) -> str:
        """What the nursery and its worlds have logged: their own failures."""
        return "" if self._log.closed else read_log(self._log)

    def close(self) -> None:
        """End the nursery and all its worlds."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _end(connection: Connection) -> None:
    with suppress(SkylabError):  # it has ended already
        World(connection).shutdown()


# The parent process


def main() -> int:
    """Fork a world for every line of standard input, until there is none."""
    from labs.sandbox import server

    server.warm()
    gc.freeze()  # else the first collection in each child would copy all that it shares with its parent
    # No wait for a child can block the parent: the system forgets a child as soon as it has ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    lifeline, held = os.pipe()
    print("{}", flush=True)
    while line := sys.stdin.buffer.readline():
        if os.fork() == 0:
            os.close(held)
            os._exit(_child(json.loads(line), lifeline))
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    os._exit(0)


def _child(options: Mapping[str, Json], lifeline: int) -> int:
    """One world, from fork to end. Whatever happens, one line is printed: somebody waits for it."""
    from labs.sandbox import server

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.stdin.close()
    try:
        control, connection = server.open_world(server.Options.from_json(options))
    except Exception as fault:
        traceback.print_exc()
        print(json.dumps(server.refusal(fault)), flush=True)
        return 3
    print(json.dumps(connection.to_json()), flush=True)
    server.serve(control, lifeline)
    return 0


if __name__ == "__main__":
    os._exit(main())
