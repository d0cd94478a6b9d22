"""The lines that `skylab env` prints, for each shell."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tui.commands.sandbox import Shell, shell_lines

AWKWARD = 'it\'s $HOME; `id` "x" \\ é'


@pytest.mark.parametrize("program", ["bash", "sh"])
def test_a_shell_reads_back_exactly_the_values(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    lines = "\n".join(shell_lines({"AWS_SESSION_TOKEN": AWKWARD}, {}, Shell.BASH))

    done = subprocess.run(
        [program, "-c", f'{lines}\nprintf %s "$AWS_SESSION_TOKEN"'],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == AWKWARD


def test_each_shell_has_its_own_way_to_set_a_variable() -> None:
    wanted = {"AWS_REGION": "us-east-1"}

    assert list(shell_lines(wanted, {}, Shell.BASH)) == ["export AWS_REGION=us-east-1"]
    assert list(shell_lines(wanted, {}, Shell.FISH)) == ["set -gx AWS_REGION 'us-east-1'"]
    assert list(shell_lines(wanted, {}, Shell.POWERSHELL)) == ["$env:AWS_REGION = 'us-east-1'"]


def test_a_quote_is_doubled_for_powershell_and_escaped_for_fish() -> None:
    assert list(shell_lines({"A": "it's"}, {}, Shell.POWERSHELL)) == ["$env:A = 'it''s'"]
    assert list(shell_lines({"A": "it's\\"}, {}, Shell.FISH)) == [r"set -gx A 'it\'s\\'"]


def test_keys_of_somebody_else_that_are_in_the_shell_are_taken_away() -> None:
    present = {"AWS_SESSION_TOKEN": "old", "AWS_PROFILE": "work", "PATH": "/bin"}

    lines = list(shell_lines({"AWS_ACCESS_KEY_ID": "AKIA"}, present, Shell.BASH))

    assert lines == ["unset AWS_PROFILE", "unset AWS_SESSION_TOKEN", "export AWS_ACCESS_KEY_ID=AKIA"]


def test_a_shell_without_aws_settings_gets_export_lines_only() -> None:
    lines = list(shell_lines({"AWS_ACCESS_KEY_ID": "AKIA", "AWS_REGION": "us-east-1"}, {}, Shell.BASH))

    assert all(line.startswith("export ") for line in lines)
