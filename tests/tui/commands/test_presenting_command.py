"""`skylab present`: the walkthrough in a pipe, the page for votes, and the notes in another terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import Result

from labs.course import Workspace, load_course
from labs.course.walkthrough import slides
from tui.commands.presenting import with_poll_place
from tui.presenting import Presented, Teller, presentation_file

Skylab = Callable[..., Result]
POLICIES = slides(load_course().unit("policies").walkthrough)


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        (["present", "policies", "--poll"], ["present", "policies", "--poll", ""]),
        (["present", "--poll", "--notes", "x"], ["present", "--poll", "", "--notes", "x"]),
        (["present", "x", "--poll", "10.0.0.5"], ["present", "x", "--poll", "10.0.0.5"]),
        (["present", "x", "--poll=10.0.0.5"], ["present", "x", "--poll=10.0.0.5"]),
        ([], []),
    ],
)
def test_poll_alone_is_poll_at_the_machine_s_own_address(words: list[str], whole: list[str]) -> None:
    assert with_poll_place(words) == whole


def test_in_a_pipe_the_walkthrough_comes_with_its_notes(skylab: Skylab) -> None:
    result = skylab("present", "policies")

    assert result.exit_code == 0
    assert "nothing said" in result.stdout
    assert "Notes" in result.stdout


@pytest.mark.parametrize(
    "words", [["--poll"], ["--poll", "10.0.0.5", "--notes", "--plain"], ["--poll", "--notes"]]
)
def test_a_page_for_votes_without_slides_is_wrong_use(words: list[str], skylab: Skylab) -> None:
    result = skylab("present", "policies", *words)

    assert result.exit_code == 2
    assert "belongs to the slides" in result.stderr


def test_notes_for_no_unit_are_wrong_use(skylab: Skylab) -> None:
    assert skylab("present", "gardening", "--notes").exit_code == 2


def test_the_notes_wait_follow_and_wait_again(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "work", "alice")
    teller = Teller(presentation_file(workspace.sandbox_file))
    poll = next(number for number, each in enumerate(POLICIES) if each.poll is not None)
    asked = POLICIES[poll].poll
    assert asked is not None
    now = Presented("policies", poll, votes={each.letter: 7 for each in asked.options})
    command = [sys.executable, "-m", "tui", "present", "policies", "--notes", "--plain"]
    environment = {**os.environ, "SKYLAB_WORKSPACE": str(workspace.folder), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")

        def read_to(words: str) -> str:
            """What is printed up to a line that holds the words."""
            read = ""
            for line in lines:
                read += line
                if words in line:
                    return read
            raise AssertionError(f"{words!r} did not come after {read!r}")

        try:
            read_to("Waiting for the presentation.")
            teller.tell(replace(now, unit="roles"))
            read_to("Another unit is presented now: roles.")
            teller.tell(now)
            hidden = read_to("Next")
            teller.tell(replace(now, revealed=True, until=4e9))
            seen = read_to("discuss")
            teller.end()
            read_to("Waiting for the presentation.")
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0

    assert f"slide {poll + 1} of {len(POLICIES)}" in hidden
    assert f"Answer: {asked.answer}, the class does not see it yet" in hidden
    assert "the answer" in hidden.splitlines()[-1]
    assert f"Answer: {asked.answer}, the class sees it" in seen
    assert "─" not in hidden + seen
