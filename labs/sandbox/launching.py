"""Launching a process of worlds, with so little loaded that it can be the first thing that a command does.

What takes long, to load moto, such a process does while the command finds out what it has to do.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, NamedTuple

__all__ = ["SERVICES", "Launched", "launch", "launch_nursery"]

SERVICES = "--services"
"""The word by which the process of a nursery is told to load all services of the course at once."""


class Launched(NamedTuple):
    """A process that loads, and the file that it logs to."""

    process: subprocess.Popen[bytes]
    log: IO[bytes]

    def give_up(self) -> None:
        """End it at once: nobody has asked it for anything."""
        self.process.kill()
        self.process.communicate()
        self.log.close()


def launch(module: str, log: IO[bytes], *words: str) -> subprocess.Popen[bytes]:
    """Start a module of ours that serves until its standard input ends, whatever the user's settings are."""
    root = str(Path(__file__).parents[2])
    settings = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "MOTO_"))}
    path = [root, *filter(None, [settings.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        # The order of a set of texts must be the same after a restart: moto takes from some of them.
        env={**settings, "PYTHONPATH": os.pathsep.join(path), "PYTHONHASHSEED": "0"},
        start_new_session=True,  # Ctrl-C in the terminal is for whoever holds the world
    )


def launch_nursery(*words: str) -> Launched:
    """Start the parent process of a nursery."""
    log = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
    return Launched(launch("labs.sandbox.nursery_process", log, *words), log)
