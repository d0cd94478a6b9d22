"""moto's time is the world's: all that moto dates follows the clock of the world that its process serves.

Nearly everything in moto asks `moto.core.utils.utcnow`; a few modules ask Python. Both are answered by the
world's clock here. No library does this for us, because a replayed request needs its own time in its own
thread, and because signatures are checked against the machine's clock, which must stay what it is.
"""

from __future__ import annotations

import datetime as real_datetime
import sys
import time as real_time
from typing import Any

from labs.sandbox.clock import Clock
from labs.sandbox.moto_ids import replace_in
from labs.sandbox.stand_ins import StandIn

__all__ = ["ASK_PYTHON", "follow", "govern_moto", "world_now"]

ASK_PYTHON = (
    "moto.awslambda.models",
    "moto.budgets.models",
    "moto.cloudwatch.models",
    "moto.rds.utils",
    "moto.s3.models",
    "moto.secretsmanager.models",
)
"""The modules of the course's services that ask Python for the time, and not moto's own function."""

# moto's state belongs to the process, and so does the clock that it follows.
_followed = {"clock": Clock()}


def follow(clock: Clock) -> None:
    """From now on moto follows this clock."""
    _followed["clock"] = clock


def world_now() -> real_datetime.datetime:
    """The time of the world that this process serves."""
    return _followed["clock"].now()


class _Meta(type):
    """Has every datetime pass for one of ours, as moto's checks of types expect."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, real_datetime.datetime)


class _WorldDatetime(real_datetime.datetime, metaclass=_Meta):
    """The class `datetime` with the world's `now`; what it makes are plain datetimes."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return real_datetime.datetime(*args, **kwargs)

    @classmethod
    def now(cls, tz: real_datetime.tzinfo | None = None) -> Any:
        local = world_now().astimezone(tz)
        return local if tz is not None else local.replace(tzinfo=None)


def _stand_ins() -> dict[int, Any]:
    """What stands in for Python's own, by the identity of what it replaces."""
    return {
        id(real_datetime): StandIn(real_datetime, datetime=_WorldDatetime),
        id(real_datetime.datetime): _WorldDatetime,
        id(real_time): StandIn(real_time, time=lambda: world_now().timestamp()),
    }


def govern_moto() -> None:
    """Have moto ask the world's clock; call this once moto is loaded.

    Modules of moto that are loaded later take over the function from `moto.core.utils` as it is then.
    """
    from moto.core import utils

    def utcnow() -> real_datetime.datetime:
        """moto's own form: UTC without saying so."""
        return world_now().replace(tzinfo=None)

    own = utils.utcnow
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and vars(module).get("utcnow") is own:
            setattr(module, "utcnow", utcnow)  # noqa: B010  # mypy knows no such attribute of a module
    stand_ins = _stand_ins()
    for name in ASK_PYTHON:
        module = sys.modules[name]
        for attribute, value in list(vars(module).items()):
            if id(value) in stand_ins:
                replace_in(name, attribute, stand_ins[id(value)])
