"""Images: all that moto holds at a moment, and what else belongs to the world then, pickled in one piece.

One piece, because the services refer to each other's objects. The contents of S3 objects are not copied: moto
never changes them, so that an image refers to the same ones. AWS's managed policies are named.

Unpickling runs code, and what is pickled depends on the release of moto. So images live in the memory of the
process that made them, and of a world forked from it; no file holds one. The journal is the durable form.
"""

from __future__ import annotations

import gc
import io
import marshal
import pickle
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import import_module
from types import FunctionType
from typing import Any

from labs.errors import SandboxError
from labs.sandbox import moto_policies, moto_setup
from labs.sandbox.contents import Contents

__all__ = ["Image", "load_image", "take_image"]

# The values of the image at hand, while its objects are being made again.
_values: ContextVar[tuple[Any, ...]] = ContextVar("values", default=())


@dataclass(frozen=True, slots=True)
class Image:
    """A state of the world. `values` are the contents of its S3 objects: files in memory, and their sizes."""

    data: bytes = field(repr=False)
    values: tuple[tuple[Any, int], ...] = field(repr=False)

    def portable(self) -> tuple[bytes, list[bytes]]:
        """The image for another process, with copies of the values."""
        return self.data, [_read(value) for value, _ in self.values]

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
    pickler = _Pickler(file, protocol=pickle.HIGHEST_PROTOCOL)
    try:
        with _undisturbed():
            pickler.dump({"services": list(_services()), "own": dict(own)})
    except Exception as broken:  # whatever an object's own way of being pickled raises
        raise SandboxError(
            "The world cannot be pictured",
            f"{type(broken).__name__}: {broken}.",
            "Its journal still holds it.",
        ) from broken
    return Image(file.getvalue(), tuple(pickler.values))


def load_image(image: Image) -> dict[str, Any]:
    """Put moto back to the state of an image; returns what else was in it.

    moto's tables are filled anew and stay the same objects: much of moto holds on to them.
    """
    token = _values.set(tuple(value for value, _ in image.values))
    try:
        with _undisturbed():
            held = pickle.loads(image.data)
            _fill(held["services"])
    finally:
        _values.reset(token)
    moto_setup.forget_caches()
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


# -- objects that need help ----------------------------------------------------------------------------------

_Reduced = tuple[Any, ...]


class _Pickler(pickle.Pickler):
    """Knows the few types of moto that pickle would refuse, or get wrong without saying so."""

    def __init__(self, file: io.BytesIO, protocol: int) -> None:
        super().__init__(file, protocol)
        self.values: list[tuple[Any, int]] = []
        self._helped = _helped()

    def reducer_override(self, obj: Any) -> Any:
        help_for = self._helped.get(type(obj))
        return NotImplemented if help_for is None else help_for(self, obj)


def _helped() -> dict[type, Callable[[_Pickler, Any], Any]]:
    from moto.iam.models import AWSManagedPolicy, IAMBackend
    from moto.s3.models import FakeKey
    from moto.s3.utils import _VersionedKeyStore

    return {
        type(threading.Lock()): lambda _, __: (threading.Lock, ()),
        type(threading.RLock()): lambda _, __: (threading.RLock, ()),
        threading.Condition: lambda _, __: (threading.Condition, ()),
        weakref.WeakValueDictionary: lambda _, obj: (weakref.WeakValueDictionary, (dict(obj),)),
        FunctionType: _reduce_function,
        AWSManagedPolicy: _reduce_managed_policy,
        IAMBackend: _reduce_iam,
        FakeKey: _reduce_object,
        _VersionedKeyStore: _reduce_key_store,
    }


def _reduce_function(_: _Pickler, function: Any) -> Any:
    """A function without a name of its own, as one that fills a defaultdict, goes by its code."""
    if "<" not in function.__qualname__:
        return NotImplemented
    if function.__closure__:
        raise pickle.PicklingError(f"{function.__module__}.{function.__qualname__} closes over variables")
    code = marshal.dumps(function.__code__)
    return _make_function, (function.__module__, code, function.__qualname__, function.__defaults__)


def _make_function(module: str, code: bytes, name: str, defaults: tuple[Any, ...] | None) -> FunctionType:
    made = FunctionType(marshal.loads(code), vars(sys.modules[module]), name, defaults)
    made.__module__, made.__qualname__ = module, name
    return made


def _reduce_managed_policy(_: _Pickler, policy: Any) -> _Reduced:
    return moto_policies.shared_policy, (policy.account_id, policy.partition, policy.arn)


def _reduce_iam(_: _Pickler, backend: Any) -> _Reduced:
    state = dict(vars(backend))
    del state["aws_managed_policies"], state["managed_policies"]
    return object.__new__, (type(backend),), (state, *moto_policies.saved(backend)), None, None, _restore_iam


def _restore_iam(backend: Any, saved: tuple[dict[str, Any], dict[str, Any], dict[str, int]]) -> None:
    state, own, counts = saved
    vars(backend).update(state)
    moto_policies.restore(backend, own, counts)


def _reduce_object(pickler: _Pickler, obj: Any) -> _Reduced:
    """An S3 object: all but its contents, which the image refers to."""
    state = dict(vars(obj))
    pickler.values.append((state.pop("_value_buffer"), obj.contentsize))
    return object.__new__, (type(obj),), (state, len(pickler.values) - 1), None, None, _restore_object


def _restore_object(obj: Any, saved: tuple[dict[str, Any], int]) -> None:
    state, place = saved
    vars(obj).update(state, _value_buffer=_values.get()[place])


def _reduce_key_store(_: _Pickler, store: Any) -> _Reduced:
    """A bucket's keys: by its own way of being iterated, it would only show the newest version of each."""
    versions = [(key, dict.__getitem__(store, key)) for key in dict.keys(store)]
    return type(store), (), versions, None, None, _restore_key_store


def _restore_key_store(store: Any, versions: list[tuple[str, Any]]) -> None:
    for key, each in versions:
        dict.__setitem__(store, key, each)


def _read(value: Any) -> bytes:
    value.seek(0)
    data: bytes = value.read()
    return data


def _new_value(data: bytes) -> Contents:
    value = Contents()
    value.write(data)
    return value
