"""A world that takes the place of another one in the same process, for whoever needs thousands of fresh ones.

What a fork costs is not the fork: a process that is new copies each page of memory that it touches, and that
takes longer than the calls that touch it. A process that has served a world has done so already.

Nothing of the old world may reach the new one. So everybody is hung up on first, and waited for; who does not
end in time, a thread that nobody knows, a process that was started, or memory that has grown, and there is no
renewal: whoever asked ends this world and takes another process.
"""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from labs.errors import SandboxError
from labs.sandbox.clock import Timeline
from labs.sandbox.control import Control
from labs.sandbox.journal import Journal
from labs.sandbox.loopback import LoopbackServer
from labs.sandbox.values import Json

__all__ = ["Renewal"]

PATIENCE = 2.0
"""Seconds in which all that was asked of the old world must have ended."""
GROWTH = 256 * 1024 * 1024
"""Bytes by which the process may have grown since it began."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A world as it was at a moment."""

    seed: int
    secret: str = field(repr=False)
    moment: datetime
    parcel: bytes = field(repr=False)


class Renewal:
    """Renews the world of this process.

    Args:
        servers: those that the users of the world can reach, beside the metadata services.
        steering: the control endpoint, which whoever asks for the renewal speaks to.
        house: other threads that belong to the process.
    """

    def __init__(
        self,
        control: Control,
        servers: Iterable[LoopbackServer],
        steering: LoopbackServer,
        house: Callable[[], Iterable[threading.Thread]],
    ) -> None:
        self._control = control
        self._servers = tuple(servers)
        self._steering = steering
        self._house = house
        self._pristine = control.steering.memory.own()
        self._size = _size()
        self._kept: dict[str, _Kept] = {}

    def keep(self, name: str, instead_of: str | None = None) -> None:
        """Keep the world as it is now under a name; another one is let go for it."""
        state = self._control.state
        self._kept.pop(instead_of or name, None)
        with state.lock:
            now = state.settle()
            self._kept[name] = _Kept(state.seed, state.secret.decode(), now, self._control.copies.pack())

    def renew_as(self, name: str) -> dict[str, Json]:
        """Become the world that was kept under a name, at the moment it had come to; tells the admin's keys.

        Raises:
            SandboxError: there is none, or something of the old world is still about.
        """
        kept = self._kept.get(name)
        if kept is None:
            raise SandboxError("No such world is kept", f"Nothing is kept here under {name!r}.")
        self._insist()
        state = self._control.state
        with state.lock:
            told = self._begin_anew(kept.seed, kept.secret)
            self._control.copies.unpack(kept.parcel)
            # Its clock stood still meanwhile, so that what expires in it has as long to go as it had.
            offset = state.clock.timeline.offset - (state.clock.now() - kept.moment)
            state.clock.restore(Timeline(offset))
            state.journal.offset = offset
            state.forget_time()
        return told

    def renew(self, seed: int, secret: str, offset: float = 0.0) -> dict[str, Json]:
        """Become the fresh world of a seed and a secret; tells the admin's keys.

        Raises:
            SandboxError: something of the old world is still about.
        """
        self._insist()
        with self._control.state.lock:
            return self._begin_anew(seed, secret, offset)

    def _begin_anew(self, seed: int, secret: str, offset: float = 0.0) -> dict[str, Json]:
        control, state = self._control, self._control.state
        state.journal.close()
        state.journal = Journal(seed)
        state.ledger.clear()
        control.free_ports()
        control.steering.memory.forget()
        control.steering.memory.put(self._pristine)
        state.agenda.hurried = True
        return control.found_anew(seed, secret, offset)

    def _insist(self) -> None:
        """The old world has to have gone."""
        reason = self._objection()
        if reason is not None:
            raise SandboxError("The world cannot be renewed", reason, "End it, and take another one.")

    def _objection(self) -> str | None:
        """Why the old world has not quite gone; None when it has."""
        servers = [*self._servers, *self._control.metadata_servers()]
        loud = [server for server in servers if not server.quieten(PATIENCE)]
        if loud:
            return f"A request to it has not ended within {PATIENCE:g} seconds."
        known = set().union(*(server.threads for server in (*servers, self._steering)), self._house())
        strangers = [each for each in threading.enumerate() if each not in known]
        if strangers:
            return f"A thread of it still runs: {strangers[0].name}."
        if _has_children():
            return "A process that it started still runs."
        if _size() - self._size > GROWTH:
            return "It has grown too large."
        return None


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _size() -> int:
    """Bytes of memory that the process has had at most."""
    unit = 1 if os.uname().sysname == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
