"""A Dask cluster behind the interface of `concurrent.futures`, for a batch that one machine is too slow for.

Each of the cluster's worker processes has a pool of Skylab's own: what a piece of work does to the process
that judges it, it does not do to Dask's. When a whole worker is lost, the scheduler gives its work to others.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from graders.pool import Pool, Workers
from labs.errors import WorkerError

__all__ = ["Cluster", "cluster"]

CONNECTING = 15.0
ANY_NUMBER = 1024
LONELY = 60.0
"""Seconds that a batch waits for a cluster without workers."""
SCHEMES = ("tcp", "tls", "ucx", "ws", "wss")


class Cluster(Workers):
    """The workers of a Dask scheduler; they may come and go."""

    def __init__(self, client: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._inner: Executor = client.get_executor(pure=False)
        self._clock = clock
        self._alone_since: float | None = None

    @property
    def width(self) -> int:
        return self._threads() or 1

    def assure(self) -> None:
        if self._threads():
            self._alone_since = None
            return
        now = self._clock()
        self._alone_since = self._alone_since or now
        if now - self._alone_since >= LONELY:
            raise WorkerError(
                "The cluster has no workers",
                f"For {LONELY:g} seconds the scheduler has had nobody to give work to.",
                "Start some with `dask worker ADDRESS`, then run this again: what was judged is kept.",
            )

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        with _scheduler():
            theirs: Future[Any] = self._inner.submit(call_there, fn, *args, **kwargs)
        ours: Future[Any] = Future()
        theirs.add_done_callback(lambda done: _pass_on(done, ours))
        return ours

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with suppress(Exception):  # the scheduler may be gone, and then there is nothing to shut down
            self._inner.shutdown(wait=wait and not cancel_futures)

    def __exit__(self, *error: object) -> None:
        """Leave the cluster; after an exception without waiting for what it does."""
        self.shutdown(cancel_futures=error[0] is not None)

    def _threads(self) -> int:
        with _scheduler():
            return sum(self._client.nthreads().values())


@contextmanager
def _scheduler() -> Iterator[None]:
    """What goes wrong between here and the scheduler, as our own error."""
    try:
        yield
    except OSError as error:  # those of Dask's connections are such
        raise WorkerError(
            "The scheduler was lost",
            f"{type(error).__name__}: {error}",
            "Start it again, then run this again: what was judged is kept.",
        ) from error


def _pass_on(theirs: Future[Any], ours: Future[Any]) -> None:
    """Give on what came of a call; what is an error of Dask's own is a worker that was lost."""
    if theirs.cancelled():
        ours.set_exception(WorkerError("A worker was lost", "The scheduler gave the work up."))
    elif (error := theirs.exception()) is None:
        ours.set_result(theirs.result())
    elif type(error).__module__.partition(".")[0] == "distributed":
        ours.set_exception(WorkerError("A worker was lost", f"{type(error).__name__}: {error}"))
    else:
        ours.set_exception(error)


@contextmanager
def cluster(address: str) -> Iterator[Cluster]:
    """The cluster whose scheduler listens at an address, such as "tcp://10.0.0.5:8786".

    Raises:
        WorkerError: Dask is not installed here, or nobody answers there.
    """
    try:
        from distributed import Client
    except ImportError:
        raise WorkerError(
            "Dask is not installed here",
            "A scheduler is spoken to with the packages dask and distributed.",
            "Install Skylab with its extra: pip install 'skylab[cluster]'.",
        ) from None
    _knock(address)
    try:
        client = Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _unreachable(address, str(error)) from error
    with client, Cluster(client) as executor:
        yield executor


def _knock(address: str) -> None:
    """See that somebody listens there: Dask's own client would wait long for nobody."""
    try:
        place = urlsplit(address)
        host, port = place.hostname, place.port
    except ValueError as error:
        raise _unreachable(address, f"{error}.") from None
    if place.scheme not in SCHEMES or not host or not port:
        raise _unreachable(address, "It is no address.")
    try:
        socket.create_connection((host, port), timeout=CONNECTING).close()
    except OSError as error:
        raise _unreachable(address, f"{error.strerror or error}.") from error


def _unreachable(address: str, why: str) -> WorkerError:
    return WorkerError(
        "The scheduler cannot be reached",
        f"{address}: {why}",
        "Start one with `dask scheduler` and workers with `dask worker ADDRESS`, and name it as tcp://HOST:PORT.",
    )


def call_there(fn: Callable[..., Any], *args: Any) -> Any:
    """Call a function in a process that this worker of the cluster keeps warm."""
    return _pool().submit(fn, *args).result()


@cache
def _pool() -> Pool:
    """The pool of this worker of the cluster; it ends with it. Dask says how many calls there are at once."""
    return Pool(ANY_NUMBER)
