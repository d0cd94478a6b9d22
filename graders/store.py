"""The verdicts of a class in one SQLite file: each is kept as it comes, and found again after a kill.

A verdict is kept with a digest of the work and one of each thing besides that it follows from, its *rules*.
Work whose digests are all the same is not judged again. When a run has ended, what it tells is kept beside
the verdicts, so that the next run can say what has changed since; a run that was cut off told nothing.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from graders.roster import Entry, Roster
from graders.submissions import Listing
from labs.errors import SubmissionError

__all__ = ["STORE", "Key", "Store", "Told"]

STORE = "results.sqlite"
"""How the file is called in the folder of the results."""

VERSION = 5
SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY,
    regrade INTEGER NOT NULL,
    exercises TEXT NOT NULL,
    started TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    finished TEXT,
    changes TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS submission (
    source TEXT PRIMARY KEY,
    student TEXT NOT NULL,
    place INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS unread (
    source TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    detail TEXT NOT NULL,
    hint TEXT NOT NULL,
    submission INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS member (
    student TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    ids TEXT NOT NULL,
    place INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS verdict (
    source TEXT NOT NULL,
    exercise TEXT NOT NULL,
    student TEXT NOT NULL,
    state TEXT NOT NULL,
    points TEXT NOT NULL,
    max TEXT NOT NULL,
    work TEXT NOT NULL,
    rules TEXT NOT NULL,
    run INTEGER NOT NULL,
    sitting INTEGER NOT NULL DEFAULT 0,
    report TEXT NOT NULL,
    judged TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    PRIMARY KEY (source, exercise)
) STRICT;
CREATE TABLE IF NOT EXISTS told (
    source TEXT NOT NULL,
    exercise TEXT NOT NULL,
    student TEXT NOT NULL,
    state TEXT NOT NULL,
    points TEXT NOT NULL,
    work TEXT NOT NULL,
    rules TEXT NOT NULL,
    criteria TEXT NOT NULL,
    PRIMARY KEY (source, exercise)
) STRICT;
CREATE TABLE IF NOT EXISTS beside (
    source TEXT NOT NULL,
    exercise TEXT NOT NULL,
    fits TEXT NOT NULL DEFAULT '[]',
    seconds INTEGER,
    PRIMARY KEY (source, exercise)
) STRICT;
CREATE TABLE IF NOT EXISTS canvas (export BLOB NOT NULL, heading TEXT) STRICT;
CREATE TABLE IF NOT EXISTS secret (text TEXT NOT NULL) STRICT;
"""
OUTDATED = {
    1: "DROP TABLE IF EXISTS verdict;",
    **dict.fromkeys((2, 3, 4), "ALTER TABLE verdict ADD COLUMN sitting INTEGER NOT NULL DEFAULT 0;"),
}
"""What is done to a file of an earlier version; the verdicts of the first one are made again."""

