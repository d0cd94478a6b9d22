"""What a learner has done, from attempts to reviews, in one SQLite file that every face shares.

A connection lives for one statement: the app asks from several threads, and the command line and the app may
run at the same time. SQLite makes each change whole or not at all.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from labs.course.catalogue import Page, Unit
from labs.course.exercise import Exercise
from labs.course.sealed import Sealed
from labs.errors import WorkspaceError

__all__ = ["Attempt", "Checked", "Drilled", "Progress", "Standing", "Struck"]

_SCHEMAS = (
    """
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY, exercise TEXT NOT NULL, time TEXT NOT NULL, state TEXT NOT NULL,
    points TEXT NOT NULL, max TEXT NOT NULL, misconceptions TEXT NOT NULL);
CREATE INDEX attempt_by_exercise ON attempt (exercise);
CREATE TABLE hint (
    exercise TEXT NOT NULL, level INTEGER NOT NULL, time TEXT NOT NULL, PRIMARY KEY (exercise, level));
CREATE TABLE page (unit TEXT NOT NULL, page TEXT NOT NULL, time TEXT NOT NULL, PRIMARY KEY (unit, page));
CREATE TABLE begun (exercise TEXT NOT NULL PRIMARY KEY, time TEXT NOT NULL);
""",
    """
CREATE TABLE drill (
    id INTEGER PRIMARY KEY, skill TEXT NOT NULL, seed INTEGER NOT NULL, time TEXT NOT NULL,
    is_right INTEGER NOT NULL, seconds REAL NOT NULL, misconception TEXT);
CREATE INDEX drill_by_skill ON drill (skill);
CREATE TABLE review (
    id INTEGER PRIMARY KEY, misconception TEXT NOT NULL, time TEXT NOT NULL, is_right INTEGER NOT NULL);
""",
    """
