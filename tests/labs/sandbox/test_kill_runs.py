"""A few runs of the benchmark that kills worlds while they are written to; by hand it makes a hundred."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_nothing_that_was_acknowledged_is_lost_by_a_kill() -> None:
    script = ROOT / "tests" / "benchmarks" / "kill_runs.py"
    done = subprocess.run(
        [sys.executable, str(script), "3"], capture_output=True, text=True, timeout=300, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 runs: nothing lost" in done.stdout
