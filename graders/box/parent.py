"""The grader's handle on the warm parent of the boxes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from graders.box import layers
from graders.box.limits import FOLDER, Limits
from graders.box.session import Box
from labs.errors import IsolationError

__all__ = ["Boxes"]

WARMING = 60.0


class Boxes:
    """Where boxes come from; one may be shared by threads, and its parent starts when it is first needed.

    The parent has no service's model loaded at first, so that it is warm sooner, and the first boxes load
    their own; once a few have been opened, it loads them for all others.

    Args:
        services: those that are likely to be needed first; the parent makes clients of them meanwhile.

    Raises:
        IsolationError: this machine cannot shut student code in, and reduced isolation was not asked for.
    """

    def __init__(self, *, allow_reduced: bool = False, services: Sequence[str] = ()) -> None:
        layers.require(allow_reduced=allow_reduced)
        self._services = services
        self._lock = threading.Lock()
        self._running: _Running | None = None

    def start(self) -> None:
        """Begin to warm the parent, without waiting for it."""
        with self._lock:
            self._begin()

    def open(self, environment: Mapping[str, str], limits: Limits | None = None) -> Box:
        """A fresh box whose process sees this environment and reaches the loopback addresses named in it.

        Raises:
            IsolationError: the parent did not start, or the box could not be shut in.
        """
        try:
            return self._open(environment, limits or Limits())
        except (IsolationError, BrokenPipeError):
            if not self._parent_is_gone():
                raise
            return self._open(environment, limits or Limits())

    def _open(self, environment: Mapping[str, str], limits: Limits) -> Box:
        requests, replies, output = os.pipe(), os.pipe(), os.pipe()
        line, far = socket.socketpair()
        try:
            with self._lock:
                running = self._begin()
                running.wait_until_warm()
                socket.send_fds(running.control, [b"+"], [requests[0], replies[1], output[1], far.fileno()])
        except BaseException:
            for descriptor in (requests[1], replies[0], output[0]):
                os.close(descriptor)
            line.close()
            raise
        finally:
            for descriptor in (requests[0], replies[1], output[1]):
                os.close(descriptor)
            far.close()
        folder = Path(tempfile.mkdtemp(dir=running.folder))
        return Box(requests[1], replies[0], output[0], line, folder, environment, limits)

    def close(self) -> None:
        """End the parent and every box, and delete their folders."""
        with self._lock:
            if self._running is not None:
                self._running.end()
            self._running = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _parent_is_gone(self) -> bool:
        """Whether the parent has ended, whatever ended it; a new one is due then."""
        with self._lock:
            if self._running is None:
                return False
            with suppress(subprocess.TimeoutExpired):
                self._running.process.wait(timeout=1)
            return self._running.process.returncode is not None

    def _begin(self) -> _Running:
        if self._running is None or self._running.process.poll() is not None:
            if self._running is not None:
                self._running.end()
            self._running = _Running(self._services)
        return self._running


class _Running:
    """A warm parent that runs, and the folder that its boxes' folders are in."""

    def __init__(self, services: Sequence[str]) -> None:
        self.folder = tempfile.mkdtemp(prefix=FOLDER)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the process
        self.control, far = socket.socketpair()
        with far:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-X", "utf8", "-m", "graders.box.warm", self.folder, *services],
                stdin=far.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                start_new_session=True,
                # One arena: each further one would take 64 MiB of a box's address space for every thread.
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"},
            )
        self.warm = False

    def wait_until_warm(self) -> None:
        if self.warm:
            return
        self.control.settimeout(WARMING)
        try:
            self.warm = bool(self.control.recv(1))
        except OSError:
            self.warm = False
        self.control.settimeout(None)
        if not self.warm:
            raise IsolationError(
                "The boxes for student code did not start",
                "The process that forks them ended at once, or was not ready within a minute.",
                f"{self._complaint()} Run `skylab doctor` to see what this machine lacks.",
            )

    def _complaint(self) -> str:
        """The last line of what the process said before it ended."""
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return f"It said: {lines[-1]}." if lines else ""

    def end(self) -> None:
        self.control.close()
        if not self.warm:  # no box is there yet, and it would warm up before it found out
            self.process.kill()
        self.process.wait()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