ALTER TABLE attempt ADD COLUMN text TEXT;
CREATE TABLE seen (name TEXT NOT NULL PRIMARY KEY, time TEXT NOT NULL);
""",
)
"""What each version added to the one before it."""
VERSION = len(_SCHEMAS)

State: TypeAlias = Literal["new", "started", "partial", "done"]


class Attempt(Protocol):
    """What is kept of a mark; the graders' Report is one."""

    @property
    def exercise(self) -> Exercise: ...
    @property
    def state(self) -> str: ...
    @property
    def points(self) -> Decimal: ...
    @property
    def max(self) -> Decimal: ...
    @property
    def misconceptions(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a learner is with one exercise: the best attempt counts."""

    state: State
    points: Decimal
    max: Decimal
    attempts: int
    hints: int


@dataclass(frozen=True, slots=True)
class Checked:
    """An attempt as it was handed in; `text` is None where it was not kept. `number` counts from 1."""

    number: int
    time: datetime
    points: Decimal
    max: Decimal
    text: str | None


@dataclass(frozen=True, slots=True)
class Drilled:
    """An answer to a question of a drill, and what it took; `misconception` is what a wrong one told of."""

    skill: str
    seed: int
    time: datetime
    right: bool
    seconds: float
    misconception: str | None = None


@dataclass(frozen=True, slots=True)
class Struck:
    """A misconception that was met: it showed in a check or a drill, or a review of it was right or not."""

    misconception: str
    time: datetime
    right: bool
    reviewed: bool


class Progress:
    """The progress file of a workspace; it is made at its first use."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=10)) as database:
                self._bring_up_to_date(database)
                with database:
                    yield database
        except sqlite3.DatabaseError as broken:
            raise WorkspaceError(
                "The progress cannot be read",
                f"{self.path}: {broken}.",
                "Move that file away to begin a new one; your answers are not in it and stay as they are.",
            ) from broken

    def _bring_up_to_date(self, database: sqlite3.Connection) -> None:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise WorkspaceError(
                "The progress is of a newer Skylab",
                f"{self.path} is version {version}; this Skylab reads version {VERSION}.",
                "Update Skylab.",
            )
        if version < VERSION:
            # Two programs may come here at once; the second finds the work done.
            database.execute("BEGIN IMMEDIATE")
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version < VERSION:
                for schema in _SCHEMAS[version:]:
                    for statement in schema.split(";"):
                        database.execute(statement)
                database.execute(f"PRAGMA user_version = {VERSION}")
            database.commit()

    # -- attempts ----------------------------------------------------------------------------------------

    def record(self, attempt: Attempt, time: datetime | None = None, *, text: str | None = None) -> None:
        """Keep a mark, of now unless a time is given, and the text that it is on, if it is at hand.

        What was not handed in is no attempt, and neither is what a copy without checks says.
        """
        if attempt.state == "missing" or isinstance(attempt.exercise, Sealed):
            return
        row = (
            attempt.exercise.id,
            _stamp(time),
            attempt.state,
            str(attempt.points),
            str(attempt.max),
            json.dumps(list(attempt.misconceptions)),
            text,
        )
        with self._open() as database:
            database.execute(
                "INSERT INTO attempt (exercise, time, state, points, max, misconceptions, text)"
                " VALUES (?,?,?,?,?,?,?)",
                row,
            )

    def begin(self, exercise: Exercise) -> None:
        """Note that the learner has begun an exercise."""
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO begun VALUES (?, ?)", (exercise.id, _now()))

    def best(self, exercise: Exercise) -> Standing:
        """How far the learner is with an exercise."""
        with self._open() as database:
            rows = database.execute(
                "SELECT state, points, max FROM attempt WHERE exercise = ?", (exercise.id,)
            ).fetchall()
            (hints,) = database.execute(
                "SELECT COALESCE(MAX(level), 0) FROM hint WHERE exercise = ?", (exercise.id,)
            ).fetchone()
            begun = database.execute("SELECT 1 FROM begun WHERE exercise = ?", (exercise.id,)).fetchone()
        points, most = max(
            ((Decimal(points), Decimal(most)) for _, points, most in rows),
            default=(Decimal(0), Decimal(exercise.points)),
        )
        if any(state == "pass" for state, _, _ in rows):
            state: State = "done"
        elif points:
            state = "partial"
        else:
            state = "started" if rows or begun else "new"
        return Standing(state, points, most, len(rows), hints)

    def attempts(self, exercise: Exercise) -> tuple[tuple[str, str, Decimal], ...]:
        """Every attempt: when, its state, its points; the oldest first."""
        with self._open() as database:
            rows = database.execute(
                "SELECT time, state, points FROM attempt WHERE exercise = ? ORDER BY id", (exercise.id,)
            ).fetchall()
        return tuple((time, state, Decimal(points)) for time, state, points in rows)

    def last(self, exercise: Exercise) -> Checked | None:
        """The last attempt, with what was handed in; None before the first one."""
        with self._open() as database:
            row = database.execute(
                "SELECT count(*), max(id), time, points, max, text FROM attempt WHERE exercise = ?",
                (exercise.id,),
            ).fetchone()
        number, _, time, points, most, text = row
        if not number:
            return None
        return Checked(number, datetime.fromisoformat(time), Decimal(points), Decimal(most), text)

    # -- hints and pages ---------------------------------------------------------------------------------

    def hint_shown(self, exercise: Exercise, level: int) -> None:
        """Note that a hint was shown."""
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO hint VALUES (?, ?, ?)", (exercise.id, level, _now()))

    def page_read(self, unit: Unit, page: Page) -> None:
        """Note that a page of a lesson was read."""
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO page VALUES (?, ?, ?)", (unit.id, page.id, _now()))

    def pages_read(self, unit: Unit) -> frozenset[str]:
        """The ids of the pages of a unit that were read."""
        with self._open() as database:
            rows = database.execute("SELECT page FROM page WHERE unit = ?", (unit.id,)).fetchall()
        return frozenset(page for (page,) in rows)

    def note_seen(self, name: str) -> None:
        """Note that something which is offered once was seen, as the tour."""
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (name, _now()))

    def has_seen(self, name: str) -> bool:
        """Whether that was seen."""
        with self._open() as database:
            return database.execute("SELECT 1 FROM seen WHERE name = ?", (name,)).fetchone() is not None

    def is_untouched(self) -> bool:
        """Whether nothing has been read, begun, checked or drilled yet."""
        with self._open() as database:
            tables = ("attempt", "begun", "page", "drill")
            return not any(database.execute(f"SELECT 1 FROM {each} LIMIT 1").fetchone() for each in tables)

    # -- drills and reviews ------------------------------------------------------------------------------

    def drilled(self, answer: Drilled) -> None:
        """Keep an answer of a drill."""
        with self._open() as database:
            database.execute(
                "INSERT INTO drill (skill, seed, time, is_right, seconds, misconception)"
                " VALUES (?,?,?,?,?,?)",
                (
                    answer.skill,
                    answer.seed,
                    _stamp(answer.time),
                    answer.right,
                    answer.seconds,
                    answer.misconception,
                ),
            )

    def drills(self, skill: str) -> tuple[Drilled, ...]:
        """Every answer of a drill, the oldest first."""
        with self._open() as database:
            rows = database.execute(
                "SELECT skill, seed, time, is_right, seconds, misconception FROM drill"
                " WHERE skill = ? ORDER BY id",
                (skill,),
            ).fetchall()
        return tuple(
            Drilled(skill, seed, datetime.fromisoformat(time), bool(right), seconds, misconception)
            for skill, seed, time, right, seconds, misconception in rows
        )

    def reviewed(self, misconception: str, right: bool, time: datetime) -> None:
        """Keep how a review of a misconception went."""
        with self._open() as database:
            database.execute(
                "INSERT INTO review (misconception, time, is_right) VALUES (?, ?, ?)",
                (misconception, _stamp(time), right),
            )

    def struck(self) -> tuple[Struck, ...]:
        """Each time that a misconception was met, the oldest first."""
        with self._open() as database:
            checks = database.execute("SELECT time, misconceptions FROM attempt").fetchall()
            drills = database.execute(
                "SELECT time, misconception FROM drill WHERE misconception IS NOT NULL"
            ).fetchall()
            reviews = database.execute("SELECT time, misconception, is_right FROM review").fetchall()
        met = [(time, each, False, False) for time, found in checks for each in json.loads(found)]
        met += [(time, each, False, False) for time, each in drills]
        met += [(time, each, bool(right), True) for time, each, right in reviews]
        found = (
            Struck(each, datetime.fromisoformat(time), right, reviewed) for time, each, right, reviewed in met
        )
        return tuple(sorted(found, key=lambda each: each.time))


def _now() -> str:
    return _stamp(None)


def _stamp(time: datetime | None) -> str:
    """A time as it is kept, or that of now: UTC, to the second."""
    return (time or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
