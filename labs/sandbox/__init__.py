"""The sandbox: a world that behaves like AWS, behind one HTTP endpoint.

with World.start(seed=1) as world:
    world.client("s3").create_bucket(Bucket="first")
    world.events()[-1].checks[0].reason

Importing this package, and any name from it, loads neither moto nor boto3: a face can open before they do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labs.sandbox.journal import JournalEntry, JournalFile, read_journal
    from labs.sandbox.nursery import Nursery
    from labs.sandbox.outcomes import Advance, Change, ClockReading, Happening
    from labs.sandbox.values import (
        Check,
        Connection,
        ControlAddress,
        Credentials,
        Event,
        Explanation,
        Refusal,
        ReplayResult,
        Resource,
    )
    from labs.sandbox.world import World

__all__ = [
    "Advance",
    "Change",
    "Check",
    "ClockReading",
    "Connection",
    "ControlAddress",
    "Credentials",
    "Event",
    "Explanation",
    "Happening",
    "JournalEntry",
    "JournalFile",
    "Nursery",
    "Refusal",
    "ReplayResult",
    "Resource",
    "World",
    "read_journal",
]

_HOME = {
    **dict.fromkeys(("JournalEntry", "JournalFile", "read_journal"), "journal"),
    **dict.fromkeys(("Advance", "Change", "ClockReading", "Happening"), "outcomes"),
    "Nursery": "nursery",
    "World": "world",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME.get(name, 'values')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
