"""What is done to an exercise from outside the app: with the learner's own editor, from another terminal."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from textual.app import SuspendNotSupported

from labs.errors import EnvironmentFailure
from tui.screens.base import Page

__all__ = ["edit_outside", "editor_command", "world_help"]


def editor_command() -> list[str] | None:
    """The command of the learner's own editor, as the environment names it; None where it names none."""
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    return words or None


def edit_outside(page: Page, command: list[str], file: Path) -> None:
    """Hand the terminal to another editor until it ends.

    Raises:
        EnvironmentFailure: the terminal cannot be handed over, or the editor cannot be run.
    """
    try:
        with page.app.suspend():
            subprocess.run([*command, str(file)], check=False)
    except SuspendNotSupported:
        raise EnvironmentFailure(
            "This terminal cannot be handed over",
            f"{command[0]} would need it for itself.",
            f"Edit the file beside Skylab: {file}",
        ) from None
    except OSError as error:
        raise EnvironmentFailure(
            "Your editor cannot be run", f"{command[0]}: {error.strerror}.", "Look at $VISUAL and $EDITOR."
        ) from error


def world_help(skylab: str, folder: Path) -> str:
    """How to reach the world of an exercise from another terminal."""
    return f"""\
You work in the sandbox itself. In another terminal:

```sh
cd {shell_path(folder)}
eval "$({skylab} env)"
```

From then on boto3, the `aws` command and whatever else speaks AWS ask this world. Each request shows under
**Requests**; **Check** looks at what you made.
"""


def shell_path(folder: Path) -> str:
    """A folder as one writes it in a shell, short where it lies at home."""
    home = Path.home()
    if folder.is_relative_to(home):
        return f"~/{shlex.quote(str(folder.relative_to(home)))}"
    return shlex.quote(str(folder))
