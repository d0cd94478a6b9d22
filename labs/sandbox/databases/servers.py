"""The servers behind the DB instances of one world."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from labs.sandbox.databases.installed import Installation, installation
from labs.sandbox.databases.server import Copy, Server, Wanted

__all__ = ["Servers"]


class Servers:
    """Starts and ends servers. Safe to use from many threads."""

    def __init__(self) -> None:
        self._servers: dict[str, Server] = {}
        self._copies: dict[str, Copy] = {}
        self._installed: Installation | None = None
        self._changing = threading.RLock()

    def installed(self) -> Installation:
        """The PostgreSQL that serves.

        Raises:
            SandboxError: this machine has none.
        """
        if self._installed is None:
            self._installed = installation()
        return self._installed

    def serve(self, wanted: Wanted) -> int:
        """Have a server run for an instance; returns its port.

        Raises:
            SandboxError: there is no PostgreSQL here, or it does not start.
        """
        with self._changing:
            if wanted.key not in self._servers:
                origin = self._copies.get(wanted.origin or "")
                self._servers[wanted.key] = Server(self.installed(), wanted, origin)
            server = self._servers[wanted.key]
            server.set_password(wanted.password)
            server.start()
            return server.port

    def known(self, wanted: Wanted) -> int | None:
        """The port of an instance that somebody was told; None while there is none."""
        server = self._servers.get(wanted.key)
        return server.port if server is not None and server.port else None

    def wake(self, wanted: Wanted) -> None:
        """An instance is available again: so is its server, where somebody may know of it."""
        if self.known(wanted) is not None:
            self.serve(wanted)

    def rest(self, wanted: Wanted) -> None:
        """An instance is not available: its server ends, and keeps its files."""
        with self._changing:
            if (server := self._servers.get(wanted.key)) is not None:
                server.stop()

    def forget(self, wanted: Wanted) -> None:
        """An instance is gone: so are its server and its files."""
        with self._changing:
            if (server := self._servers.pop(wanted.key, None)) is not None:
                server.remove()

    def keep(self, name: str, wanted: Wanted) -> bool:
        """Keep what is in an instance now, under a name, unless that is taken; whether there is such a copy.

        An instance whose server has never run has nothing in it, and no copy.

        Raises:
            SandboxError: PostgreSQL cannot make one.
        """
        with self._changing:
            server = self._servers.get(wanted.key)
            if name not in self._copies and server is not None:
                rests = not server.running
                server.start()
                self._copies[name] = server.copy()
                if rests:
                    server.stop()
            return name in self._copies

    def holds(self, name: str) -> bool:
        """Whether there is a copy of that name."""
        return name in self._copies

    def drop(self, name: str) -> None:
        """A copy is wanted no more."""
        with self._changing:
            if (copy := self._copies.pop(name, None)) is not None:
                copy.remove()

    def agree(self, available: Iterable[Wanted], others: Iterable[Wanted], copies: Iterable[str]) -> None:
        """Bring servers and copies in line with what there is, after the world was put back."""
        with self._changing:
            for name in self._copies.keys() - set(copies):
                self.drop(name)
            up, down = {each.key: each for each in available}, {each.key for each in others}
            for key in self._servers.keys() - up.keys() - down:
                self._servers.pop(key).remove()
            for key, server in self._servers.items():
                if key in down:
                    server.stop()
                else:
                    self.wake(up[key])

    def close(self) -> None:
        """End all servers and take their files away, copies included."""
        with self._changing:
            while self._servers:
                self._servers.popitem()[1].remove()
            for name in list(self._copies):
                self.drop(name)
