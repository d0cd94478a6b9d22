"""`skylab ec2`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

Skylab = Callable[..., Result]


def question(folder: Path, document: object) -> Path:
    file = folder / "question.json"
    file.write_text(json.dumps(document), "utf-8")
    return file


def test_what_a_stop_does_is_drawn_line_by_line(skylab: Skylab, tmp_path: Path) -> None:
    result = skylab("ec2", question(tmp_path, {"after": "stop and start"}))

    assert result.exit_code == 0
    assert "public IPv4              changed" in result.stdout


def test_a_refusal_exits_1(skylab: Skylab, tmp_path: Path) -> None:
    result = skylab("ec2", question(tmp_path, {"launch": {"profile": "app"}}), "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["lines"][0]["subject"] == "InvalidParameterValue"


def test_without_a_question_it_exits_2(skylab: Skylab, tmp_path: Path) -> None:
    assert skylab("ec2").exit_code == 2
    assert skylab("ec2", question(tmp_path, {})).exit_code == 2
