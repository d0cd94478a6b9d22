"""While a warm parent loads moto or boto3: what they would do dozens of times is done once.

Each service of moto asks a boto3 session of its own for the Regions, and loads its model by a loader of its
own; each of them looks through all of botocore's folders first. For the Regions of a service botocore reads
its whole model, to find one word at the beginning of it. To collect garbage meanwhile finds none: what is
loaded stays. Together that is half of the time until a process is warm.
"""

from __future__ import annotations

import gc
import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["FEW", "SELDOM", "loading", "one_loader"]

FEW = 2
"""How many worlds, or boxes, load what they need themselves; then their parent does so for all to come."""


SELDOM = (20_000, 20, 20)
"""How often such a parent and its forks look for garbage; as usual it would take a fortieth of their time."""

_PREFIX = re.compile(rb'"endpointPrefix"\s*:\s*"([^"]+)"')
_BEGINNING = 4096
"""Bytes of a model that have its metadata in them: in all models of botocore these come first."""


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
    told = session.Session.get_available_regions

    @cache
    def in_folder(folder: str, type_name: str) -> list[str]:
        alone = Loader(include_default_search_paths=False)
        alone._search_paths = [folder]
        names: list[str] = listed(alone, type_name)
        return names

    def list_once(loader: Any, type_name: str) -> list[str]:
        found = (in_folder(folder, type_name) for folder in dict.fromkeys(loader.search_paths))
        return sorted(set().union(*found))

    def regions(
        asked: Any, service_name: str, partition_name: str = "aws", allow_non_regional: bool = False
    ) -> list[str]:
        prefix = _endpoint_prefix(tuple(asked.get_component("data_loader").search_paths), service_name)
        if prefix is None:
            unread: list[str] = told(asked, service_name, partition_name, allow_non_regional)
            return unread
        resolver = asked._get_internal_component("endpoint_resolver")
        found: list[str] = resolver.get_available_endpoints(prefix, partition_name, allow_non_regional)
        return found

    session.create_loader, Loader.list_available_services = cache(made), list_once
    session.Session.get_available_regions = regions
    try:
        yield
    finally:
        session.create_loader, Loader.list_available_services = made, listed
        session.Session.get_available_regions = told


@cache
def _endpoint_prefix(folders: tuple[str, ...], service: str) -> str | None:
    """By which name a service stands in botocore's table of endpoints; None where its model does not say."""
    for folder in folders:
        models = sorted(Path(folder, service).glob("*/service-2.json.gz"))
        if models:
            with gzip.open(models[-1]) as file:
                found = _PREFIX.search(file.read(_BEGINNING))
            return found[1].decode() if found else None
    return None
