"""The warm parent of the boxes: a process that has boto3 loaded, and forks one child for each run.

It never loads a unit, an answer or a submission, so no box can find one in the memory that it inherits. It is
told to start a box by one byte and four descriptors on its standard input: requests, replies and output go
to the child; on the fourth, the line, the parent says the child's process id and how it ended. To end a box,
the grader hangs up its line; when the grader itself is gone, every line is down, and so is every box.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import selectors
import shutil
import signal
import socket
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from graders.box import layers, seccomp
from graders.box.inside import hide_ourselves, live
from graders.box.limits import FOLDER
from graders.box.readable import Readable, readable
from graders.box.ready import ReadyClients
from graders.box.rehearsal import rehearse
from graders.box.services import SERVICES
from labs.sandbox import huge_pages, quick_clients
from labs.sandbox.quick_start import FEW, SELDOM, loading, one_loader

__all__ = ["main"]

ENOUGH_FOR_ONE = 6
"""Boxes that one piece of work may need, where its services have been named; the next is for another one."""
MANY = 20
"""A parent that has opened so many boxes will open many more, for which it is worth half a second."""
MOST_DESCRIPTORS = 1024
READY, START, DONE = b"+", b"+", object()


def warm_up() -> Readable:
    """Load boto3, and find out what a box has to read."""
    import bz2  # noqa: F401  extension modules whose libraries may lie where a box cannot read
    import ctypes.util  # noqa: F401
    import encodings.idna  # noqa: F401
    import lzma  # noqa: F401
    import sqlite3  # noqa: F401
    import ssl  # noqa: F401

    import boto3

    layers.available()
    if seccomp.available():
        seccomp.build(0, sockets=True)  # nearly all of it is the same for each box
    # It looks at its settings when it makes a client, so each box gets its own; to make it anew takes 2 ms.
    boto3.setup_default_session()
    return readable(private=Path(__file__).parents[2] / "labs")


def warm_likely(clients: ReadyClients, services: Iterable[str]) -> Iterator[None]:
    """Make the clients of these services, one at each step."""
    for service in services:
        with loading():
            clients.make(service)
        yield


def warm_services(clients: ReadyClients) -> None:
    """Make the clients of the course's services, and load what they need: a box then asks at once."""
    with loading():
        for service in SERVICES:
            clients.make(service)
        try:
            rehearse(clients)
        except Exception:
            traceback.print_exc()
    gc.collect()
    gc.freeze()


def main() -> None:
    """Serve until the grader hangs up.

    The arguments are the folder that the boxes' folders are made in, and services that will be needed.
    """
    control = socket.socket(fileno=os.dup(0))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_DESCRIPTORS, hard))
    quick_clients.quicken()  # whose one loader is also the one of all sessions from here on
    gc.set_threshold(*SELDOM)
    with one_loader():  # the first boxes go on loading
        with loading():
            allowed = warm_up()
        _serve(control, allowed)


def _serve(control: socket.socket, allowed: Readable) -> None:
    # The folder that Skylab is run from is no place to import from; only Python's own are.
    sys.path[:] = [path for path in sys.path if path.startswith((sys.prefix, sys.base_prefix))]
    hide_ourselves()
    gc.freeze()
    try:
        control.sendall(READY)
        Parent(control, allowed).serve()
    finally:
        # Here, and not only in the grader: the grader may have been killed.
        if Path(sys.argv[1]).name.startswith(FOLDER):
            shutil.rmtree(sys.argv[1], ignore_errors=True)


class Parent:
    """The loop of the warm parent: one thread, so that a fork is safe."""

    def __init__(self, control: socket.socket, allowed: Readable) -> None:
        self.control = control
        self.common = layers.common_walls(allowed, folders=sys.argv[1])
        self.opened = 0
        self.few = ENOUGH_FOR_ONE if sys.argv[2:] else FEW
        self.clients = ReadyClients()
        self.ahead = warm_likely(self.clients, sys.argv[2:])
        self.lines: dict[int, socket.socket] = {}

    def serve(self) -> None:
        """Fork, kill and reap until the grader hangs up; then no box is left."""
        with _children_wake() as woken, selectors.DefaultSelector() as selector:
            selector.register(self.control, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            try:
                ahead = True
                while True:
                    happened = selector.select(0 if ahead else None)
                    if not happened:
                        ahead = self._loads_ahead()
                    for key, _ in happened:
                        if key.fileobj is self.control:
                            message, descriptors, _, _ = socket.recv_fds(self.control, 1, 4)
                            if message != START:
                                return
                            pid, line = self._start(*descriptors)
                            selector.register(line, selectors.EVENT_READ, pid)
                        elif key.fileobj is woken:
                            woken.recv(4096)
                        else:
                            selector.unregister(key.fileobj)
                            _kill(key.data)
                    for line in self._reap():
                        with suppress(KeyError):
                            selector.unregister(line)
                        line.close()
            finally:
                for pid in self.lines:
                    _kill(pid)
                    os.waitpid(pid, 0)

    def _loads_ahead(self) -> bool:
        """Load more of what the first box will need, if nobody has asked for one; whether there is more."""
        return not self.opened and next(self.ahead, DONE) is not DONE

    def _start(self, requests: int, replies: int, output: int, line: int) -> tuple[int, socket.socket]:
        self.opened += 1
        if self.opened == self.few + 1:
            warm_services(self.clients)
        if self.opened == MANY:
            huge_pages.gather()
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            live(requests, replies, output, self.common, self.clients)
        for descriptor in (requests, replies, output):
            os.close(descriptor)
        self.lines[pid] = socket.socket(fileno=line)
        _say(self.lines[pid], {"pid": pid})
        return pid, self.lines[pid]

    def _reap(self) -> Iterator[socket.socket]:
        """Report the boxes that have ended, and give their lines."""
        while self.lines:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            line = self.lines.pop(pid)
            _say(
                line,
                {
                    "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
                    "exit": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
                    "cpu": usage.ru_utime + usage.ru_stime,
                },
            )
            yield line


@contextmanager
def _children_wake() -> Iterator[socket.socket]:
    """A socket that can be read when a child has ended."""
    woken, waker = socket.socketpair()
    with woken, waker:
        woken.setblocking(False)
        waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        yield woken


def _kill(pid: int) -> None:
    """End a box, and what it could start where processes are not refused; its id is not reused yet."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _say(line: socket.socket, message: dict[str, object]) -> None:
    """Tell the grader; it may have hung up."""
    with suppress(OSError):
        line.sendall(json.dumps(message).encode("ascii") + b"\n")


if __name__ == "__main__":
    main()
