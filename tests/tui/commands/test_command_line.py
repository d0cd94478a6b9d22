"""What holds for every command: help at once, options anywhere, quiet ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from ast import literal_eval
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import Result

from tui.commands.application import application, shared_options_first

Skylab = Callable[..., Result]
SKYLAB = [sys.executable, "-m", "tui"]


def group() -> TyperGroup:
    group = get_command(application())
    assert isinstance(group, TyperGroup)
    return group


@pytest.mark.parametrize("name", sorted(group().commands))
def test_every_command_has_help_and_each_of_its_options_a_sentence(name: str, skylab: Skylab) -> None:
    result = skylab(name, "--help")

    assert result.exit_code == 0
    assert group().commands[name].help
    assert all(getattr(each, "help", None) for each in group().commands[name].params)


def test_the_list_of_commands_shows_whole_sentences(skylab: Skylab) -> None:
    listed = skylab("--help").stdout.partition("Commands:")[2].strip().splitlines()

    assert [line for line in listed if not re.search(r"[.?]$", line) or line.endswith("...")] == []


def test_help_comes_at_once_and_loads_nothing_heavy() -> None:
    began = time.perf_counter()
    code = "import sys\nfrom tui.commands.application import application\n"
    code += "try: application()(['--help'], prog_name='skylab')\nexcept SystemExit: pass\n"
    code += "print(sorted({'rich', 'moto', 'boto3', 'textual', 'labs.course', 'graders'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"
    assert time.perf_counter() - began < 2


def test_a_command_loads_no_other_command() -> None:
    code = "import sys\nfrom tui.commands.application import application\n"
    code += "try: application()(['arn', 'arn:aws:s3:::b'], prog_name='skylab')\nexcept SystemExit: pass\n"
    code += "print(sorted(name for name in sys.modules if name.startswith('tui.commands.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = {name.rpartition(".")[2] for name in literal_eval(done.stdout.splitlines()[-1])}
    assert "instruments" in loaded
    assert not {"addresses", "course", "grading", "sandbox"} & loaded


def test_marking_an_exercise_loads_no_screen(tmp_path: Path) -> None:
    code = "import sys\nfrom tui.commands.application import application\n"
    code += "try: application()(['check', 'arns/is-it-one'], prog_name='skylab')\nexcept SystemExit: pass\n"
    code += "print('tui.session' in sys.modules, 'textual' in sys.modules)"
    alone = {"HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=alone, cwd=tmp_path
    )

    assert done.stdout.splitlines()[-1] == "True False"


def test_the_version_is_the_installed_one(skylab: Skylab) -> None:
    assert skylab("--version").stdout == f"skylab {version('skylab')}\n"


def test_an_unknown_command_is_wrong_use(skylab: Skylab) -> None:
    assert skylab("fly").exit_code == 2


@pytest.mark.parametrize(
    ("words", "ordered"),
    [
        (["arn", "x", "--plain"], ["--plain", "arn", "x"]),
        (["check", "--workspace", "here", "one"], ["--workspace", "here", "check", "one"]),
        (["check", "one", "--workspace=here"], ["--workspace=here", "check", "one"]),
        (["arn", "--", "--plain"], ["arn", "--", "--plain"]),
        (["check", "--workspace"], ["--workspace", "check"]),
    ],
)
def test_shared_options_may_stand_after_the_command(words: list[str], ordered: list[str]) -> None:
    assert shared_options_first(words) == ordered


def test_plain_output_is_lines_of_text_without_rules(skylab: Skylab) -> None:
    drawn = skylab("arn", "arn:aws:s3:::bucket").stdout
    plain = skylab("arn", "arn:aws:s3:::bucket", "--plain").stdout

    assert "────" in drawn
    assert "────" not in plain
    assert "an ARN" in plain.splitlines()


def test_no_line_of_a_piped_drawing_ends_in_blanks(skylab: Skylab) -> None:
    drawn = skylab("arn", "arn:aws:s3:::bucket").stdout

    assert [line for line in drawn.splitlines() if line != line.rstrip()] == []


def test_a_reader_that_leaves_early_is_no_error() -> None:
    question = (
        b'{"request":{"principal":"anonymous","action":"s3:GetObject","resource":"arn:aws:s3:::b/k"}}\n'
    )
    with subprocess.Popen(
        [*SKYLAB, "explain", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(question)
        process.stdin.flush()
        assert process.stdout.readline().startswith(b'{"id":null,"decision":')
        process.stdout.close()
        process.stdin.write(question)
        process.stdin.close()
        told = process.stderr.read()

    assert told == b""
    assert process.returncode == 141


def test_ctrl_c_ends_a_command_without_a_word() -> None:
    with subprocess.Popen(
        [*SKYLAB, "explain", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"[]\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)
        told = process.stderr.read()

    assert told == b""
    assert process.returncode == 130


def test_output_survives_an_encoding_that_knows_no_signs() -> None:
    done = subprocess.run(
        [*SKYLAB, "arn", "arn:aws:s3:::bucket"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )

    assert done.returncode == 0
    assert "✓ an ARN" in done.stdout.decode()
