"""What `skylab doctor` looks at, one function for each line that it prints."""

from __future__ import annotations

import os
import platform
import re
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Literal

__all__ = ["Finding", "findings"]

SMALLEST = (80, 24)
"""Columns and rows that every screen of the app fits into."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. A problem, unlike a note, keeps part of the course from working."""

    name: str
    state: Literal["ok", "note", "problem"]
    found: str
    remedy: str = ""


def findings() -> tuple[Finding, ...]:
    """Everything, in the order in which it is shown."""
    return tuple(look() for look in LOOKS)


def python() -> Finding:
    """The Python that runs this."""
    return Finding("Python", "ok", f"{platform.python_version()} at {sys.executable}")


def packages() -> Finding:
    """Whether each package that the project requires is installed."""
    missing = [name for name in required() if not installed(name)]
    if missing:
        return Finding("Packages", "problem", f"missing: {', '.join(missing)}", "Run: python3 bootstrap.py")
    return Finding("Packages", "ok", f"all {len(required())} that the course needs")


def required() -> list[str]:
    """The names of the packages that the project requires without any extra."""
    wanted = (re.match(r"[\w.-]+", each) for each in requires("skylab") or () if "extra ==" not in each)
    return [name[0] for name in wanted if name]


def installed(name: str) -> bool:
    """Whether a package is installed."""
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def notebooks() -> Finding:
    """Whether JupyterLab is here, for the notebooks."""
    if installed("jupyterlab"):
        return Finding("Notebooks", "ok", f"JupyterLab {version('jupyterlab')}")
    return Finding("Notebooks", "note", "JupyterLab is not installed", "Run: python3 bootstrap.py lab")


def terminal() -> Finding:
    """Whether the terminal is large enough for the app."""
    if not sys.stdout.isatty():
        return Finding("Terminal", "note", "none is attached: the app needs one, the commands do not")
    size = shutil.get_terminal_size()
    if size.columns < SMALLEST[0] or size.lines < SMALLEST[1]:
        remedy = f"Make the window at least {SMALLEST[0]} by {SMALLEST[1]}."
        return Finding("Terminal", "problem", f"{size.columns} by {size.lines}", remedy)
    return Finding("Terminal", "ok", f"{size.columns} by {size.lines}")


def colours() -> Finding:
    """How many colours the terminal shows."""
    from rich.console import Console

    if "NO_COLOR" in os.environ:
        return Finding("Colours", "ok", "off, as NO_COLOR asks; signs and words say the same")
    system = Console().color_system
    if system is None:
        return Finding("Colours", "note", "none; signs and words say the same")
    return Finding("Colours", "ok", {"standard": "16", "256": "256"}.get(system, "16 million"))


def ports() -> Finding:
    """Whether a port on this machine can be listened on."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
    except OSError as error:
        remedy = "Something forbids programs to listen on 127.0.0.1; the sandbox has to."
        return Finding("Loopback ports", "problem", str(error), remedy)
    return Finding("Loopback ports", "ok", f"free ones can be had, such as {port}")


def isolation() -> Finding:
    """Which layers can shut student code in."""
    from graders.box.layers import FLOOR, available

    layers = available()
    absent = [name for name in FLOOR if name not in layers]
    if absent:
        remedy = "Exercises of the kind code are marked on Linux 6.7 or newer."
        return Finding("Isolation", "problem", f"this kernel lacks {', '.join(absent)}", remedy)
    return Finding("Isolation", "ok", ", ".join(layers))


def database() -> Finding:
    """Whether a PostgreSQL is here, for the DB instances of RDS."""
    from labs.errors import SandboxError
    from labs.sandbox.databases.installed import installation

    try:
        here = installation()
    except SandboxError:
        remedy = "To make DB instances of PostgreSQL: apt install postgresql"
        return Finding("PostgreSQL", "note", "not found", remedy)
    return Finding("PostgreSQL", "ok", f"{here.version} at {here.folder}")


def chromium() -> Finding:
    """Whether a browser is here for the tests that drive one."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found:
        return Finding("Chromium", "ok", found)
    return Finding("Chromium", "note", "not found", "Only the browser tests need it: apt install chromium")


LOOKS: tuple[Callable[[], Finding], ...] = (
    python,
    packages,
    notebooks,
    terminal,
    colours,
    ports,
    isolation,
    database,
    chromium,
)
