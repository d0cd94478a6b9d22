"""While a warm parent loads moto or boto3: what they would do dozens of times is done once.

Each service of moto asks a boto3 session of its own for the Regions, and loads its model by a loader of its
own; each of them looks through all of botocore's folders first, to see that the service is there. For the
Regions of a service botocore reads its whole model, to find one word at the beginning of it. Each object of
a model becomes an `OrderedDict`, which keeps no other order than a dictionary, and takes twice as long. To
collect garbage meanwhile finds none: what is loaded stays. Together that is half of the time until a process
is warm.
"""

from __future__ import annotations

import gc
import gzip
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any

__all__ = ["FEW", "SELDOM", "loading", "of_one_service", "one_loader", "one_session", "read_model"]

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
    """In this block all sessions of botocore share a loader, which looks only at the service asked for."""
    from botocore import session
    from botocore.loaders import JSONFileLoader, Loader

    made, listed, loaded = session.create_loader, Loader.list_available_services, Loader.load_service_model
    told, read = session.Session.get_available_regions, JSONFileLoader._load_file
    once = cache(made)

    def create_loader(search_path_string: str | None = None) -> Any:
        return once(search_path_string)

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

    session.create_loader = create_loader
    Loader.list_available_services, Loader.load_service_model = list_once, of_one_service(loaded)
    session.Session.get_available_regions, JSONFileLoader._load_file = regions, read_model
    try:
        yield
    finally:
        session.create_loader = made
        Loader.list_available_services, Loader.load_service_model = listed, loaded
        session.Session.get_available_regions, JSONFileLoader._load_file = told, read


@contextmanager
def one_session() -> Iterator[None]:
    """Import moto in this block: its services ask one session of boto3 for their Regions, not one each."""
    import boto3

    made = boto3.Session
    boto3.Session = cache(made)
    try:
        yield
    finally:
        boto3.Session = made


def read_model(loader: Any, full_path: str, open_method: Callable[..., Any]) -> Any:
    """The JSON in a file of botocore's, in dictionaries; None where there is no such file."""
    try:
        with open_method(full_path, "rb") as file:
            return json.loads(file.read())
    except FileNotFoundError:
        return None


def of_one_service(load: Callable[..., Any]) -> Callable[..., Any]:
    """The method that loads a service's model, without a look through all of botocore's folders first."""
    from botocore.exceptions import DataNotFoundError

    @wraps(load)
    def load_service_model(
        loader: Any, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:
        try:
            loader.list_api_versions(service_name, type_name)
        except DataNotFoundError:
            return load(loader, service_name, type_name, api_version)
        return load(_OneService(loader, service_name), service_name, type_name, api_version)

    return load_service_model


class _OneService:
    """A loader that is known to have a service: botocore looks for it in a list of all that there are."""

    def __init__(self, loader: Any, service: str) -> None:
        self._loader, self._service = loader, service

    def list_available_services(self, type_name: str) -> list[str]:
        return [self._service]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


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
