"""Verdicts are kept as they come, found by what they follow from, and survive a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from graders.store import Store
from labs.errors import SubmissionError

REPORT = {"exercise": "policies/x", "state": "pass", "points": "2", "max": "2"}


def test_a_verdict_is_found_again_by_its_digest_only(tmp_path: Path) -> None:
    with Store(tmp_path / "results.sqlite") as store:
        store.keep("alice", "alice", "digest", REPORT)
    with Store(tmp_path / "results.sqlite") as store:
        assert store.find("alice", "policies/x", "digest") == REPORT
        assert store.find("alice", "policies/x", "other") is None
        assert store.find("bob", "policies/x", "digest") is None


def test_a_newer_verdict_takes_the_place_of_the_older(tmp_path: Path) -> None:
    with Store(tmp_path / "results.sqlite") as store:
        store.keep("alice", "alice", "old", REPORT)
        store.keep("alice", "alice", "new", {**REPORT, "state": "fail"})
        assert store.find("alice", "policies/x", "old") is None
        assert store.find("alice", "policies/x", "new") == {**REPORT, "state": "fail"}


def test_what_was_kept_is_there_after_a_kill(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from graders.store import Store
store = Store(Path({str(tmp_path / "results.sqlite")!r}))
store.keep("alice", "alice", "digest", {REPORT!r})
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program]).returncode == -signal.SIGKILL
    with Store(tmp_path / "results.sqlite") as store:
        assert store.find("alice", "policies/x", "digest") == REPORT


def test_a_file_that_is_no_store_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").write_text("something else, long enough to be looked at " * 100)
    with pytest.raises(SubmissionError, match="cannot be read"):
        Store(tmp_path / "results.sqlite")


def test_a_store_of_a_newer_skylab_is_left_alone(tmp_path: Path) -> None:
    with Store(tmp_path / "results.sqlite") as store:
        store._connection.execute("PRAGMA user_version = 99")
    with pytest.raises(SubmissionError, match="newer Skylab"):
        Store(tmp_path / "results.sqlite")
