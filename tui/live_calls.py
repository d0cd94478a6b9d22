"""Commands run live for a class: in one shell's surroundings, on the sandbox, each with the way back.

Each command runs in a shell of its own that starts where the last one left off: `eval "$(skylab env --as
alice)"` holds for those after it. What the sandbox was before is known by the number of its last change.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labs.errors import EnvironmentFailure

if TYPE_CHECKING:
    from labs.sandbox import World

__all__ = ["Ran", "Shell"]

LONGEST = 120
"""Seconds after which a command is ended."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has run: what it printed, its exit status, and which change was the last before it."""

    command: str
    output: str
    status: int
    before: int
    environment: Mapping[str, str]


class Shell:
    """The surroundings in which the commands of a walkthrough run, in a folder of its own."""

    def __init__(self, world: World, workspace: Path) -> None:
        self.world = world
        self.folder = Path(tempfile.mkdtemp(prefix="skylab-class-"))
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TERM", "TMPDIR") if name in os.environ}
        self.environment: Mapping[str, str] = {
            **kept,
            **world.environment(),
            "PATH": path,
            "SKYLAB_WORKSPACE": str(workspace),
            "AWS_PAGER": "",
            "NO_COLOR": "1",
            "COLUMNS": "76",
        }

    def run(self, command: str) -> Ran:
        """Run a command on the sandbox. Blocks.

        Raises:
            EnvironmentFailure: there is no shell, or the command does not end.
        """
        before, environment = self.world.history()[-1].number, self.environment
        after = self.folder / ".environment"
        script = f'{command}\nskylab_status=$?\nenv -0 > "{after}"\nexit $skylab_status'
        try:
            done = subprocess.run(
                ["/bin/sh", "-c", script],
                cwd=self.folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=LONGEST,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EnvironmentFailure("A command could not be run", f"{command}: {error}.") from error
        if after.is_file():
            pairs = (line.partition("=") for line in after.read_text(errors="replace").split("\0") if line)
            self.environment = {name: value for name, _, value in pairs if name != "skylab_status"}
            after.unlink()
        return Ran(command, done.stdout, done.returncode, before, environment)

    def take_back(self, ran: Ran) -> None:
        """Put the sandbox, and the surroundings, back to where they were before a command. Blocks."""
        if self.world.history()[-1].number != ran.before:
            self.world.rewind(to=ran.before)
        self.environment = ran.environment

    def close(self) -> None:
        """Clear the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)
