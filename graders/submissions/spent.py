"""How long a student was at each exercise, as the workspace that was handed in tells."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from itertools import pairwise

__all__ = ["PROGRESS", "seconds_spent"]

PROGRESS = ".skylab/progress.sqlite"
LONGEST_PAUSE = 15 * 60
"""Seconds between two signs of life after which somebody has gone away; no pause counts for more."""
MOST_STEPS = 20  # of a hundred thousand instructions: the file is a stranger's, and may hold an endless view
EVENTS = """SELECT exercise, time FROM attempt UNION ALL SELECT exercise, time FROM hint
    UNION ALL SELECT exercise, time FROM begun LIMIT 20000"""


def seconds_spent(data: bytes) -> Mapping[str, int]:
    """Seconds by exercise, from a workspace's progress file; nothing from a file that is none."""
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(data)
            database.execute("PRAGMA trusted_schema = OFF")
            steps = iter(range(MOST_STEPS))
            database.set_progress_handler(lambda: next(steps, None) is None, 100_000)
            rows = database.execute(EVENTS).fetchall()
    except (sqlite3.Error, OverflowError, UnicodeError, MemoryError):
        return {}
    moments: dict[str, list[datetime]] = {}
    for exercise, time in rows:
        try:
            moments.setdefault(str(exercise), []).append(datetime.fromisoformat(time))
        except (TypeError, ValueError):
            continue
    spent = ((exercise, _spent(times)) for exercise, times in moments.items())
    return {exercise: seconds for exercise, seconds in spent if seconds > 0}


def _spent(times: Sequence[datetime]) -> int:
    seconds = sorted(time.timestamp() for time in times)
    return round(sum(min(after - before, LONGEST_PAUSE) for before, after in pairwise(seconds)))
