"""Images: all that moto holds at a moment, and what else belongs to the world then, pickled in one piece.

One piece, because the services refer to each other's objects. The contents of S3 objects are not copied: moto
never changes them, so that an image refers to the same ones. AWS's managed policies are named.

Unpickling runs code, and what is pickled depends on the release of moto. So images live in the memory of the
process that made them, and of a world forked from it; no file holds one. The journal is the durable form.
"""

from __future__ import annotations

import gc
import io
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

from labs.errors import SandboxError
from labs.sandbox import moto_past
from labs.sandbox.contents import Contents
from labs.sandbox.pickling import Pickler, unpickle

__all__ = ["Image", "load_image", "take_image"]


@dataclass(frozen=True, slots=True)
class Image:
    """A state of the world. `values` are the contents of its S3 objects: files in memory, and their sizes."""

    data: bytes = field(repr=False)
    values: tuple[tuple[Any, int], ...] = field(repr=False)
    packed: bool = False

    def pack(self) -> Image:
        """The same image, a fifth as large; for one that is not likely to be needed soon."""
        return self if self.packed else replace(self, data=zlib.compress(self.data, 1), packed=True)

    @property
    def pickled(self) -> bytes:
        """The data as they were pickled."""
        return zlib.decompress(self.data) if self.packed else self.data

    def portable(self) -> tuple[bytes, list[bytes]]:
        """The image for another process, with copies of the values."""
        return self.pickled, [_read(value) for value, _ in self.values]

    @classmethod
    def from_portable(cls, data: bytes, values: list[bytes]) -> Image:
        """The image that another process has sent."""
        return cls(data, tuple((_new_value(value), len(value)) for value in values))


def take_image(own: Mapping[str, object]) -> Image:
    """An image of moto's state as it is now, and of what else belongs to the world.

    Raises:
        SandboxError: something in moto cannot be pickled.
    """
    file = io.BytesIO()
    pickler = Pickler(file)
    try:
        with _undisturbed():
            pickler.dump({"services": list(_services()), "own": dict(own)})
    except Exception as broken:  # whatever an object's own way of being pickled raises
        raise SandboxError(
            "There is no image of this world",
            f"{type(broken).__name__}: {broken}.",
            "Its journal holds it all the same.",
        ) from broken
    return Image(file.getvalue(), tuple(pickler.values))


def load_image(image: Image) -> dict[str, Any]:
    """Put moto back to the state of an image; returns what else was in it.

    moto's tables are filled anew and stay the same objects: much of moto holds on to them.
    """
    with _undisturbed():
        held = unpickle(image.pickled, [value for value, _ in image.values])
        _fill(held["services"])
    moto_past.forget_caches()
    own: dict[str, Any] = held["own"]
    return own


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the collector, which would look at every object again and again while thousands are made."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


# -- moto's tables -------------------------------------------------------------------------------------------

_Service = tuple[str, str, dict[str, dict[str, Any]], dict[str, Any]]
_OWN = frozenset({"backend", "service_name", "_use_boto3_regions", "_additional_regions", "_id"})


def _services() -> Iterator[_Service]:
    """Each service in use: module, name, backends by account and region, and what its table knows besides."""
    from moto.core.base_backend import BackendDict

    for table in BackendDict._instances:
        accounts = {account: dict(regions) for account, regions in dict.items(table)}
        yield table.backend.__module__, table.service_name, accounts, _besides(table)


def _besides(table: Any) -> dict[str, Any]:
    """What a table knows besides its backends, as which account has a bucket."""
    return {name: value for name, value in vars(table).items() if name not in _OWN}


def _fill(services: list[_Service]) -> None:
    from moto.core.base_backend import BackendDict

    before = list(BackendDict._instances)
    BackendDict._instances.clear()
    for module, name, accounts, besides in services:
        table = _table(module, name)
        for account in dict.keys(table) - accounts.keys():
            dict.__delitem__(table, account)
        for account, backends in accounts.items():
            regions = table[account]
            dict.clear(regions)
            dict.update(regions, backends)
        for attribute, held in _besides(table).items():
            held.clear()
            held.update(besides[attribute])
        if table not in BackendDict._instances:  # one with no account in it
            BackendDict._instances.append(table)
    for table in before:
        if table not in BackendDict._instances:
            dict.clear(table)
            for held in _besides(table).values():
                held.clear()


def _table(module: str, name: str) -> Any:
    """The table of a service."""
    from moto.core.base_backend import BackendDict

    place = module
    while place:
        for value in list(vars(import_module(place)).values()):
            if isinstance(value, BackendDict) and value.service_name == name:
                return value
        place = place.rpartition(".")[0]
    raise SandboxError("The image does not fit", f"{module} has no state of {name} here.")


def _read(value: Any) -> bytes:
    value.seek(0)
    data: bytes = value.read()
    return data


def _new_value(data: bytes) -> Contents:
    value = Contents()
    value.write(data)
    return value
