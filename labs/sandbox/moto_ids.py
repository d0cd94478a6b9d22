"""Where moto's ids come from: a source of each request's own, so that they follow from seed and number alone.

moto draws nearly everything from one random object, a few things from the system, and what a region holds
from its beginning whenever somebody first looks. Here all of it is made to follow from the world's seed and
from the number of the change in its journal; then a journal that is replayed makes the same ids again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from importlib import import_module
from random import Random, SystemRandom
from typing import Any

from labs.sandbox.stand_ins import StandIn

__all__ = ["drawing_from", "found_by", "randomness", "replace_in", "take_over"]

_source: ContextVar[Random | None] = ContextVar("source", default=None)
_unseeded = SystemRandom()
_HEX = "0123456789abcdef"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# moto's state belongs to the process, and so does the seed that it was founded with.
_world = {"seed": 0}


@contextmanager
def randomness(seed: int, number: int | None) -> Iterator[None]:
    """Inside, all that moto draws follows from seed and number; with no number it follows from nothing.

    The source belongs to the thread at hand, so requests that run side by side do not disturb each other.
    """
    with drawing_from(None if number is None else Random(f"{seed}/{number}")):
        yield


@contextmanager
def drawing_from(source: Random | None) -> Iterator[None]:
    """Inside, moto draws from this source; from the system's where there is none."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def _draw() -> Random:
    return _source.get() or _unseeded


# Where moto takes bytes from the system for what a caller gets to see: session tokens, upload ids, keys.
_SYSTEM_BYTES = (
    "moto.dynamodbstreams.models",
    "moto.iam.models",
    "moto.kms.models",
    "moto.kms.responses",
    "moto.kms.utils",
    "moto.s3.models",
    "moto.sts.utils",
)
# And where it takes a uuid past its own source.
_SYSTEM_UUIDS = (
    "moto.cloudwatch.models",
    "moto.dynamodb.models.table_export",
    "moto.dynamodb.models.table_import",
    "moto.ssm.models",
)


def take_over() -> None:
    """Let all that moto makes up follow from the seed; call this once, before any world begins."""
    _take_over_randomness()
    _give_unique_ids()
    _found_regions_by_seed()


def found_by(seed: int) -> None:
    """Set the seed that what a region holds from its beginning follows from."""
    _world["seed"] = seed


def _take_over_randomness() -> None:
    """Let moto's one random object draw from the request's own source.

    Everything else in `Random` goes through these two methods. The key of an EC2 key pair stays random:
    nothing makes RSA keys from a seed.
    """
    from moto.moto_api._internal import mock_random
    from moto.moto_api._internal.moto_random import MotoRandom

    class RequestRandom(MotoRandom):  # type: ignore[misc]  # moto is Any to us
        def random(self) -> float:
            return _draw().random()

        def getrandbits(self, k: int) -> int:
            return _draw().getrandbits(k)

        # The same ones, without a detour through the above for each of them.

        def choice(self, seq: Any) -> Any:
            return _draw().choice(seq)

        def choices(self, population: Any, *args: Any, **kwargs: Any) -> Any:
            return _draw().choices(population, *args, **kwargs)

    mock_random.__class__ = RequestRandom
    seeded_os = StandIn(os, urandom=lambda size: _draw().randbytes(size))
    for name in _SYSTEM_BYTES:
        replace_in(name, "os", seeded_os)
    for name in _SYSTEM_UUIDS:
        replace_in(name, "uuid4", mock_random.uuid4)
    replace_in("moto.ec2.utils", "random_resource_id", _resource_id)
    # This one module imports `uuid` whole; `mock_random` has the one function that it calls.
    replace_in("moto.rds.models", "uuid", mock_random)


def _resource_id(size: int = 8) -> str:
    """The letters that moto would choose one by one, from the same bits: a new region has forty such ids."""
    draw, letters = _draw().getrandbits, ""
    while len(letters) < size:
        drawn = draw(5)  # as `choice` among 16 does, which draws again where it is too much
        if drawn < 16:
            letters += _HEX[drawn]
    return letters


def replace_in(module: str, name: str, value: Any) -> None:
    """Change a name in a module of moto; one that is not there any more is a mistake of ours."""
    found = import_module(module)
    getattr(found, name)
    setattr(found, name, value)


_UNIQUE_IDS = {"Group": "AGPA", "InstanceProfile": "AIPA", "Policy": "ANPA", "User": "AIDA"}


def _give_unique_ids() -> None:
    """Let IAM's unique ids tell their kind, as AROA… does, which moto gets right by itself.

    IAM User Guide, "IAM identifiers", "Understanding unique ID prefixes".
    """
    from moto.iam import models

    for name, prefix in _UNIQUE_IDS.items():
        kind = getattr(models, name)
        kind.__init__ = _with_unique_id(kind.__init__, prefix)


def _with_unique_id(begin: Callable[..., None], prefix: str) -> Callable[..., None]:
    @wraps(begin)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        self.id = prefix + "".join(_draw().choices(_BASE32, k=17))

    return __init__


def _found_regions_by_seed() -> None:
    """Let what a service holds from its beginning, as EC2 its default VPC, follow from the world's seed.

    moto makes it when a region is first looked at, be it by a read, which would shift the ids of the change
    at hand, or make them up.
    """
    from moto.core.base_backend import AccountSpecificBackend

    look_up = AccountSpecificBackend.__getitem__

    def founded(self: Any, region: str) -> Any:
        if region in self.keys():
            return look_up(self, region)
        with drawing_from(Random(f"{_world['seed']}/{self.service_name}/{self.account_id}/{region}")):
            return look_up(self, region)

    AccountSpecificBackend.__getitem__ = founded
