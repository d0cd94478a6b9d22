"""The layers that shut a box in: which this machine has, and laying them on, innermost last.

    own process       forked from a parent that never held an answer; own session, clean environment
    rlimits           processor time, memory, file size, descriptors, no core dumps
    no-new-privileges nothing that is started gains rights
    no-capabilities   root inside the box is root in name only
    landlock-files    reads Python, boto3 and its own folder; writes its own folder
    landlock-tcp      connects to the ports of its own world, listens on none
    landlock-signals  signals and abstract sockets stay inside the box
    seccomp           the system calls of `syscalls.toml`, no others

Each report names the layers that were on. Without the ones in `FLOOR` student code is shut in badly, and only
runs where reduced isolation was asked for; its report then begins with "reduced".
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from graders.box import landlock, seccomp
from graders.box.limits import Limits
from graders.box.limits import lay_on as lay_on_limits
from graders.box.readable import Readable
from labs.errors import IsolationError
from labs.sandbox.kernel import libc

__all__ = ["FLOOR", "REDUCED", "Common", "Walls", "available", "common_walls", "require", "shut_in"]

PROCESS, RLIMITS = "own-process", "rlimits"
NO_NEW_PRIVILEGES, NO_CAPABILITIES = "no-new-privileges", "no-capabilities"
FILES, TCP, SIGNALS = "landlock-files", "landlock-tcp", "landlock-signals"
SECCOMP = "seccomp"

FLOOR = (FILES, TCP, SECCOMP)
REDUCED = "reduced"

DEVICES = ("/dev/null",)

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, CAP_AMBIENT_CLEAR_ALL = 1, 38, 47, 4
CAPABILITY_VERSION_3 = 0x2008_0522
SIGKILL = 9


def available() -> tuple[str, ...]:
    """The layers that this machine can lay on a box, without laying any."""
    return _of_this_machine()


@cache
def _of_this_machine() -> tuple[str, ...]:
    """Asked once: the warm parent of the boxes knows, and its forks need not ask the kernel again."""
    if not hasattr(os, "fork"):
        return ()
    if not sys.platform.startswith("linux"):
        return (PROCESS, RLIMITS)
    level = landlock.abi()
    found = {
        FILES: level >= 1,
        TCP: level >= landlock.PORTS_SINCE,
        SIGNALS: level >= landlock.SCOPES_SINCE,
        SECCOMP: seccomp.available(),
    }
    return (PROCESS, RLIMITS, NO_NEW_PRIVILEGES, NO_CAPABILITIES, *(name for name in found if found[name]))


def require(*, allow_reduced: bool) -> None:
    """Make sure that student code can be shut in here.

    Raises:
        IsolationError: a layer of the floor is absent and reduced isolation was not asked for, or there
            is no way at all to run a box.
    """
    layers = available()
    if not layers:
        raise IsolationError(
            "Student code cannot be run on this system",
            "It has no fork(), on which the boxes for student code stand.",
            "Use Linux, macOS or, on Windows, WSL 2.",
        )
    absent = [name for name in FLOOR if name not in layers]
    if absent and not allow_reduced:
        raise IsolationError(
            "Student code cannot be shut in on this machine",
            f"The kernel lacks {', '.join(absent)}.",
            "Use Linux 6.7 or newer; or allow reduced isolation, if you trust the code that will run.",
        )


@dataclass(frozen=True, slots=True)
class Common:
    """What is the same for all boxes of a parent: where all lies that they may read, and the rules for it.

    The rules are Landlock's, as a descriptor; there are none without it.
    """

    roots: tuple[str, ...]
    rules: int | None


@dataclass(frozen=True, slots=True)
class Walls:
    """What one box may reach."""

    folder: str
    ports: tuple[int, ...]
    limits: Limits
    common: Common


def common_walls(allowed: Readable, folders: str) -> Common:
    """The walls that all boxes have, in whose `folders` each gets one of its own.

    Of Python's library a box may read all but what is installed in it: two hundred rules, which are made
    once. They also leave it the folders of all boxes. A second layer, of a dozen rules, leaves it the whole
    library and no folder but its own; what a box reaches is what both leave it.

    Raises:
        IsolationError: the folders lie where the second layer lets every box read.
    """
    for root in allowed.roots:
        if Path(folders).resolve().is_relative_to(root):
            raise IsolationError(
                "Student code would be able to read the files of others",
                f"A box has to read {root}, and the folders of the boxes are made beneath it, in {folders}.",
                "Set TMPDIR to another folder.",
            )
    if FILES not in available():
        return Common(allowed.roots, None)
    everywhere = landlock.Rules(
        read=allowed.read, listing=allowed.listing, device=DEVICES, write=(folders,), connect=None
    )
    return Common(allowed.roots, landlock.make(everywhere))


def shut_in(walls: Walls) -> tuple[str, ...]:
    """Lay every layer that this machine has on the calling process, and name them.

    A layer that the machine has and that cannot be laid on is an error, never a silent gap.

    Raises:
        OSError: the kernel refused a layer.
    """
    layers = available()
    lay_on_limits(walls.limits, forks_are_refused=SECCOMP in layers)
    if NO_NEW_PRIVILEGES in layers:
        _prctl(PR_SET_PDEATHSIG, SIGKILL)
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
        _drop_capabilities()
    if FILES in layers:
        assert walls.common.rules is not None
        landlock.lay_on(walls.common.rules)
        own = landlock.Rules(
            read=walls.common.roots, device=DEVICES, write=(walls.folder,), connect=walls.ports
        )
        landlock.lay_on(landlock.make(own))
    if SECCOMP in layers:
        seccomp.install(seccomp.build(os.getpid(), sockets=bool(walls.ports)))
    whole = all(name in layers for name in FLOOR)
    return layers if whole else (REDUCED, *layers)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


def _drop_capabilities() -> None:
    """Give up what root may do more than others."""
    _prctl(PR_CAP_AMBIENT, CAP_AMBIENT_CLEAR_ALL)
    header, none = _CapabilityHeader(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    if libc().capset(ctypes.byref(header), ctypes.byref(none)):
        error = ctypes.get_errno()
        raise OSError(error, f"capset: {os.strerror(error)}")


def _prctl(option: int, value: int) -> None:
    if libc().prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)):
        error = ctypes.get_errno()
        raise OSError(error, f"prctl({option}): {os.strerror(error)}")
