"""How the objects of moto are pickled: the types that pickle would refuse, or get wrong without a word."""

from __future__ import annotations

import io
import marshal
import pickle
import sys
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from types import FunctionType
from typing import Any

from labs.sandbox import moto_policies

__all__ = ["Pickler", "unpickle"]

# The contents of S3 objects that the pickle at hand refers to, while it is read.
_values: ContextVar[Sequence[Any]] = ContextVar("values", default=())

_Reduced = tuple[Any, ...]


class Pickler(pickle.Pickler):
    """Writes a pickle into a file, and the contents of S3 objects with their sizes into `values`."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.values: list[tuple[Any, int]] = []
        self._helped = _helped()

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        help_for = self._helped.get(kind)
        if help_for is not None:
            return help_for(self, obj)
        if kind.__module__.startswith("cryptography."):
            return _reduce_key(obj)
        if kind is not defaultdict and issubclass(kind, defaultdict):
            return _reduce_defaultdict(obj)
        return NotImplemented


def unpickle(data: bytes, values: Sequence[Any]) -> Any:
    """What was pickled; the contents of S3 objects are the ones that are given."""
    token = _values.set(values)
    try:
        return pickle.loads(data)
    finally:
        _values.reset(token)


def _helped() -> dict[type, Callable[[Pickler, Any], Any]]:
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


def _reduce_function(_: Pickler, function: Any) -> Any:
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


def _reduce_managed_policy(_: Pickler, policy: Any) -> _Reduced:
    return moto_policies.shared_policy, (policy.account_id, policy.partition, policy.arn)


def _reduce_iam(_: Pickler, backend: Any) -> _Reduced:
    state = dict(vars(backend))
    del state["aws_managed_policies"], state["managed_policies"]
    return object.__new__, (type(backend),), (state, *moto_policies.saved(backend)), None, None, _restore_iam


def _restore_iam(backend: Any, saved: tuple[dict[str, Any], dict[str, Any], dict[str, int]]) -> None:
    state, own, counts = saved
    vars(backend).update(state)
    moto_policies.restore(backend, own, counts)


def _reduce_object(pickler: Pickler, obj: Any) -> _Reduced:
    """An S3 object: all but its contents, which the image refers to."""
    state = dict(vars(obj))
    pickler.values.append((state.pop("_value_buffer"), obj.contentsize))
    return object.__new__, (type(obj),), (state, len(pickler.values) - 1), None, None, _restore_object


def _restore_object(obj: Any, saved: tuple[dict[str, Any], int]) -> None:
    state, place = saved
    vars(obj).update(state, _value_buffer=_values.get()[place])


def _reduce_defaultdict(obj: Any) -> _Reduced:
    """One of a class of its own, which pickle would make by calling the class, whatever that wants."""
    state = obj.default_factory, dict(vars(obj)), list(dict.items(obj))
    return _bare, (type(obj),), state, None, None, _restore_defaultdict


def _bare(kind: Any) -> Any:
    return kind.__new__(kind)


def _restore_defaultdict(obj: Any, saved: tuple[Any, dict[str, Any], list[tuple[Any, Any]]]) -> None:
    obj.default_factory, attributes, items = saved
    vars(obj).update(attributes)
    for key, value in items:
        dict.__setitem__(obj, key, value)


def _reduce_key_store(_: Pickler, store: Any) -> _Reduced:
    """A bucket's keys: by its own way of being iterated, it would only show the newest version of each."""
    versions = [(key, dict.__getitem__(store, key)) for key in dict.keys(store)]
    return type(store), (), versions, None, None, _restore_key_store


def _restore_key_store(store: Any, versions: list[tuple[str, Any]]) -> None:
    for key, each in versions:
        dict.__setitem__(store, key, each)


# -- keys of cryptography, which are objects of Rust -------------------------------------------------------


def _reduce_key(key: Any) -> Any:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    if hasattr(key, "private_bytes"):
        return _private_key, (key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),)
    if hasattr(key, "public_bytes"):
        return _public_key, (key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),)
    return NotImplemented


def _private_key(data: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    return load_der_private_key(data, None, unsafe_skip_rsa_key_validation=True)  # it is our own


def _public_key(data: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    return load_der_public_key(data)
