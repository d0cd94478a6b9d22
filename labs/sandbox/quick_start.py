"""While a warm parent loads moto or boto3: what they would do dozens of times is done once.

Each service of moto asks a boto3 session of its own for the Regions, and loads its model by a loader of its
own; each of them looks through all of botocore's folders first. To collect garbage meanwhile finds none: what
is loaded stays. Together that is half of the time until a process is warm.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

__all__ = ["FEW", "loading", "one_loader"]

FEW = 2
"""How many worlds, or boxes, load what they need themselves; then their parent does so for all to come."""


@contextmanager
def loading() -> Iterator[None]:
    """Load quickly in this block; afterwards everything is as it was."""
    collected = gc.isenabled()
    with one_loader():
        gc.disable()
        try:
            yield
        finally:
            if collected:
                gc.enable()


@contextmanager
def one_loader() -> Iterator[None]:
    """In this block all sessions of botocore share a loader, which looks through its folders once."""
    from botocore import session
    from botocore.loaders import Loader

    made, listed = session.create_loader, Loader.list_available_services
    known: dict[tuple[str, ...], list[str]] = {}

    def list_once(loader: Any, type_name: str) -> list[str]:
        key = (type_name, *loader.search_paths)
        if key not in known:
            known[key] = listed(loader, type_name)
        return known[key]

    session.create_loader, Loader.list_available_services = cache(made), list_once
    try:
        yield
    finally:
        session.create_loader, Loader.list_available_services = made, listed
