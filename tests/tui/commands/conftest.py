"""Running the command line inside a test: what it printed, what it said about itself, and its exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tui.commands.application import application

Skylab = Callable[..., Result]


@pytest.fixture
def skylab(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Skylab:
    """Runs `skylab WORDS…` in an empty folder, for a learner whose home is empty too."""
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(here)
    runner = CliRunner()

    def run(*words: str | Path, stdin: str | bytes | None = None) -> Result:
        return runner.invoke(application(), [str(word) for word in words], input=stdin)

    return run


@pytest.fixture
def policy_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a policy of one statement and returns its file."""

    def write(name: str = "reader.json", **statement: Any) -> Path:
        file = tmp_path / name
        file.write_text(
            json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
        )
        return file

    return write
