"""Run one of our own commands and take what it prints: counter-examples that are commands."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from labs.errors import EnvironmentFailure

if TYPE_CHECKING:
    from labs.course import CounterExample

__all__ = ["run_example"]

LONGEST = 60.0  # seconds


def run_example(example: CounterExample, width: int = 80, *, plain: bool = False) -> str:
    """What the command of a counter-example prints, set for so many columns, or in `plain` lines of text.

    Its exit status is part of the answer, not a failure. Blocks.

    Raises:
        EnvironmentFailure: it cannot be started, or takes longer than a minute.
    """
    settings = {**os.environ, "COLUMNS": str(width), "NO_COLOR": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tui", *(["--plain"] if plain else []), *example.command],
            input=example.given,
            capture_output=True,
            text=True,
            errors="replace",
            env=settings,
            timeout=LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentFailure("A command could not be run", f"{example.line}: {error}.") from error
    return done.stdout or done.stderr
