"""The app in a real terminal: what only a terminal can do wrong, in one window of tmux."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.course import Workspace, load_course
from tests.tui.terminal.tmux import PROMPT, Terminal

POLICY = "policies/least-privilege-reader"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A shell for a learner whose home is empty."""
    if shutil.which("tmux") is None:
        pytest.skip("no tmux: it is not installed")
    terminal = Terminal(f"skylab-{os.getpid()}", {"HOME": str(tmp_path)})
    try:
        yield terminal
    finally:
        terminal.close()


def test_keys_mouse_resize_paste_and_suspend_work_and_the_end_leaves_the_terminal_as_it_was(
    terminal: Terminal, tmp_path: Path
) -> None:
    """One start for all of them: each step begins on the screen where the last one ends."""
    before = begin(terminal)
    keys_reach_it(terminal)
    a_click_opens_a_unit(terminal)
    another_size_is_filled_to_its_edges(terminal)
    a_text_of_many_lines_is_pasted_whole(terminal, Workspace.open(tmp_path / "skylab"))
    the_shell_comes_back_and_so_does_the_app(terminal)
    nothing_of_it_is_left(terminal, before)


def begin(terminal: Terminal) -> str:
    """Start the app; returns what stood in the window before."""
    terminal.type("stty -a > ~/before; clear; echo here before")
    terminal.press("Enter")
    terminal.wait(lambda: terminal.lines()[0] == "here before", "shell")
    before = terminal.screen()
    terminal.type(f"{shlex.quote(sys.executable)} -m tui")
    terminal.press("Enter")
    terminal.shows("Skylab", "Units", "F1 help")
    assert terminal.ask("alternate_on", "mouse_sgr_flag") == ["1", "1"]
    return before


def keys_reach_it(terminal: Terminal) -> None:
    terminal.press("i")
    terminal.shows("ARN dissector", "Esc map")
    terminal.press("Escape")
    terminal.shows("Units", "c continue")
    terminal.press("F1")
    terminal.shows("Help", "Esc close")
    terminal.press("Escape")
    terminal.shows("Units", "c continue")


def a_click_opens_a_unit(terminal: Terminal) -> None:
    unit = load_course().unit("policies")
    assert unit.exercises[0].title not in terminal.screen()
    terminal.click(f"{unit.number}  {unit.title}")
    terminal.shows(f"{unit.number} › {unit.exercises[0].title}", f"0 of {len(unit.pages)} pages read")


def another_size_is_filled_to_its_edges(terminal: Terminal) -> None:
    small = terminal.lines()
    terminal.resize(120, 36)
    terminal.wait(lambda: is_filled(terminal.lines(), 120, 36), "screen of 120x36")
    terminal.resize(80, 24)
    terminal.wait(lambda: is_filled(terminal.lines(), 80, 24), "screen of 80x24")
    terminal.wait(lambda: terminal.lines()[1:] == small[1:], "screen as it was at 80x24")


def is_filled(lines: list[str], columns: int, rows: int) -> bool:
    """Whether both rules go from edge to edge, with the keys in the last row up to its margin."""
    rules = [row for row, line in enumerate(lines) if line == "─" * columns]
    return rules == [1, rows - 2] and lines[-1].endswith("commands") and len(lines[-1]) == columns - 3


def a_text_of_many_lines_is_pasted_whole(terminal: Terminal, workspace: Workspace) -> None:
    exercise = load_course().exercise(POLICY)
    statements = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::b/{n}"} for n in range(40)
    ]
    pasted = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"
    terminal.press("C-p")
    terminal.shows("map: open")
    terminal.type(f"exercise: {exercise.title}")
    terminal.shows(f"exercise: {exercise.title}", f"{exercise.unit.title} · policy")
    terminal.press("Enter")
    terminal.shows("^s check")
    terminal.paste(pasted)
    # It stands before the starter, and is saved without being asked.
    terminal.wait(
        lambda: (workspace.read(exercise) or "").startswith(pasted + "{"), "pasted text in the file"
    )
    terminal.press("Escape")
    terminal.shows("Units", "c continue")


def the_shell_comes_back_and_so_does_the_app(terminal: Terminal) -> None:
    terminal.wait(lambda: "sandbox warming" not in terminal.screen(), "end of the warming")
    whole = terminal.screen()
    terminal.press("C-z")
    terminal.shows("here before", "Stopped")
    assert terminal.ask("alternate_on", "mouse_sgr_flag", "cursor_flag") == ["0", "0", "1"]
    terminal.type("echo $((6 * 7)); fg")
    terminal.press("Enter")
    terminal.wait(lambda: terminal.screen() == whole, "screen as it was before")
    terminal.press("Down")
    terminal.wait(lambda: terminal.screen() != whole, "answer to a key")


def nothing_of_it_is_left(terminal: Terminal, before: str) -> None:
    terminal.press("C-q")
    terminal.wait(lambda: terminal.lines()[-1:] != [] and "42" in terminal.screen(), "shell")
    terminal.type("echo left with $?; stty -a > ~/after; cmp ~/before ~/after && echo same settings")
    terminal.press("Enter")
    terminal.shows("left with 0", "same settings")
    shown = terminal.screen()
    assert shown.startswith(before.rstrip().removesuffix(PROMPT).rstrip())
    assert "Units" not in shown
    assert terminal.ask("alternate_on", "mouse_sgr_flag", "cursor_flag") == ["0", "0", "1"]