COLUMNS = ("source", "exercise", "student", "state", "points", "work", "rules", "criteria")
LAST = """SELECT id FROM run WHERE finished IS NULL AND regrade = ? AND id = (SELECT max(id) FROM run)"""
BEGIN = "INSERT INTO run (regrade, exercises) VALUES (?, ?)"
GO_ON = "UPDATE run SET exercises = ? WHERE id = ?"
FINISH = "UPDATE run SET finished = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), changes = ? WHERE id = ?"
ENDED = "SELECT changes FROM run WHERE id = (SELECT max(id) FROM run) AND finished IS NOT NULL"
FORGET_UNREAD = "DELETE FROM unread WHERE NOT submission OR source NOT IN (SELECT source FROM submission)"
KEEP = """INSERT OR REPLACE INTO verdict
    (source, exercise, student, state, points, max, work, rules, run, sitting, report)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
KEEP_FITS = """INSERT INTO beside (source, exercise, fits) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET fits = excluded.fits"""
KEEP_SPENT = """INSERT INTO beside (source, exercise, seconds) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET seconds = excluded.seconds"""
BY_STUDENT = """SELECT source, student, exercise, report FROM verdict JOIN submission USING (source, student)
    WHERE exercise IN (SELECT value FROM json_each(?)) ORDER BY place"""
CRITERIA = """(SELECT json_group_array(json_array(
        json_extract(value, '$.name'), json_extract(value, '$.state'), json_extract(value, '$.points')))
    FROM json_each(v.report, '$.criteria'))"""
EXERCISES = """SELECT exercise FROM verdict JOIN submission USING (source, student)
    UNION SELECT value FROM run, json_each(run.exercises) WHERE run.id = (SELECT max(id) FROM run)"""
NOW = f"""SELECT v.source, v.exercise, v.student, v.state, v.points, v.work, v.rules,
    {CRITERIA} AS criteria, s.place FROM verdict v JOIN submission s USING (source, student)"""
CHANGED = f"""SELECT now.*, told.* FROM ({NOW}) AS now LEFT JOIN told USING (source, exercise)
    WHERE (now.state, now.points, now.criteria) IS NOT (told.state, told.points, told.criteria)
    ORDER BY now.place"""
GONE = """SELECT told.* FROM told
    WHERE NOT EXISTS (SELECT 1 FROM verdict v JOIN submission USING (source, student)
        WHERE v.source = told.source AND v.exercise = told.exercise)
    ORDER BY told.source, told.exercise"""


@dataclass(frozen=True, slots=True)
class Key:
    """What a verdict follows from: a digest of the work, and what else decides it, by name."""

    work: str
    rules: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict as a run told it: `criteria` are (name, state, points)."""

    source: str
    exercise: str
    student: str
    state: str
    points: str
    key: Key
    criteria: tuple[tuple[str, str, str], ...]


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
            if version < VERSION:
                old = OUTDATED.get(version, "")
                self._connection.executescript(
                    f"BEGIN; {old} {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"
                )
        except sqlite3.DatabaseError as error:
            raise SubmissionError(
                "The results of an earlier run cannot be read",
                f"{path}: {error}.",
                "Move the file away to grade from the start.",
            ) from error
        if version > VERSION:
            self._connection.close()
            raise SubmissionError(
                "The results of an earlier run cannot be read",
                f"{path} was written by a newer Skylab (form {version}; this one knows {VERSION}).",
                "Update Skylab, or move the file away to grade from the start.",
            )

    # A run

    def begin(self, listing: Listing, exercises: Sequence[str], *, regrade: bool) -> int:
        """Begin a run over some exercises of what lies in a folder, and give its number.

        The last run goes on instead, where it is of this kind and was cut off.
        """
        found = ((each.source, each.student, place) for place, each in enumerate(listing.submissions))
        with self._at_once():
            self._connection.execute("DELETE FROM submission")
            self._connection.executemany("INSERT INTO submission VALUES (?, ?, ?)", found)
            self._connection.execute(FORGET_UNREAD)
            for source, error in listing.errors:
                self.keep_unread(source, error, submission=False)
            asked = json.dumps(list(exercises))
            last = self._connection.execute(LAST, (regrade,)).fetchone()
            if last is None:
                return int(self._connection.execute(BEGIN, (regrade, asked)).lastrowid or 0)
            self._connection.execute(GO_ON, (asked, last[0]))
            return int(last[0])

    def keep_unread(self, source: str, error: SubmissionError | None, *, submission: bool = True) -> None:
        """Keep why something cannot be read at all; None when it can."""
        self._connection.execute("DELETE FROM unread WHERE source = ?", (source,))
        if error is not None:
            row = (source, error.title, error.detail, error.hint, submission)
            self._connection.execute("INSERT INTO unread VALUES (?, ?, ?, ?, ?)", row)

    def keep_roster(self, roster: Roster | None) -> None:
        """Keep who is in the class, in place of who was."""
        entries = enumerate(roster.entries if roster else ())
        rows = ((each.student, each.name, json.dumps(dict(each.ids)), place) for place, each in entries)
        with self._at_once():
            self._connection.execute("DELETE FROM member")
            self._connection.executemany("INSERT INTO member VALUES (?, ?, ?, ?)", rows)

    def keep_canvas(self, canvas: tuple[bytes, str | None] | None) -> None:
        """Keep the teacher's export from Canvas and which column is to be filled, in place of another."""
        with self._at_once():
            self._connection.execute("DELETE FROM canvas")
            if canvas is not None:
                self._connection.execute("INSERT INTO canvas VALUES (?, ?)", canvas)

    def canvas(self) -> tuple[bytes, str | None] | None:
        """The export and the column; None when nobody gave one."""
        row = self._connection.execute("SELECT export, heading FROM canvas").fetchone()
        return None if row is None else (row[0], row[1])

    def secret(self) -> str:
        """What the hidden variants of this class are drawn from: the same for as long as the file lives."""
        with self._at_once():
            row = self._connection.execute("SELECT text FROM secret").fetchone()
            if row is None:
                row = (secrets.token_hex(),)
                self._connection.execute("INSERT INTO secret VALUES (?)", row)
        return str(row[0])

    def find(self, source: str, exercise: str, key: Key, *, run: int | None = None) -> dict[str, Any] | None:
        """The report that was kept for exactly this work under these rules; with `run`, by that run only."""
        row = self._connection.execute(
            "SELECT report, run FROM verdict WHERE source = ? AND exercise = ? AND work = ? AND rules = ?",
            (source, exercise, key.work, _text(key.rules)),
        ).fetchone()
        return None if row is None or run not in (None, row[1]) else json.loads(row[0])

    def sitting(self, source: str, exercise: str, work: str) -> int | None:
        """The number of the run in which exactly this work was first judged; None for work that is new."""
        row = self._connection.execute(
            "SELECT sitting FROM verdict WHERE source = ? AND exercise = ? AND work = ?",
            (source, exercise, work),
        ).fetchone()
        return None if row is None else int(row[0])

    def keep(
        self,
        source: str,
        student: str,
        key: Key,
        report: Mapping[str, Any],
        *,
        run: int,
        sitting: int = 0,
    ) -> None:
        """Keep one report, in place of an older one."""
        marks = (report["state"], report["points"], report["max"])
        how = (key.work, _text(key.rules), run, sitting)
        row = (source, report["exercise"], student, *marks, *how, json.dumps(report))
        self._connection.execute(KEEP, row)

    def keep_fits(self, exercise: str, fits: Mapping[str, Sequence[str]]) -> None:
        """Keep, by source, whose variants an answer was made for."""
        rows = ((source, exercise, json.dumps(list(students))) for source, students in fits.items())
        with self._at_once():
            self._connection.executemany(KEEP_FITS, rows)

    def keep_spent(self, source: str, spent: Mapping[str, int]) -> None:
        """Keep how many seconds somebody was at each exercise."""
        if spent:
            rows = ((source, exercise, seconds) for exercise, seconds in spent.items())
            with self._at_once():
                self._connection.executemany(KEEP_SPENT, rows)

    def changes(self) -> Iterator[tuple[Told | None, Told | None]]:
        """What differs from what the last whole run told: each verdict as it was told, and as it is now."""
        for row in self._connection.execute(CHANGED):
            yield None if row[9] is None else _told(row[9:]), _told(row[:8])
        for row in self._connection.execute(GONE):
            yield _told(row), None

    def told_before(self) -> bool:
        """Whether an earlier run has come to its end."""
        return self._connection.execute("SELECT 1 FROM told LIMIT 1").fetchone() is not None

    def ended(self) -> list[dict[str, Any]] | None:
        """The changes that the last run told; None while it has not come to its end."""
        row = self._connection.execute(ENDED).fetchone()
        return None if row is None else list(json.loads(row[0]))

    def finish(self, run: int, changes: Sequence[Mapping[str, Any]] = ()) -> None:
        """The run has told everything that there is now, and these changes."""
        with self._at_once():
            self._connection.execute("DELETE FROM told")
            self._connection.execute(f"INSERT INTO told SELECT {', '.join(COLUMNS)} FROM ({NOW})")
            self._connection.execute(FINISH, (json.dumps(list(changes)), run))

    # What there is

    def exercises(self) -> frozenset[str]:
        """The exercises of the last run, and those of which there are verdicts from earlier ones."""
        return frozenset(row[0] for row in self._connection.execute(EXERCISES))

    def students(self) -> list[str]:
        """The student of each submission of the last run that has verdicts, in its order."""
        query = """SELECT student FROM submission s
            WHERE EXISTS (SELECT 1 FROM verdict v WHERE v.source = s.source AND v.student = s.student)
            ORDER BY place"""
        return [row[0] for row in self._connection.execute(query)]

    def beside(self) -> dict[tuple[str, str], tuple[tuple[str, ...], int | None]]:
        """By source and exercise: whose variants the answer was made for, and the seconds spent."""
        rows = self._connection.execute("SELECT source, exercise, fits, seconds FROM beside")
        return {(source, name): (tuple(json.loads(fits)), seconds) for source, name, fits, seconds in rows}

    def began(self) -> str:
        """When the last run began, as in "2026-01-31T12:00:00Z"."""
        row = self._connection.execute("SELECT started FROM run ORDER BY id DESC LIMIT 1").fetchone()
        return "1970-01-01T00:00:00Z" if row is None else str(row[0])

    def unread(self) -> list[tuple[str, SubmissionError]]:
        """What cannot be read at all, and why: first what is no submission."""
        rows = self._connection.execute("SELECT * FROM unread ORDER BY submission, source")
        return [(source, SubmissionError(*error)) for source, *error, _ in rows]

    def roster(self) -> Roster | None:
        """Who is in the class; None when nobody has said."""
        rows = self._connection.execute("SELECT student, name, ids FROM member ORDER BY place")
        entries = tuple(Entry(student, name, json.loads(ids)) for student, name, ids in rows)
        return Roster(entries) if entries else None

    def by_student(self, exercises: Sequence[str]) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Source, student and the JSON of the reports by exercise; the submissions are in the run's order."""
        rows = self._connection.execute(BY_STUDENT, (json.dumps(list(exercises)),))
        for (source, student), group in groupby(rows, key=lambda row: (row[0], row[1])):
            yield source, student, {exercise: report for _, _, exercise, report in group}

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """All of it or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _text(rules: Mapping[str, str]) -> str:
    return json.dumps(rules, sort_keys=True)


def _told(row: Sequence[Any]) -> Told:
    source, exercise, student, state, points, work, rules, criteria = row
    listed = tuple((name, state, points) for name, state, points in json.loads(criteria))
    return Told(source, exercise, student, state, points, Key(work, json.loads(rules)), listed)
