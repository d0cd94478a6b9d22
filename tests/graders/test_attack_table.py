"""Each row of the table of attacks has fixtures: and a naive grader fails on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROWS = range(1, 43)
ELSEWHERE: dict[str, Any] = tomllib.loads((HERE / "attack_rows.toml").read_text("utf-8"))
PATIENCE = 1.5
"""Seconds after which a program is said to hang. None that hangs ever ends, and the others take a tenth."""


def naive_outcome(attack: Any, folder: Path) -> str:
    """What becomes of an attack where the grader runs it in its own process."""
    program, verdict = folder / "program.py", folder / "verdict.json"
    program.write_text(attack.source, "utf-8")
    try:
        done = subprocess.run(
            [sys.executable, HERE / "naive.py", program, verdict],
            cwd=folder,
            env={**os.environ, "USER": "grader"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE if attack.naive == "hangs" else 60,
        )
    except subprocess.TimeoutExpired:
        return "hangs"
    if not verdict.exists():
        return "dies"
    try:
        told = json.loads(verdict.read_text("utf-8"))
        right, said = told["right"], told["said"]
    except (ValueError, TypeError, KeyError):
        return "forges"
    if right:
        return "passes"
    if b"PASS" in done.stdout.upper():
        return "prints"
    return "reaches" if attack.says and attack.says not in said else "right"


def test_a_naive_grader_fares_as_the_table_says(attack: Any, tmp_path: Path) -> None:
    if not attack.rows:
        assert not attack.naive
    elif attack.naive == "unsafe":
        assert attack.because
    else:
        assert naive_outcome(attack, tmp_path) == attack.naive
        assert attack.naive != "right" or attack.because


@pytest.mark.parametrize("row", ROWS)
def test_each_row_of_the_table_is_shown(row: int, all_attacks: tuple[Any, ...]) -> None:
    programs = [attack for attack in all_attacks if row in attack.rows]
    entry = ELSEWHERE.get(str(row), {"tests": []})
    for name in entry["tests"]:
        file, _, test = name.partition("::")
        assert f"def {test}(" in (HERE / file).read_text("utf-8"), name
    assert programs or entry["tests"]
    # One of them at least gets the better of a naive grader, or it is said what would.
    beaten = [attack for attack in programs if attack.naive != "right"]
    assert beaten or entry.get("naive")
