"""Metering: what is used in a world, as AWS would meter it, and the bill that follows from it.

    gate  →  counts (requests, by the hour)   ┐
    gate  →  stores (bytes, over time)        ├→  items of labs.aws.billing  →  bill, ce, budgets
    gate, agenda  →  periods (resources)      ┘

All of it is in simulated time and a part of the world: checkpoints hold it, a replay makes it again, and what
a replay cannot make again (reads, how long functions ran) stands in the journal beside the changes.

Whatever runs inside moto counts with `ran`, or with `count` for other things that are measured:

    metering.ran("arn:aws:lambda:us-east-1:111111111111:function:resize", ms=123.4, mb=512)
"""

from __future__ import annotations

from datetime import datetime

from labs.sandbox.metering.meter import Before, Metering, metering_at_hand

__all__ = ["Before", "Metering", "metering_at_hand", "ran"]


def ran(function_arn: str, *, ms: float, mb: int, arch: str = "x86", moment: datetime | None = None) -> None:
    """Count one run of a Lambda function in the world in which a change is being made.

    Outside of a change, as in a thread, call the `ran` of `WorldState.metering` with the world's lock held.
    A run that is done again while a world is made again from its journal is not counted twice: the journal
    tells what the first one took.

    Args:
        ms: how long it ran, in milliseconds; a begun one counts whole.
        mb: the function's memory.
        arch: `x86` or `arm`.
        moment: when, if not at the moment of the change.
    """
    found = metering_at_hand()
    if found is not None:
        meter, now = found
        meter.ran(function_arn, moment or now, ms=ms, mb=mb, arch=arch)
