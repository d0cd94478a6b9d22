"""Verdicts are kept as they come, found by what they follow from, and survive a kill."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graders.roster import Entry, Roster
from graders.store import Key, Store
from graders.submissions import Listing, Submission
from labs.errors import SubmissionError

REPORT: dict[str, Any] = {
    "exercise": "policies/x",
    "state": "pass",
    "points": "2",
    "max": "2",
    "criteria": [],
}
KEY = Key("work", {"skylab": "1", "exercise": "a"})


def listing(*sources: str, errors: tuple[tuple[str, SubmissionError], ...] = ()) -> Listing:
    """Submissions that are named after their students."""
    return Listing(tuple(Submission(each.removesuffix(".zip"), each, Path(each)) for each in sources), errors)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "results.sqlite") as store:
        yield store


def marked(state: str, points: str, *criteria: tuple[str, str, str]) -> dict[str, Any]:
    told = [{"name": name, "state": said, "points": got, "message": "m"} for name, said, got in criteria]
    return {**REPORT, "state": state, "points": points, "criteria": told}


@pytest.mark.parametrize(
    "other",
    [
        Key("other", KEY.rules),
        Key("work", {"skylab": "2", "exercise": "a"}),
        Key("work", {"skylab": "1", "exercise": "b"}),
        Key("work", {"skylab": "1"}),
    ],
)
def test_a_verdict_is_found_again_by_all_that_it_follows_from(tmp_path: Path, other: Key) -> None:
    with Store(tmp_path / "results.sqlite") as store:
        store.keep("alice", "alice", KEY, REPORT, run=1)
    with Store(tmp_path / "results.sqlite") as store:
        assert store.find("alice", "policies/x", KEY) == REPORT
        assert store.find("alice", "policies/x", other) is None
        assert store.find("bob", "policies/x", KEY) is None
        assert store.find("alice", "policies/y", KEY) is None


def test_a_regrade_finds_only_what_it_has_judged_itself(store: Store) -> None:
    store.keep("alice", "alice", KEY, REPORT, run=1)
    assert store.find("alice", "policies/x", KEY, run=2) is None
    store.keep("alice", "alice", KEY, REPORT, run=2)
    assert store.find("alice", "policies/x", KEY, run=2) == REPORT


def test_a_newer_verdict_takes_the_place_of_the_older(store: Store) -> None:
    store.keep("alice", "alice", Key("old", {}), REPORT, run=1)
    store.keep("alice", "alice", Key("new", {}), {**REPORT, "state": "fail"}, run=1)
    assert store.find("alice", "policies/x", Key("old", {})) is None
    assert store.find("alice", "policies/x", Key("new", {})) == {**REPORT, "state": "fail"}


def test_a_run_that_was_cut_off_goes_on_and_one_that_ended_does_not(store: Store) -> None:
    first = store.begin(listing("alice"), [], regrade=False)
    assert store.begin(listing("alice", "bob"), [], regrade=False) == first
    store.finish(first)
    second = store.begin(listing("alice"), [], regrade=False)
    assert second != first
    regrade = store.begin(listing("alice"), [], regrade=True)
    assert regrade != second
    assert store.begin(listing("alice"), [], regrade=True) == regrade


def test_what_a_run_changes_is_told_against_the_last_that_ended(store: Store) -> None:
    store.finish(_judge(store, {"alice": ("fail", "0"), "bob": ("pass", "2"), "carol": ("fail", "0")}))
    cut_off = {"alice": ("partial", "1"), "bob": ("pass", "2")}
    _judge(store, cut_off, "alice", "bob", "dave.zip")
    run = _judge(store, {"alice": ("pass", "2"), "dave.zip": ("pass", "2")}, "alice", "bob", "dave.zip")
    found = {each.source: pair for pair in store.changes() for each in pair if each is not None}
    assert set(found) == {"alice", "carol", "dave.zip"}
    before, after = found["alice"]
    assert before is not None
    assert after is not None
    assert (before.state, before.points, after.state, after.points) == ("fail", "0", "pass", "2")
    assert before.criteria == (("c", "fail", "0"),)
    assert found["dave.zip"][0] is None
    assert found["carol"][1] is None
    store.finish(run)
    assert list(store.changes()) == []


def _judge(store: Store, marks: dict[str, tuple[str, str]], *sources: str) -> int:
    """A run over submissions, by default those that are judged."""
    run = store.begin(listing(*(sources or marks)), [], regrade=False)
    for source, (state, points) in marks.items():
        report = marked(state, points, ("c", state, points))
        store.keep(source, source.removesuffix(".zip"), KEY, report, run=run)
    return run


def test_a_criterion_that_changes_is_a_change_though_the_points_are_the_same(store: Store) -> None:
    run = store.begin(listing("alice"), [], regrade=False)
    store.keep("alice", "alice", KEY, marked("partial", "1", ("a", "pass", "1"), ("b", "fail", "0")), run=run)
    store.finish(run)
    store.keep("alice", "alice", KEY, marked("partial", "1", ("a", "fail", "0"), ("b", "pass", "1")), run=run)
    assert len(list(store.changes())) == 1


def test_students_come_in_the_order_of_the_folder_with_all_their_reports(store: Store) -> None:
    run = store.begin(listing("zoe", "adam.zip", "gone"), [], regrade=False)
    for source in ("adam.zip", "zoe"):
        for exercise in ("policies/x", "policies/y", "policies/z"):
            student = source.removesuffix(".zip")
            store.keep(source, student, KEY, {**REPORT, "exercise": exercise}, run=run)
    found = list(store.by_student(["policies/x", "policies/z"]))
    assert [(source, student) for source, student, _ in found] == [("zoe", "zoe"), ("adam.zip", "adam")]
    assert all(set(reports) == {"policies/x", "policies/z"} for _, _, reports in found)
    assert store.students() == ["zoe", "adam"]
    assert store.exercises() == {"policies/x", "policies/y", "policies/z"}
    store.begin(listing("zoe"), ["policies/new"], regrade=False)
    assert store.exercises() == {"policies/x", "policies/y", "policies/z", "policies/new"}


def test_what_cannot_be_read_is_kept_until_it_can_be_read_or_is_gone(store: Store) -> None:
    stray = ("notes.txt", SubmissionError("Not a submission", "detail", "hint"))
    store.begin(listing("a", "b", errors=(stray,)), [], regrade=False)
    store.keep_unread("a", SubmissionError("Damaged"))
    store.keep_unread("b", SubmissionError("Damaged"))
    assert [source for source, _ in store.unread()] == ["notes.txt", "a", "b"]
    assert store.unread()[0][1].as_json() == stray[1].as_json()
    store.keep_unread("a", None)
    assert [source for source, _ in store.unread()] == ["notes.txt", "b"]
    store.begin(listing("a"), [], regrade=False)
    assert store.unread() == []


def test_the_roster_is_kept_as_it_was_given(store: Store) -> None:
    assert store.roster() is None
    roster = Roster((Entry("zoe", "Zoë Ö", {"ID": "1"}), Entry("adam", "Adam")))
    store.keep_roster(roster)
    assert store.roster() == roster
    store.keep_roster(None)
    assert store.roster() is None


def test_what_was_kept_is_there_after_a_kill(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from graders.store import Key, Store
store = Store(Path({str(tmp_path / "results.sqlite")!r}))
store.keep("alice", "alice", Key("work", {dict(KEY.rules)!r}), {REPORT!r}, run=1)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program]).returncode == -signal.SIGKILL
    with Store(tmp_path / "results.sqlite") as store:
        assert store.find("alice", "policies/x", KEY) == REPORT


def test_a_file_that_is_no_store_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").write_text("something else, long enough to be looked at " * 100)
    with pytest.raises(SubmissionError, match="cannot be read"):
        Store(tmp_path / "results.sqlite")


def test_a_store_of_a_newer_skylab_is_left_alone(tmp_path: Path) -> None:
    with Store(tmp_path / "results.sqlite") as store:
        store._connection.execute("PRAGMA user_version = 99")
    with pytest.raises(SubmissionError, match="newer Skylab"):
        Store(tmp_path / "results.sqlite")


def test_the_verdicts_of_the_first_form_are_made_again(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "results.sqlite")
    old.executescript(
        "CREATE TABLE verdict (source TEXT, exercise TEXT, digest TEXT, PRIMARY KEY (source, exercise));"
        "INSERT INTO verdict VALUES ('alice', 'policies/x', 'd'); PRAGMA user_version = 1;"
    )
    old.close()
    with Store(tmp_path / "results.sqlite") as store:
        assert store.find("alice", "policies/x", KEY) is None
        store.keep("alice", "alice", KEY, REPORT, run=1)


def test_verdicts_of_a_form_without_sittings_stay(tmp_path: Path) -> None:
    with Store(tmp_path / "results.sqlite") as store:
        store.keep("alice", "alice", KEY, REPORT, run=1, sitting=1)
        store._connection.executescript("ALTER TABLE verdict DROP COLUMN sitting; PRAGMA user_version = 4;")
    with Store(tmp_path / "results.sqlite") as store:
        assert store.find("alice", REPORT["exercise"], KEY) == REPORT
        assert store.sitting("alice", REPORT["exercise"], KEY.work) == 0
        store.keep("bob", "bob", KEY, REPORT, run=2, sitting=2)
        assert store.sitting("bob", REPORT["exercise"], KEY.work) == 2
