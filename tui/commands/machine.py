"""The machine under the course: `lab` and `doctor`."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.face import NO, YES, face_of

if TYPE_CHECKING:
    from labs.course.notebooks import Copied

__all__ = ["doctor", "lab"]

QUIET: dict[str, dict[str, str | bool]] = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # Cells that are out of sight keep their widgets.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"},
}
"""JupyterLab's settings: no question about news, no look for a newer version. The course works offline."""


def lab(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where JupyterLab listens; 0 takes a free port.")
    ] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
) -> None:
    """Open JupyterLab on your own copies of the course's notebooks.

    They are in the workspace, in `notebooks`, and what you changed is never overwritten. A sandbox is up
    while it runs, and the notebooks know where.
    """
    from labs.course.notebooks import COPIES, own_copies
    from labs.errors import EnvironmentFailure
    from labs.sandbox import World
    from labs.sandbox.aws_command import first_on_path
    from tui.commands.sandbox import announced, ended_by_signals
    from tui.draw.words import shown

    if find_spec("jupyterlab") is None:
        raise EnvironmentFailure(
            "JupyterLab is not installed",
            "It is an extra, because it is large.",
            "In the checkout run: python3 bootstrap.py lab",
        )
    face = face_of(context)
    workspace = face.workspace()
    folder = workspace.folder / COPIES
    for said in said_of(own_copies(workspace, notebooks()), folder):
        face.tell(shown(said))
    with (
        ended_by_signals(),
        World.start() as world,
        announced(workspace, world),
        tempfile.TemporaryDirectory() as settings,
    ):
        (Path(settings) / "overrides.json").write_text(json.dumps(QUIET))
        port, token = port or free_port(), secrets.token_hex(16)
        face.tell(shown(f"The sandbox runs at {world.endpoint}; IAM is enforced. Ctrl+C stops both."))
        face.tell(shown(f"JupyterLab opens at http://127.0.0.1:{port}/lab?token={token}"))
        others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = {**others, **world.environment(), "SKYLAB_WORKSPACE": str(workspace.folder)}
        environment["PATH"] = first_on_path(workspace.command_folder(), os.environ.get("PATH", ""))
        command = jupyter_command(
            workspace.folder / COPIES, settings, port=port, token=token, browser=browser
        )
        raise typer.Exit(run_to_the_end(command, environment))


def said_of(copied: Sequence[Copied], folder: Path) -> Iterator[str]:
    """What a learner is told of notebooks that came into the workspace."""
    if new := [each.name for each in copied if each.how == "new"]:
        yield f"Your own copies of {', '.join(new)} are in {folder}."
    for each in copied:
        if each.how == "renewed":
            yield f"{each.name} is the course's newest now; you had not changed yours."
        elif each.how == "beside":
            yield f"{each.name} is newer in the course. Yours stays; beside it lies {each.file.name}."


def run_to_the_end(command: list[str], environment: Mapping[str, str]) -> int:
    """Run a server until it ends, or until we are interrupted: then it is told to end, and may clean up.

    It gets a session of its own, because Ctrl+C in the terminal would have it ask whether that was meant.
    """
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait()
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def jupyter_command(folder: Path, settings: str, *, port: int, token: str, browser: bool) -> list[str]:
    """How JupyterLab is started: on this machine only, behind a token, quiet."""
    command = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", f"--port={port}"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"]
    command += [f"--LabServerApp.app_settings_dir={settings}", "--LabApp.news_url=None"]
    command.append("--Application.log_level=WARN")
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return command


def notebooks() -> Path:
    """The folder of the course's notebooks.

    Raises:
        EnvironmentFailure: there is none.
    """
    from labs.course.notebooks import notebook_folder
    from labs.errors import EnvironmentFailure

    folder = notebook_folder()
    if folder is None:
        raise EnvironmentFailure(
            "The notebooks are not there", "None lies beside the packages.", "Install Skylab again."
        )
    return folder


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print each finding as one line of JSON.")] = False,
) -> None:
    """Look at this machine: can Skylab run here?

    Exit status 0 when nothing is missing that the course needs, 1 when something is.
    """
    from dataclasses import asdict

    from tui.commands.checkup import findings
    from tui.draw.findings import findings_drawn

    face = face_of(context)
    found = findings()
    if as_json:
        for each in found:
            face.data(asdict(each))
    else:
        face.show(findings_drawn(found))
    raise typer.Exit(NO if any(each.state == "problem" for each in found) else YES)
