"""How much of the machine a box may use, and the limits that the kernel itself keeps."""

from __future__ import annotations

import os
import resource
import signal
from dataclasses import dataclass

__all__ = ["FOLDER", "MIB", "Limits", "lay_on"]

MIB = 1024 * 1024
FOLDER = "skylab-box-"
"""How the name of a folder of boxes begins; none by another name is ever deleted."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one box may use: seconds, bytes and counts."""

    wall: float = 15.0
    """Seconds of waiting for the box, over all its calls."""
    cpu: int = 10
    """Seconds of processor time."""
    memory: int = 512 * MIB
    """Bytes of address space beyond what the warm parent already had."""
    file: int = 16 * MIB
    """Bytes of one file."""
    folder: int = 64 * MIB
    """Bytes of all files in the box's folder together."""
    files: int = 1000
    """Files in the box's folder."""
    descriptors: int = 64
    """Open files and connections."""
    threads: int = 64
    output: int = 64 * 1024
    """Bytes of what it prints that are kept; the rest is only counted."""
    reply: int = MIB
    """Bytes of one returned value."""


def lay_on(limits: Limits, *, forks_are_refused: bool) -> None:
    """Set the kernel's limits on this process, so that neither it nor a child can lift them."""
    fixed = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.file,
        resource.RLIMIT_NOFILE: limits.descriptors,
        resource.RLIMIT_AS: _address_space() + limits.memory,
    }
    if not forks_are_refused:
        # This counts threads too, of all the user's processes: better a box without threads than a fork bomb.
        fixed[resource.RLIMIT_NPROC] = 0
    for kind, value in fixed.items():
        resource.setrlimit(kind, (value, value))
    # The soft limit ends the process with SIGXCPU, the hard one, a second later, with SIGKILL.
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu, limits.cpu + 1))


def _address_space() -> int:
    """Bytes of address space that this process has now; a fair guess where the kernel does not say."""
    try:
        statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 512 * MIB
    pages = int(os.read(statm, 256).split()[0])
    os.close(statm)
    return pages * resource.getpagesize()
