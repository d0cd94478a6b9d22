"""What every command works with: where results and diagnostics go, and which workspace is meant.

Results go to stdout, diagnostics to stderr. Importing this loads neither rich nor the course.
"""

from __future__ import annotations

import getpass
import io
import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import typer
    from rich.console import Console, RenderableType

    from labs.course import Workspace
    from labs.sandbox import World
    from tui.address import Address

__all__ = ["Face", "face_of"]

YES, NO = 0, 1
"""The two honest exit statuses; errors bring 2 (wrong use) and 3 (the environment failed) themselves."""


@dataclass(frozen=True, slots=True)
class Face:
    """One run of the command line. `folder` is what --workspace names."""

    plain: bool = False
    folder: Path | None = None

    def show(self, *drawings: RenderableType) -> None:
        """Draw results on stdout."""
        self._draw(sys.stdout, drawings)

    def tell(self, *drawings: RenderableType) -> None:
        """Draw something about the run itself on stderr."""
        self._draw(sys.stderr, drawings)

    def data(self, value: Mapping[str, object]) -> None:
        """Write one JSON document on a line of its own, at once."""
        print(json.dumps(value), flush=True)

    def clear(self) -> None:
        """Begin an empty page, where pages are drawn."""
        console = self.console(sys.stdout)
        if console.is_terminal and not self.plain:
            console.clear()

    def console(self, stream: IO[str]) -> Console:
        """A console for a stream, in the colours of all drawings."""
        from rich.console import Console

        from tui.draw.words import THEME

        return Console(file=stream, theme=THEME, highlight=False, no_color=self.plain or None)

    def _draw(self, stream: IO[str], drawings: tuple[RenderableType, ...]) -> None:
        if self.plain:
            from tui.lines.reading import read_out

            for line in read_out(*drawings):
                print(line, file=stream)
            stream.flush()
            return
        console = self.console(stream)
        if console.is_terminal:
            console.print(*drawings, sep="\n")
            return
        page = io.StringIO()
        still = self.console(page)
        still.width = console.width
        still.print(*drawings, sep="\n")
        for line in page.getvalue().splitlines():
            print(line.rstrip(), file=stream)
        stream.flush()

    def workspace(self) -> Workspace:
        """The workspace that is meant, made when it is at the default place and not there yet.

        Raises:
            WorkspaceError: --workspace or SKYLAB_WORKSPACE names a folder that is no workspace.
        """
        from labs.course import Workspace

        if named := self.folder or _named_in_environment():
            return Workspace.open(named)
        if found := Workspace.find(Path.cwd()):
            return found
        return Workspace.create(default_folder(), user_name())

    def known_workspace(self) -> Workspace | None:
        """The workspace that is meant, if it is there; nothing is made."""
        from labs.course import Workspace

        if named := self.folder or _named_in_environment():
            return Workspace.open(named)
        return Workspace.find(Path.cwd()) or Workspace.find(default_folder())

    def address(self) -> Address:
        """Where the sandbox of the workspace is, and whom the learner is in it.

        Raises:
            SandboxError: none runs.
        """
        from tui.address import read_address

        return read_address(self.workspace().sandbox_file)

    def world(self) -> World:
        """The sandbox that runs for the workspace.

        Raises:
            SandboxError: none runs.
        """
        from labs.sandbox import World

        return World.connect(self.address().connection)


def face_of(context: typer.Context) -> Face:
    """The face that the options before the command describe."""
    face = context.find_root().obj
    return face if isinstance(face, Face) else Face()


def skylab_command(workspace: Path) -> str:
    """The `skylab` command as one types it in another terminal, with what it would not find there."""
    words = ["skylab" if shutil.which("skylab") else str(Path(sys.executable).with_name("skylab"))]
    if workspace.resolve() != default_folder().resolve():
        words += ["--workspace", str(workspace.resolve())]
    return shlex.join(words)


def default_folder() -> Path:
    """Where the workspace is when nobody says otherwise."""
    return Path.home() / "skylab"


def user_name() -> str:
    """Who is at the keyboard; `student` where the system has no name for them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "student"


def _named_in_environment() -> Path | None:
    named = os.environ.get("SKYLAB_WORKSPACE")
    return Path(named).expanduser() if named else None
