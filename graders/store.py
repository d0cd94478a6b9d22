"""The verdicts of a class in one SQLite file: each is kept as it comes, and found again after a kill.

A verdict is kept under the submission, the exercise and a digest of all that it follows from. The same digest
is never judged twice; another one replaces it.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from labs.errors import SubmissionError

__all__ = ["Store"]

VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS verdict (
    source TEXT NOT NULL,
    exercise TEXT NOT NULL,
    digest TEXT NOT NULL,
    student TEXT NOT NULL,
    state TEXT NOT NULL,
    points TEXT NOT NULL,
    max TEXT NOT NULL,
    report TEXT NOT NULL,
    judged TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    PRIMARY KEY (source, exercise)
) STRICT, WITHOUT ROWID;
"""


class Store:
    """The file of verdicts; every `keep` is on disk when it returns.

    Raises:
        SubmissionError: the file is no store, or one of a newer Skylab.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version in (0, VERSION):
                self._connection.executescript(SCHEMA)
                self._connection.execute(f"PRAGMA user_version = {VERSION}")
        except sqlite3.DatabaseError as error:
            raise SubmissionError(
                "The results of an earlier run cannot be read",
                f"{path}: {error}.",
                "Move the file away to grade from the start.",
            ) from error
        if version not in (0, VERSION):
            self._connection.close()
            raise SubmissionError(
                "The results of an earlier run cannot be read",
                f"{path} was written by a newer Skylab (form {version}; this one knows {VERSION}).",
                "Update Skylab, or move the file away to grade from the start.",
            )

    def find(self, source: str, exercise: str, digest: str) -> dict[str, Any] | None:
        """The report that was kept for exactly this work."""
        row = self._connection.execute(
            "SELECT report FROM verdict WHERE source = ? AND exercise = ? AND digest = ?",
            (source, exercise, digest),
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def keep(self, source: str, student: str, digest: str, report: dict[str, Any]) -> None:
        """Keep one report, in place of an older one."""
        self._connection.execute(
            "INSERT OR REPLACE INTO verdict (source, exercise, digest, student, state, points, max, report)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                source,
                report["exercise"],
                digest,
                student,
                report["state"],
                report["points"],
                report["max"],
                json.dumps(report),
            ),
        )

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
