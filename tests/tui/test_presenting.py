"""How the notes on a second terminal hear of a presentation, whichever side starts, ends or is cut off."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from labs.course import Workspace
from tui.commands.application import application
from tui.presenting import Presented, Teller, presentation_file, presented, presented_from_now_on

NOW = Presented("policies", 2, True, 1, {"A": 3}, 1700000000.5)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "presenting.json"


def ended_process() -> int:
    """The number of a process that runs no more."""
    process = subprocess.Popen([sys.executable, "-S", "-c", ""])
    process.wait()
    return process.pid


def wait_for(states: Iterator[Presented | None], wanted: Presented | None) -> None:
    """Read on until a state comes; each look takes a second at most."""
    for _, state in zip(range(60), states, strict=False):
        if state == wanted:
            return
    raise AssertionError(f"{wanted} did not come")


def test_what_is_told_is_what_is_presented(file: Path) -> None:
    assert presented(file) is None
    teller = Teller(file)
    teller.tell(NOW)

    assert presented(file) == NOW
    assert NOW.process == os.getpid()
    teller.end()
    assert presented(file) is None
    assert not file.exists()


def test_the_same_news_is_written_once(file: Path) -> None:
    teller = Teller(file)
    teller.tell(NOW)
    file.unlink()
    teller.tell(NOW)
    assert not file.exists()

    teller.tell(replace(NOW, slide=3))
    assert file.exists()


def test_a_presentation_takes_back_only_what_it_told_itself(file: Path) -> None:
    first, second = Teller(file), Teller(file)
    first.tell(NOW)
    second.tell(replace(NOW, unit="roles"))
    first.end()

    assert presented(file) == replace(NOW, unit="roles")


def test_a_presentation_that_was_cut_off_is_none(file: Path) -> None:
    Teller(file).tell(replace(NOW, process=ended_process()))

    assert file.exists()
    assert presented(file) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"unit": "policies"}', '{"unit": "p", "slide": 1, "more": 2}', "\udcff"]
)
def test_a_file_that_is_damaged_or_of_another_kind_is_no_presentation(text: str, file: Path) -> None:
    file.write_bytes(text.encode("utf-8", "surrogateescape"))

    assert presented(file) is None


def test_a_folder_that_takes_no_file_does_not_end_the_class(tmp_path: Path) -> None:
    teller = Teller(tmp_path / "missing" / "presenting.json")
    teller.tell(NOW)
    teller.end()


def test_the_notes_follow_over_the_restart_of_either_side(file: Path) -> None:
    states: Any = presented_from_now_on(file)
    assert next(states) is None

    teller = Teller(file)
    teller.tell(NOW)
    wait_for(states, NOW)
    teller.tell(replace(NOW, slide=3))
    wait_for(states, replace(NOW, slide=3))
    teller.end()
    wait_for(states, None)
    states.close()

    Teller(file).tell(NOW)
    again: Any = presented_from_now_on(file)
    assert next(again) == NOW
    again.close()


def test_a_presentation_in_lines_tells_the_notes_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.create(tmp_path / "work", "alice")
    told: list[Presented] = []
    tell = Teller.tell

    def remember(self: Teller, now: Presented) -> None:
        told.append(now)
        tell(self, now)

    monkeypatch.setattr(Teller, "tell", remember)
    monkeypatch.setenv("SKYLAB_WORKSPACE", str(workspace.folder))
    words = ["--plain", "present", "policies"]
    result = CliRunner().invoke(application(), words, input="next\nvotes 1 2 3\ntimer\nnext\n")

    assert result.exit_code == 0, result.output
    seen = [(each.slide, each.revealed, dict(each.votes), each.until is not None) for each in told]
    votes = {"A": 1, "B": 2, "C": 3}
    assert list(dict.fromkeys(map(str, seen))) == [
        str(each)
        for each in (
            (0, False, {}, False),
            (1, False, {}, False),
            (1, False, votes, False),
            (1, False, votes, True),
            (1, True, votes, True),
        )
    ]
    assert not presentation_file(workspace.sandbox_file).exists()
