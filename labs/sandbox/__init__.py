"""The sandbox: a world that behaves like AWS, behind one HTTP endpoint.

with World.start(seed=1) as world:
    world.client("s3").create_bucket(Bucket="first")
    world.events()[-1].checks[0].reason

Importing this package, and any name from it, loads neither moto nor boto3: a face can open before they do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.facade import facade

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

__getattr__, __dir__ = facade(
    __name__,
    {
        "journal": "JournalEntry JournalFile read_journal",
        "nursery": "Nursery",
        "outcomes": "Advance Change ClockReading Happening",
        "values": (
            "Check Connection ControlAddress Credentials Event Explanation Refusal ReplayResult Resource"
        ),
        "world": "World",
    },
)
