"""How long somebody was at an exercise is read from the workspace's progress, whatever lies in its place."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from graders.submissions import Submission
from graders.submissions.spent import PROGRESS, seconds_spent, student_of
from labs.course import Workspace, load_course

BEGAN = datetime(2026, 1, 31, 12)


def made(path: Path, script: str) -> bytes:
    """A database that a script makes."""
    with sqlite3.connect(path) as database:
        database.executescript(script)
    database.close()
    return path.read_bytes()


def tables(events: list[int]) -> str:
    """A progress file with signs of life at these minutes."""
    times = [(BEGAN + timedelta(minutes=minutes)).isoformat() for minutes in events]
    rows = "".join(f"INSERT INTO attempt VALUES ('u/e', '{time}');" for time in times)
    return f"""CREATE TABLE attempt (exercise, time); CREATE TABLE hint (exercise, time);
        CREATE TABLE begun (exercise, time); {rows}"""


@pytest.mark.parametrize(
    ("minutes", "spent"), [([0, 4, 10], {"u/e": 600}), ([0, 5, 600, 601], {"u/e": 1260}), ([3], {}), ([], {})]
)
def test_long_pauses_count_as_a_quarter_of_an_hour(
    tmp_path: Path, minutes: list[int], spent: dict[str, int]
) -> None:
    assert seconds_spent(made(tmp_path / "p", tables(minutes))) == spent


def test_a_submitted_workspace_tells_its_time(tmp_path: Path) -> None:
    exercise = load_course().exercise("bucket-or-object")
    workspace = Workspace.create(tmp_path / "ann", "ann")
    workspace.start(exercise)
    with sqlite3.connect(workspace.progress.path) as database:
        database.execute("UPDATE begun SET time = '2026-01-31T12:00:00+00:00'")
        database.execute(
            "INSERT INTO attempt (exercise, time, state, points, max, misconceptions)"
            " VALUES (?, '2026-01-31T12:05:00+00:00', 'fail', '0', '6', '[]')",
            (exercise.id,),
        )
    database.close()
    reading = Submission("ann", "ann", tmp_path / "ann").read([exercise])
    assert reading.spent == {exercise.id: 300}
    assert reading.fault is None
    assert (tmp_path / "ann" / PROGRESS).is_file()


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT 'e' exercise, x time FROM n"


@pytest.mark.parametrize(
    "data", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000], ids=["empty", "text", "noise"]
)
def test_what_is_no_progress_tells_nothing(data: bytes) -> None:
    assert seconds_spent(data) == {}


def test_a_view_without_an_end_is_given_up(tmp_path: Path) -> None:
    script = f"CREATE VIEW attempt AS {ENDLESS} WHERE x < 0; CREATE TABLE hint (exercise, time);"
    data = made(tmp_path / "p", f"{script} CREATE TABLE begun (exercise, time);")
    assert seconds_spent(data) == {}


def test_times_that_are_none_are_left_out(tmp_path: Path) -> None:
    script = tables([0, 1]) + "INSERT INTO attempt VALUES ('u/e', 7), ('u/e', 'soon'), (NULL, NULL);"
    assert seconds_spent(made(tmp_path / "p", script)) == {"u/e": 60}


def test_a_workspace_of_somebody_else_is_told_of(tmp_path: Path) -> None:
    exercise = load_course().exercise("bucket-or-object")
    Workspace.create(tmp_path / "ann", "a.adams").start(exercise)
    fault = Submission("ann", "ann", tmp_path / "ann").read([exercise]).fault
    assert fault is not None
    assert "made as 'a.adams'" in fault.detail


@pytest.mark.parametrize("marker", [b"", b"[]", b"{}", b'{"student": 7}', b"[" * 100_000])
def test_a_marker_that_is_none_tells_nothing(marker: bytes) -> None:
    assert student_of(marker) is None
