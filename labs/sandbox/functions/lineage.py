"""How many functions have run in the chain that a request belongs to, so that a loop of them ends.

As on AWS the chain is told by the header X-Amzn-Trace-Id, which the SDK adds to what a function sends.

Source: Lambda Developer Guide, "Use Lambda recursive loop detection to prevent infinite loops".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256

__all__ = ["HEADER", "LONGEST", "depth_at_hand", "depth_of", "following", "trace_of"]

HEADER = "x-amzn-trace-id"
LONGEST = 16
"""Invocations of one chain; the next one is stopped."""

_LINEAGE = re.compile(r"Lineage=1:[0-9a-f]{8}:(\d{1,4})")
_depth: ContextVar[int] = ContextVar("depth", default=0)


def depth_at_hand() -> int:
    """How many functions have run in the chain of what happens now."""
    return _depth.get()


def depth_of(header: str | None) -> int:
    """How many functions have run, as a request tells in its header."""
    found = _LINEAGE.search(header or "")
    return int(found[1]) if found else 0


def trace_of(request_id: str, depth: int) -> str:
    """What a function is told of its chain, when so many have run before it."""
    root = sha256(request_id.encode()).hexdigest()
    return f"Root=1-{root[:8]}-{root[8:32]};Parent={root[32:48]};Sampled=0;Lineage=1:{root[:8]}:{depth + 1}"


@contextmanager
def following(depth: int) -> Iterator[None]:
    """Within this, what happens follows from so many functions."""
    token = _depth.set(depth)
    try:
        yield
    finally:
        _depth.reset(token)
