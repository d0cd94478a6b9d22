"""The PostgreSQL that this machine has, and as whom it may run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labs.errors import SandboxError

__all__ = ["Installation", "installation", "make_folder", "servant"]

_PROGRAMS = ("initdb", "postgres", "psql")
_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the programs are, and their version, such as `15.6`."""

    folder: Path
    version: str


def installation() -> Installation:
    """The newest PostgreSQL here that has a server.

    Raises:
        SandboxError: there is none.
    """
    found = [each for folder in _folders() if (each := _looked_at(folder)) is not None]
    if not found:
        raise SandboxError(
            "There is no PostgreSQL on this machine",
            "The sandbox runs a real one behind RDS, and finds no initdb, postgres and psql.",
            "Install it: apt-get install postgresql (Debian, Ubuntu), dnf install postgresql-server "
            "(Fedora), brew install postgresql (macOS).",
        )
    return max(found, key=lambda each: tuple(map(int, re.findall(r"\d+", each.version))))


def _folders() -> Iterator[Path]:
    if os.name != "posix":
        return
    if (initdb := shutil.which("initdb")) is not None:
        yield Path(initdb).resolve().parent
    for place in _PLACES:
        yield from Path("/").glob(place.removeprefix("/"))


def _looked_at(folder: Path) -> Installation | None:
    if not all(os.access(folder / name, os.X_OK) for name in _PROGRAMS):
        return None
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\d+(\.\d+)*", said.stdout)
    return Installation(folder, version[0]) if version is not None else None


def servant() -> tuple[int, int] | None:
    """The user and group as whom a server runs: PostgreSQL refuses to run as root. None for ourselves."""
    if os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return user.pw_uid, user.pw_gid
    raise SandboxError(
        "PostgreSQL does not run as root",
        "There is no user postgres or nobody whom it could run as.",
        "Run the sandbox as another user than root.",
    )


def make_folder() -> Path:
    """A new folder for a server's files, which the server's user can reach.

    Its name has the id of this process, as all that a world keeps on disk.

    Raises:
        SandboxError: no temporary folder is open to that user.
    """
    user = servant()
    for place in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):
        if user is None or _open_to_all(Path(place)):
            folder = Path(tempfile.mkdtemp(prefix=f"skylab-{os.getpid()}-", dir=place))
            if user is not None:
                os.chown(folder, *user)
            return folder
    raise SandboxError(
        "There is no place for a database",
        f"{tempfile.gettempdir()} is closed to the user whom PostgreSQL runs as.",
        "Set TMPDIR to a folder that all users may enter.",
    )


def _open_to_all(place: Path) -> bool:
    resolved = place.resolve()
    return all(each.is_dir() and each.stat().st_mode & 0o001 for each in (resolved, *resolved.parents))
