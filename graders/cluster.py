"""A Dask cluster behind the interface of `concurrent.futures`, for a batch that one machine is too slow for.

Each of the cluster's worker processes has a pool of Skylab's own: what a piece of work does to the process
that judges it, it does not do to Dask's. When a whole worker is lost, the scheduler gives its work to others.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from graders.pool import Pool
from labs.errors import WorkerError

__all__ = ["Cluster", "cluster"]

CONNECTING = 15.0
ANY_NUMBER = 1024
SCHEMES = ("tcp", "tls", "ucx", "ws", "wss")


class Cluster(Executor):
    """The workers of a Dask scheduler."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._inner: Executor = client.get_executor(pure=False)

    @property
    def width(self) -> int:
        """How many pieces of work the cluster judges at once, now; workers may come and go."""
        return sum(self._client.nthreads().values()) or 1

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        theirs: Future[Any] = self._inner.submit(call_there, fn, *args, **kwargs)
        ours: Future[Any] = Future()
        theirs.add_done_callback(lambda done: _pass_on(done, ours))
        return ours

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._inner.shutdown(wait=wait and not cancel_futures)


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
